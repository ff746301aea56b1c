"""Mails and the activity log of the sandbox WHMCS."""

import base64
from typing import Any

import pytest

from tests.sandbox.whmcs_bench import HANAKO, WhmcsBench

_CUSTOM = {"customtype": "general", "customsubject": "Hello", "custommessage": "<p>Hi</p>", "id": HANAKO}


def test_a_template_reaches_the_client_of_its_related_id(whmcs: WhmcsBench) -> None:
    whmcs.order(noemail="1", noinvoiceemail="1")
    whmcs.call("SendEmail", messagename="Invoice Payment Reminder", id=1)
    (mail,) = whmcs.call("GetEmails", clientid=HANAKO)["emails"]["email"]
    assert (mail["subject"], mail["to"]) == ("Payment reminder", "hanako.sato@example.com")


def test_a_custom_message_is_merged_with_its_variables(whmcs: WhmcsBench) -> None:
    values = {"code": "12345"}
    parts = "".join(f's:{len(k)}:"{k}";s:{len(v)}:"{v}";' for k, v in values.items())
    sent = {**_CUSTOM, "custommessage": "{ldelim}{$code}{rdelim}{$unknown}"}
    whmcs.call("SendEmail", **sent, customvars=_base64(f"a:1:{{{parts}}}"))
    assert whmcs.books.emails[-1].message == "{12345}"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"customtype": ""},
            "You must provide either an existing email template name or a custom message type",
        ),
        ({"customtype": "fax"}, "Invalid message type provided"),
        ({"customsubject": ""}, "A subject is required for a custom message"),
        ({"custommessage": ""}, "A message body is required for a custom message"),
        ({"customvars": "???"}, "The custom variables you provided are invalid."),
        ({"id": ""}, "A related ID is required"),
        ({"id": "99"}, "Sending Failed. Please see documentation."),
        ({"customtype": "support"}, "Sending Failed. Please see documentation."),
        ({"messagename": "No such"}, "Email Template not found"),
    ],
)
def test_a_mail_that_cannot_be_is_refused(whmcs: WhmcsBench, change: dict[str, Any], message: str) -> None:
    assert whmcs.refusal("SendEmail", **{**_CUSTOM, **change}) == message
    assert whmcs.books.emails == []


def test_a_template_that_is_switched_off_is_refused(whmcs: WhmcsBench) -> None:
    whmcs.books.email_templates[0].disabled = True
    assert whmcs.refusal("SendEmail", messagename="Invoice Created", id=1) == "Email Template is disabled"


def test_the_error_of_get_emails_says_status(whmcs: WhmcsBench) -> None:
    assert whmcs.ask("GetEmails", clientid=99) == {"status": "error", "message": "Client ID Not Found"}


def test_mails_are_found_by_subject(whmcs: WhmcsBench) -> None:
    for subject in ("One", "Two"):
        whmcs.call("SendEmail", **{**_CUSTOM, "customsubject": subject})
    assert whmcs.call("GetEmails", clientid=HANAKO, subject="tw")["totalresults"] == 1


def test_the_activity_log_is_searched_by_its_words(whmcs: WhmcsBench) -> None:
    whmcs.call("LogActivity", description="intent 801xx", clientid=HANAKO)
    whmcs.call("LogActivity", description="something else")
    answer = whmcs.call("GetActivityLog", description="INTENT")
    assert [entry["clientId"] for entry in answer["activity"]["entry"]] == [HANAKO]
    assert "numreturned" not in answer


def test_the_activity_log_is_filtered_by_userid_before_8_5(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.version = "8.1.0"
    whmcs.call("LogActivity", description="x", clientid=HANAKO)
    assert whmcs.call("GetActivityLog", userid=99)["totalresults"] == 0
    assert whmcs.call("GetActivityLog", clientid=99)["totalresults"] == 1
