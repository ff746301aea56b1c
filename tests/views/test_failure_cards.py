"""The attempts of an order: each step once with its latest answer, the newest first, with the decisions before."""

from datetime import UTC, datetime, timedelta

from PySide6.QtWidgets import QApplication

from console.models.activity import ActivityEntry
from console.models.case import JournalEntry, StepState
from console.views.failure_cards import attempts_of

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def step(run: str, name: str, state: StepState, second: int) -> JournalEntry:
    """A line of the journal."""
    at = START + timedelta(seconds=second)
    return JournalEntry(order_id="801", run=run, at=at, step=name, state=state, detail="")


def decided(action: str, second: int) -> ActivityEntry:
    """A line of the audit log."""
    at = START + timedelta(seconds=second)
    return ActivityEntry(
        at=at, actor="Ono Sara", action=action, subject="801", order_id="801", order_number="10440", account_id=None,
        customer="", detail="",
    )  # fmt: skip


def test_steps_stand_once_with_their_latest_answer_newest_first(qapp: QApplication) -> None:
    runs = [
        [step("a", "check", StepState.STARTED, 1), step("a", "check", StepState.STOPPED, 2)],
        [
            step("b", "check", StepState.STARTED, 3),
            step("b", "check", StepState.DONE, 4),
            step("b", "send", StepState.STARTED, 5),
        ],
    ]
    events = [decided("approved", 0), decided("pause", 2)]
    lines = attempts_of(events, runs)
    assert [(one.words, one.answer) for one in lines] == [
        ("Create the order in WHMCS", "under way…"),
        ("Check the decision", "done"),
        ("Check the decision", "stopped"),
        ("approved by Ono Sara", ""),
    ]
    assert len({one.number for one in lines}) == len(lines)
