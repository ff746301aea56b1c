"""The invented world of the sandbox: seeded, repeatable, with every state and every failure that data can cause."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from console.sandbox.clock import Clock
from console.sandbox.salesforce_access import StaffUser
from console.sandbox.salesforce_ids import new_id
from console.sandbox.seed_builder import CARD, CUSTOMER_NUMBER_FIELD, TRANSFER, Builder, Customer
from console.sandbox.seed_catalogue import salesforce_catalogue, whmcs_products
from console.sandbox.seed_scenarios import (
    APPROVED,
    APPROVED_ONLY,
    BOTH_STATES,
    IN_REVIEW,
    IN_REVIEW_ONLY,
    paused,
    whmcs_only,
)
from console.sandbox.whmcs_store import ClientField, Gateway, WhmcsBooks

_STAFF = (
    ("admin", "Rei Kanno"),
    ("supervisor", "Yuki Shirai"),
    ("supervisor", "Marta Lindgren"),
    ("back_office", "Sara Ono"),
    ("back_office", "Tomas Vey"),
    ("support", "Aki Hoshino"),
    ("support", "Nora Petit"),
    ("worker", "Console Worker"),
    ("admin", "Portal Integration"),
)
_BASKETS = (
    ("INT-1G", "INT-SET"),
    ("INT-10G", "INT-SETW"),
    ("SIM-S", "SIM-ACT"),
    ("SIM-M", "SIM-ACT", "SIM-VM"),
    ("SIM-L", "SIM-ACT", "SIM-VM", "SIM-CW"),
    ("VPN-P", "VPN-ACT"),
    ("VPN-T", "VPN-ACT"),
)
_FEWEST_ORDINARY = 10
# Of ten ordinary orders; the rest of what people ask for is among the scenarios.
_STATES = (IN_REVIEW,) * 3 + (APPROVED,) * 3 + ("activated", "processed", "Rejected", "Cancelled")
_PROVISIONED = ("activated", "processed")


@dataclass
class World:
    """Everything that the sandbox starts with. `scenarios` maps a failure code and state to an order's id."""

    salesforce: dict[str, list[dict[str, Any]]]
    staff: list[StaffUser]
    whmcs: WhmcsBooks
    portal: dict[str, list[dict[str, Any]]]
    scenarios: dict[str, str] = field(default_factory=dict)


def build_world(customers: int, orders: int, seed: int, clock: Clock) -> World:
    """About `customers` customers with `orders` orders; the scenarios come first and count among them.

    No world is smaller than its scenarios and a few ordinary customers.
    The same seed gives the same people, ids and books; times hang on the clock's now.
    """
    staff = [_staff_user(number, role, name, seed) for number, (role, name) in enumerate(_STAFF, start=1)]
    supervisors = [user for user in staff if user.role == "supervisor"]
    builder = Builder(seed, clock, portal_user=staff[-1], approver=supervisors[1])
    builder.books.salesforce |= salesforce_catalogue()
    _fill_whmcs_settings(builder.books.whmcs)
    scenarios = _scenarios(builder, supervisors[0])
    missing = max(_FEWEST_ORDINARY, customers - len(builder.books.whmcs.clients))
    people = [builder.customer() for _ in range(missing)]
    _ordinary_orders(builder, people, orders - len(builder.books.salesforce["Order"]))
    _history(builder, people)
    return World(builder.books.salesforce, staff, builder.books.whmcs, builder.books.portal, scenarios)


def _scenarios(builder: Builder, first_supervisor: StaffUser) -> dict[str, str]:
    found = {}
    for code, scenario in (BOTH_STATES | IN_REVIEW_ONLY).items():
        found[f"{code} in review"] = scenario(builder, IN_REVIEW)["Id"]
    for code, scenario in (BOTH_STATES | APPROVED_ONLY).items():
        found[f"{code} approved"] = scenario(builder, APPROVED)["Id"]
    own = builder.order(builder.customer(), _BASKETS[5], Captured_By__c=first_supervisor.id)
    found["APR-01 in review"] = own["Id"]
    found["PAY-01 paused"] = paused(builder)["Id"]
    whmcs_only(builder)
    return found


def _ordinary_orders(builder: Builder, people: list[Customer], count: int) -> None:
    for number in range(max(0, count)):
        customer = people[number % len(people)]
        state = _STATES[number % len(_STATES)]
        # One Internet line for a customer: only the first round of orders may ask for it.
        basket = _BASKETS[number % len(_BASKETS)] if number < len(people) else _BASKETS[2 + number % 5]
        placed = 30 * (number // len(people))
        written = APPROVED if state in _PROVISIONED else state
        details = _details(builder, customer, basket, number)
        order = builder.order(customer, basket, written, hours_ago=1 + placed + number % 24, **details)
        if state in _PROVISIONED:
            builder.activate(order, customer)
        if state == "processed":
            order["Status"] = "Activated"


def _details(builder: Builder, customer: Customer, basket: tuple[str, ...], number: int) -> dict[str, Any]:
    """Some SIM orders bring a number along, some are for an eSIM; some Internet goes to another, confirmed address."""
    if basket[0].startswith("SIM") and number % 3 == 0:
        return builder.transfer(customer)
    if basket[0].startswith("SIM") and number % 3 == 1:
        return {"Sim_Type__c": "eSIM", "Esim_Eid__c": f"89049032{builder.rng.randrange(10**24):024d}"}
    if basket[0].startswith("INT") and number % 5 == 0:
        return {"ShippingStreet": "栄町4丁目11番2号", "Address_Changed__c": True, "Address_Confirmed__c": True}
    return {}


def _history(builder: Builder, people: list[Customer]) -> None:
    for number, customer in enumerate(people):
        if number % 3 == 0:
            builder.invoice(customer, 1280, paid=True, due_in_days=-40)
        if number % 7 == 0:
            builder.invoice(customer, 2980, paid=False, due_in_days=9)
        if number % 4 == 0:
            builder.service(customer, "VPN-P", "Active")
        if number % 11 == 0:
            builder.service(customer, "INT-1G", "Cancelled")


def _fill_whmcs_settings(books: WhmcsBooks) -> None:
    books.products += whmcs_products()
    books.client_fields.append(ClientField(CUSTOMER_NUMBER_FIELD, "Customer Number", admin_only=True))
    books.gateways += [Gateway(CARD, "Credit Card"), Gateway(TRANSFER, "Bank Transfer", captures=False)]


def _staff_user(number: int, role: str, name: str, seed: int) -> StaffUser:
    username = f"{name.lower().replace(' ', '.')}@staff.example.com"
    token = hashlib.sha256(f"token {username} {seed}".encode()).hexdigest()
    return StaffUser(
        id=new_id("User", number),
        name=name,
        username=username,
        email=username,
        role=role,
        access_token=f"00D5g0000000001!{token}",
    )
