"""Turning an order into WHMCS items, and judging what came of it."""

from datetime import date, timedelta
from typing import Any

import pytest

from console.models.billing import ModuleFailure, Service
from console.models.catalogue import ProductKind
from console.models.failure import Failure
from console.models.order import OrderKind
from console.rules.activation import items_to_order, missing_items, waits_until, what_stops_activation
from tests.rules.cases import (
    INTERNET_PRODUCT,
    MARKER_FIELD,
    TODAY,
    billing_order,
    invoice,
    item,
    order,
    product,
    service,
)

_FIELDS = {INTERNET_PRODUCT: MARKER_FIELD}


def code_of(
    *services: Service, status: str = "Active", queued: int | None = None, unpaid: Any = None, refusal: str = ""
) -> str | None:
    """The code that an accepted order with these services stops with."""
    waiting = ModuleFailure(id=1, service_id=queued or 0, action="create", last_attempt=None, error="Node down")
    queue = [] if queued is None else [waiting]
    failure = what_stops_activation(billing_order(9, status), services, queue, unpaid, refusal)
    return failure.code if failure else None


def test_each_item_is_ordered_with_its_own_marker_price_and_quantity() -> None:
    found = items_to_order(order(OrderKind.VPN), 2, _FIELDS)
    assert isinstance(found, list)
    assert [one.custom_fields[MARKER_FIELD] for one in found] == [f"{one.id}.2" for one in order(OrderKind.VPN).items]
    assert [(one.billing_cycle, one.quantity, str(one.price)) for one in found] == [
        ("monthly", 1, "1000 JPY"),
        ("onetime", 1, "1000 JPY"),
    ]


@pytest.mark.parametrize("changes", [{"whmcs_product_id": None}, {"billing_cycle": None}, {"whmcs_product_id": 99}])
def test_an_item_that_billing_cannot_take_is_cat_03(changes: dict[str, Any]) -> None:
    lines = (*order().items, item(product(ProductKind.INTERNET, **changes), 3))
    found = items_to_order(order(items=lines), 1, _FIELDS)
    assert isinstance(found, Failure)
    assert found.code == "CAT-03"


def test_active_order_and_services_are_activated() -> None:
    assert code_of(service(), service(number=2)) is None


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (code_of(service("Pending")), "PRV-03"),
        (code_of(service(), service("Pending", number=2)), "PRV-04"),
        (code_of(service("Pending"), queued=1), "PRV-03"),
        (code_of(service(), queued=1), "PRV-03"),
        (code_of(service(), service("Pending", number=2), queued=2), "PRV-03"),
        (code_of(service(), queued=55), None),
        (code_of(service(), status="Pending"), "PRV-03"),
        (code_of(), "PRV-01"),
        (code_of(service(), unpaid=invoice("Unpaid", 0, attempted=True)), "PAY-03"),
        (code_of(service(), unpaid=invoice("Unpaid", 0)), None),
        (code_of(service(), unpaid=invoice("Paid", 0, attempted=True)), None),
    ],
)
def test_what_is_not_active_has_a_code(found: str | None, code: str | None) -> None:
    assert found == code


def test_an_item_whose_product_cannot_be_read_is_cat_03() -> None:
    found = items_to_order(order(items=(*order().items, item(None, 3))), 1, _FIELDS)
    assert isinstance(found, Failure)
    assert found.code == "CAT-03"


def test_the_words_of_a_refusal_are_kept() -> None:
    failure = what_stops_activation(billing_order(9, "Pending"), [service("Pending")], [], None, "Quota exceeded")
    assert failure == Failure(code="PRV-03", detail="Quota exceeded", raw="Quota exceeded")


def test_an_item_without_its_services_is_missing_however_many_others_there_are() -> None:
    ordered = order(OrderKind.VPN)
    first, second = ordered.items
    marked = [service(marker=f"{first.id}.1", number=number) for number in (1, 2)]
    assert missing_items(ordered, marked) == [second.product_name]
    assert missing_items(ordered, [*marked, service(marker=f"{second.id}.1", number=3)]) == []


def test_every_piece_of_a_quantity_has_to_be_there() -> None:
    first, second = order(OrderKind.VPN).items
    ordered = order(OrderKind.VPN, items=(first.model_copy(update={"quantity": 2}),))
    assert missing_items(ordered, [service(marker=f"{first.id}.1")]) == [first.product_name]
    assert missing_items(ordered, [service(marker=f"{first.id}.1", number=n) for n in (1, 2)]) == []
    assert second.product_name in missing_items(order(OrderKind.VPN), [])


def test_where_no_marker_was_stored_the_number_of_services_is_compared() -> None:
    ordered = order(OrderKind.VPN)
    assert missing_items(ordered, [service(number=1), service(number=2)]) == []
    assert len(missing_items(ordered, [service(number=1)])) == 2


@pytest.mark.parametrize(
    ("day", "waits"), [(None, False), (TODAY, False), (TODAY - timedelta(1), False), (TODAY + timedelta(1), True)]
)
def test_an_order_waits_for_a_day_that_is_still_to_come(day: date | None, waits: bool) -> None:
    assert waits_until(order(activation_date=day), TODAY) == (day if waits else None)
