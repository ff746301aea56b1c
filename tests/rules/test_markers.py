"""Finding the WHMCS order that is ours, and the ones that nobody can explain."""

import random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.models.billing import BillingOrder, Service
from console.models.failure import Failure
from console.rules.markers import (
    living_billing_orders,
    marked_item,
    marker,
    our_billing_order,
    services_of,
    unexplained,
)
from tests.rules.cases import billing_order, order, service

_ORDER = order()
_ITEM = _ORDER.items[0].id
_OTHERS = "8025g0000000099AAA"
_OURS, _ANOTHERS = marker(_ITEM, 1), marker(_OTHERS, 1)
_HIGHEST = 9
_LIVE = {("Active", "Active"), ("Active", "Pending"), ("Pending", "Pending"), ("Pending", "Active")}


def ours(number: int, status: str = "Active", send: int = 1) -> Service:
    """A service of WHMCS order `number` that carries our marker."""
    return service(status, order_id=number, marker=marker(_ITEM, send), number=number)


def code_of(found: BillingOrder | Failure | None) -> str | None:
    """The failure code of an answer that is one."""
    return found.code if isinstance(found, Failure) else None


@given(st.integers(1, 99), st.sampled_from(["", " ", "\n"]))
def test_a_marker_reads_back_as_its_item(send: int, space: str) -> None:
    assert marked_item(service(marker=f"{space}{marker(_ITEM, send)}{space}")) == _ITEM


@pytest.mark.parametrize("text", ["", "note", _ITEM, f"{_ITEM}.", f"{_ITEM}.x", f"{_ITEM[:-1]}.1", f"see {_ITEM}.1"])
def test_other_text_in_the_field_is_no_marker(text: str) -> None:
    assert marked_item(service(marker=text)) is None


def test_services_are_grouped_by_the_item_they_were_made_for() -> None:
    second = service(marker=marker(_ORDER.items[1].id, 1), number=2)
    foreign = service(marker=marker(_OTHERS, 1), number=3)
    found = services_of(_ORDER, [ours(1), second, foreign, service(number=4)])
    assert found == {_ITEM: [ours(1)], _ORDER.items[1].id: [second]}


def test_nothing_of_ours_means_none() -> None:
    stranger = service(order_id=7, marker=marker(_OTHERS, 1))
    assert our_billing_order(_ORDER, [billing_order(7)], [stranger]) is None


@pytest.mark.parametrize("status", ["Pending", "Active"])
def test_one_live_order_is_adopted(status: str) -> None:
    assert our_billing_order(_ORDER, [billing_order(7, status)], [ours(7)]) == billing_order(7, status)


def test_several_services_of_one_order_are_one_order() -> None:
    twice = [ours(7), ours(7).model_copy(update={"id": 8})]
    assert our_billing_order(_ORDER, [billing_order(7)], twice) == billing_order(7)


def test_two_live_orders_are_prv_07() -> None:
    found = our_billing_order(_ORDER, [billing_order(7), billing_order(8, "Pending")], [ours(7), ours(8)])
    assert code_of(found) == "PRV-07"
    assert isinstance(found, Failure)
    assert "7 and 8" in found.detail


def test_a_live_order_counts_before_a_dead_one() -> None:
    orders = [billing_order(7, "Cancelled"), billing_order(8)]
    assert our_billing_order(_ORDER, orders, [ours(7, "Cancelled"), ours(8, send=2)]) == billing_order(8)


@pytest.mark.parametrize(
    ("order_status", "service_status"),
    [("Cancelled", "Cancelled"), ("Fraud", "Fraud"), ("Active", "Terminated"), ("Cancelled", "Active")],
)
def test_a_marker_on_something_dead_is_prv_08(order_status: str, service_status: str) -> None:
    found = our_billing_order(_ORDER, [billing_order(7, order_status)], [ours(7, service_status)])
    assert code_of(found) == "PRV-08"


def test_a_recorded_order_that_is_gone_is_prv_08() -> None:
    assert code_of(our_billing_order(order(whmcs_order_id=7), [], [])) == "PRV-08"


def test_a_recorded_order_is_found_without_its_marker() -> None:
    assert our_billing_order(order(whmcs_order_id=7), [billing_order(7)], []) == billing_order(7)


def test_only_orders_above_the_watermark_without_anothers_marker_are_unexplained() -> None:
    orders = [billing_order(number) for number in (5, 6, 7, 8)]
    services = [service(order_id=6, marker=marker(_OTHERS, 1)), ours(8)]
    assert unexplained(_ORDER, 5, orders, services) == [7, 8]


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


@pytest.mark.parametrize(
    ("order_status", "service_status", "lives"),
    [
        ("Active", "Active", True),
        ("Pending", "Pending", True),
        ("Cancelled", "Active", True),
        ("Fraud", "Suspended", True),
        ("Cancelled", "Cancelled", False),
        ("Active", "Terminated", False),
    ],
)
def test_a_billing_order_lives_as_long_as_it_or_a_service_of_it_does(
    order_status: str, service_status: str, lives: bool
) -> None:
    found = living_billing_orders(order(), [billing_order(90, order_status)], [ours(90, service_status)])
    assert found == ({90} if lives else set())


def test_what_is_recorded_lives_without_its_marker_and_what_is_gone_does_not() -> None:
    assert living_billing_orders(order(whmcs_order_id=90), [billing_order(90, "Active")], []) == {90}
    assert living_billing_orders(order(whmcs_order_id=91), [billing_order(90, "Active")], []) == set()
    assert living_billing_orders(order(), [billing_order(90, "Active")], []) == set()
