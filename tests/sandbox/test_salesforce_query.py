"""Queries over records: what is found, in which order, and how it looks."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simple_salesforce.format import format_soql

from console.sandbox.salesforce import salesforce_app
from console.sandbox.salesforce_access import Access
from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_query import QueryRunner
from console.sandbox.salesforce_store import StaffUser, new_id
from tests.sandbox.salesforce_bench import ACCOUNT, DATA, Client, Org, error_of, user_id

_CONTACTS = "Id IN (SELECT AccountId FROM Contact)"


@pytest.fixture
def people(org: Org) -> Org:
    org.store.load(
        "Account",
        [
            {"Name": "Sora Ito", "Phone": "03-0000-0001", "BillingCity": "Osaka", "Portal_User_Id__c": "abc"},
            {"Name": "sora kato", "BillingCity": "Kobe", "Portal_User_Id__c": "ABC"},
            {"Name": "100% O'Neil", "BillingCity": None},
        ],
    )
    return org


def names(client: Client, where: str) -> list[str]:
    return [row["Name"] for row in client.query(f"SELECT Name FROM Account WHERE {where}")]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Name = 'SORA ITO'", ["Sora Ito"]),
        ("Name LIKE 'sora%'", ["Sora Ito", "sora kato"]),
        ("Name LIKE '%o_neil'", ["100% O'Neil"]),
        ("Name LIKE 'o_neil'", []),
        (r"Name LIKE '100\% o\'neil'", ["100% O'Neil"]),
        ("Name IN ('sora ito', 'nobody')", ["Sora Ito"]),
        ("BillingCity != 'Osaka'", ["Aoi Mori", "sora kato", "100% O'Neil"]),
        ("BillingCity = null", ["Aoi Mori", "100% O'Neil"]),
        ("BillingCity = ''", ["Aoi Mori", "100% O'Neil"]),
        ("BillingCity > 'L'", ["Sora Ito"]),
        ("BillingCity NOT IN ('Osaka', 'Kobe')", ["Aoi Mori", "100% O'Neil"]),
        ("(NOT (Name LIKE 'sora%')) AND Phone = null", ["Aoi Mori", "100% O'Neil"]),
        ("Portal_User_Id__c = 'abc'", ["Sora Ito"]),
        ("Portal_User_Id__c IN ('ABC')", ["sora kato"]),
        ("IsDeleted = null AND Phone != null", ["Sora Ito"]),
        ("CreatedDate = TODAY AND CreatedDate = LAST_N_DAYS:3 AND Name = 'Aoi Mori'", ["Aoi Mori"]),
        ("CreatedDate < TODAY OR CreatedDate > TODAY", []),
        ("CreatedDate = THIS_MONTH AND CreatedDate != LAST_WEEK AND Name = 'Aoi Mori'", ["Aoi Mori"]),
        ("CreatedDate < 2000-01-01T00:00:00Z", []),
    ],
)
def test_a_condition_finds_what_salesforce_finds(people: Org, where: str, found: list[str]) -> None:
    assert names(people.as_("admin"), where) == found


def test_an_id_is_found_by_15_or_18_characters(admin: Client) -> None:
    assert names(admin, f"Id = '{ACCOUNT[:15]}'") == names(admin, f"Id = '{ACCOUNT}'") == ["Aoi Mori"]


def test_parents_nest_and_a_missing_parent_is_null(org: Org, admin: Client) -> None:
    org.load_order(Captured_By__c=user_id("support"))
    (order,) = admin.query("SELECT Id, Account.Name, Captured_By__r.Name, Approved_By__r.Name FROM Order")
    assert order["Account"]["Name"] == "Aoi Mori"
    assert order["Account"]["attributes"] == {"type": "Account", "url": f"{DATA}/sobjects/Account/{ACCOUNT}"}
    assert order["Captured_By__r"]["Name"] == "Invented support"
    assert order["Approved_By__r"] is None


def test_children_nest_in_order_and_none_are_null(org: Org, admin: Client) -> None:
    full, empty = org.load_order(), org.load_order()
    first, second = org.load_item(full, Quantity=2), org.load_item(full, Quantity=1)
    soql = "SELECT Id, (SELECT Id, Product2.Name FROM OrderItems ORDER BY Quantity) FROM Order ORDER BY Id"
    rows = {row["Id"]: row["OrderItems"] for row in admin.query(soql)}
    assert [item["Id"] for item in rows[full]["records"]] == [second, first]
    assert (rows[full]["totalSize"], rows[full]["done"]) == (2, True)
    assert rows[full]["records"][0]["Product2"]["Name"] == "Fibre 1G"
    assert rows[empty] is None


def test_a_compound_address_is_made_of_its_parts(people: Org) -> None:
    rows = people.as_("admin").query("SELECT Name, BillingAddress FROM Account ORDER BY Name LIMIT 3")
    assert rows[0]["BillingAddress"] is None
    assert rows[2]["BillingAddress"]["city"] == "Osaka"


def test_nulls_come_first_unless_asked_otherwise(people: Org) -> None:
    admin = people.as_("admin")
    cities = [row["BillingCity"] for row in admin.query("SELECT BillingCity FROM Account ORDER BY BillingCity")]
    assert cities == [None, None, "Kobe", "Osaka"]
    last = admin.query("SELECT BillingCity FROM Account ORDER BY BillingCity DESC NULLS LAST, Name")
    assert [row["BillingCity"] for row in last] == ["Osaka", "Kobe", None, None]


def test_limit_and_offset_cut(people: Org) -> None:
    rows = people.as_("admin").query("SELECT Name FROM Account ORDER BY Name LIMIT 2 OFFSET 1")
    assert [row["Name"] for row in rows] == ["Aoi Mori", "Sora Ito"]


def test_a_semi_join_finds_parents_by_their_children(people: Org) -> None:
    people.store.load("Contact", [{"LastName": "Mori", "AccountId": ACCOUNT, "Phone": "090"}])
    admin = people.as_("admin")
    assert names(admin, "Id IN (SELECT AccountId FROM Contact WHERE Phone = '090')") == ["Aoi Mori"]
    assert len(names(admin, "Id NOT IN (SELECT AccountId FROM Contact)")) == 3


def test_two_semi_joins_may_stand_side_by_side(people: Org) -> None:
    admin = people.as_("admin")
    assert names(admin, f"{_CONTACTS} AND Id NOT IN (SELECT AccountId FROM Order)") == []


def test_all_fields_are_those_that_the_person_may_read(people: Org) -> None:
    (row,) = people.as_("support").query("SELECT FIELDS(ALL) FROM Account WHERE Name = 'Sora Ito' LIMIT 200")
    assert {"Id", "Name", "BillingAddress", "Portal_User_Id__c"} <= row.keys()
    (own,) = people.as_("admin").query("SELECT FIELDS(CUSTOM) FROM Account WHERE Name = 'Sora Ito' LIMIT 1")
    assert all(name.endswith("__c") for name in own if name != "attributes")
    (standard,) = people.as_("admin").query("SELECT fields(standard) FROM Account WHERE Name = 'Sora Ito'")
    assert not own.keys() & standard.keys() - {"attributes"}


def test_many_children_come_in_pages_of_their_own(org: Org, admin: Client) -> None:
    org.store.load("Contact", [{"LastName": f"Person {number:03}", "AccountId": ACCOUNT} for number in range(450)])
    soql = "SELECT Id, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account"
    headers = {"Sforce-Query-Options": "batchSize=200"}
    (account,) = admin.call("GET", "query", params={"q": soql}, headers=headers).json()["records"]
    page = account["Contacts"]
    rows = page["records"]
    assert (len(rows), page["totalSize"], page["done"]) == (200, 450, False)
    while not page["done"]:
        page = admin.call("GET", page["nextRecordsUrl"]).json()
        rows += page["records"]
    assert [row["LastName"] for row in rows] == [f"Person {number:03}" for number in range(450)]


def test_count_gives_the_number_and_no_records(people: Org) -> None:
    answer = people.as_("admin").call("GET", "query", params={"q": "SELECT COUNT() FROM Account"})
    assert answer.json() == {"totalSize": 4, "done": True, "records": []}


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Colour FROM Account", "INVALID_FIELD"),
        ("SELECT Id, id FROM Account", "INVALID_FIELD"),
        ("SELECT Owner.Colour FROM Account", "INVALID_FIELD"),
        ("SELECT Shoe.Name FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account ORDER BY Colour", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Name = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE IsDeleted = 'false'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE CreatedDate = 2026-11-23", "INVALID_FIELD"),
        ("SELECT Id FROM Order WHERE EffectiveDate = 2026-11-23T00:00:00Z", "INVALID_FIELD"),
        ("SELECT Id FROM Order WHERE TotalAmount = '1'", "INVALID_FIELD"),
        ("SELECT Id FROM Order WHERE Provisioning_Error__c = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Order WHERE Id = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Shoe", "INVALID_TYPE"),
        ("SELECT Id, (SELECT Id FROM Shoes) FROM Account", "INVALID_TYPE"),
        ("SELECT Id FROM Account WHERE Id IN (SELECT Id, Name FROM Account)", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'x' OR Id IN (SELECT AccountId FROM Contact)", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE NOT (Id IN (SELECT AccountId FROM Contact))", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE " + " AND ".join([_CONTACTS] * 3), "MALFORMED_QUERY"),
        ("SELECT Id, " + ", ".join(["(SELECT Id FROM Contacts)"] * 21) + " FROM Account", "MALFORMED_QUERY"),
        ("SELECT FIELDS(ALL) FROM Account", "MALFORMED_QUERY"),
        ("SELECT FIELDS(CUSTOM) FROM Account LIMIT 201", "MALFORMED_QUERY"),
        ("SELECT FIELDS(SOME) FROM Account LIMIT 1", "MALFORMED_QUERY"),
        ("SELECT Name, FIELDS(STANDARD) FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE " + "(NOT " * 12_000 + "Name = 'x'" + ")" * 12_000, "QUERY_TOO_COMPLICATED"),
    ],
)
def test_a_wrong_query_is_refused_with_its_code(org: Org, soql: str, code: str) -> None:
    assert _post_query(org, soql) == code


def _post_query(org: Org, soql: str) -> str:
    """Ask without the limit of a URL."""
    access = Access(StaffUser(user_id("admin"), "", "", "", "admin", ""), org.store.schema)
    with pytest.raises(SalesforceError) as caught:
        QueryRunner(org.store, access, DATA).run(soql)
    return caught.value.code


def test_the_message_names_the_column(admin: Client) -> None:
    answer = admin.call("GET", "query", params={"q": "SELECT Colour FROM Account"})
    assert "No such column 'Colour' on entity 'Account'" in answer.json()[0]["message"]


def test_pages_hold_what_was_asked_and_lead_on(org: Org, admin: Client) -> None:
    org.store.load("Contact", [{"LastName": f"Person {number:03}"} for number in range(450)])
    headers = {"Sforce-Query-Options": "batchSize=200"}
    soql = "SELECT LastName FROM Contact ORDER BY LastName"
    page = admin.call("GET", "query", params={"q": soql}, headers=headers).json()
    rows, calls = page["records"], 1
    while not page["done"]:
        page = admin.call("GET", page["nextRecordsUrl"]).json()
        assert page["totalSize"] == 450
        rows += page["records"]
        calls += 1
    assert calls == 3
    assert [row["LastName"] for row in rows] == [f"Person {number:03}" for number in range(450)]


def test_a_page_is_2000_rows_unless_asked_otherwise(org: Org, admin: Client) -> None:
    org.store.load("Contact", [{"LastName": "Same"} for _ in range(2001)])
    page = admin.call("GET", "query", params={"q": "SELECT Id FROM Contact"}).json()
    assert (len(page["records"]), page["done"], page["totalSize"]) == (2000, False, 2001)
    assert page["nextRecordsUrl"].endswith("-2000")


def test_pages_show_what_was_there_when_the_query_ran(org: Org, admin: Client) -> None:
    org.store.load("Contact", [{"LastName": "Before"} for _ in range(201)])
    first = admin.call(
        "GET", "query", params={"q": "SELECT LastName FROM Contact"}, headers={"Sforce-Query-Options": "batchSize=200"}
    ).json()
    (last,) = [row["Id"] for row in admin.query("SELECT Id FROM Contact ORDER BY Id DESC LIMIT 1")]
    assert admin.update("Contact", last, LastName="After").status_code == 204
    assert admin.call("GET", first["nextRecordsUrl"]).json()["records"][0]["LastName"] == "Before"


def test_a_locator_is_of_one_person_and_dies_after_two_days(org: Org, admin: Client) -> None:
    org.store.load("Contact", [{"LastName": "Same"} for _ in range(2001)])
    url = admin.call("GET", "query", params={"q": "SELECT Id FROM Contact"}).json()["nextRecordsUrl"]
    assert error_of(org.as_("support").call("GET", url)) == "INVALID_QUERY_LOCATOR"
    org.clock.advance(2 * 24 * 3600 + 1)
    assert error_of(admin.call("GET", url)) == "INVALID_QUERY_LOCATOR"
    assert error_of(admin.call("GET", "query/nothing-2000")) == "INVALID_QUERY_LOCATOR"


def test_query_all_shows_the_deleted(org: Org, admin: Client) -> None:
    gone = admin.create("Contact", LastName="Gone")
    assert admin.call("DELETE", f"sobjects/Contact/{gone}").status_code == 204
    soql = "SELECT Id, IsDeleted FROM Contact WHERE LastName = 'Gone'"
    assert admin.query(soql) == []
    (row,) = admin.call("GET", "queryAll", params={"q": soql}).json()["records"]
    assert (row["Id"], row["IsDeleted"]) == (gone, True)


def test_what_the_role_may_not_read_looks_unknown(org: Org) -> None:
    org.load_order()
    nobody = Client(_app_for_role_without_rights(org), "token-nobody")
    assert nobody.query_error("SELECT Id FROM Order") == "INVALID_TYPE"
    assert nobody.query_error("SELECT Account.Name FROM Task") == "INVALID_FIELD"


def _app_for_role_without_rights(org: Org) -> object:
    nobody = StaffUser(
        new_id("User", 90), "No Body", "nobody@example.com", "nobody@example.com", "guest", "token-nobody"
    )
    return salesforce_app(org.store, [nobody], org.clock)


SURROGATES_OUT = st.characters(exclude_categories=["Cs"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(value=st.text(SURROGATES_OUT, min_size=1, max_size=60))
def test_any_text_is_found_again_through_its_escaped_literal(org: Org, value: str) -> None:
    number = len(org.store.tables["Contact"]) + 1
    org.store.load("Contact", [{"Id": new_id("Contact", number), "LastName": value}])
    admin = org.as_("admin")
    for soql in (
        format_soql("SELECT Id, LastName FROM Contact WHERE LastName = {} ORDER BY Id DESC", value),
        format_soql("SELECT Id, LastName FROM Contact WHERE LastName LIKE '{:like}' ORDER BY Id DESC", value),
    ):
        assert value in [row["LastName"] for row in admin.query(soql)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(text=st.text(SURROGATES_OUT, max_size=80))
def test_no_text_makes_the_server_fail(org: Org, text: str) -> None:
    admin = org.as_("admin")
    for soql in (text, f"SELECT Id FROM Account WHERE Name = {text}", f"SELECT {text} FROM Order"):
        assert admin.call("GET", "query", params={"q": soql}).status_code in (200, 400)


def test_twenty_thousand_accounts_are_scanned_fast(org: Org) -> None:
    org.store.load("Account", [{"Name": f"Person {number}", "BillingCity": "Kobe"} for number in range(20_000)])
    started = time.perf_counter()
    rows = org.as_("admin").query("SELECT Id FROM Account WHERE Name LIKE '%n 1999%' AND BillingCity = 'kobe'")
    assert time.perf_counter() - started < 0.5
    assert len(rows) == 11


def test_record_urls_carry_the_version_that_was_asked(admin: Client) -> None:
    answer = admin.call("GET", "/services/data/v62.0/query", params={"q": "SELECT Id FROM Account"})
    assert answer.json()["records"][0]["attributes"]["url"].startswith("/services/data/v62.0/")
