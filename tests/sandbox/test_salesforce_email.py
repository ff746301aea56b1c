"""E-mails by the standard action: kept to be read, refused one by one, and bounded by the day."""

from typing import Any

import pytest

from tests.sandbox.salesforce_bench import Answer, Org


def send(org: Org, *inputs: dict[str, Any]) -> Answer:
    return org.as_("supervisor").call("POST", "actions/standard/emailSimple", json={"inputs": list(inputs)})


def mail(*recipients: str, **changes: Any) -> dict[str, Any]:
    return {"emailSubject": "Your order", "emailBody": "It waits.", "recipientAddresses": list(recipients), **changes}


def test_a_mail_is_sent_and_kept(org: Org) -> None:
    answer = send(org, mail("kenta@example.net", "mio@example.net"))
    assert (answer.status_code, answer.json()[0]["isSuccess"]) == (200, True)
    [kept] = org.store.tables["EmailMessage"].values()
    assert (kept["Subject"], kept["ToAddress"]) == ("Your order", "kenta@example.net; mio@example.net")
    assert kept["FromAddress"] == "supervisor@example.com"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (mail("nobody"), "INVALID_EMAIL_ADDRESS"),
        (mail(), "INVALID_EMAIL_ADDRESS"),
        (mail("a@example.net", emailSubject=""), "REQUIRED_FIELD_MISSING"),
        (mail("a@example.net", emailBody=None), "REQUIRED_FIELD_MISSING"),
        (mail("a@example.net", senderType="OrgWideEmailAddress"), "INVALID_INPUT"),
        (mail(*[f"a{n}@example.net" for n in range(6)]), "LIMIT_EXCEEDED"),
    ],
)
def test_what_is_wrong_with_one_is_told_and_the_others_go_out(org: Org, asked: dict[str, Any], code: str) -> None:
    answer = send(org, asked, mail("mio@example.net"))
    assert answer.status_code == 400
    bad, good = answer.json()
    assert (bad["isSuccess"], bad["errors"][0]["statusCode"], good["isSuccess"]) == (False, code, True)
    assert len(org.store.tables["EmailMessage"]) == 1


def test_the_day_has_a_limit(org: Org) -> None:
    org.switches.change({"daily_emails": 1})
    first, second = (send(org, mail("mio@example.net")).json()[0] for _ in range(2))
    assert first["isSuccess"]
    assert second["errors"][0]["statusCode"] == "SINGLE_EMAIL_LIMIT_EXCEEDED"


def test_the_form_has_to_be_right(org: Org) -> None:
    answer = org.as_("supervisor").call("POST", "actions/standard/emailSimple", json={"inputs": {}})
    assert answer.json()[0]["errorCode"] == "JSON_PARSER_ERROR"
