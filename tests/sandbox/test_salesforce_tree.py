"""Records created with their children in one call."""

from typing import Any

import pytest

from tests.sandbox.salesforce_bench import Client, error_of


def node(reference: str, sobject: str = "Account", **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": sobject, "referenceId": reference}, **values}


def nested(depth: int) -> dict[str, Any]:
    """An account with accounts below it."""
    below: dict[str, Any] = {"ChildAccounts": {"records": [nested(depth - 1)]}} if depth > 1 else {}
    return node(f"a{depth}", Name=f"Level {depth}", **below)


def test_children_are_made_with_their_parent(admin: Client) -> None:
    contacts = {"records": [node("c1", "Contact", LastName="Mori"), node("c2", "Contact", LastName="Ito")]}
    answer = admin.call("POST", "composite/tree/Account", json={"records": [node("a", Name="New", Contacts=contacts)]})
    assert (answer.status_code, answer.json()["hasErrors"]) == (201, False)
    ids = {one["referenceId"]: one["id"] for one in answer.json()["results"]}
    assert list(ids) == ["a", "c1", "c2"]
    assert admin.read("Contact", ids["c2"])["AccountId"] == ids["a"]


def test_one_wrong_record_undoes_all(admin: Client) -> None:
    answer = admin.call("POST", "composite/tree/Account", json={"records": [node("a", Name="Undone"), node("b")]})
    assert (answer.status_code, answer.json()["hasErrors"]) == (400, True)
    (result,) = answer.json()["results"]
    assert (result["referenceId"], result["errors"][0]["statusCode"]) == ("b", "REQUIRED_FIELD_MISSING")
    assert admin.query("SELECT Id FROM Account WHERE Name = 'Undone'") == []


def test_a_tree_is_at_most_five_levels_deep(admin: Client) -> None:
    assert admin.call("POST", "composite/tree/Account", json={"records": [nested(5)]}).status_code == 201
    assert error_of(admin.call("POST", "composite/tree/Account", json={"records": [nested(6)]})) == "LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([], "JSON_PARSER_ERROR"),
        ([7], "JSON_PARSER_ERROR"),
        ([{"Name": "No reference"}], "INVALID_INPUT"),
        ([node("a", "Contact", LastName="Mori")], "INVALID_INPUT"),
        ([node("a", Name="One"), node("a", Name="Two")], "INVALID_INPUT"),
        ([node(f"a{number}", Name="Many") for number in range(201)], "LIMIT_EXCEEDED"),
    ],
)
def test_a_tree_that_is_none_is_refused(admin: Client, records: list[Any], code: str) -> None:
    assert error_of(admin.call("POST", "composite/tree/Account", json={"records": records})) == code
