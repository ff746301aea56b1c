"""What every test of a view shares: Qt objects die on the thread that they live on, before the next test begins."""

import gc
from collections.abc import Callable, Iterator

import pytest
import shiboken6
from PySide6.QtCore import QAbstractItemModel, QCoreApplication, QEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QMainWindow

from console import paths
from console.notices import Notices
from console.tasks import Tasks
from console.views.actions import Actions
from console.views.desk import Navigator, Shell
from console.views.icons import Icons
from console.views.theme import Theme


@pytest.fixture(autouse=True)
def qt_objects_die_here() -> Iterator[None]:
    """Collect no garbage while threads run, and let what was closed go at the end of the test."""
    gc.disable()
    yield
    if QCoreApplication.instance():
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    gc.enable()


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The appearance, light."""
    qapp.setQuitOnLastWindowClosed(False)
    made = Theme(qapp)
    yield made
    shiboken6.delete(made)


@pytest.fixture
def icons() -> Icons:
    """The icons that are shipped."""
    return Icons(paths.resources() / "icons")


@pytest.fixture
def window(theme: Theme) -> Iterator[QMainWindow]:
    """A window for the widgets of one test: what becomes its child goes with it."""
    made = QMainWindow()
    made.resize(900, 600)
    made.show()
    made.activateWindow()
    assert QTest.qWaitForWindowActive(made)
    yield made
    shiboken6.delete(made)


@pytest.fixture
def shell(theme: Theme, icons: Icons, window: QMainWindow) -> Shell:
    """The parts of the window that pages share."""
    return Shell(theme, icons, Actions(window), Navigator(window), Notices(), Tasks(), Tasks())


@pytest.fixture
def model_tester(qapp: QApplication) -> Callable[[QAbstractItemModel], QAbstractItemModelTester]:
    """Watches a model: whatever breaks Qt's rules for models ends the test."""
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    return lambda model: QAbstractItemModelTester(model, mode, model)
