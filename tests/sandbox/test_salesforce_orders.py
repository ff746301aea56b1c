"""Salesforce's own rules of orders and their items."""

import pytest

from tests.sandbox.salesforce_bench import (
    ACCOUNT,
    BOOK,
    ENTRY,
    OTHER_BOOK,
    OTHER_ENTRY,
    PRODUCT,
    Client,
    Org,
    error_of,
    user_id,
)

DRAFT = {"AccountId": ACCOUNT, "EffectiveDate": "2026-11-24", "Status": "Draft"}


def item(order: str, **values: object) -> dict[str, object]:
    return {"OrderId": order, "PricebookEntryId": ENTRY, "Quantity": 1, "UnitPrice": 5280, **values}


def test_a_new_order_takes_the_default_status_and_a_number(admin: Client) -> None:
    created = admin.create("Order", AccountId=ACCOUNT, EffectiveDate="2026-11-24")
    found = admin.read("Order", created)
    assert (found["Status"], found["StatusCode"], found["TotalAmount"]) == ("Draft", "Draft", 0.0)
    assert (found["OrderNumber"], found["OwnerId"]) == ("00000001", user_id("admin"))


def test_an_order_needs_an_account_and_begins_as_a_draft(admin: Client) -> None:
    answer = admin.call("POST", "sobjects/Order", json={"EffectiveDate": "2026-11-24"})
    assert answer.json() == [{"message": "Select an account.", "errorCode": "REQUIRED_FIELD_MISSING"}]
    answer = admin.call("POST", "sobjects/Order", json={**DRAFT, "Status": "Activated"})
    assert error_of(answer) == "FAILED_ACTIVATION"


def test_an_order_without_products_cannot_be_activated(org: Org, admin: Client) -> None:
    order = org.load_order()
    answer = admin.update("Order", order, Status="Activated")
    assert error_of(answer) == "FAILED_ACTIVATION"
    assert answer.json()[0]["message"] == "An order must have at least one product."


def test_activation_is_a_change_of_the_status_alone_and_is_stamped(org: Org, admin: Client) -> None:
    order = org.load_order()
    org.load_item(order)
    assert error_of(admin.update("Order", order, Status="Activated", Description="x")) == "FAILED_ACTIVATION"
    assert admin.update("Order", order, Status="Activated").status_code == 204
    found = admin.read("Order", order)
    assert (found["StatusCode"], found["ActivatedById"]) == ("Activated", user_id("admin"))
    assert found["ActivatedDate"] == found["LastModifiedDate"]


def test_activating_again_is_silent_and_drafting_again_is_allowed(org: Org, admin: Client) -> None:
    order = org.load_order()
    org.load_item(order)
    for status in ("Activated", "Activated", "Draft"):
        assert admin.update("Order", order, Status=status).status_code == 204
    assert admin.read("Order", order)["StatusCode"] == "Draft"


def test_an_activated_order_is_closed_to_people_without_the_permission(org: Org, admin: Client) -> None:
    order = org.load_order(Status="Activated")
    answer = org.as_("supervisor").update("Order", order, Customer_Status__c="active")
    assert error_of(answer) == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert error_of(org.as_("supervisor").update("Order", order, Status="Draft")) == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert admin.update("Order", order, Customer_Status__c="active").status_code == 204


def test_only_people_with_the_permission_activate(org: Org) -> None:
    order = org.load_order()
    org.load_item(order)
    assert error_of(org.as_("worker").update("Order", order, Status="Activated")) == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_items_of_an_activated_order_are_locked(org: Org, admin: Client) -> None:
    order = org.load_order(Status="Activated")
    line = org.load_item(order)
    answers = [
        admin.call("POST", "sobjects/OrderItem", json=item(order)),
        admin.update("OrderItem", line, Quantity=2),
        admin.call("DELETE", f"sobjects/OrderItem/{line}"),
    ]
    assert [error_of(answer) for answer in answers] == ["ENTITY_IS_LOCKED"] * 3
    assert error_of(admin.call("DELETE", f"sobjects/Order/{order}")) == "DELETE_FAILED"


def test_account_and_price_book_stay_once_they_matter(org: Org, admin: Client) -> None:
    other = admin.create("Account", Name="Other")
    activated, filled, empty = org.load_order(Status="Activated"), org.load_order(), org.load_order()
    org.load_item(filled)
    assert error_of(admin.update("Order", activated, AccountId=other)) == "FIELD_INTEGRITY_EXCEPTION"
    assert error_of(admin.update("Order", filled, Pricebook2Id=OTHER_BOOK)) == "FIELD_INTEGRITY_EXCEPTION"
    assert admin.update("Order", empty, Pricebook2Id=OTHER_BOOK, AccountId=other).status_code == 204
    assert error_of(admin.update("Order", empty, AccountId=None)) == "REQUIRED_FIELD_MISSING"


def test_an_item_needs_the_price_book_of_its_order(org: Org, admin: Client) -> None:
    bare = org.load_order(Pricebook2Id=None)
    answer = admin.call("POST", "sobjects/OrderItem", json=item(bare))
    assert answer.json()[0]["message"] == "The order is missing a price book"
    assert admin.update("Order", bare, Pricebook2Id=BOOK).status_code == 204
    answer = admin.call("POST", "sobjects/OrderItem", json=item(bare, PricebookEntryId=OTHER_ENTRY))
    assert error_of(answer) == "FIELD_INTEGRITY_EXCEPTION"
    admin.create("OrderItem", **item(bare))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Quantity": 0}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"UnitPrice": None}, "REQUIRED_FIELD_MISSING"),
        ({"ServiceDate": "2026-11-23"}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"EndDate": "2027-11-25"}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"TotalPrice": 1}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ],
)
def test_a_wrong_item_is_refused(org: Org, admin: Client, values: dict[str, object], code: str) -> None:
    order = org.load_order(EndDate="2027-11-24")
    assert error_of(admin.call("POST", "sobjects/OrderItem", json=item(order, **values))) == code


def test_an_item_of_an_inactive_price_is_refused(org: Org, admin: Client) -> None:
    assert admin.update("PricebookEntry", ENTRY, IsActive=False).status_code == 204
    answer = admin.call("POST", "sobjects/OrderItem", json=item(org.load_order()))
    assert error_of(answer) == "FIELD_INTEGRITY_EXCEPTION"


def test_an_item_takes_product_and_list_price_from_its_entry(org: Org, admin: Client) -> None:
    line = admin.read("OrderItem", admin.create("OrderItem", **item(org.load_order(), Quantity=2, UnitPrice=4980)))
    assert (line["Product2Id"], line["ListPrice"], line["TotalPrice"]) == (PRODUCT, 5280.0, 9960.0)


def test_the_total_of_an_order_follows_its_items(org: Org, admin: Client) -> None:
    order = org.load_order()
    seeded = org.load_item(order, Quantity=2)
    assert admin.read("Order", order)["TotalAmount"] == 10560.0
    added = admin.create("OrderItem", **item(order, UnitPrice=1000))
    assert admin.read("Order", order)["TotalAmount"] == 11560.0
    admin.update("OrderItem", added, Quantity=3)
    assert admin.read("Order", order)["TotalAmount"] == 13560.0
    admin.call("DELETE", f"sobjects/OrderItem/{seeded}")
    assert admin.read("Order", order)["TotalAmount"] == 3000.0


def test_an_item_field_that_costs_nothing_leaves_the_order_alone(org: Org, admin: Client) -> None:
    order = org.load_order()
    line = org.load_item(order)
    before = admin.read("Order", order)
    org.clock.advance(5)
    assert org.as_("worker").update("OrderItem", line, Whmcs_Service_Ids__c="41").status_code == 204
    assert admin.read("Order", order) == before


def test_a_custom_price_needs_a_standard_one_first(admin: Client) -> None:
    product = admin.create("Product2", Name="New plan", IsActive=True)
    price = {"Product2Id": product, "UnitPrice": 100, "IsActive": True}
    answer = admin.call("POST", "sobjects/PricebookEntry", json={"Pricebook2Id": OTHER_BOOK, **price})
    assert error_of(answer) == "STANDARD_PRICE_NOT_DEFINED"
    admin.create("PricebookEntry", Pricebook2Id=BOOK, **price)
    entry = admin.create("PricebookEntry", Pricebook2Id=OTHER_BOOK, **price)
    assert admin.read("PricebookEntry", entry)["Name"] == "New plan"


def test_history_tells_who_changed_a_tracked_field(org: Org, admin: Client) -> None:
    order = admin.create("Order", **DRAFT)
    org.as_("support").update("Order", order, Mnp_Number__c="090-0000-0000", Description="not tracked")
    soql = f"SELECT Field, OldValue, NewValue, CreatedBy.Name FROM OrderHistory WHERE OrderId = '{order}' ORDER BY Id"
    rows = [(row["Field"], row["OldValue"], row["NewValue"], row["CreatedBy"]["Name"]) for row in admin.query(soql)]
    assert rows == [
        ("created", None, None, "Invented admin"),
        ("Mnp_Number__c", None, "090-0000-0000", "Invented support"),
    ]


def test_order_statuses_can_be_asked_for(admin: Client) -> None:
    rows = admin.query("SELECT ApiName, StatusCode, IsDefault FROM OrderStatus ORDER BY SortOrder")
    assert [row["ApiName"] for row in rows] == ["Draft", "In Review", "Approved", "Rejected", "Cancelled", "Activated"]
    assert [row["StatusCode"] for row in rows if row["ApiName"] == "Activated"] == ["Activated"]
