"""Salesforce rows as the wire has them, read into our records."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from console.errors import Rejected
from console.integrations.salesforce.field_map import FieldMap
from console.integrations.salesforce.mapping import Mapper, ids_text
from console.models.catalogue import BillingCycle, ItemRole, ProductKind
from console.models.money import Money
from console.models.order import Activation, OrderKind, OrderState, SimType
from tests.integrations.salesforce.org_bench import FIELD_MAP

_MAPPER = Mapper(FieldMap(FIELD_MAP), "JPY")
_STAMP = "2026-11-23T00:12:31.000+0000"
_MOMENT = datetime(2026, 11, 23, 0, 12, 31, tzinfo=UTC)
_ACCOUNT = {"Id": "0015g0000000001AAA", "Name": "森 葵", "SystemModstamp": _STAMP}
_ORDER = {
    "Id": "8015g0000000001AAA",
    "OrderNumber": "00000042",
    "AccountId": "0015g0000000001AAA",
    "CreatedDate": _STAMP,
    "CreatedById": "0055g0000000001AAA",
    "SystemModstamp": _STAMP,
}
_ITEM = {"Id": "8025g0000000001AAA", "Quantity": Decimal("2.0"), "UnitPrice": Decimal("5280.0")}
_PRODUCT = {
    "Id": "01t5g0000000001AAA",
    "Name": "Home Line 1G",
    "ProductCode": "HL-1G",
    "IsActive": True,
    "Sold_Online__c": True,
    "Product_Kind__c": "Internet",
    "Item_Role__c": "Service Plan",
    "Billing_Cycle__c": "Monthly",
    "Whmcs_Product_Id__c": "101",
}
_CLAIM = {
    "Id": "a005g0000000001AAA",
    "Claim_Key__c": "work:8015g0000000001AAA:12",
    "Order_Id__c": "8015g0000000001AAA",
    "Holder__c": "desk",
    "CreatedDate": _STAMP,
    "CreatedById": "0055g0000000001AAA",
    "SystemModstamp": _STAMP,
}


def children(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"totalSize": len(rows), "done": True, "records": list(rows)}


def with_item(**changes: Any) -> dict[str, Any]:
    entry = {"Id": "01u5g0000000001AAA", "UnitPrice": Decimal("5280.0"), "IsActive": True}
    return _ORDER | {"OrderItems": children(_ITEM | {"Product2": _PRODUCT, "PricebookEntry": entry} | changes)}


def test_an_account_without_a_contact_has_empty_texts() -> None:
    account = _MAPPER.account(_ACCOUNT | {"Contacts": None})
    assert (account.email, account.phone, account.reading, account.customer_number) == ("", "", "", "")
    assert (account.whmcs_client_id, account.portal_user_id, account.changed_at) == (None, None, _MOMENT)


@pytest.mark.parametrize(
    ("own", "mobile", "other", "phone"),
    [
        ("03-1234-5678", "090-1", "06-2", "03-1234-5678"),
        (None, "090-1234-5678", "06-2", "090-1234-5678"),
        (None, None, "06-1234-5678", "06-1234-5678"),
    ],
)
def test_a_customer_is_called_on_the_account_then_the_mobile_then_the_other_phone(
    own: str | None, mobile: str | None, other: str, phone: str
) -> None:
    contact = {"Email": "aoi@example.jp", "MobilePhone": mobile, "Phone": other}
    account = _MAPPER.account(_ACCOUNT | {"Phone": own, "Contacts": children(contact)})
    assert (account.phone, account.email) == (phone, "aoi@example.jp")


@pytest.mark.parametrize(("text", "client_id"), [("5001", 5001), ("", None), ("x", None), ("0", None), (None, None)])
def test_a_client_id_that_is_none_is_left_out(text: str | None, client_id: int | None) -> None:
    assert _MAPPER.account(_ACCOUNT | {"Whmcs_Client_Id__c": text}).whmcs_client_id == client_id


def test_an_order_of_which_little_is_filled_in_can_be_read() -> None:
    order = _MAPPER.order(_ORDER | {"OrderItems": None})
    assert (order.state, order.activation, order.kind) == (OrderState.IN_REVIEW, Activation.NONE, OrderKind.MIXED)
    assert (order.items, order.transfer, order.sim_type, order.customer_status) == ((), None, None, None)
    assert (order.placed_at, order.decided_at, order.total) == (_MOMENT, None, Money(amount=Decimal(0), currency="JPY"))


def test_an_order_is_read_in_our_words() -> None:
    order = _MAPPER.order(
        with_item()
        | {"Status": "Draft", "Provisioning_Status__c": "Paused", "Order_Kind__c": "SIM", "Sim_Type__c": "eSIM"}
        | {"TotalAmount": Decimal("10560.0"), "Whmcs_Order_Id__c": "77", "Decided_At__c": _STAMP}
        | {
            "Customer_Status__c": "active",
            "Customer_Status_Text__c": "Active",
            "Customer_Status_Text_Ja__c": "開通済み",
        }
    )
    assert (order.state, order.activation, order.kind) == (OrderState.IN_REVIEW, Activation.PAUSED, OrderKind.SIM)
    assert (order.sim_type, order.whmcs_order_id, order.decided_at) == (SimType.ESIM, 77, _MOMENT)
    assert order.customer_status is not None
    assert (order.customer_status.slug, order.customer_status.ja) == ("active", "開通済み")
    assert order.total == Money(amount=Decimal(10560), currency="JPY")


@pytest.mark.parametrize("name", ["Status", "Provisioning_Status__c", "Order_Kind__c"])
def test_an_order_with_a_value_that_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(Rejected, match=f"{name} is 'Parked'"):
        _MAPPER.order(_ORDER | {name: "Parked"})


def test_an_item_carries_its_product_as_the_catalogue_has_it_now() -> None:
    (item,) = _MAPPER.order(with_item(Whmcs_Service_Ids__c="31, 32,x,")).items
    assert (item.quantity, item.unit_price.amount, item.whmcs_service_ids) == (2, Decimal(5280), (31, 32))
    assert item.product is not None
    assert (item.product.kind, item.product.role) == (ProductKind.INTERNET, ItemRole.PLAN)
    assert (item.product.billing_cycle, item.product.whmcs_product_id) == (BillingCycle.MONTHLY, 101)
    assert item.product.sellable


@pytest.mark.parametrize("entry", [None, {"UnitPrice": Decimal(5280), "IsActive": False}])
def test_a_product_without_an_active_entry_has_no_price(entry: dict[str, Any] | None) -> None:
    (item,) = _MAPPER.order(with_item(PricebookEntry=entry)).items
    assert item.product is not None
    assert item.product.price is None


def test_an_item_whose_product_cannot_be_seen_stays_on_the_order() -> None:
    (item,) = _MAPPER.order(with_item(Product2=None)).items
    assert (item.product, item.product_name) == (None, "")


def test_a_transfer_is_only_read_where_one_is_wanted() -> None:
    given = {"Mnp_Number__c": "09012345678", "Mnp_Reserved_Until__c": "2026-12-01", "Mnp_Holder_Gender__c": "Female"}
    assert _MAPPER.order(_ORDER | given).transfer is None
    transfer = _MAPPER.order(_ORDER | given | {"Mnp_Requested__c": True}).transfer
    assert transfer is not None
    assert (transfer.number, transfer.reserved_until, transfer.holder_gender) == (
        "09012345678",
        date(2026, 12, 1),
        "female",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"ShippingCity": "Minato-ku"},
        {"TotalAmount": Decimal(1)},
        {"AccountId": "0015g0000000002AAA"},
        {"Mnp_Number__c": "09012345678"},
        {"OrderItems": None},
    ],
)
def test_a_change_of_the_content_changes_its_hash(change: dict[str, Any]) -> None:
    assert _MAPPER.order(with_item()).content_hash != _MAPPER.order(with_item() | change).content_hash


@pytest.mark.parametrize(
    "change",
    [
        {"Status": "Approved"},
        {"Provisioning_Status__c": "Paused", "Provisioning_Error_Code__c": "PAY-01"},
        {"Whmcs_Order_Id__c": "77", "SystemModstamp": "2026-11-24T00:00:00.000+0000"},
        {"OrderItems": with_item(Whmcs_Service_Ids__c="31")["OrderItems"]},
        {"OrderItems": with_item(Quantity=2, UnitPrice=5280)["OrderItems"]},
    ],
)
def test_states_and_the_way_a_number_is_written_leave_the_hash_alone(change: dict[str, Any]) -> None:
    assert _MAPPER.order(with_item()).content_hash == _MAPPER.order(with_item() | change).content_hash


def test_a_queue_row_names_its_customer() -> None:
    row = _ORDER | {"Account": {"Name": "森 葵"}, "Status": "Approved", "Provisioning_Status__c": "Created"}
    summary = _MAPPER.order_summary(row)
    assert (summary.customer, summary.state, summary.activation) == (
        "森 葵",
        OrderState.APPROVED,
        Activation.CREATED,
    )
    assert _MAPPER.order_summary(_ORDER | {"Account": None}).customer == ""


def test_a_claim_is_read_with_its_purpose_and_number() -> None:
    claim = _MAPPER.claim(_CLAIM | {"Watermark__c": Decimal("31.0"), "Closed_At__c": _STAMP})
    assert (claim.purpose, claim.number, claim.watermark, claim.closed_at) == ("work", 12, 31, _MOMENT)
    fresh = _MAPPER.claim(_CLAIM)
    assert (fresh.watermark, fresh.closed_at, fresh.outcome, fresh.created_at) == (None, None, "", _MOMENT)


def test_service_ids_are_written_as_they_are_read() -> None:
    assert ids_text((31, 32)) == "31,32"
    assert ids_text(()) == ""
