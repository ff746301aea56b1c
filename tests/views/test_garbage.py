"""Python's garbage is collected by the window's own timer, and by Python itself again afterwards."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from console.views.garbage import GarbageCollector


@pytest.fixture(autouse=True)
def collecting(qt_objects_die_here: None) -> Iterator[None]:
    """Python collects by itself, with few objects at a time."""
    before = gc.get_threshold()
    gc.enable()
    gc.set_threshold(50, 2, 2)
    yield
    gc.set_threshold(*before)
    gc.disable()


class Knot:
    """Something that only the garbage collector takes away."""

    def __init__(self) -> None:
        self.itself = self


def test_garbage_goes_on_the_timer_and_not_before(window: QMainWindow, qtbot: QtBot) -> None:
    collector = GarbageCollector(window)
    assert not gc.isenabled()
    knots = [weakref.ref(Knot()) for _ in range(500)]
    assert all(knot() for knot in knots)
    qtbot.waitUntil(lambda: not any(knot() for knot in knots), timeout=5000)
    collector.stop()


def test_afterwards_python_collects_by_itself_again(window: QMainWindow) -> None:
    GarbageCollector(window).stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_where_it_did_not_before_it_does_not_afterwards(window: QMainWindow) -> None:
    gc.disable()
    GarbageCollector(window).stop()
    assert not gc.isenabled()
