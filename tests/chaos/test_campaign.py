"""A short campaign; a seed repeats its troubles; and every kind of broken promise would show."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.models.command import Command, CommandState
from console.models.provisioning import ProvisionOutcome, ProvisionResult
from tests.chaos.books import Verdict
from tests.chaos.by_order import Hit
from tests.chaos.campaign import DESK, Attempt, Campaign, attempts_of, planned, run, tasks_of
from tests.chaos.lanes import Request
from tests.chaos.troubles import Trouble

# Of this seed two workers and a desk are killed for certain.
_ORDERS, _SEED = 16, 176
_ADD_ORDER = Request("whmcs", "AddOrder")
_REQUESTS = [_ADD_ORDER, Request("whmcs", "GetOrders"), Request("salesforce", "insert send")]
_RESET, _REFUSED = Trouble("reset", _ADD_ORDER), Trouble("403", _ADD_ORDER)
_KEPT = Verdict("1", "Activated", "", "", (7,), ())
_THEN = datetime(2026, 1, 5, tzinfo=UTC)
_STOPPED = ProvisionResult(order_id="1", outcome=ProvisionOutcome.PAUSED, code="PRV-02", message="No answer.")


def _ended(code: str, at_s: float, outcome: ProvisionOutcome = ProvisionOutcome.PAUSED, order_id: str = "1") -> Command:
    """A command that ran for a second until then."""
    ended = _THEN + timedelta(seconds=at_s)
    result = ProvisionResult(order_id=order_id, outcome=outcome, code=code or None)
    return Command(
        id=f"{at_s}", kind="provision", subject=order_id, arguments="{}", asked_by="Yuki", asked_as="005", protocol=1,
        state=CommandState.DONE, not_before=None, created_at=ended, started_at=ended - timedelta(seconds=1),
        finished_at=ended, changed_at=ended, executor="", result=result.model_dump_json(), bulk_id=None, position=None,
    )  # fmt: skip


def _hit(trouble: Trouble, at_s: float, order_id: str = "1") -> Hit:
    return Hit(order_id, trouble, 0, _THEN + timedelta(seconds=at_s))


_WELL = Attempt(_ended("", 1, ProvisionOutcome.ACTIVATED), None, (), frozenset())._replace(
    result=ProvisionResult(order_id="1", outcome=ProvisionOutcome.ACTIVATED)
)


@pytest.mark.slow
def test_a_team_keeps_the_promise_under_faults_and_kills() -> None:
    campaign = run(_SEED, _ORDERS)
    assert campaign.wrong == [], campaign.told()
    assert len(campaign.verdicts) == _ORDERS
    assert campaign.ends[DESK]
    assert campaign.ends.total() > campaign.ends[DESK]
    assert {bool(attempt.command.bulk_id) for attempt in campaign.attempts} == {True, False}
    assert sum(len(attempt.hit) for attempt in campaign.attempts) > _ORDERS / 4


def test_a_seed_repeats_its_troubles_and_its_tasks_and_another_has_others() -> None:
    plans = [[planned(seed, order, _REQUESTS) for order in range(50)] for seed in (1, 1, 2)]
    assert plans[0] == plans[1] != plans[2]
    assert {len(plan) for plan in plans[0]} == {0, 1, 2, 3}
    chosen = [f"{number}" for number in range(400)]
    tasks = [tasks_of(seed, chosen) for seed in (1, 1, 2)]
    assert tasks[0] == tasks[1] != tasks[2]
    assert [one for task in tasks[0] for one in task.order_ids] == chosen
    assert {task.in_a_run for task in tasks[0]} == {True, False}
    assert any(task.doomed for task in tasks[0])


@pytest.mark.parametrize(
    "verdict",
    [
        _KEPT._replace(wrong=("2 live WHMCS orders: 7, 8",), whmcs_orders=(7, 8)),
        _KEPT._replace(status="Created", wrong=("silent: Created, nothing ordered",)),
        _KEPT._replace(status="Paused", code="PRV-02"),
    ],
)
def test_a_verdict_that_breaks_the_promise_is_told(verdict: Verdict) -> None:
    campaign = Campaign(1, [_WELL], [_KEPT, verdict], [])
    assert campaign.wrong
    assert all(one in campaign.told() for one in campaign.wrong)


def test_a_billing_order_without_a_marker_and_what_befell_processes_is_wrong() -> None:
    assert Campaign(1, [_WELL], [_KEPT], [9]).wrong == ["WHMCS order 9 carries no marker"]
    assert Campaign(1, [_WELL], [_KEPT], [], trouble=["a worker ended by itself"]).wrong == ["a worker ended by itself"]
    assert Campaign(1, [_WELL], [_KEPT], []).wrong == []


def test_what_waits_for_a_person_is_listed_with_its_reason_and_is_not_wrong() -> None:
    waits = _KEPT._replace(status="Paused", code="PRV-01", message="No answer; order 9 may be ours.")
    campaign = Campaign(1, [_WELL], [waits], [])
    assert (campaign.wrong, campaign.for_a_person) == ([], [waits])
    assert "order 9 may be ours" in campaign.told()


@pytest.mark.parametrize(
    ("code", "hits"),
    [
        ("UNK-00", [_hit(_RESET, 1.5)]),
        ("PRV-02", []),
        ("PRV-02", [_hit(_RESET, 1.5, "2")]),
        ("PRV-02", [_hit(_RESET, 0.5)]),
        ("PRV-02", [_hit(_RESET, 2.5)]),
        ("ACC-01", [_hit(_RESET, 1.5)]),
        ("ACC-01", [_hit(_REFUSED, 9, "2")]),
        ("SYN-06", []),
    ],
)
def test_a_code_that_no_trouble_deserves_is_wrong(code: str, hits: list[Hit]) -> None:
    assert [bool(one.wrong) for one in attempts_of([_ended("", 1), _ended(code, 2)], hits, [])] == [False, True]


@pytest.mark.parametrize(
    ("code", "hits", "cuts"),
    [
        ("PRV-01", [_hit(_RESET, 1.5)], []),
        ("PRV-01", [_hit(Trouble("killed after", _ADD_ORDER), 1.5)], []),
        ("ACC-01", [_hit(_REFUSED, 1.5, "2")], []),
        ("SYN-06", [], [_THEN + timedelta(seconds=1.5)]),
        ("PRV-06", [], []),
    ],
)
def test_a_code_that_is_deserved_is_not(code: str, hits: list[Hit], cuts: list[datetime]) -> None:
    assert [one.wrong for one in attempts_of([_ended("", 1), _ended(code, 2)], hits, cuts)] == ["", ""]


def test_after_an_unknown_outcome_the_next_attempt_may_find_the_order_held() -> None:
    unknown = _ended("PRV-01", 1, ProvisionOutcome.UNKNOWN)
    attempts = attempts_of([unknown, _ended("SYN-06", 2)], [_hit(_RESET, 0.5)], [])
    assert [one.wrong for one in attempts] == ["", ""]


@pytest.mark.parametrize("state", [CommandState.FAILED, CommandState.CANCELLED, CommandState.WAITING])
def test_a_command_that_is_not_carried_out_is_wrong(state: CommandState) -> None:
    changes: dict[str, Any] = {"state": state, "result": ""}
    [attempt] = attempts_of([_ended("", 1).model_copy(update=changes)], [_hit(_RESET, 0.5)], [])
    assert state.value in attempt.wrong
