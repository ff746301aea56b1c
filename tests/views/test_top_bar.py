"""The top bar: the environment cannot be mistaken, the search box types, and its list gets the keys of its own."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMainWindow

from console.views.icons import Icons
from console.views.theme import Theme
from console.views.top_bar import TopBar

Key = Qt.Key


@pytest.fixture
def top(window: QMainWindow, theme: Theme, icons: Icons) -> Iterator[TopBar]:
    """The bar in a window."""
    made = TopBar(theme, icons)
    window.setCentralWidget(made)
    yield made


@pytest.mark.parametrize(("environment", "tone"), [("production", "stop"), ("practice", "look"), ("sandbox", "look")])
def test_production_looks_like_nothing_else(top: TopBar, environment: str, tone: str) -> None:
    top.show_environment(environment)
    assert top.environment.whole == environment.upper()
    assert top.environment.property("tag") == tone
    assert top.property("environment") == environment


def test_who_is_signed_in_is_said_as_plain_text(top: TopBar) -> None:
    top.show_person("<b>Yuki</b> Sato", "supervisor")
    words = [label for label in top.findChildren(QLabel) if label.text() == "<b>Yuki</b> Sato · supervisor"]
    assert [label.textFormat() for label in words] == [Qt.TextFormat.PlainText]
    light = top.grab().toImage()
    top.show_person("Jun Abe", "")
    assert top.grab().toImage() != light


def test_typing_types_and_the_list_gets_its_keys(top: TopBar) -> None:
    moved: list[int] = []
    told: list[str] = []
    top.search.moved.connect(moved.append)
    top.search.entered.connect(lambda: told.append("entered"))
    top.search.left.connect(lambda: told.append("left"))
    QTest.keyClicks(top.search, "Sato")
    for key in (Key.Key_Down, Key.Key_Up, Key.Key_PageDown, Key.Key_Return, Key.Key_Enter, Key.Key_Escape):
        QTest.keyClick(top.search, key)
    assert top.search.text() == "Sato"
    assert moved == [Key.Key_Down.value, Key.Key_Up.value, Key.Key_PageDown.value]
    assert told == ["entered", "entered", "left"]


def test_the_key_stands_in_the_box_while_it_is_empty(top: TopBar) -> None:
    [cap] = top.search.findChildren(QLabel)
    assert cap.isVisible()
    QTest.keyClicks(top.search, "S")
    assert not cap.isVisible()
    top.search.clear()
    assert cap.isVisible()
    assert cap.geometry().right() < top.search.width()


def test_menu_and_box_have_names(top: TopBar) -> None:
    assert top.menu.accessibleName() == "Menu"
    assert top.search.accessibleName() == "Find anything"
