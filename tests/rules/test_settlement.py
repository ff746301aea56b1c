"""What speaks for and against each WHMCS order that may be the one without an answer."""

import pytest

from console.models.billing import BillingOrder, Service
from console.models.provisioning import Candidate
from console.rules.markers import marker
from console.rules.settlement import candidates
from tests.rules.cases import billing_order, order, service

_ORDER = order()
_OWN = marker(_ORDER.items[0].id, 1)
_OTHERS = marker("8025g0000000099AAA", 1)


def made(number: int, mark: str = "", status: str = "Pending") -> list[Service]:
    """The services of a WHMCS order for just what is wanted."""
    return [
        service(status, order_id=number, number=number * 10 + at, marker=mark, product_id=item.product.whmcs_product_id)
        for at, item in enumerate(_ORDER.items)
        if item.product and item.product.whmcs_product_id
    ]


def only(found: list[Candidate]) -> Candidate:
    [one] = found
    return one


def test_only_orders_above_the_watermark_are_shown_lowest_first() -> None:
    books = [billing_order(number) for number in (9, 7, 8, 3)]
    assert [one.billing_order.id for one in candidates(_ORDER, 7, books, [])] == [8, 9]


def test_an_order_for_the_same_products_in_the_same_numbers_is_alike() -> None:
    found = only(candidates(_ORDER, 1, [billing_order(7, "Pending")], made(7)))
    assert (found.alike, found.why_not) == (True, "")
    assert len(found.services) == len(_ORDER.items)
    assert not only(candidates(_ORDER, 1, [billing_order(7, "Pending")], made(7)[:1])).alike


@pytest.mark.parametrize(
    ("book", "services", "why"),
    [
        (billing_order(7, "Pending"), made(7, _OTHERS), "It carries the marker of another order."),
        (billing_order(7, "Cancelled"), made(7), "It is Cancelled."),
        (billing_order(7, "Fraud"), made(7), "It is Fraud."),
        (billing_order(7, "Active"), made(7, _OWN, "Terminated"), "It is Active."),
        (billing_order(7, "Active"), made(7, _OWN, "Active"), ""),
        (billing_order(7, "Pending"), [], ""),
    ],
)
def test_what_cannot_be_adopted_says_why(book: BillingOrder, services: list[Service], why: str) -> None:
    assert only(candidates(_ORDER, 1, [book], services)).why_not == why
