"""Confirmations: they say what will happen, wait without holding anything up, and never do harm by Enter."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QPushButton

from console.tasks import Tasks
from console.views.confirm import REASON_LENGTH, Answer, ConfirmDialog, Question
from console.views.widgets import Text
from tests.views.qt_loop import run_on_qt, until

HOSTILE = "<img src=x onerror=alert(1)><b>Bold & Co"
Key = Qt.Key
APPROVE = Question("Approve order 10482?", ("Sato Kenji: 3 items, ¥12,980.", "One order is made."), "Approve")
REJECT = Question("Reject order 10482?", (HOSTILE,), "Reject", "Reason (required)", needs_reason=True, destructive=True)
OPTIONAL = Question("Approve order 1?", ("So it is.",), "Approve", "Reason")


class Asked:
    """A dialog that is asked over a window."""

    def __init__(self, question: Question, window: QMainWindow) -> None:
        self.dialog = ConfirmDialog(question, window)

    @property
    def reason(self) -> QLineEdit:
        """The field for the reason."""
        return self.dialog.findChildren(QLineEdit)[0]

    def button(self, words: str) -> QPushButton:
        """A button by its words."""
        return next(one for one in self.dialog.findChildren(QPushButton) if one.text() == words)

    def click(self, words: str) -> None:
        """Click a button."""
        QTest.mouseClick(self.button(words), Qt.MouseButton.LeftButton)

    def press(self, key: Key) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(self.dialog.focusWidget() or self.dialog, key)

    def words(self) -> list[str]:
        """The texts that are seen."""
        return [one.whole for one in self.dialog.findChildren(Text) if one.isVisible() and one.whole]


def asked(
    app: QApplication, window: QMainWindow, question: Question, work: Callable[[Asked], Awaitable[None]]
) -> Answer | None:
    """Ask, do `work` while it is asked, and return the answer."""

    async def both() -> Answer | None:
        tasks = Tasks()
        made = Asked(question, window)
        answer = tasks.spawn(made.dialog.asked(), "the question")
        await until(made.dialog.isVisible, "the dialog")
        await work(made)
        return await asyncio.wait_for(answer, 5)

    return run_on_qt(app, both())


def test_it_says_what_will_happen_and_answers_yes(qapp: QApplication, window: QMainWindow) -> None:
    async def work(shown: Asked) -> None:
        assert shown.words() == [APPROVE.title, *APPROVE.lines]
        assert shown.dialog.accessibleName() == APPROVE.title
        assert not shown.dialog.findChildren(QLineEdit)
        shown.click("Approve")

    assert asked(qapp, window, APPROVE, work) == Answer("")


def test_everything_else_goes_on_while_it_is_asked(qapp: QApplication, window: QMainWindow) -> None:
    async def work(shown: Asked) -> None:
        for _ in range(20):
            await asyncio.sleep(0)
        assert shown.dialog.isVisible()
        assert shown.dialog.isModal()
        shown.click("Cancel")

    assert asked(qapp, window, APPROVE, work) is None


@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Enter])
def test_enter_does_what_is_harmless(qapp: QApplication, window: QMainWindow, key: Key) -> None:
    async def work(shown: Asked) -> None:
        shown.press(key)

    assert asked(qapp, window, APPROVE, work) == Answer("")


def test_enter_never_does_what_is_destructive(qapp: QApplication, window: QMainWindow) -> None:
    async def work(shown: Asked) -> None:
        shown.reason.setText("a copy of order 10479")
        shown.press(Key.Key_Return)
        assert shown.dialog.isVisible()
        shown.press(Key.Key_Escape)

    assert asked(qapp, window, REJECT, work) is None


@pytest.mark.parametrize("question", [APPROVE, REJECT, OPTIONAL], ids=["plain", "destructive", "reason"])
def test_escape_cancels(qapp: QApplication, window: QMainWindow, question: Question) -> None:
    async def work(shown: Asked) -> None:
        shown.press(Key.Key_Escape)

    assert asked(qapp, window, question, work) is None


def test_without_the_reason_that_is_needed_it_cannot_be_done(qapp: QApplication, window: QMainWindow) -> None:
    async def work(shown: Asked) -> None:
        assert shown.dialog.focusWidget() is shown.reason
        assert shown.reason.accessibleName() == "Reason (required)"
        for typed, may in (("", False), ("   ", False), ("x", True)):
            shown.reason.setText(typed)
            assert shown.button("Reject").isEnabled() is may
        shown.reason.clear()
        shown.press(Key.Key_Return)
        assert shown.dialog.isVisible()
        shown.click("Cancel")

    assert asked(qapp, window, REJECT, work) is None


def test_a_reason_is_given_without_the_blanks_around_it(qapp: QApplication, window: QMainWindow) -> None:
    async def work(shown: Asked) -> None:
        shown.reason.setText("  a copy of order 10479 ")
        shown.click("Reject")

    assert asked(qapp, window, REJECT, work) == Answer("a copy of order 10479")


def test_a_reason_that_is_too_long_is_said_to_be(qapp: QApplication, window: QMainWindow) -> None:
    async def work(shown: Asked) -> None:
        shown.reason.setText("x" * (REASON_LENGTH + 3))
        assert not shown.button("Reject").isEnabled()
        assert "Too long by 3 characters." in shown.words()
        shown.reason.setText("x" * REASON_LENGTH)
        assert shown.button("Reject").isEnabled()
        assert "Too long by 3 characters." not in shown.words()
        shown.click("Reject")

    assert asked(qapp, window, REJECT, work) == Answer("x" * REASON_LENGTH)


def test_a_reason_that_may_be_given_need_not(qapp: QApplication, window: QMainWindow) -> None:
    async def work(shown: Asked) -> None:
        assert shown.button("Approve").isEnabled()
        shown.press(Key.Key_Return)

    assert asked(qapp, window, OPTIONAL, work) == Answer("")


def test_what_looks_like_markup_is_shown_as_it_is(qapp: QApplication, window: QMainWindow) -> None:
    async def work(shown: Asked) -> None:
        assert HOSTILE in shown.words()
        assert {text.textFormat() for text in shown.dialog.findChildren(Text)} == {Qt.TextFormat.PlainText}
        shown.click("Cancel")

    assert asked(qapp, window, REJECT, work) is None


def test_a_destructive_button_is_never_the_loud_one(qapp: QApplication, window: QMainWindow) -> None:
    async def work(shown: Asked) -> None:
        assert shown.button("Reject").property("look") == "danger"
        assert not shown.button("Reject").isDefault()
        shown.click("Cancel")

    asked(qapp, window, REJECT, work)


def test_over_a_window_that_was_closed_nothing_is_asked_or_confirmed(qapp: QApplication, window: QMainWindow) -> None:
    async def work() -> Answer | None:
        window.hide()
        dialog = ConfirmDialog(APPROVE, window)
        return await asyncio.wait_for(dialog.asked(), 5)

    assert run_on_qt(qapp, work()) is None


def test_enter_in_the_reason_of_a_rejection_leads_to_the_button_and_keeps_what_was_written(
    qapp: QApplication, window: QMainWindow
) -> None:
    async def work(shown: Asked) -> None:
        shown.press(Key.Key_Return)
        assert shown.dialog.isVisible()
        shown.reason.setText("not wanted")
        shown.press(Key.Key_Return)
        assert shown.dialog.isVisible()
        assert shown.button("Reject").hasFocus()
        shown.press(Key.Key_Return)

    assert asked(qapp, window, REJECT, work) == Answer("not wanted")
