"""A connection's state from what was seen of the system."""

from datetime import UTC, datetime, timedelta

import pytest

from console.models.connection import CallBudget, Connection, ConnectionState, Spending
from console.models.record import Words

_NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
_WHY = Words(en="Access refused", ja="アクセスが拒否されました")


@pytest.mark.parametrize(
    ("connection", "state"),
    [
        (Connection(system="whmcs"), ConnectionState.UNKNOWN),
        (Connection(system="whmcs", answered_at=_NOW, took_ms=2000), ConnectionState.OK),
        (Connection(system="whmcs", answered_at=_NOW, took_ms=2001), ConnectionState.SLOW),
        (
            Connection(system="whmcs", answered_at=_NOW, took_ms=10, problem=_WHY),
            ConnectionState.OK,
        ),
        (Connection(system="whmcs", down_since=_NOW, problem=_WHY), ConnectionState.DOWN),
        (Connection(system="whmcs", answered_at=_NOW, took_ms=10, down_since=_NOW), ConnectionState.DOWN),
        (
            Connection(system="whmcs", answered_at=_NOW - timedelta(minutes=10), took_ms=10),
            ConnectionState.OK,
        ),
        (
            Connection(system="whmcs", answered_at=_NOW - timedelta(minutes=10, seconds=1), took_ms=10),
            ConnectionState.UNKNOWN,
        ),
    ],
)
def test_the_last_sign_of_a_system_tells_how_it_answers(connection: Connection, state: ConnectionState) -> None:
    assert connection.state(_NOW) is state


@pytest.mark.parametrize(
    ("used", "percent", "spending"),
    [
        (0, 0, Spending.ENOUGH),
        (8_099, 80, Spending.ENOUGH),
        (8_100, 81, Spending.SHORT),
        (9_599, 95, Spending.SHORT),
        (9_600, 96, Spending.ALMOST_ALL),
        (11_000, 110, Spending.ALMOST_ALL),
    ],
)
def test_a_budget_tells_what_is_left_of_it(used: int, percent: int, spending: Spending) -> None:
    budget = CallBudget(used=used, allowed=10_000)
    assert (budget.percent, budget.spending) == (percent, spending)
