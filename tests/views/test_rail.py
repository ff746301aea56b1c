"""The rail: every place by mouse and keyboard, what is mine on its badges, and which place is shown."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow

from console.views.actions import ACTIONS
from console.views.icons import Icons
from console.views.rail import PLACES, PlaceButton, Rail
from console.views.theme import Theme, Tone


@pytest.fixture
def rail(window: QMainWindow, theme: Theme, icons: Icons) -> Iterator[Rail]:
    """The rail in a window."""
    made = Rail(theme, icons)
    window.setCentralWidget(made)
    yield made


def buttons(rail: Rail) -> list[PlaceButton]:
    """The places from top to bottom."""
    return rail.findChildren(PlaceButton)


def test_the_places_stand_in_their_order_with_their_keys(rail: Rail) -> None:
    keys = {action.id: action.keys for action in ACTIONS}
    assert [button.text() for button in buttons(rail)] == [place.words for place in PLACES]
    for place, button in zip(PLACES, buttons(rail), strict=True):
        assert keys[f"go.{place.name}"] in button.toolTip()


def test_a_click_and_the_space_bar_choose_a_place(rail: Rail) -> None:
    chosen: list[str] = []
    rail.chosen.connect(chosen.append)
    QTest.mouseClick(buttons(rail)[2], Qt.MouseButton.LeftButton)
    buttons(rail)[3].setFocus()
    QTest.keyClick(buttons(rail)[3], Qt.Key.Key_Space)
    assert chosen == ["orders", "failures"]


def test_one_place_is_shown_at_a_time(rail: Rail) -> None:
    assert [button.isChecked() for button in buttons(rail)] == [True, False, False, False, False, False]
    rail.show_place("orders")
    assert [button.isChecked() for button in buttons(rail)] == [False, False, True, False, False, False]


def test_a_badge_is_painted_and_spoken(rail: Rail) -> None:
    orders = buttons(rail)[2]
    without = orders.grab().toImage()
    rail.badge("orders", 1234)
    assert orders.accessibleName() == "Orders, 1234"
    assert orders.grab().toImage() != without
    rail.badge("failures", 2, Tone.STOP)
    assert buttons(rail)[3].accessibleName() == "Failures, 2"
    rail.badge("orders", 0)
    assert orders.accessibleName() == "Orders"
    assert orders.grab().toImage() == without


def test_icons_follow_the_appearance(rail: Rail, theme: Theme) -> None:
    light = rail.grab().toImage()
    theme.choose(Qt.ColorScheme.Dark)
    assert rail.grab().toImage() != light
