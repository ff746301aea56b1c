"""Finding the WHMCS order that is ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.models.billing import BillingOrder, Service
from console.models.failure import Failure
from console.rules.markers import marked_item, marker, our_billing_order, services_of, unexplained
from tests.rules.cases import billing_order, order, service

_ORDER = order()
_ITEM = _ORDER.items[0].id
_OTHERS = "8025g0000000099AAA"


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
