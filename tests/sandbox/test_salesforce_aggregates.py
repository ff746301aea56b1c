"""Queries that are answered with groups."""

from typing import Any

import pytest

from tests.sandbox.salesforce_bench import Client, Org


@pytest.fixture
def org() -> Org:
    org = Org()
    org.store.load("Account", [{"Name": name, "BillingCity": "Osaka"} for name in ("Sora Ito", "Rin Abe")])
    for quantity in (1, 2):
        order = org.load_order()
        org.load_item(order, Quantity=quantity, UnitPrice=100)
    return org


def rows(client: Client, soql: str) -> list[list[Any]]:
    """The values of each row, without what it begins with."""
    return [[value for name, value in row.items() if name != "attributes"] for row in client.query(soql)]


def test_an_aggregate_has_no_url_and_a_name_of_its_own(admin: Client) -> None:
    (row,) = admin.query("SELECT COUNT(Id), SUM(TotalAmount) total, MAX(TotalAmount) FROM Order")
    assert row == {"attributes": {"type": "AggregateResult"}, "expr0": 2, "total": 300.0, "expr1": 200.0}


def test_groups_are_counted_sorted_and_cut(admin: Client) -> None:
    soql = "SELECT BillingCity, COUNT(Id) people FROM Account GROUP BY BillingCity ORDER BY"
    assert rows(admin, f"{soql} BillingCity") == [[None, 1], ["Osaka", 2]]
    assert rows(admin, f"{soql} BillingCity NULLS LAST LIMIT 1") == [["Osaka", 2]]
    assert rows(admin, f"{soql} people DESC OFFSET 1") == [[None, 1]]


def test_a_parent_can_be_grouped_and_counted_apart(admin: Client) -> None:
    soql = "SELECT Account.Name, COUNT_DISTINCT(Status), AVG(TotalAmount) FROM Order GROUP BY Account.Name"
    assert rows(admin, soql) == [["Aoi Mori", 1, 150.0]]


def test_nothing_found_is_counted_as_nothing(admin: Client) -> None:
    soql = "SELECT COUNT(Id), MIN(Name), SUM(TotalAmount) FROM Order WHERE Name = 'nobody'"
    assert rows(admin, soql) == [[0, None, None]]
    assert rows(admin, "SELECT Status, COUNT(Id) FROM Order WHERE Name = 'nobody' GROUP BY Status") == []


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY"),
        ("SELECT FIELDS(ALL) FROM Account GROUP BY Name LIMIT 1", "MALFORMED_QUERY"),
        ("SELECT SUM(Name) FROM Account", "MALFORMED_QUERY"),
        ("SELECT COUNT(Colour) FROM Account", "INVALID_FIELD"),
        ("SELECT COUNT(Description) FROM Account", "MALFORMED_QUERY"),
        ("SELECT CreatedDate FROM Account GROUP BY CreatedDate", "MALFORMED_QUERY"),
        ("SELECT COUNT(Id) FROM Account ORDER BY Name", "MALFORMED_QUERY"),
        ("SELECT COUNT(Id) n, MAX(Name) n FROM Account", "MALFORMED_QUERY"),
        ("SELECT SUM() FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id, (SELECT COUNT(Id) FROM Contacts) FROM Account", "MALFORMED_QUERY"),
    ],
)
def test_what_cannot_be_grouped_is_refused(admin: Client, soql: str, code: str) -> None:
    assert admin.query_error(soql) == code


def test_groups_have_no_second_page(org: Org, admin: Client) -> None:
    org.store.load("Account", [{"Name": f"Person {number}"} for number in range(2001)])
    assert admin.query_error("SELECT Name FROM Account GROUP BY Name") == "EXCEEDED_ID_LIMIT"
    assert len(admin.query("SELECT Name FROM Account GROUP BY Name LIMIT 2000")) == 2000
