"""How a run is paced: side by side, with pauses, stopped after failures in a row, through outages."""

from datetime import UTC, datetime

import pytest

from console.models.command import BulkRun, BulkState
from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.workflows.bulk_lane import BulkLane


def lane(parallel: int = 2, pause_s: float = 0.0, stop_after: int = 2) -> BulkLane:
    """A lane of a run that goes on."""
    return BulkLane(
        BulkRun(id="r", asked_by="Aoi Mori", created_at=datetime(2026, 1, 5, tzinfo=UTC), state=BulkState.RUNNING,
                parallel=parallel, pause_s=pause_s, stop_after=stop_after)
    )  # fmt: skip


def result(outcome: ProvisionOutcome = ProvisionOutcome.PAUSED, code: str | None = "PAY-01") -> ProvisionResult:
    """The end of an order."""
    return ProvisionResult(order_id="o", outcome=outcome, code=code)


def test_as_many_are_in_hand_as_the_run_allows() -> None:
    run = lane(parallel=2)
    assert run.free() == 2
    run.begins("a")
    run.begins("b")
    assert run.free() == 0
    run.ended("a")
    assert run.free() == 1


def test_with_a_pause_they_begin_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("console.workflows.bulk_lane.time.monotonic", lambda: clock[0])
    run = lane(parallel=4, pause_s=5)
    assert run.free() == 1
    run.begins("a")
    assert run.free() == 0
    clock[0] += 5
    assert run.free() == 1


def test_failures_in_a_row_stop_it_and_are_counted_anew_once_it_goes_on() -> None:
    run = lane(stop_after=2)
    assert run.learn(result(), again=False) is None
    assert run.learn(result(ProvisionOutcome.ACTIVATED, None), again=False) is None
    assert run.learn(result(), again=False) is None
    assert run.learn(result(), again=False) is BulkState.STOPPED
    run.goes_on(BulkState.STOPPED)
    run.goes_on(BulkState.RUNNING)
    assert run.learn(result(), again=False) is None


def test_zero_lets_it_go_on_for_ever() -> None:
    run = lane(stop_after=0)
    assert {run.learn(result(), again=False) for _ in range(50)} == {None}


@pytest.mark.parametrize("code", ["PRV-01", "PRV-02", "SYN-05"])
def test_what_an_outage_stopped_is_taken_up_again_but_not_for_ever(code: str) -> None:
    run = lane()
    stopped = result(code=code)
    assert [run.takes_up_again(stopped) for _ in range(4)] == [True, True, True, False]
    assert run.learn(stopped, again=True) is BulkState.OUTAGE
    assert not run.takes_up_again(result(ProvisionOutcome.ACTIVATED, code))
    assert not run.takes_up_again(result())


def test_the_systems_are_asked_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("console.workflows.bulk_lane.time.monotonic", lambda: clock[0])
    run = lane()
    run.learn(result(code="PRV-02"), again=True)
    assert not run.may_ask_again()
    clock[0] += 2
    assert run.may_ask_again()
    assert not run.may_ask_again()
