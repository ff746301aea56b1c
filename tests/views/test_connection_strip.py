"""The strip: how each system answers, in words and by a sign, and long work with what one can do about it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMainWindow, QProgressBar, QPushButton, QToolButton

from console.errors import System
from console.models.connection import CallBudget, Connection
from console.models.record import Words
from console.models.sync import SyncProgress
from console.views.connection_strip import ConnectionLamp, ConnectionStrip, LongWork, ReadingProgress
from console.views.theme import Theme
from console.workflows.bulk import BulkProgress

HOSTILE = "<img src=x onerror=alert(1)><b>Bold & Co"
NOW = datetime.now(UTC)
WHMCS: System = "whmcs"
UNKNOWN = Connection(system=WHMCS)
OK = Connection(system=WHMCS, answered_at=NOW - timedelta(seconds=4), took_ms=80)
SLOW = Connection(system=WHMCS, answered_at=NOW - timedelta(seconds=48), took_ms=2600)
DOWN = Connection(system=WHMCS, answered_at=NOW, took_ms=80, down_since=NOW, problem=Words(en=HOSTILE, ja=HOSTILE))
HELD = DOWN.model_copy(update={"held_since": NOW})
ENOUGH = OK.model_copy(update={"calls": CallBudget(used=800, allowed=15_000)})
SHORT = OK.model_copy(update={"calls": CallBudget(used=12_800, allowed=15_000)})
ALMOST = OK.model_copy(update={"calls": CallBudget(used=14_600, allowed=15_000)})


@pytest.fixture
def strip(window: QMainWindow, theme: Theme) -> Iterator[ConnectionStrip]:
    """The strip in a window."""
    made = ConnectionStrip(theme)
    window.setCentralWidget(made)
    yield made


def lamp(strip: ConnectionStrip) -> ConnectionLamp:
    """The one of WHMCS."""
    return next(one for one in strip.findChildren(ConnectionLamp) if "WHMCS" in words(one))


def words(one: ConnectionLamp) -> str:
    return " ".join(label.text() for label in one.findChildren(QLabel))


@pytest.mark.parametrize(
    ("connection", "sign", "said"),
    [
        (UNKNOWN, "○", "WHMCS not asked yet"),
        (OK, "●", "WHMCS 4 s"),
        (SLOW, "▲", "WHMCS slow, 48 s"),
        (DOWN, "✕", f"WHMCS does not answer since {NOW.astimezone():%H:%M}"),
        (HELD, "✕", f"WHMCS does not answer since {NOW.astimezone():%H:%M}, spared"),
        (ENOUGH, "●", "WHMCS 4 s"),
        (SHORT, "●", "WHMCS 4 s, 85 % of calls used: read less often"),
        (ALMOST, "●", "WHMCS 4 s, 97 % of calls used: read by hand only"),
    ],
    ids=["unknown", "ok", "slow", "down", "held", "enough", "short", "almost"],
)
def test_each_state_is_said_in_words_and_by_a_sign(
    strip: ConnectionStrip, connection: Connection, sign: str, said: str
) -> None:
    shown = lamp(strip)
    shown.show_connection(connection, NOW)
    assert words(shown) == f"{sign} {said}"
    assert shown.accessibleName() == said


def test_the_tip_has_the_last_answer_and_the_reason_as_plain_text(strip: ConnectionStrip) -> None:
    shown = lamp(strip)
    shown.show_connection(DOWN, NOW)
    assert f"{NOW.astimezone():%Y-%m-%d %H:%M:%S}" in shown.toolTip()
    assert "&lt;img src=x" in shown.toolTip()
    assert "<b>" not in shown.toolTip()
    shown.show_connection(UNKNOWN, NOW)
    assert "never" in shown.toolTip()


def test_all_systems_are_shown_at_once(strip: ConnectionStrip) -> None:
    systems: tuple[System, ...] = ("portal", "salesforce", "whmcs")
    strip.show_connections([Connection(system=one, answered_at=datetime.now(UTC), took_ms=5) for one in systems])
    assert [words(one) for one in strip.findChildren(ConnectionLamp)] == [
        "● Portal 0 s",
        "● Salesforce 0 s",
        "● WHMCS 0 s",
    ]


class Work:
    """Long work in the strip, and what was asked of it."""

    def __init__(self, strip: ConnectionStrip) -> None:
        self.asked: list[str] = []
        self.line = LongWork(
            lambda: self.asked.append("pause"),
            lambda: self.asked.append("cancel"),
            lambda: self.asked.append("details"),
        )
        strip.add_long_work(self.line)

    def show(self, done: int, *, running: int = 1, paused: bool = False, cancelled: bool = False) -> str:
        """Show how far it is; returns what it says."""
        progress = BulkProgress(
            total=5, done=done, ok=done, stopped=0, running=tuple("abcde"[:running]), paused=paused, cancelled=cancelled
        )
        self.line.show_progress("Provision", progress)
        return self.line.accessibleName()

    def buttons(self) -> list[str]:
        """What can be asked for now."""
        return [one.text() for one in self.line.findChildren(QPushButton) if one.isVisible()]


def test_long_work_says_how_far_it_is_and_can_be_paused_and_cancelled(strip: ConnectionStrip) -> None:
    work = Work(strip)
    assert not work.line.isVisible()
    assert work.show(2) == "Provision · 2 done · 2 ok · 0 not active"
    assert work.line.isVisible()
    assert work.buttons() == ["Pause", "Cancel", "Details"]
    for button in work.line.findChildren(QPushButton):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert work.asked == ["pause", "cancel", "details"]
    work.show(2, running=0, paused=True)
    assert work.buttons() == ["Go on", "Cancel", "Details"]


def test_what_was_cancelled_says_what_was_not_begun(strip: ConnectionStrip) -> None:
    work = Work(strip)
    assert work.show(2, cancelled=True).endswith("3 not begun")
    assert work.buttons() == ["Details"]


def test_what_has_ended_only_shows_its_results(strip: ConnectionStrip) -> None:
    work = Work(strip)
    work.show(5, running=0)
    assert work.buttons() == ["Details"]


def test_what_has_ended_can_be_put_away_and_what_goes_on_cannot(strip: ConnectionStrip) -> None:
    work = Work(strip)
    work.show(2)
    hide = work.line.findChild(QToolButton)
    assert hide
    assert not hide.isVisible()
    work.show(5, running=0)
    QTest.mouseClick(hide, Qt.MouseButton.LeftButton)
    assert not work.line.isVisible()
    work.show(1)
    assert work.line.isVisible()


def test_the_tip_tells_the_calls_of_everybody_and_why_it_is_spared(strip: ConnectionStrip) -> None:
    shown = lamp(strip)
    shown.show_connection(SHORT, NOW)
    assert "Calls of everybody in 24 hours: 12,800 of 15,000" in shown.toolTip()
    shown.show_connection(HELD, NOW)
    assert "one request at a time" in shown.toolTip()
    assert "24 hours" not in shown.toolTip()


def test_a_reading_of_everything_tells_how_far_it_is_and_can_be_cancelled(window: QMainWindow) -> None:
    cancelled: list[bool] = []
    reading = ReadingProgress(lambda: cancelled.append(True))
    window.setCentralWidget(reading)
    bar = reading.findChild(QProgressBar)
    assert bar
    assert reading.isHidden()
    reading.show_progress(SyncProgress(name="accounts", read=6_000, total=20_000))
    assert not reading.isHidden()
    assert reading.accessibleName() == "Reading customers: 6,000 of 20,000"
    assert (bar.value(), bar.maximum()) == (6_000, 20_000)
    # A list that grew while it was read, and one that nobody has counted.
    reading.show_progress(SyncProgress(name="orders", read=12, total=10))
    assert reading.accessibleName() == "Reading orders: 12 of 12"
    reading.show_progress(SyncProgress(name="clients", read=500, total=None))
    assert reading.accessibleName() == "Reading WHMCS clients: 500 of 500"
    reading.findChildren(QPushButton)[0].click()
    assert cancelled == [True]
    reading.show_progress(None)
    assert reading.isHidden()
