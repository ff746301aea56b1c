"""The invented world: repeatable, consistent where it should be, and broken where a scenario says so."""

import re
import time
import tomllib
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from console import paths
from console.models.content_hash import content_hash
from console.sandbox.clock import Clock
from console.sandbox.salesforce_ids import long_id
from console.sandbox.seed import World, build_world
from console.sandbox.seed_builder import CUSTOMER_NUMBER_FIELD
from tests.sandbox.salesforce_bench import schema

_REVIEW_CODES = [
    "PAY-01", "PAY-02", "PAY-04", "PAY-05", "LNK-01", "LNK-02", "LNK-03", "LNK-04", "LNK-05",
    "LNK-06", "LNK-07", "CAT-01", "CAT-02", "CAT-03", "CAT-04", "CAT-05", "DUP-01", "DUP-02",
    "ADR-01", "ADR-02", "ADR-03", "MNP-01", "MNP-02", "MNP-03", "MNP-04", "SIM-01", "APR-01",
]  # fmt: skip
_PROVISIONING_CODES = [
    "PAY-01", "PAY-02", "PAY-03", "PAY-04", "LNK-01", "LNK-03", "LNK-05", "CAT-01", "CAT-02",
    "CAT-03", "DUP-01", "PRV-03", "PRV-04", "PRV-05", "PRV-06", "PRV-07", "PRV-08", "APR-02",
]  # fmt: skip
_MANY, _FEW_SECONDS = 20_000, 10.0
_AT_LEAST_READY = 40


class StoppedClock(Clock):
    """A clock that shows one moment, so that two worlds can be compared."""

    def __init__(self) -> None:
        super().__init__()
        self._moment = super().now()

    def now(self) -> datetime:
        return self._moment


@pytest.fixture(scope="module")
def world() -> World:
    """The usual world."""
    return build_world(200, 300, 1, Clock())


def orders(world: World) -> dict[str, dict[str, Any]]:
    """The world's orders by id."""
    return {order["Id"]: order for order in world.salesforce["Order"]}


def lines_of(world: World, order_id: str) -> list[dict[str, Any]]:
    """The lines of an order."""
    return [line for line in world.salesforce["OrderItem"] if line["OrderId"] == order_id]


def marked(world: World, order_id: str) -> list[Any]:
    """The WHMCS services that carry the marker of one of the order's lines."""
    own = {line["Id"] for line in lines_of(world, order_id)}
    return [
        service
        for service in world.whmcs.services
        if any(value.split(".")[0] in own for value in service.customfields.values())
    ]


def reviewed_fields() -> dict[str, list[str]]:
    """The Salesforce fields that an approval signs, by record."""
    known = tomllib.loads((paths.resources() / "field_map.toml").read_text(encoding="utf-8"))
    return {
        record: [spec["field"] for spec in known[record].values() if spec.get("reviewed")]
        for record in ("order", "order_item")
    }


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    clock = StoppedClock()
    assert build_world(80, 120, 7, clock) == build_world(80, 120, 7, clock)
    assert build_world(80, 120, 7, clock).salesforce["Account"] != build_world(80, 120, 8, clock).salesforce["Account"]


def test_ids_and_people_do_not_hang_on_the_hour() -> None:
    clock = Clock()
    before = build_world(80, 120, 7, clock)
    clock.advance(40 * 86_400)
    after = build_world(80, 120, 7, clock)
    assert before.scenarios == after.scenarios
    assert before.salesforce["Account"] == after.salesforce["Account"]


def test_the_usual_world_has_the_usual_size(world: World) -> None:
    assert len(world.whmcs.clients) == 200
    assert len(world.salesforce["Order"]) == 300


@pytest.mark.parametrize(("customers", "count"), [(1, 1), (10, 300), (60, 300), (20, 12)])
def test_a_small_world_still_has_every_scenario_and_the_orders_asked_for(customers: int, count: int) -> None:
    small = build_world(customers, count, 1, Clock())
    assert small.scenarios.keys() == build_world(200, 300, 1, Clock()).scenarios.keys()
    assert len(small.salesforce["Order"]) >= count


def test_a_large_world_is_built_in_seconds() -> None:
    started = time.process_time()
    large = build_world(_MANY, _MANY, 1, Clock())
    assert time.process_time() - started < _FEW_SECONDS
    assert (len(large.whmcs.clients), len(large.salesforce["Order"])) == (_MANY, _MANY)


def test_salesforce_ids_are_unique_and_well_formed(world: World) -> None:
    ids = [record["Id"] for records in world.salesforce.values() for record in records]
    assert len(ids) == len(set(ids))
    assert all(long_id(one) == one for one in ids)


@pytest.mark.parametrize("table", ["products", "clients", "users", "paymethods", "orders", "services", "invoices"])
def test_whmcs_ids_are_unique(world: World, table: str) -> None:
    ids = [row.id for row in getattr(world.whmcs, table)]
    assert len(ids) == len(set(ids))


def test_what_must_be_unique_among_customers_is(world: World) -> None:
    for field in ("Customer_Number__c", "Whmcs_Client_Id__c", "Portal_User_Id__c"):
        values = [account[field] for account in world.salesforce["Account"] if account[field]]
        assert len(values) == len(set(values)), field
    for column in ("portal_user_id", "whmcs_client_id", "salesforce_account_id"):
        values = [link[column] for link in world.portal["links"]]
        assert len(values) == len(set(values)), column
    emails = [user["email"] for user in world.portal["users"]]
    assert len(emails) == len(set(emails))


def test_every_field_and_picklist_value_exists_in_salesforce(world: World) -> None:
    known = schema()
    for sobject, records in world.salesforce.items():
        described = known.object(sobject)
        assert described, sobject
        for name, value in {(name, value) for record in records for name, value in record.items()}:
            field = described.field(name)
            assert field, f"{sobject}.{name}"
            choices = {choice.name for choice in field.values}
            assert not choices or value is None or value in choices, f"{sobject}.{name} {value}"


def test_all_invented_addresses_are_of_example_domains(world: World) -> None:
    emails = [client.email for client in world.whmcs.clients] + [user["email"] for user in world.portal["users"]]
    emails += [contact["Email"] for contact in world.salesforce["Contact"]] + [user.email for user in world.staff]
    assert all(re.search(r"@([a-z]+\.)?example\.(com|jp|net)$", email) for email in emails)


def test_names_are_japanese_with_reading_in_salesforce_and_romanised_in_billing(world: World) -> None:
    accounts = world.salesforce["Account"]
    japanese = [account for account in accounts if account["Name_Reading__c"]]
    assert len(accounts) / 2 < len(japanese) < len(accounts)
    assert all(re.fullmatch(r"[ァ-ヶー]+ [ァ-ヶー]+", account["Name_Reading__c"]) for account in japanese)
    assert all(re.fullmatch(r"[一-鿿]+ [一-鿿]+", account["Name"]) for account in japanese)
    assert all((client.firstname + client.address1).isascii() for client in world.whmcs.clients)


def test_half_of_the_customers_are_known_to_the_portal_and_the_rest_arrive_through_the_account(world: World) -> None:
    stored = {user["id"] for user in world.portal["users"]}
    named = [account["Portal_User_Id__c"] for account in world.salesforce["Account"] if account["Portal_User_Id__c"]]
    share = sum(one in stored for one in named) / len(named)
    assert 0.4 < share < 0.6


def test_every_role_is_staffed(world: World) -> None:
    roles = Counter(user.role for user in world.staff)
    assert min(roles[role] for role in ("support", "back_office", "supervisor")) >= 2
    assert roles["worker"] >= 1
    assert roles["admin"] >= 1
    assert len({user.access_token for user in world.staff}) == len(world.staff)


@pytest.mark.parametrize("code", _REVIEW_CODES)
def test_each_code_of_the_review_has_an_order_that_waits_for_it(world: World, code: str) -> None:
    assert orders(world)[world.scenarios[f"{code} in review"]]["Status"] == "In Review"


@pytest.mark.parametrize("code", _PROVISIONING_CODES)
def test_each_code_of_provisioning_has_an_approved_order_that_runs_into_it(world: World, code: str) -> None:
    order = orders(world)[world.scenarios[f"{code} approved"]]
    claims = [claim["Claim_Key__c"] for claim in world.salesforce["Order_Claim__c"]]
    assert order["Status"] == "Approved"
    assert claims.count(f"decide:{order['Id']}:1") == 1


def test_every_state_of_an_order_occurs(world: World) -> None:
    states = {order["Status"] for order in world.salesforce["Order"]}
    assert states == {"In Review", "Approved", "Rejected", "Cancelled", "Activated"}
    activations = {order["Provisioning_Status__c"] for order in world.salesforce["Order"]}
    assert activations == {"Created", "Activating", "Activated", "Paused"}
    assert {order["Order_Kind__c"] for order in world.salesforce["Order"]} == {"Internet", "SIM", "VPN"}


def test_what_the_customer_sees_fits_the_state(world: World) -> None:
    shown = {(order["Status"], order["Customer_Status__c"]) for order in world.salesforce["Order"]}
    assert shown == {
        ("In Review", "in_review"),
        ("Approved", "approved"),
        ("Approved", "active"),
        ("Approved", "awaiting_payment_method"),
        ("Activated", "active"),
        ("Rejected", "rejected"),
        ("Cancelled", "cancelled"),
    }


def test_plenty_of_ordinary_orders_wait_and_are_approved(world: World) -> None:
    special = set(world.scenarios.values())
    waiting = Counter(
        order["Status"]
        for order in world.salesforce["Order"]
        if order["Id"] not in special and order["Provisioning_Status__c"] == "Created"
    )
    assert waiting["In Review"] >= _AT_LEAST_READY
    assert waiting["Approved"] >= _AT_LEAST_READY


def test_an_approval_signs_the_order_as_the_console_would(world: World) -> None:
    changed = world.scenarios["APR-02 approved"]
    fields = reviewed_fields()
    approved = [order for order in world.salesforce["Order"] if order.get("Approved_Hash__c")]
    assert approved
    for order in approved:
        lines = lines_of(world, order["Id"])
        total = float(sum(line["UnitPrice"] * line["Quantity"] for line in lines))
        signed = content_hash(
            {name: (order | {"TotalAmount": total}).get(name) for name in fields["order"]},
            [{name: line.get(name) for name in fields["order_item"]} for line in lines],
        )
        assert (signed == order["Approved_Hash__c"]) == (order["Id"] != changed)


def test_nobody_approved_what_they_captured(world: World) -> None:
    supervisors = {user.id for user in world.staff if user.role == "supervisor"}
    for order in world.salesforce["Order"]:
        if approver := order.get("Approved_By__c"):
            assert approver in supervisors
            assert approver not in (order["CreatedById"], order.get("Captured_By__c"))


def test_each_mapped_product_exists_in_billing_with_one_admin_only_marker_field(world: World) -> None:
    products = {str(product.id): product for product in world.whmcs.products}
    mapped = [one["Whmcs_Product_Id__c"] for one in world.salesforce["Product2"] if one["Whmcs_Product_Id__c"]]
    assert sorted(mapped) == sorted(products)
    for product in products.values():
        assert [(field.name, field.admin_only) for field in product.customfields] == [("Order Marker", True)]


def test_provisioned_orders_agree_in_both_systems(world: World) -> None:
    done = [order for order in world.salesforce["Order"] if order["Provisioning_Status__c"] == "Activated"]
    assert done
    live = {order.id: order for order in world.whmcs.orders}
    for order in done:
        services = marked(world, order["Id"])
        assert {str(service.orderid) for service in services} == {order["Whmcs_Order_Id__c"]}
        assert live[int(order["Whmcs_Order_Id__c"])].status == "Active"
        ids = {line["Whmcs_Service_Ids__c"] for line in lines_of(world, order["Id"])}
        assert ids == {str(service.id) for service in services}


@pytest.mark.parametrize(
    ("code", "billing_states"),
    [("PRV-06", ["Active"]), ("PRV-07", ["Active", "Active"]), ("PRV-08", ["Cancelled"])],
)
def test_billing_already_has_what_the_scenario_says(world: World, code: str, billing_states: list[str]) -> None:
    ids = {service.orderid for service in marked(world, world.scenarios[f"{code} approved"])}
    assert [order.status for order in world.whmcs.orders if order.id in ids] == billing_states


def test_accounts_and_clients_agree_but_for_the_broken_links(world: World) -> None:
    broken = {
        orders(world)[order_id]["AccountId"] for name, order_id in world.scenarios.items() if name.startswith("LNK-")
    }
    numbers = {str(client.id): client.customfields[CUSTOMER_NUMBER_FIELD] for client in world.whmcs.clients}
    differing = [
        account["Id"]
        for account in world.salesforce["Account"]
        if account["Whmcs_Client_Id__c"] and numbers[account["Whmcs_Client_Id__c"]] != account["Customer_Number__c"]
    ]
    assert differing
    assert set(differing) <= broken


def test_customers_have_a_history_in_billing(world: World) -> None:
    invoices = Counter(invoice.status for invoice in world.whmcs.invoices)
    services = Counter(service.status for service in world.whmcs.services)
    assert min(invoices["Paid"], invoices["Unpaid"]) > 10
    assert min(services["Active"], services["Cancelled"]) > 5
