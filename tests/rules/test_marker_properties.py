"""What holds for any books of WHMCS: which order is ours, and which ones nobody can explain."""

import random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.models.billing import BillingOrder, Service
from console.models.failure import Failure
from console.rules.markers import marker, our_billing_order, unexplained
from tests.rules.cases import billing_order, order, service

_ORDER = order()
_OURS = marker(_ORDER.items[0].id, 1)
_ANOTHERS = marker("8025g0000000099AAA", 1)
_HIGHEST = 9
_LIVE = {("Active", "Active"), ("Active", "Pending"), ("Pending", "Pending"), ("Pending", "Active")}


class Books(NamedTuple):
    """The orders and services of one WHMCS client."""

    orders: list[BillingOrder]
    services: list[Service]


def entry(number: int, text: str, order_status: str, service_status: str) -> tuple[BillingOrder, Service]:
    """WHMCS order `number` with its one service, which carries `text`."""
    return billing_order(number, order_status), service(service_status, order_id=number, marker=text, number=number)


def books_of(*markers: str) -> st.SearchStrategy[Books]:
    """Books whose services carry one of these markers, some alive and some not."""
    entries = st.builds(
        entry,
        st.integers(1, _HIGHEST),
        st.sampled_from(markers),
        st.sampled_from(["Active", "Pending", "Cancelled", "Fraud"]),
        st.sampled_from(["Active", "Pending", "Cancelled", "Fraud", "Terminated"]),
    )
    listed = st.lists(entries, unique_by=lambda found: found[0].id, max_size=6)
    return listed.map(lambda found: Books([one for one, _ in found], [one for _, one in found]))


def answer(found: BillingOrder | Failure | None) -> int | str | None:
    """The number of the order to adopt, or the code that stops."""
    if isinstance(found, Failure):
        return found.code
    return found.id if found else None


def live_orders_of_ours(books: Books) -> list[int]:
    """The numbers of the live WHMCS orders that carry our marker."""
    pairs = zip(books.orders, books.services, strict=True)
    return [
        one.id for one, found in pairs if _OURS in found.custom_fields.values() and (one.status, found.status) in _LIVE
    ]


@given(books_of(_OURS, _ANOTHERS, ""))
def test_one_live_order_is_adopted_two_are_prv_07_and_dead_ones_alone_prv_08(books: Books) -> None:
    live = live_orders_of_ours(books)
    marked = any(_OURS in found.custom_fields.values() for found in books.services)
    expected = "PRV-07" if len(live) > 1 else live[0] if live else "PRV-08" if marked else None
    assert answer(our_billing_order(_ORDER, *books)) == expected


@given(books_of(_OURS, _ANOTHERS, ""), st.randoms(use_true_random=False))
def test_the_order_in_which_whmcs_lists_does_not_matter(books: Books, chance: random.Random) -> None:
    shuffled = Books(chance.sample(books.orders, len(books.orders)), chance.sample(books.services, len(books.services)))
    assert answer(our_billing_order(_ORDER, *shuffled)) == answer(our_billing_order(_ORDER, *books))
    assert set(unexplained(_ORDER, 0, *shuffled)) == set(unexplained(_ORDER, 0, *books))


@given(books_of(_ANOTHERS, ""))
def test_what_carries_no_marker_of_ours_is_never_adopted(books: Books) -> None:
    assert our_billing_order(_ORDER, *books) is None


@given(books_of(_OURS, _ANOTHERS, ""), st.integers(0, _HIGHEST))
def test_unexplained_is_all_above_the_watermark_without_anothers_marker(books: Books, watermark: int) -> None:
    pairs = zip(books.orders, books.services, strict=True)
    expected = {one.id for one, found in pairs if one.id > watermark and _ANOTHERS not in found.custom_fields.values()}
    assert set(unexplained(_ORDER, watermark, *books)) == expected


@given(books_of(_OURS, _ANOTHERS, ""))
def test_nothing_is_unexplained_above_the_highest_order(books: Books) -> None:
    assert unexplained(_ORDER, _HIGHEST, *books) == []


@pytest.mark.parametrize("status", ["Cancelled", "Fraud"])
def test_a_dead_order_without_a_marker_still_forbids_sending_again(status: str) -> None:
    assert unexplained(_ORDER, 5, [billing_order(6, status)], []) == [6]
