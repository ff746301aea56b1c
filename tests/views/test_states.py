"""What a place says instead of its content: never blank, never flickering, and what is shown already stays."""

from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMainWindow, QPushButton
from pytestqt.qtbot import QtBot

from console.models.page import BlockState
from console.models.problem import Problem
from console.models.record import Words
from console.views.states import Stateful, StatePane
from console.views.widgets import Text

HOSTILE = "<img src=x onerror=alert(1)><b>Bold & Co"


def problem(state: str = "failed", code: str | None = "SYN-02") -> Problem:
    """Something that went wrong."""
    title = Words(en="Salesforce does not answer", ja="応答なし")
    return Problem(state=BlockState(state), code=code, title=title, meaning=Words(en=HOSTILE, ja=HOSTILE), raw="")


@pytest.fixture
def place(window: QMainWindow) -> Iterator[Stateful]:
    """A place in its window."""
    made = Stateful(Text("the content"))
    window.setCentralWidget(made)
    yield made
    shiboken6.delete(made)


def said(place: Stateful) -> str:
    """What the state says, "" where the content is seen."""
    return "" if place.shows_content else place.pane.accessibleName()


def test_a_place_that_is_filled_soon_shows_no_loading(place: Stateful) -> None:
    place.loading()
    place.filled()
    assert not [timer for timer in place.findChildren(QTimer) if timer.isActive()]
    assert said(place) == ""


def test_one_that_takes_longer_says_so(place: Stateful, qtbot: QtBot) -> None:
    place.loading()
    assert place.shows_content
    qtbot.waitUntil(lambda: said(place).startswith("Loading…"), timeout=5000)
    place.filled()
    assert place.shows_content


def test_nothing_there_is_an_answer_with_at_most_one_button(place: Stateful) -> None:
    pressed: list[bool] = []
    place.empty("No order fits", "Take a filter away.", "Show all", lambda: pressed.append(True))
    assert said(place) == "No order fits. Take a filter away."
    [button] = [one for one in place.findChildren(QPushButton) if one.isVisible()]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert pressed == [True]
    place.empty("Nothing waits here")
    assert not [one for one in place.findChildren(QPushButton) if one.isVisible()]


@pytest.mark.parametrize(("state", "sign"), [("failed", "!"), ("refused", "–")])
def test_a_problem_says_its_code_its_words_and_offers_to_try_again(place: Stateful, state: str, sign: str) -> None:
    tried: list[bool] = []
    place.problem(problem(state), lambda: tried.append(True))
    words = [label.text() for label in place.pane.findChildren(QLabel) if label.isVisible() and label.text()]
    assert words == [sign, "SYN-02 · Salesforce does not answer", HOSTILE]
    [button] = [one for one in place.findChildren(QPushButton) if one.isVisible()]
    assert button.text() == "Try again"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert tried == [True]


def test_a_problem_without_a_code_and_without_a_way_has_neither(place: Stateful) -> None:
    place.problem(problem(code=None), None)
    assert said(place).startswith("Salesforce does not answer.")
    assert not [one for one in place.findChildren(QPushButton) if one.isVisible()]


def test_content_stays_while_it_is_read_again_and_where_that_fails(place: Stateful) -> None:
    place.filled()
    place.loading()
    place.problem(problem(), None)
    assert place.shows_content


def test_content_of_something_else_gives_way(place: Stateful) -> None:
    place.filled()
    place.forget()
    place.problem(problem(), None)
    assert not place.shows_content


def test_a_state_is_plain_text(window: QMainWindow) -> None:
    pane = StatePane()
    window.setCentralWidget(pane)
    pane.say(HOSTILE, HOSTILE, HOSTILE)
    assert {label.textFormat() for label in pane.findChildren(Text)} == {Qt.TextFormat.PlainText}


def test_content_that_cannot_be_read_again_stays_and_says_since_when(place: Stateful) -> None:
    tried: list[bool] = []
    place.filled()
    place.problem(problem(), lambda: tried.append(True))
    assert place.shows_content
    assert place.is_stale
    first = place.stale_line.words
    assert first.startswith("Could not be read again since ")
    assert first.endswith("Salesforce does not answer")
    place.problem(problem(), lambda: tried.append(True))
    assert place.stale_line.words == first, "the first failure gives the time"
    [button] = [one for one in place.findChildren(QPushButton) if one.isVisible()]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert tried == [True]
    place.filled()
    assert place.stale_line.words == ""
    assert not place.stale_line.isVisible()
