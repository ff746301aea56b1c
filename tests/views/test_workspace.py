"""The workspace: what is only looked at shares a tab, what is opened keeps its own, and × hides."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow, QTabBar, QToolButton

from console.views.states import StatePane
from console.views.workspace import View, Workspace

HOSTILE = "<img src=x onerror=alert(1)><b>Bold & Co"


class Record(View):
    """A record that counts what is asked of it."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.read_times, self.left, self.busy = 0, False, False

    @property
    def is_busy(self) -> bool:
        """As the test says."""
        return self.busy

    def read(self) -> None:
        """Count it."""
        self.read_times += 1
        self.titled.emit(f"Record {self.key}")

    def take_focus(self) -> None:
        """Nothing in here takes it."""

    def leave(self) -> None:
        """Note it."""
        self.left = True


@pytest.fixture
def space(window: QMainWindow) -> Iterator[Workspace]:
    """A workspace in a window."""
    made = Workspace()
    window.setCentralWidget(made)
    yield made


def tabs(space: Workspace) -> QTabBar:
    return space.findChildren(QTabBar)[0]


def titles(space: Workspace) -> list[str]:
    return [tabs(space).tabText(index) for index in range(tabs(space).count())]


def look_at(space: Workspace, *keys: str) -> list[View]:
    return [space.look_at(key, lambda made=key: Record(made)) for key in keys]  # type: ignore[misc]  # made is a default


def opened(space: Workspace, *keys: str) -> list[View]:
    return [space.open(key, lambda made=key: Record(made)) for key in keys]  # type: ignore[misc]  # made is a default


def test_where_nothing_is_opened_it_says_what_to_do(space: Workspace) -> None:
    assert space.current is None
    [pane] = [one for one in space.findChildren(StatePane) if one.isVisible()]
    assert "Ctrl+K" in pane.accessibleName()


def test_looking_at_one_record_after_the_other_takes_one_tab(space: Workspace) -> None:
    first, second = look_at(space, "1", "2")
    assert titles(space) == ["Record 2"]
    assert space.current is second
    assert isinstance(first, Record)
    assert first.left
    assert second.isVisible()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert [view.key for view in space.findChildren(Record)] == ["2"]


def test_what_is_opened_keeps_its_tab(space: Workspace) -> None:
    opened(space, "1")
    look_at(space, "2")
    opened(space, "3")
    look_at(space, "4")
    assert titles(space) == ["Record 1", "Record 3", "Record 4"]
    assert space.current
    assert space.current.key == "4"


def test_what_is_looked_at_stays_once_it_is_opened(space: Workspace) -> None:
    [looked] = look_at(space, "1")
    [kept] = opened(space, "1")
    assert kept is looked
    look_at(space, "2")
    assert titles(space) == ["Record 1", "Record 2"]


def test_a_record_is_opened_once_and_shown_again(space: Workspace) -> None:
    first, _ = opened(space, "1", "2")
    [again] = opened(space, "1")
    assert again is first
    assert space.current is first
    assert isinstance(first, Record)
    assert first.read_times == 1
    look_at(space, "2")
    assert titles(space) == ["Record 1", "Record 2"]


def test_tabs_are_stepped_through_round_and_round(space: Workspace) -> None:
    space.step(1)
    opened(space, "1", "2", "3")
    stepped = []
    for by in (1, 1, -1, -1):
        space.step(by)
        assert space.current
        stepped.append(space.current.key)
    assert stepped == ["1", "2", "1", "3"]


def test_the_cross_and_the_key_hide_a_tab(space: Workspace) -> None:
    first, second, third = opened(space, "1", "2", "3")
    cross = tabs(space).tabButton(0, QTabBar.ButtonPosition.RightSide)
    assert isinstance(cross, QToolButton)
    assert cross.accessibleName() == "Close tab"
    QTest.mouseClick(cross, Qt.MouseButton.LeftButton)
    assert titles(space) == ["Record 2", "Record 3"]
    space.close_current()
    assert space.current is second
    space.close_current()
    space.close_current()
    assert not titles(space)
    assert [one.left for one in (first, second, third) if isinstance(one, Record)] == [True, True, True]
    assert [one for one in space.findChildren(StatePane) if one.isVisible()]


def test_a_tab_where_something_is_asked_or_done_stays(space: Workspace) -> None:
    [first] = look_at(space, "1")
    assert isinstance(first, Record)
    first.busy = True
    [second] = look_at(space, "2")
    assert isinstance(second, Record)
    second.busy = True
    look_at(space, "3")
    assert titles(space) == ["Record 1", "Record 2", "Record 3"]
    space.step(-1)
    space.close_current()
    assert titles(space) == ["Record 1", "Record 2", "Record 3"]
    assert not first.left
    assert not second.left
    second.busy = False
    space.close_current()
    assert titles(space) == ["Record 1", "Record 3"]
    assert second.left


def test_a_single_tab_is_not_shown(space: Workspace) -> None:
    opened(space, "1")
    assert not tabs(space).isVisible()
    opened(space, "2")
    assert tabs(space).isVisible()
    space.close_current()
    assert not tabs(space).isVisible()


def test_a_title_from_outside_is_plain_and_no_key_of_the_tab(space: Workspace) -> None:
    [view] = opened(space, "1")
    view.titled.emit("Bold & Co")
    assert titles(space) == ["Bold && Co"]
    view.titled.emit(HOSTILE)
    assert titles(space)[0].endswith("…")
    assert "&lt;img src=x onerror=alert(1)&gt;" in tabs(space).tabToolTip(0)


def test_a_title_that_comes_after_its_tab_was_closed_is_no_harm(space: Workspace) -> None:
    first, _ = opened(space, "1", "2")
    space.step(1)
    space.close_current()
    first.titled.emit("late")
    assert titles(space) == ["Record 2"]


def test_every_change_of_the_view_is_told(space: Workspace) -> None:
    shown: list[View | None] = []
    space.shown.connect(shown.append)
    first, second = opened(space, "1", "2")
    space.close_current()
    space.close_current()
    assert {id(one) for one in shown} == {id(first), id(second), id(None)}
    assert shown[-1] is None


def test_when_the_window_is_closed_every_view_is_left(space: Workspace) -> None:
    views = opened(space, "1", "2")
    space.leave()
    assert all(isinstance(view, Record) and view.left for view in views)
