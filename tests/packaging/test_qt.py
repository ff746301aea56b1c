"""The Qt that is locked gives back no more than it took."""

import sys

import pytest
from PySide6.QtCore import QObject

_CALLS = 2000


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_none_stays_alive_when_qt_answers_with_it() -> None:
    """PySide6 6.12.0 loses one reference for each None that C++ answers, until Python ends with a fatal error."""
    asked = QObject()
    before = sys.getrefcount(None)
    for _ in range(_CALLS):
        asked.parent()
    assert sys.getrefcount(None) > before - _CALLS / 2
