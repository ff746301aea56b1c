"""Notices: the newest lowest in the corner; good news goes by itself, what was not done stays until it is hidden."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow, QPushButton, QToolButton

from console.notices import Notice, NoticeKind, Offer
from console.views.notice_bar import NoticeBar, NoticeCard
from console.views.widgets import Text

HOSTILE = "<img src=x onerror=alert(1)><b>Bold & Co"


@pytest.fixture
def bar(window: QMainWindow) -> Iterator[NoticeBar]:
    """The bar over a window."""
    yield NoticeBar(window)


def cards(bar: NoticeBar) -> list[NoticeCard]:
    """The notices that are seen, the newest last."""
    seen = [card for card in bar.findChildren(NoticeCard) if card.isVisible()]
    return sorted(seen, key=lambda card: card.y())


def texts(bar: NoticeBar) -> list[str]:
    return [card.notice.text for card in cards(bar)]


def goes_by_itself(bar: NoticeBar) -> bool:
    """Whether the notice will hide without anybody."""
    return any(timer.isActive() for card in cards(bar) for timer in card.findChildren(QTimer))


def put_away(card: NoticeCard) -> None:
    [close] = card.findChildren(QToolButton)
    assert close.accessibleName() == "Hide this notice"
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)


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
    assert [card.accessibleName() for card in cards(bar)] == [f"{said}: Order 10482 is active."]
    assert goes_by_itself(bar) is not stays


def test_good_news_gives_way_to_what_comes_next(bar: NoticeBar) -> None:
    bar.tell(Notice(NoticeKind.DONE, "Order 1 is active."))
    bar.tell(Notice(NoticeKind.DONE, "Order 2 is active."))
    assert texts(bar) == ["Order 2 is active."]


def test_later_good_news_does_not_hide_what_was_not_done(bar: NoticeBar) -> None:
    bar.tell(Notice(NoticeKind.FAILED, "Order 2 was not decided."))
    bar.tell(Notice(NoticeKind.CAREFUL, "Order 3 is paused."))
    bar.tell(Notice(NoticeKind.DONE, "Order 4 is active."))
    assert texts(bar) == ["Order 2 was not decided.", "Order 3 is paused.", "Order 4 is active."]
    assert bar.words == "Order 4 is active."
    put_away(cards(bar)[0])
    assert texts(bar) == ["Order 3 is paused.", "Order 4 is active."]


def test_more_than_three_stand_behind_the_newest_and_come_when_one_is_put_away(bar: NoticeBar) -> None:
    for number in range(5):
        bar.tell(Notice(NoticeKind.FAILED, f"Order {number} was not decided."))
    assert [text[6] for text in texts(bar)] == ["2", "3", "4"]
    put_away(cards(bar)[-1])
    assert [text[6] for text in texts(bar)] == ["1", "2", "3"]


def test_the_same_told_again_is_one_notice_that_counts(bar: NoticeBar) -> None:
    for _ in range(3):
        bar.tell(Notice(NoticeKind.FAILED, "WHMCS does not answer."))
    assert [card.accessibleName() for card in cards(bar)] == ["Not done: WHMCS does not answer. (3 times)"]


def test_the_cross_hides_it(bar: NoticeBar) -> None:
    bar.tell(Notice(NoticeKind.FAILED, "Order 2 was not decided."))
    put_away(cards(bar)[0])
    assert not bar.isVisible()
    assert bar.words == ""


def test_an_offer_is_one_click_away_and_takes_the_notice_with_it(bar: NoticeBar) -> None:
    taken: list[str] = []
    bar.tell(Notice(NoticeKind.CAREFUL, "A call came.", offer=Offer("Open", lambda: taken.append("opened"))))
    [button] = bar.findChildren(QPushButton)
    assert button.text() == "Open"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert taken == ["opened"]
    assert not bar.isVisible()


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
    assert not bar.findChildren(QPushButton)


def test_it_is_plain_text_and_keeps_to_its_corner(bar: NoticeBar, window: QMainWindow) -> None:
    bar.tell(Notice(NoticeKind.FAILED, HOSTILE, HOSTILE))
    assert {text.textFormat() for text in bar.findChildren(Text)} == {Qt.TextFormat.PlainText}
    window.resize(1300, 800)
    bar.settle()
    assert bar.geometry().right() == pytest.approx(1280, abs=1)
    assert bar.geometry().bottom() < 800 - 27
