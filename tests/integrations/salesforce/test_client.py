"""Everything that is read from the org, each against what its books hold."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.errors import AccessRefused, Rejected
from console.integrations.salesforce.org import Salesforce
from console.models.catalogue import ItemRole, ProductKind
from console.models.customer import Account
from console.models.staff import Role
from console.sandbox.salesforce_store import new_id
from tests.integrations.salesforce.org_bench import OrgBench

_NOBODY, _NO_ORDER = new_id("Account", 99_999), new_id("Order", 99_999)


def customers(org: OrgBench) -> dict[str, dict[str, Any]]:
    return {key: row for key, row in org.table("Account").items() if row["Customer_Number__c"]}


@pytest.mark.parametrize(
    ("role", "roles"),
    [
        ("support", {Role.SUPPORT}),
        ("back_office", {Role.BACK_OFFICE}),
        ("supervisor", {Role.SUPERVISOR}),
        ("worker", {Role.WORKER}),
        ("admin", set()),
    ],
)
def test_the_permission_sets_make_the_roles(org: OrgBench, role: str, roles: set[Role]) -> None:
    me = org.run(lambda salesforce: salesforce.reads.me(), role)
    assert me.user_id == org.user_id(role)
    assert set(me.roles) == roles
    assert me.name == next(user.name for user in org.sandbox.world.staff if user.id == me.user_id)


def test_a_user_without_a_token_is_nobody(org: OrgBench) -> None:
    org.break_next("userinfo", "status", status=403, body="Bad_OAuth_Token")
    with pytest.raises(AccessRefused):
        org.run(lambda salesforce: salesforce.reads.me())


def test_all_customers_are_read_with_their_contact(org: OrgBench) -> None:
    async def read(salesforce: Salesforce) -> list[Account | None]:
        return [await salesforce.reads.account(key) for key in list(customers(org))[:20]]

    emails = {row["AccountId"]: row["Email"] for row in org.table("Contact").values()}
    accounts = [account for account in org.run(read) if account]
    assert len(accounts) == 20
    assert all(account.email == emails[account.id] for account in accounts)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("customer_number", "Customer_Number__c"),
        ("whmcs_client_id", "Whmcs_Client_Id__c"),
        ("portal_user_id", "Portal_User_Id__c"),
    ],
)
def test_a_customer_is_found_by_each_id(org: OrgBench, word: str, name: str) -> None:
    key, row = next((key, row) for key, row in customers(org).items() if row[name])
    found = org.run(lambda salesforce: salesforce.reads.accounts_by(word, row[name]))
    assert [account.id for account in found] == [key]


@pytest.mark.parametrize("value", ["x' OR Id != '", "C-%", "\\", '"'])
def test_an_id_that_is_none_finds_nobody(org: OrgBench, value: str) -> None:
    assert org.run(lambda salesforce: salesforce.reads.accounts_by("customer_number", value)) == []


def test_a_record_that_is_not_there_is_none(org: OrgBench) -> None:
    async def read(salesforce: Any) -> list[Any]:
        reads = salesforce.reads
        return [
            await reads.account(_NOBODY),
            await reads.order(_NO_ORDER),
            await reads.order_id("99999999"),
            await reads.claim(f"work:{_NO_ORDER}:1"),
            await reads.order_exists(_NO_ORDER),
        ]

    assert org.run(read) == [None, None, None, None, False]


def test_the_queue_of_one_customer_holds_only_theirs(org: OrgBench) -> None:
    account = next(iter(org.table("Order").values()))["AccountId"]
    rows = org.run(lambda salesforce: salesforce.reads.order_summaries(account_id=account))
    assert {row.order_id for row in rows} == {
        key for key, order in org.table("Order").items() if order["AccountId"] == account
    }


def test_an_order_is_read_whole(org: OrgBench) -> None:
    key = org.fresh_order("In Review")
    order = org.run(lambda salesforce: salesforce.reads.order(key))
    assert order is not None
    items = {item_id for item_id, row in org.table("OrderItem").items() if row["OrderId"] == key}
    assert {item.id for item in order.items} == items
    assert all(item.product and item.product.sellable for item in order.items)
    assert order.total.amount == sum(item.unit_price.amount * item.quantity for item in order.items)
    assert org.run(lambda salesforce: salesforce.reads.order_id(order.number)) == key
    assert org.run(lambda salesforce: salesforce.reads.order_exists(key))


def test_reading_twice_gives_the_same_hash(org: OrgBench) -> None:
    key = org.fresh_order("In Review")
    once, again = (org.run(lambda salesforce: salesforce.reads.order(key), role) for role in ("supervisor", "worker"))
    assert once is not None
    assert again is not None
    assert once.content_hash == again.content_hash


def test_only_orders_that_wait_or_are_approved_are_open(org: OrgBench) -> None:
    account = next(row["AccountId"] for row in org.table("Order").values() if row["Status"] == "Approved")
    found = org.run(lambda salesforce: salesforce.reads.open_orders_of(account))
    assert {order.id for order in found} == {
        key
        for key, row in org.table("Order").items()
        if row["AccountId"] == account and row["Status"] in ("Draft", "In Review", "Approved")
    }


def test_the_billing_products_of_a_kind_are_those_of_the_catalogue(org: OrgBench) -> None:
    ids = org.run(lambda salesforce: salesforce.reads.whmcs_product_ids(ProductKind.SIM, ItemRole.PLAN))
    assert ids == {
        int(row["Whmcs_Product_Id__c"])
        for row in org.table("Product2").values()
        if (row["Product_Kind__c"], row["Item_Role__c"]) == ("SIM", "Service Plan") and row["Whmcs_Product_Id__c"]
    }


@pytest.fixture
def second_contact(org: OrgBench) -> dict[str, Any]:
    """A contact of an account that has another one already."""
    account = next(row for row in org.table("Account").values() if row["Customer_Number__c"])
    told = {"LastName": "Fernández-Quill", "Email": "quill@example.net", "MobilePhone": "090-5550-1234"}
    org.sandbox.salesforce.load("Contact", [{"AccountId": account["Id"], **told}])
    return {"account": account["Id"], **told}


@pytest.mark.parametrize("word", ["LastName", "Email", "MobilePhone"])
def test_a_search_finds_the_account_of_any_contact(org: OrgBench, second_contact: dict[str, Any], word: str) -> None:
    text = second_contact[word]
    assert org.run(lambda salesforce: salesforce.reads.account_ids_matching(text, 5)) == [second_contact["account"]]
    assert org.run(lambda salesforce: salesforce.reads.account_ids_matching("Nobody-Here", 5)) == []


def test_an_account_that_is_found_twice_is_named_once(org: OrgBench) -> None:
    account = next(row for row in org.table("Account").values() if row["Customer_Number__c"])
    org.sandbox.salesforce.load("Contact", [{"AccountId": account["Id"], "LastName": "Twice"} for _ in range(2)])
    assert org.run(lambda salesforce: salesforce.reads.account_ids_matching("Twice", 5)) == [account["Id"]]


def test_claims_come_oldest_first(org: OrgBench) -> None:
    row = next(iter(org.table("Order_Claim__c").values()))
    claims = org.run(lambda salesforce: salesforce.reads.claims(row["Order_Id__c"]))
    assert row["Claim_Key__c"] in {claim.key for claim in claims}
    assert [claim.created_at for claim in claims] == sorted(claim.created_at for claim in claims)
    one = org.run(lambda salesforce: salesforce.reads.claim(row["Claim_Key__c"]))
    assert one is not None
    assert one.id == row["Id"]


def test_a_hidden_object_fails_the_connection_test(org: OrgBench) -> None:
    org.run(lambda salesforce: salesforce.reads.orders_readable(), "support")
    org.break_next("query", "refuse", error_code="INVALID_TYPE")
    with pytest.raises(Rejected) as caught:
        org.run(lambda salesforce: salesforce.reads.orders_readable())
    assert caught.value.error_code == "INVALID_TYPE"


def test_the_time_is_salesforces_own(org: OrgBench) -> None:
    async def read(salesforce: Any) -> datetime:
        await salesforce.reads.orders_readable()
        now: datetime = salesforce.reads.server_now()
        return now

    org.sandbox.clock.advance(7200)
    assert abs(org.run(read) - org.sandbox.clock.now()) < timedelta(seconds=5)
    assert org.sandbox.clock.now() - datetime.now(UTC) > timedelta(hours=1)
