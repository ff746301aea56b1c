"""One Internet line per account, and not the same order twice."""

from datetime import timedelta
from typing import Any

import pytest

from console.models.catalogue import ProductKind
from console.models.check import Result
from console.models.order import Activation, Order, OrderKind, OrderState
from console.rules.duplicates import no_duplicate_order, no_duplicate_service
from console.rules.evidence import Limits
from tests.rules.cases import INSTALLATION, JAPANESE, PLAN, evidence, item, order, product, says, service

_OWN_ITEM = order().items[0].id


def another(kind: OrderKind = OrderKind.INTERNET, *, hours_before: float = 30, **changes: Any) -> Order:
    """Another order of the same account, placed before (or, negative, after) the one under review."""
    placed = order().placed_at - timedelta(hours=hours_before)
    values: dict[str, Any] = {"id": "8015g00000000020AA", "number": "00010400", "placed_at": placed}
    return order(kind, **values | changes)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Active", (Result.STOP, "DUP-01")),
        ("Pending", (Result.STOP, "DUP-01")),
        ("Suspended", (Result.STOP, "DUP-01")),
        ("Cancelled", (Result.PASS, None)),
        ("Terminated", (Result.PASS, None)),
        ("Fraud", (Result.PASS, None)),
    ],
)
def test_a_live_internet_service_stops_a_second_one(status: str, expected: tuple[Result, str | None]) -> None:
    assert says(no_duplicate_service(evidence(services=(service(status),)))) == expected


def test_services_that_are_not_internet_plans_do_not_count() -> None:
    assert says(no_duplicate_service(evidence(services=(service(product_id=31),)))) == (Result.PASS, None)


def test_a_service_with_this_orders_own_marker_is_no_duplicate_but_anothers_is() -> None:
    ours, theirs = service(marker=f"{_OWN_ITEM}.1"), service(marker="8025g0000000099AAA.1", number=2)
    assert says(no_duplicate_service(evidence(services=(ours,)))) == (Result.PASS, None)
    assert says(no_duplicate_service(evidence(services=(ours, theirs)))) == (Result.STOP, "DUP-01")


def test_ended_services_are_counted_in_the_evidence() -> None:
    found = evidence(services=(service("Cancelled"), service("Terminated", number=2)))
    assert no_duplicate_service(found).evidence.en == "0 active Internet on the account; 2 ended."


@pytest.mark.parametrize(
    ("other", "result"),
    [
        (another(), Result.STOP),
        (another(state=OrderState.APPROVED), Result.STOP),
        (another(state=OrderState.APPROVED, activation=Activation.PAUSED), Result.STOP),
        (another(state=OrderState.APPROVED, activation=Activation.ACTIVATED), Result.PASS),
        (another(hours_before=-1), Result.PASS),
        (another(OrderKind.SIM), Result.PASS),
        (another(items=(item(INSTALLATION),)), Result.PASS),
    ],
)
def test_only_an_earlier_order_that_still_waits_for_its_internet_stops_this_one(other: Order, result: Result) -> None:
    assert no_duplicate_service(evidence(other_orders=(other,))).result is result


def test_of_two_internet_orders_of_the_same_second_exactly_one_is_stopped() -> None:
    first, second = order(), another(hours_before=0)
    results = {
        no_duplicate_service(evidence(first, other_orders=(second,))).result,
        no_duplicate_service(evidence(second, other_orders=(first,))).result,
    }
    assert results == {Result.PASS, Result.STOP}


@pytest.mark.parametrize(
    "items",
    [
        (item(PLAN[ProductKind.INTERNET], quantity=2),),
        (item(PLAN[ProductKind.INTERNET]), item(product(ProductKind.INTERNET, id="01t-10g"), 2)),
    ],
)
def test_one_order_may_not_ask_for_two_internet_lines(items: tuple[Any, ...]) -> None:
    assert says(no_duplicate_service(evidence(order(items=items)))) == (Result.STOP, "DUP-01")


def test_orders_without_internet_are_not_asked() -> None:
    found = evidence(order(OrderKind.VPN), services=(service(),))
    assert no_duplicate_service(found).result is Result.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("other", "result"),
    [
        (another(hours_before=2), Result.STOP),
        (another(hours_before=-2), Result.STOP),
        (another(hours_before=24), Result.STOP),
        (another(hours_before=25), Result.PASS),
        (another(hours_before=2, activation=Activation.ACTIVATED), Result.STOP),
        (another(OrderKind.VPN, hours_before=2), Result.PASS),
        (another(hours_before=2, items=tuple(reversed(order().items))), Result.STOP),
        (another(hours_before=2, items=(*order().items, item(PLAN[ProductKind.INTERNET], 3))), Result.PASS),
        (another(hours_before=2, installation=JAPANESE.model_copy(update={"street": "緑町2-1-8"})), Result.PASS),
        (another(hours_before=2, installation=JAPANESE.model_copy(update={"street": "緑町 ２ー１ー３"})), Result.STOP),
    ],
)
def test_the_same_items_to_the_same_place_within_a_day_are_one_order_twice(other: Order, result: Result) -> None:
    assert no_duplicate_order(evidence(other_orders=(other,))).result is result


def test_the_window_is_a_setting() -> None:
    found = evidence(other_orders=(another(hours_before=2),), limits=Limits(duplicate_window_hours=1))
    assert says(no_duplicate_order(found)) == (Result.PASS, None)


def test_the_other_order_is_named() -> None:
    check = no_duplicate_order(evidence(other_orders=(another(hours_before=2),)))
    assert (check.code, check.evidence.en) == ("DUP-02", "The same as order 10400.")
