"""The judge of all runs: true books pass, and each kind of false books is seen."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from console.sandbox.server import Sandbox
from console.sandbox.whmcs_store import Service
from tests.chaos.books import Books


class Case:
    """An order of the seed that was provisioned rightly, in books that can be falsified."""

    def __init__(self, books: Books) -> None:
        """Take the first order of the books that is active and has two lines."""
        self.books = books
        self.order = next(
            one
            for key, one in books.orders.items()
            if one["Provisioning_Status__c"] == "Activated"
            and not books.verdict(key).wrong
            and len(books.items[key]) > 1
        )
        self.items = books.items[self.order["Id"]]
        self.services = [service for item in self.items for service in books.by_item[item["Id"]]]
        self.billing_order = books.billing_orders[int(self.order["Whmcs_Order_Id__c"])]

    def double(self) -> None:
        """A second WHMCS order with the same marker."""
        self.books.billing_orders[9999] = replace(self.billing_order, id=9999)
        self._add(replace(self.services[0], id=9999, orderid=9999))

    def one_service_too_many(self) -> None:
        """A line that has a service twice within the WHMCS order."""
        self._add(replace(self.services[0], id=9999))

    def one_service_missing(self) -> None:
        """A line without its service."""
        self.books.by_item[self.items[0]["Id"]].clear()

    def none(self) -> None:
        """No WHMCS order at all."""
        for item in self.items:
            self.books.by_item[item["Id"]].clear()

    def in_salesforce(self, **values: Any) -> None:
        """Other values on the order."""
        self.order |= values

    def paused(self, code: str | None, message: str = "why") -> None:
        """Paused, with a code."""
        self.in_salesforce(
            Provisioning_Status__c="Paused",
            Provisioning_Error_Code__c=code,
            Provisioning_Error__c=message,
            Customer_Status__c="delayed",
        )

    def claimed(self) -> None:
        """A work claim that nobody closed."""
        claim = {"Claim_Key__c": f"work:{self.order['Id']}:1", "Closed_At__c": None}
        self.books.claims[self.order["Id"]].append(claim)

    def _add(self, service: Service) -> None:
        self.books.by_item[self.items[0]["Id"]].append(service)


@pytest.fixture
def case() -> Case:
    """A case in books of its own."""
    return Case(Books.of(Sandbox()))


def wrong(case: Case) -> tuple[str, ...]:
    """What the judge says of the case."""
    return case.books.verdict(case.order["Id"]).wrong


def test_what_is_active_rightly_is_not_wrong(case: Case) -> None:
    assert wrong(case) == ()


_FALSE: list[tuple[str, Callable[[Case], None]]] = [
    ("2 live WHMCS orders", Case.double),
    ("of 1 services", Case.one_service_too_many),
    ("of 1 services", Case.one_service_missing),
    ("no live WHMCS order", Case.none),
    ("its claim is still open", Case.claimed),
    ("names WHMCS order 1 ", lambda case: case.in_salesforce(Whmcs_Order_Id__c="1")),
    ("the customer sees provisioning", lambda case: case.in_salesforce(Customer_Status__c="provisioning")),
    ("left half-way", lambda case: case.in_salesforce(Provisioning_Status__c="Activating")),
    ("silent: Created although", lambda case: case.in_salesforce(Provisioning_Status__c="Created")),
    ("is Pending", lambda case: setattr(case.billing_order, "status", "Pending")),
    ("no live WHMCS order", lambda case: setattr(case.billing_order, "status", "Cancelled")),
    ("of 1 services", lambda case: setattr(case.services[0], "status", "Pending")),
    ("set up more than once", lambda case: setattr(case.services[0], "setups_done", 2)),
    ("names services 1,2", lambda case: case.items[0].update(Whmcs_Service_Ids__c="1,2")),
    ("the code UNK-00", lambda case: case.paused("UNK-00")),
    ("the code None", lambda case: case.paused(None)),
    ("the code XYZ-99", lambda case: case.paused("XYZ-99")),
    ("without a word", lambda case: case.paused("PAY-01", "")),
    ("there is no second", lambda case: case.paused("PRV-07")),
    ("no WHMCS order of it is dead", lambda case: case.paused("PRV-08")),
]


@pytest.mark.parametrize(("said", "falsify"), _FALSE)
def test_false_books_are_seen(case: Case, said: str, falsify: Callable[[Case], None]) -> None:
    falsify(case)
    assert any(said in one for one in wrong(case)), wrong(case)


def test_an_order_that_nobody_touched_is_silent(case: Case) -> None:
    case.none()
    case.in_salesforce(Provisioning_Status__c="Created")
    assert wrong(case) == ("silent: Created, nothing ordered",)


def test_a_pause_with_a_true_code_is_not_wrong(case: Case) -> None:
    case.none()
    case.paused("PAY-01")
    assert wrong(case) == ()


def test_a_new_billing_order_without_a_marker_is_seen(case: Case) -> None:
    case.books.first_new = 9000
    assert case.books.unmarked() == []
    case.books.billing_orders[9000] = replace(case.billing_order, id=9000)
    assert case.books.unmarked() == [9000]
