"""Notices: the newest over the lower right corner; good news goes by itself, anything else stays until it is hidden."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow, QPushButton, QToolButton

from console.notices import Notice, NoticeKind
from console.views.notice_bar import NoticeBar
from console.views.widgets import Text

HOSTILE = "<img src=x onerror=alert(1)><b>Bold & Co"


@pytest.fixture
def bar(window: QMainWindow) -> Iterator[NoticeBar]:
    """The bar over a window."""
    yield NoticeBar(window)


def goes_by_itself(bar: NoticeBar) -> bool:
    """Whether the notice will hide without anybody."""
    return any(timer.isActive() for timer in bar.findChildren(QTimer))


def test_nothing_is_shown_before_something_is_told(bar: NoticeBar) -> None:
    assert not bar.isVisible()
    assert bar.words == ""


@pytest.mark.parametrize(
    ("kind", "said", "stays"),
    [(NoticeKind.DONE, "Done", False), (NoticeKind.CAREFUL, "Careful", False), (NoticeKind.FAILED, "Not done", True)],
)
def test_only_what_was_not_done_stays(bar: NoticeBar, kind: NoticeKind, said: str, stays: bool) -> None:
    bar.tell(Notice(kind, "Order 10482 is active."))
    assert bar.words == "Order 10482 is active."
    assert bar.accessibleName() == f"{said}: Order 10482 is active."
    assert goes_by_itself(bar) is not stays


def test_the_newest_takes_the_place_of_the_one_before(bar: NoticeBar) -> None:
    bar.tell(Notice(NoticeKind.DONE, "Order 1 is active."))
    bar.tell(Notice(NoticeKind.FAILED, "Order 2 was not decided."))
    assert bar.words == "Order 2 was not decided."
    assert not goes_by_itself(bar), "the clock of the one before is stopped"


def test_the_cross_hides_it(bar: NoticeBar) -> None:
    bar.tell(Notice(NoticeKind.FAILED, "Order 2 was not decided."))
    [close] = bar.findChildren(QToolButton)
    assert close.accessibleName() == "Hide this notice"
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    assert not bar.isVisible()
    assert bar.words == ""


def test_details_are_one_click_away_and_then_nothing_goes_by_itself(bar: NoticeBar, window: QMainWindow) -> None:
    bar.tell(Notice(NoticeKind.DONE, "Order 1 is active.", f"{HOSTILE} " * 20))
    [details] = bar.findChildren(QPushButton)
    low = bar.height()
    QTest.mouseClick(details, Qt.MouseButton.LeftButton)
    assert bar.height() > low
    assert not goes_by_itself(bar)
    assert window.rect().contains(bar.geometry())
    QTest.mouseClick(details, Qt.MouseButton.LeftButton)
    assert bar.height() == low


def test_without_details_there_is_no_button_for_them(bar: NoticeBar) -> None:
    bar.tell(Notice(NoticeKind.DONE, "Order 1 is active."))
    assert not bar.findChildren(QPushButton)[0].isVisible()


def test_it_is_plain_text_and_keeps_to_its_corner(bar: NoticeBar, window: QMainWindow) -> None:
    bar.tell(Notice(NoticeKind.FAILED, HOSTILE, HOSTILE))
    assert {text.textFormat() for text in bar.findChildren(Text)} == {Qt.TextFormat.PlainText}
    window.resize(1300, 800)
    bar.settle()
    assert bar.geometry().right() == pytest.approx(1280, abs=1)
    assert bar.geometry().bottom() < 800 - 27
