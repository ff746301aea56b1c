"""What an administrator could change in the org is changed while it runs."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.sandbox.salesforce_bench import ACCOUNT, Org, error_of


def test_a_hidden_field_vanishes_from_describe_query_and_write(org: Org) -> None:
    supervisor, admin = org.as_("supervisor"), org.as_("admin")
    order_id = org.load_order(Vpn_Region__c="Tokyo")
    org.switches.change({"hidden_fields": ["Order.Vpn_Region__c"]})
    for person in (supervisor, admin):
        described = person.call("GET", "sobjects/Order/describe").json()
        assert "Vpn_Region__c" not in {field["name"] for field in described["fields"]}
        assert person.query_error("SELECT Vpn_Region__c FROM Order") == "INVALID_FIELD"
    assert error_of(admin.update("Order", order_id, Vpn_Region__c="Osaka")) in (
        "INVALID_FIELD",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
    )
    org.switches.change({"hidden_fields": []})
    assert admin.query("SELECT Vpn_Region__c FROM Order")[0]["Vpn_Region__c"] == "Tokyo"


def test_required_fields_cannot_be_hidden(org: Org) -> None:
    org.load_order()
    org.switches.change({"hidden_fields": ["Order.Status"]})
    assert org.as_("admin").query("SELECT Status FROM Order")


def test_an_org_without_orders_does_not_know_them(org: Org) -> None:
    org.load_order()
    org.switches.change({"orders_enabled": False})
    admin = org.as_("admin")
    assert admin.query_error("SELECT Id FROM Order") == "INVALID_TYPE"
    assert admin.call("GET", "sobjects/Order/describe").status_code == 404
    assert admin.query("SELECT Id FROM Account")


def test_a_withdrawn_version_is_refused_and_not_offered(org: Org) -> None:
    org.switches.change({"oldest_version": 67})
    answer = org.as_("admin").call("GET", "limits")
    assert error_of(answer) == "UNSUPPORTED_API_VERSION"
    offered = org.as_("admin").call("GET", "/services/data").json()
    assert min(float(one["version"]) for one in offered) == 67


def test_a_version_that_will_be_withdrawn_comes_with_a_warning(org: Org) -> None:
    assert "Warning" not in org.as_("admin").call("GET", "limits").headers
    org.switches.change({"deprecated_below": 67})
    assert "66.0 is deprecated" in org.as_("admin").call("GET", "limits").headers["Warning"]


def test_the_index_lags_behind_what_was_written(org: Org) -> None:
    org.switches.change({"index_lag_s": 30})
    admin = org.as_("admin")
    admin.update("Account", ACCOUNT, Name="Ren Hayashida")
    search = {"q": "Hayashida", "sobjects": [{"name": "Account"}]}
    assert admin.call("POST", "parameterizedSearch", json=search).json()["searchRecords"] == []
    org.clock.advance(31)
    assert len(admin.call("POST", "parameterizedSearch", json=search).json()["searchRecords"]) == 1


def test_headers_that_are_too_long_are_refused(org: Org) -> None:
    org.switches.change({"longest_header": 500})
    answer = org.as_("admin").call("GET", "limits", headers={"X-Note": "x" * 500})
    assert (answer.status_code, error_of(answer)) == (431, "REQUEST_HEADER_FIELDS_TOO_LARGE")


def test_pages_may_be_smaller_than_asked_for(org: Org) -> None:
    org.store.load("Task", [{"Subject": f"Call {number}"} for number in range(3)])
    org.switches.change({"page_rows": 2})
    first = org.as_("admin").call("GET", "query", params={"q": "SELECT Id FROM Task"}).json()
    assert (len(first["records"]), first["done"], first["totalSize"]) == (2, False, 3)


@pytest.mark.parametrize(
    "values", [{"hidden_fields": ["nonsense"]}, {"oldest_version": 5}, {"locked_rows": ["x"]}, {"unknown": 1}]
)
def test_what_makes_no_sense_changes_nothing(org: Org, values: dict[str, Any]) -> None:
    before = org.switches.model_dump()
    with pytest.raises(ValidationError):
        org.switches.change({"index_lag_s": 5, **values})
    assert org.switches.model_dump() == before


def test_a_hidden_field_is_read_by_nobody_whatever_the_way(org: Org) -> None:
    org.switches.change({"hidden_fields": ["account.phone"]})
    admin = org.as_("admin")
    chosen = admin.call("GET", f"sobjects/Account/{ACCOUNT}", params={"fields": "Phone"})
    assert "Phone" not in admin.read("Account", ACCOUNT)
    assert error_of(chosen) == "INVALID_FIELD"
    assert error_of(admin.call("POST", "sobjects/Account", json={"Name": "x", "Phone": "1"})) == "INVALID_FIELD"
    for soql in ("SELECT Account.Phone FROM Order", "SELECT Id FROM Account WHERE Phone = null"):
        assert admin.query_error(soql) == "INVALID_FIELD"
    assert "Phone" not in admin.query("SELECT FIELDS(ALL) FROM Account LIMIT 1")[0]


def test_an_org_without_orders_has_nothing_that_leads_to_them(org: Org) -> None:
    order_id = org.load_order()
    org.switches.change({"orders_enabled": False})
    admin = org.as_("admin")
    for soql in ("SELECT Id FROM OrderItem", "SELECT (SELECT Id FROM Orders) FROM Account"):
        assert admin.query_error(soql) == "INVALID_TYPE"
    assert error_of(admin.update("Order", order_id, Description="x")) == "NOT_FOUND"
    names = {one["name"] for one in admin.call("GET", "sobjects").json()["sobjects"]}
    assert not names & {"Order", "OrderItem", "OrderHistory", "OrderStatus"}
    children = admin.call("GET", "sobjects/Account/describe").json()["childRelationships"]
    assert "Order" not in {one["childSObject"] for one in children}


def test_an_org_without_chatter_has_no_feeds(org: Org) -> None:
    org.switches.change({"chatter_enabled": False})
    assert org.as_("admin").query_error("SELECT Id FROM FeedItem") == "INVALID_TYPE"


def test_a_description_that_was_kept_is_sent_again_once_a_field_is_hidden(org: Org) -> None:
    admin, path = org.as_("admin"), "sobjects/Account/describe"
    kept = {"If-Modified-Since": admin.call("GET", path).headers["Last-Modified"]}
    assert admin.call("GET", path, headers=kept).status_code == 304
    org.clock.advance(2)
    org.switches.change({"hidden_fields": ["Account.Phone"]})
    assert admin.call("GET", path, headers=kept).status_code == 200
