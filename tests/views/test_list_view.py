"""Lists with two lines a row: moved through, opened and painted; who leaves takes nobody's choice with it."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from PySide6.QtCore import QAbstractItemModel, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QMainWindow

from console.views.list_view import ROW_HEIGHT, Look, RecordList
from console.views.tables import Column, RecordModel
from console.views.theme import Theme, Tone

HOSTILE = "<img src=x onerror=alert(1)><b>Bold & Co"
Key = Qt.Key
Tester = Callable[[QAbstractItemModel], QAbstractItemModelTester]


class Line(NamedTuple):
    """A record and its words."""

    key: int
    title: str = "Name"


class Shown:
    """A list in its window, and what it told."""

    def __init__(self, window: QMainWindow, theme: Theme, tester: Tester, *lines: Line, several: bool = False) -> None:
        self.model: RecordModel[Line] = RecordModel([Column("", look_spoken)], lambda line: line.key, window)
        self.tester = tester(self.model)
        self.list = RecordList(self.model, theme, look, "Lines", several=several)
        window.setCentralWidget(self.list)
        self.list.show()
        self.chosen: list[int] = []
        self.opened: list[int] = []
        self.list.chosen.connect(lambda line: self.chosen.append(line.key))
        self.list.opened.connect(lambda line: self.opened.append(line.key))
        self.show(*lines)

    def show(self, *lines: Line) -> None:
        """Put these lines in place."""
        self.model.set_records(lines)

    def selected(self) -> list[int]:
        """The keys of the marked rows."""
        return [index.data(Qt.ItemDataRole.UserRole).key for index in self.list.selectedIndexes()]

    def painted(self, title: str) -> QImage:
        """How one row looks."""
        self.show(Line(1, title))
        return self.list.grab().toImage()


def look(line: Line) -> Look:
    return Look(line.title, f"number {line.key}", "3 h", "ready", Tone.GOOD)


def look_spoken(line: Line) -> str:
    return look(line).spoken()


@pytest.fixture
def shown(window: QMainWindow, theme: Theme, model_tester: Tester) -> Shown:
    """Five rows."""
    return Shown(window, theme, model_tester, *[Line(key) for key in range(5)])


def test_moving_tells_who_is_current_and_enter_opens(shown: Shown) -> None:
    QTest.keyClick(shown.list, Key.Key_Down)
    QTest.keyClick(shown.list, Key.Key_Down)
    QTest.keyClick(shown.list, Key.Key_Return)
    QTest.keyClick(shown.list, Key.Key_End)
    QTest.keyClick(shown.list, Key.Key_Enter)
    assert shown.chosen[-2:] == [1, 4]
    assert shown.opened == [1, 4]


def test_without_a_current_row_enter_opens_nothing(shown: Shown) -> None:
    QTest.keyClick(shown.list, Key.Key_Return)
    assert shown.opened == []


def test_a_double_click_opens(shown: Shown) -> None:
    place = QPoint(40, 3 * ROW_HEIGHT + 10)
    QTest.mouseClick(shown.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(shown.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert shown.chosen == [3]
    assert shown.opened == [3]


@pytest.mark.parametrize("current", range(5))
def test_when_the_current_row_leaves_nobody_is_chosen_and_down_leads_to_the_next(shown: Shown, current: int) -> None:
    shown.list.choose(current)
    shown.chosen.clear()
    shown.show(*[Line(key) for key in range(5) if key != current])
    assert shown.chosen == []
    assert shown.selected() == []
    QTest.keyClick(shown.list, Key.Key_Down)
    assert shown.list.current_record().key == (current + 1 if current < 4 else 3)


def test_the_marked_row_stays_when_others_come_go_and_change(shown: Shown) -> None:
    shown.list.choose(2)
    shown.chosen.clear()
    shown.show(Line(9), Line(4), Line(2, "Other"), Line(0))
    assert shown.selected() == [2]
    assert shown.list.current_record() == Line(2, "Other")
    assert shown.chosen == []


def test_a_record_is_chosen_by_its_key_where_it_is_listed(shown: Shown) -> None:
    assert shown.list.choose(3)
    assert shown.chosen == [3]
    assert not shown.list.choose(77)
    assert shown.list.current_record() == Line(3)


def test_only_rows_that_are_seen_are_asked_for(shown: Shown) -> None:
    shown.show(*[Line(key) for key in range(20_000)])
    seen = [line.key for line in shown.list.visible_records()]
    assert seen[0] == 0
    assert 5 < len(seen) < 30
    shown.list.scrollToBottom()
    assert shown.list.visible_records()[-1].key == 19_999
    shown.show()
    assert shown.list.visible_records() == []


def test_what_looks_like_markup_is_painted_letter_by_letter(shown: Shown) -> None:
    assert shown.painted("<b>x</b>") != shown.painted("x")
    assert shown.painted("<img src=x>") != shown.painted("")
    assert shown.model.index(0, 0).data() == "number 1, 3 h, ready"
    shown.painted(HOSTILE)
    assert shown.model.index(0, 0).data() == f"{HOSTILE}, number 1, 3 h, ready"


def test_a_change_of_appearance_is_painted_at_once(shown: Shown, theme: Theme) -> None:
    light = shown.painted("Name")
    theme.choose(Qt.ColorScheme.Dark)
    assert shown.list.grab().toImage() != light


def test_many_scattered_changes_are_put_in_at_once_and_the_current_row_stays(
    window: QMainWindow, theme: Theme, model_tester: Tester
) -> None:
    shown = Shown(window, theme, model_tester, *[Line(key) for key in range(1000)])
    shown.list.choose(500)
    shown.list.scrollTo(shown.list.currentIndex())
    top = shown.list.visualRect(shown.list.currentIndex()).top()
    shown.chosen.clear()
    resets: list[bool] = []
    shown.model.modelReset.connect(lambda: resets.append(True))
    shown.model.set_records([Line(key) for key in range(0, 1000, 2)])
    assert resets == [True]
    assert shown.list.current_record() == Line(500)
    assert shown.list.visualRect(shown.list.currentIndex()).top() == top
    assert shown.chosen == [], "nobody chose anything"
    shown.model.set_records([Line(key) for key in range(1, 1000, 2)])
    assert shown.list.current_record() is None


def test_a_letter_does_not_look_through_the_rows(window: QMainWindow, theme: Theme, model_tester: Tester) -> None:
    shown = Shown(window, theme, model_tester, Line(1, "Abe"), Line(2, "Sato"))
    shown.list.choose(1)
    QTest.keyClick(shown.list, Key.Key_S)
    assert shown.list.current_record() == Line(1, "Abe")


@pytest.fixture
def several(window: QMainWindow, theme: Theme, model_tester: Tester) -> Shown:
    """Five rows of which several can be marked."""
    return Shown(window, theme, model_tester, *[Line(key) for key in range(5)], several=True)


def test_several_are_marked_by_keys_and_by_mouse(several: Shown) -> None:
    told: list[int] = []
    several.list.marked.connect(lambda: told.append(len(several.list.marked_records())))
    several.list.choose(1)
    QTest.keyClick(several.list, Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    place = QPoint(40, 4 * ROW_HEIGHT + 10)
    QTest.mouseClick(several.list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, place)
    assert several.list.marked_records() == [Line(1), Line(2), Line(4)]
    assert told == [1, 2, 3]
    QTest.keyClick(several.list, Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(several.list.marked_records()) == 5


@pytest.mark.parametrize("current", range(5))
def test_marked_rows_stay_marked_when_the_current_one_leaves(several: Shown, current: int) -> None:
    several.list.choose(current)
    several.list.selectAll()
    several.show(*[Line(key) for key in range(5) if key != current])
    assert several.list.marked_records() == [Line(key) for key in range(5) if key != current]


def test_marked_rows_stay_marked_when_all_rows_are_put_in_anew(several: Shown) -> None:
    several.list.choose(1)
    QTest.keyClick(several.list, Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    many = [Line(key) for key in range(10, 2_000)]
    several.show(*[line for pair in zip(many[::2], many[1::2], strict=True) for line in pair][:600], Line(1), Line(2))
    # So many stretches of rows differ that the model is reset.
    several.show(*many[1:600:2], Line(1), Line(2))
    assert several.list.marked_records() == [Line(1), Line(2)]
