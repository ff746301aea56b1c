"""Queues and their filters: every order in one of them, and what narrows them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.models.money import Money
from console.models.order import Activation, OrderKind, OrderState, OrderSummary
from console.models.staff import Role, StaffMember
from console.views.order_queues import QUEUE_WORDS, Filter, Queue, Spoken, orders_in

NOW = datetime.now(UTC)
APART = [queue for queue in Queue if queue not in (Queue.ALL, Queue.MINE)]


def order(
    state: OrderState = OrderState.IN_REVIEW, activation: Activation = Activation.CREATED, hours: float = 0
) -> OrderSummary:
    """An order of Sato Kenji, placed some hours ago."""
    return OrderSummary.model_validate(
        {
            "order_id": "8015g0000000001AAA", "order_number": "00010482", "account_id": "0015g0000000001AAA",
            "customer": "佐藤 健二", "state": state, "activation": activation, "kind": OrderKind.SIM,
            "error_code": "PAY-01" if activation is Activation.PAUSED else None,
            "total": Money.model_validate("8330 JPY"), "placed_at": NOW - timedelta(hours=hours), "changed_at": NOW,
        }
    )  # fmt: skip


def person(*roles: Role) -> StaffMember:
    return StaffMember(user_id="0055g0000000001AAA", name="Yuki", username="yuki@example.com", roles=frozenset(roles))


@given(st.sampled_from(OrderState), st.sampled_from(Activation))
def test_no_order_stands_in_two_queues(state: OrderState, activation: Activation) -> None:
    one = order(state, activation)
    found = [queue for queue in APART if orders_in(queue, [one], person())]
    possible = state in (OrderState.APPROVED, OrderState.PROCESSED) or activation is Activation.CREATED
    assert len(found) <= 1 or not possible
    assert orders_in(Queue.ALL, [one], person()) == [one]


@pytest.mark.parametrize(
    ("roles", "waiting"),
    [
        ((Role.SUPERVISOR,), {OrderState.IN_REVIEW, OrderState.APPROVED}),
        ((Role.BACK_OFFICE,), {OrderState.APPROVED}),
        ((Role.SUPPORT,), set()),
        ((), set()),
        ((Role.SUPPORT, Role.BACK_OFFICE), {OrderState.APPROVED}),
    ],
)
def test_what_waits_for_somebody_is_what_that_person_may_do(roles: tuple[Role, ...], waiting: set[OrderState]) -> None:
    everything = [order(state) for state in OrderState]
    assert {one.state for one in orders_in(Queue.MINE, everything, person(*roles))} == waiting


@pytest.mark.parametrize(
    ("narrowed", "kept"),
    [
        (Filter(), True),
        (Filter(kind=OrderKind.SIM), True),
        (Filter(kind=OrderKind.VPN), False),
        (Filter(over_hours=4), True),
        (Filter(over_hours=24), False),
        (Filter(text="佐藤"), True),
        (Filter(text="sim 10482"), True),
        (Filter(text="pay-01"), True),
        (Filter(text="PAY-02"), False),
        (Filter(text="suzuki"), False),
    ],
)
def test_a_filter_keeps_what_fits_all_of_it(narrowed: Filter, kept: bool) -> None:
    one = order(OrderState.APPROVED, Activation.PAUSED, hours=5)
    assert list(narrowed.kept([one], NOW, Spoken())) == ([one] if kept else [])
    assert narrowed.is_narrow is (narrowed != Filter())


def test_every_queue_has_its_words() -> None:
    assert set(QUEUE_WORDS) == set(Queue)
