"""What every test of a view shares: Qt objects die on the thread that they live on, before the next test begins."""

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent


@pytest.fixture(autouse=True)
def qt_objects_die_here() -> Iterator[None]:
    """Collect no garbage while threads run, and let what was closed go at the end of the test."""
    gc.disable()
    yield
    if QCoreApplication.instance():
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    gc.enable()
