"""Two desks race for one order, with a shared data folder and without; and a broken promise would show."""

import contextlib
from pathlib import Path

import httpx
import pytest

from console.models.provisioning import ProvisionOutcome
from console.sandbox.faults import Fault
from console.sandbox.loopback import LOOPBACK
from tests.chaos.books import Verdict
from tests.chaos.desks import Desk, Machine
from tests.chaos.lanes import PATIENT, Request, laned_sandbox
from tests.chaos.shared import WHEEL
from tests.chaos.two_desks import Race, races, told

_TIMES = 4
_KEPT = Verdict("1", "Activated", "", "", (7,), ())
_ACTIVATED, _CLAIMED = ProvisionOutcome.ACTIVATED, ProvisionOutcome.CLAIMED


@pytest.mark.slow
@pytest.mark.parametrize(("one_folder", "database"), [(False, ""), (True, ""), (False, WHEEL)])
def test_two_desks_at_once_make_one_billing_order(one_folder: bool, database: str) -> None:
    run = races(_TIMES, one_folder=one_folder, database_url=database, profile=PATIENT)
    assert len(run) == _TIMES
    assert [race for race in run if race.wrong] == []
    assert any(race.met for race in run), "they were never there at once"


def test_a_desk_whose_answer_about_the_order_was_slow_is_not_told_of_a_contradiction(tmp_path: Path) -> None:
    slow = Fault(system="salesforce", kind="answer_late", delay_ms=3000)
    with laned_sandbox(tmp_path, 2, 1) as laned, contextlib.ExitStack() as open_desks:
        machine, order_id = Machine(tmp_path), laned.ordinary_orders()[0]
        quick, late = (
            open_desks.enter_context(contextlib.closing(Desk(machine, profile, tmp_path / profile.stem, lane)))
            for profile, lane in zip(laned.profiles, laned.lanes, strict=True)
        )
        late.lane.begin({Request("salesforce", "query Order"): slow})
        late.tell("provision", order_id)
        while not late.lane.hit:
            httpx.get(f"http://{LOOPBACK}:{laned.control_port}/clock")
        assert quick.ask("provision", order_id).outcome is _ACTIVATED
        result = late.answer()
    assert result.outcome in (_CLAIMED, ProvisionOutcome.ALREADY_ACTIVE), result


@pytest.mark.parametrize(
    "race",
    [
        Race((_ACTIVATED, _CLAIMED), _KEPT._replace(wrong=("2 live WHMCS orders: 7, 8",))),
        Race((_ACTIVATED, _CLAIMED), _KEPT._replace(status="Paused", code="PRV-01")),
        Race((_ACTIVATED, _ACTIVATED), _KEPT),
        Race((_CLAIMED, _CLAIMED), _KEPT),
    ],
)
def test_a_race_that_breaks_the_promise_is_told(race: Race) -> None:
    assert race.wrong
    assert "1 wrong" in told([race, Race((_CLAIMED, _ACTIVATED), _KEPT)], "two")
