"""What the two systems say of one order, and when that is a difference."""

import pytest

from console.models.order import Activation
from console.rules.markers import marker
from console.rules.status_difference import status_difference
from tests.rules.cases import billing_order, order, service

_ITEM = order().items[0].id


@pytest.mark.parametrize(
    ("activation", "book", "state", "code"),
    [
        (Activation.ACTIVATED, "Active", "Active", None),
        (Activation.ACTIVATED, "Active", "Suspended", None),
        (Activation.ACTIVATED, "Active", "Pending", "SYN-04"),
        (Activation.ACTIVATED, "Active", "Terminated", "SYN-04"),
        (Activation.ACTIVATED, "Cancelled", "Cancelled", "SYN-04"),
        (Activation.ACTIVATED, "Pending", "Active", "SYN-04"),
        (Activation.PAUSED, "Active", "Active", "SYN-04"),
        (Activation.PAUSED, "Pending", "Pending", None),
        (Activation.PAUSED, "Cancelled", "Cancelled", None),
    ],
)
def test_what_differs_has_a_code(activation: Activation, book: str, state: str, code: str | None) -> None:
    ours = order(activation=activation, whmcs_order_id=7)
    found = status_difference(ours, [billing_order(7, book)], [service(state, order_id=7, marker=marker(_ITEM, 1))])
    assert (found.code if found else None) == code


def test_an_order_that_is_gone_is_said_to_be() -> None:
    found = status_difference(order(activation=Activation.ACTIVATED, whmcs_order_id=7), [], [])
    assert found
    assert "7 is gone" in found.detail


def test_two_live_orders_with_one_marker_are_a_duplicate() -> None:
    services = [service(order_id=number, number=number, marker=marker(_ITEM, 1)) for number in (7, 8)]
    found = status_difference(
        order(activation=Activation.ACTIVATED, whmcs_order_id=7), [billing_order(7), billing_order(8)], services
    )
    assert found
    assert found.code == "PRV-07"
