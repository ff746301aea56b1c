"""The store: seeding, indexes and transactions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.sandbox.clock import Clock
from console.sandbox.salesforce_store import AUTOMATED_USER_ID, SalesforceStore, new_id
from tests.sandbox.salesforce_bench import schema


@pytest.fixture
def store() -> SalesforceStore:
    return SalesforceStore(Clock(), schema())


def test_a_loaded_record_is_completed(store: SalesforceStore) -> None:
    store.load("Account", [{"Name": "Aoi Mori", "CreatedDate": "2026-01-02T03:04:05Z"}])
    (account,) = store.tables["Account"].values()
    assert account["Id"] == new_id("Account", 1)
    assert account["SystemModstamp"] == account["CreatedDate"] == "2026-01-02T03:04:05.000+0000"
    assert (account["CreatedById"], account["IsDeleted"], account["Phone"]) == (AUTOMATED_USER_ID, False, None)


def test_seeded_orders_and_items_agree(store: SalesforceStore) -> None:
    order, entry = new_id("Order", 1), new_id("PricebookEntry", 1)
    store.load("PricebookEntry", [{"Id": entry, "Product2Id": new_id("Product2", 1), "UnitPrice": 100}])
    store.load("Order", [{"Id": order, "Status": "Activated"}])
    items = [{"OrderId": order, "PricebookEntryId": entry, "Quantity": 3, "UnitPrice": 90}]
    store.load("OrderItem", items)
    found, (item,) = store.tables["Order"][order], store.tables["OrderItem"].values()
    assert (found["StatusCode"], found["TotalAmount"], found["OrderNumber"]) == ("Activated", 270.0, "00000001")
    assert (item["ListPrice"], item["Product2Id"]) == (100.0, new_id("Product2", 1))


@pytest.mark.parametrize(
    "record",
    [
        {"Name": "x", "Colour": "red"},
        {"Name": "x", "Id": new_id("Account", 1)},
        {"Name": "x", "Customer_Number__c": "C-1"},
    ],
)
def test_a_seed_that_contradicts_itself_is_refused(store: SalesforceStore, record: dict[str, str]) -> None:
    store.load("Account", [{"Id": new_id("Account", 1), "Name": "First", "Customer_Number__c": "C-1"}])
    with pytest.raises(ValueError, match=r"Account"):
        store.load("Account", [record])


def test_ids_given_by_the_store_pass_over_seeded_ones(store: SalesforceStore) -> None:
    store.load("Account", [{"Id": new_id("Account", 1), "Name": "First"}, {"Name": "Second"}])
    assert list(store.tables["Account"]) == [new_id("Account", 1), new_id("Account", 2)]


class _OnPurposeError(Exception):
    pass


CHANGES = st.lists(st.tuples(st.sampled_from(["put", "remove"]), st.integers(1, 4), st.sampled_from(["a", "b", None])))


@given(CHANGES, CHANGES, CHANGES)
def test_an_undone_transaction_leaves_no_trace(
    kept: list[tuple[str, int, str | None]],
    outer: list[tuple[str, int, str | None]],
    inner: list[tuple[str, int, str | None]],
) -> None:
    store = SalesforceStore(Clock(), schema())
    _apply(store, kept)
    before = _seen(store)
    with pytest.raises(_OnPurposeError), store.transaction():
        _apply(store, outer)
        between = _seen(store)
        with pytest.raises(_OnPurposeError), store.transaction():
            _apply(store, inner)
            raise _OnPurposeError
        assert _seen(store) == between
        raise _OnPurposeError
    assert _seen(store) == before


def _apply(store: SalesforceStore, changes: list[tuple[str, int, str | None]]) -> None:
    blank = store.schema.objects["Order_Claim__c"].blank()
    for kind, number, order in changes:
        record_id = new_id("Order_Claim__c", number)
        if kind == "put":
            store.put("Order_Claim__c", {**blank, "Id": record_id, "Order_Id__c": order})
        elif record_id in store.tables["Order_Claim__c"]:
            store.remove("Order_Claim__c", record_id)


def _seen(store: SalesforceStore) -> object:
    field = store.schema.objects["Order_Claim__c"].fields["Order_Id__c"]
    index = {key: sorted(store.ids_by("Order_Claim__c", field, key)) for key in ("a", "b")}
    return dict(store.tables["Order_Claim__c"]), dict(store.deleted["Order_Claim__c"]), index
