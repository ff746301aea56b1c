"""A second process starts in the middle of AddOrder of the first; and a broken promise would show."""

from typing import Any

import pytest

from console.models.provisioning import ProvisionOutcome
from tests.chaos.books import Verdict
from tests.chaos.second_starter import Said, Start, starts, told
from tests.chaos.shared import WHEEL
from tests.chaos.tasks import Second
from tests.chaos.troubles import KILLED

_KEPT = Verdict("1", "Activated", "", "", (7,), ())
_ACTIVATED, _CLAIMED = ProvisionOutcome.ACTIVATED, ProvisionOutcome.CLAIMED
_MET = Second((False, False), _CLAIMED, executes=False)
_SAID = Said(_MET, ("activated", "activated"), ((1, 0), (1, 0)))
_WELL = Start("", _SAID, _KEPT)


@pytest.mark.slow
@pytest.mark.parametrize(("database", "kills"), [("", 1), (WHEEL, 1)])
def test_a_second_process_never_runs_what_the_first_has_in_hand_and_finishes_what_a_dead_one_left(
    database: str, kills: int
) -> None:
    run = starts(2, kills, database)
    assert [start for start in run if start.wrong] == []
    assert [bool(start.killed) for start in run] == [False] * 2 + [True] * kills


def test_a_start_that_keeps_the_promise_is_not_wrong() -> None:
    killed = _SAID._replace(ended=(KILLED, "activated"))
    assert _WELL.wrong == ()
    assert Start("commit_then_hold", killed, _KEPT).wrong == ()
    assert Start("hold", killed._replace(sent=((1, 0), (1, 1))), _KEPT).wrong == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"sent": ((1, 1), (1, 1))},
        {"sent": ((1, 0), (2, 0))},
        {"sent": ((0, 0), (1, 0))},
        {"second": _MET._replace(leases=(False, True))},
        {"second": _MET._replace(executes=True)},
        {"second": _MET._replace(past=_ACTIVATED)},
        {"ended": ("activated", "waiting")},
        {"ended": (KILLED, "activated")},
    ],
)
def test_a_start_that_breaks_the_promise_is_told(changes: dict[str, Any]) -> None:
    start = Start("", _SAID._replace(**changes), _KEPT)
    assert start.wrong
    assert "1 wrong" in told([start, _WELL], "one folder")


@pytest.mark.parametrize(
    "verdict",
    [_KEPT._replace(wrong=("2 live WHMCS orders: 7, 8",)), _KEPT._replace(status="Paused", code="PRV-01")],
)
def test_books_that_break_the_promise_are_told(verdict: Verdict) -> None:
    assert Start("", _SAID, verdict).wrong
