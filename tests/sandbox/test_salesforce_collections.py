"""Collections of records: read, made, changed and deleted in one call."""

from typing import Any

import pytest

from console.sandbox.salesforce_ids import new_id
from tests.sandbox.salesforce_bench import ACCOUNT, Client, Org, error_of, user_id


def record(sobject: str, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": sobject}, **values}


def test_a_collection_reports_each_record_in_order(admin: Client) -> None:
    rows = [record("Account", Name="One"), record("Account"), record("Contact", LastName="Two"), {"Name": "typeless"}]
    results = admin.call("POST", "composite/sobjects", json={"records": rows}).json()
    assert [result["success"] for result in results] == [True, False, True, False]
    assert results[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert admin.read("Account", results[0]["id"])["Name"] == "One"


def test_a_collection_may_be_all_or_none(admin: Client) -> None:
    changes = [record("Account", id=ACCOUNT, Phone="1"), record("Account", id=ACCOUNT, Name="")]
    answer = admin.call("PATCH", "composite/sobjects", json={"allOrNone": True, "records": changes})
    codes = [result["errors"][0]["statusCode"] for result in answer.json()]
    assert (answer.status_code, codes) == (200, ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"])
    assert admin.read("Account", ACCOUNT)["Phone"] is None
    answer = admin.call("PATCH", "composite/sobjects", json={"records": changes})
    assert [result["success"] for result in answer.json()] == [True, False]
    assert admin.read("Account", ACCOUNT)["Phone"] == "1"


def test_a_collection_has_at_most_200_records(admin: Client) -> None:
    rows = [record("Account", id=user_id("admin")) for _ in range(201)]
    assert error_of(admin.call("PATCH", "composite/sobjects", json={"records": rows})) == "LIMIT_EXCEEDED"


def test_records_are_read_in_the_order_in_which_they_are_asked_for(admin: Client) -> None:
    other, nobody = admin.create("Account", Name="Second"), new_id("Account", 99)
    body = {"ids": [other, ACCOUNT[:15], nobody], "fields": ["Id", "Name"]}

    posted = admin.call("POST", "composite/sobjects/Account", json=body).json()
    got = admin.call("GET", "composite/sobjects/Account", params={"ids": f"{other},{ACCOUNT}", "fields": "Name"}).json()

    assert [row and row["Name"] for row in posted] == ["Second", "Aoi Mori", None]
    assert [row["Name"] for row in got] == ["Second", "Aoi Mori"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"ids": [], "fields": ["Id"]}, "JSON_PARSER_ERROR"),
        ({"ids": [ACCOUNT]}, "JSON_PARSER_ERROR"),
        ({"ids": [ACCOUNT], "fields": ["Colour__c"]}, "INVALID_FIELD"),
        ({"ids": [ACCOUNT] * 201, "fields": ["Id"]}, "LIMIT_EXCEEDED"),
    ],
)
def test_a_collection_that_cannot_be_read_says_why(admin: Client, body: dict[str, Any], code: str) -> None:
    assert error_of(admin.call("POST", "composite/sobjects/Account", json=body)) == code


def test_records_are_deleted_each_or_all_or_none(admin: Client) -> None:
    first, second = (admin.create("Account", Name=name) for name in ("First", "Second"))
    ids = {"ids": f"{first},abc,{second}"}

    none = admin.call("DELETE", "composite/sobjects", params={**ids, "allOrNone": "true"}).json()
    assert [one["errors"][0]["statusCode"] for one in none] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "MALFORMED_ID",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    ]
    assert admin.read("Account", first)["Name"] == "First"

    each = admin.call("DELETE", "composite/sobjects", params=ids).json()
    assert [one["success"] for one in each] == [True, False, True]
    assert error_of(admin.call("GET", f"sobjects/Account/{first}")) == "ENTITY_IS_DELETED"


def test_who_may_not_delete_is_told_for_each_record(org: Org) -> None:
    (refused,) = org.as_("support").call("DELETE", "composite/sobjects", params={"ids": ACCOUNT}).json()
    assert refused["errors"][0]["statusCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"
