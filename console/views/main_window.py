"""The window: top bar, rail, places, strip. It knows where things are shown and nothing of what they say."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPoint, QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QDialog, QMainWindow, QMenu, QStackedWidget, QWidget

from console.notices import Notices
from console.tasks import Tasks
from console.views.actions import Actions, Menu
from console.views.connection_strip import ConnectionStrip
from console.views.desk import Navigator, Shell
from console.views.icons import Icons
from console.views.notice_bar import NoticeBar
from console.views.palette import Palette
from console.views.rail import Rail
from console.views.states import StatePane
from console.views.theme import Theme
from console.views.top_bar import TopBar
from console.views.widgets import column, row
from console.views.words import tr

if TYPE_CHECKING:
    from console.views.places import Places

_LEAST, _FIRST = (900, 560), (1280, 800)
_SCHEMES = {"system": Qt.ColorScheme.Unknown, "light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}


class MainWindow(QMainWindow):
    """Everything of the shell. It is usable before the desk is there. `closing` comes when it is closed."""

    closing = Signal()

    def __init__(self, theme: Theme, icons: Icons, memory: QSettings) -> None:
        """`memory` keeps the size of the window and how it is liked between two starts."""
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("Staff Console")
        self.setMinimumSize(*_LEAST)
        self.resize(*_FIRST)
        self._memory = memory
        self.notices = Notices()
        actions = Actions(self)
        tasks, under_way = Tasks(), Tasks()
        self.shell = Shell(theme, icons, actions, Navigator(self), self.notices, tasks, under_way)
        self.top = TopBar(theme, icons)
        self.rail = Rail(theme, icons)
        self.strip = ConnectionStrip(theme)
        self.places: Places | None = None
        self._state = StatePane()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._state)
        self._build()
        self.notice_bar = NoticeBar(self)
        self.palette_list = Palette(self.top.search, self.shell, self)
        self._connect(actions)
        self._remember()

    def say_state(
        self, title: str, sentence: str = "", button: str = "", act: Callable[[], None] | None = None
    ) -> None:
        """Show why there is no desk yet, or not any more."""
        self._state.say("", title, sentence, button, act)
        self._stack.setCurrentWidget(self._state)

    def add_bar(self, bar: QWidget) -> None:
        """Put something above every page."""
        self._middle.insertWidget(0, bar)

    def open_places(self, places: "Places") -> None:
        """The desk is there: show its places."""
        self.places = places
        for page in places.pages():
            self._stack.addWidget(page)
        places.shown.connect(self._show)
        self.strip.add_long_work(places.reading)
        self.strip.add_long_work(places.runs.strip)
        self.rail.chosen.connect(places.show)
        self.palette_list.open_desk(places.desk, places.work, places.live)
        self.palette_list.left.connect(places.take_focus)
        places.start()

    def come_forward(self) -> None:
        """Show the window to whoever followed a link to it."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing asks nothing: what is under way is finished after the window has gone."""
        self._memory.setValue("geometry", self.saveGeometry())
        for dialog in self.findChildren(QDialog):
            # What was asked and not answered is not done.
            dialog.reject()
        event.accept()
        self.closing.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What is found hangs below the search box: it goes when that moves. A notice keeps to its corner."""
        super().resizeEvent(event)
        self.palette_list.hide()
        self.notice_bar.settle()

    def _build(self) -> None:
        body = row(spacing=0)
        body.addWidget(self.rail)
        self._middle = column(spacing=0)
        self._middle.addWidget(self._stack, 1)
        body.addLayout(self._middle, 1)
        whole = column(spacing=0)
        whole.addWidget(self.top)
        whole.addLayout(body, 1)
        whole.addWidget(self.strip)
        centre = QWidget()
        centre.setObjectName("window")
        centre.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        centre.setLayout(whole)
        self.setCentralWidget(centre)

    def _connect(self, actions: Actions) -> None:
        self.notices.listen(self.notice_bar.tell)
        self.top.menu.setMenu(self._menu(actions))
        actions.on("find", self.palette_list.call)
        actions.on("quit", self.close)
        actions.on("help.keys", self._show_keys)
        actions.on("view.letters", lambda: self._use_letters(actions.qt("view.letters").isChecked()))
        for name in _SCHEMES:
            actions.on(f"view.{name}", partial(self._appear, name))

    def _menu(self, actions: Actions) -> QMenu:
        """All actions by their menus; on macOS the menu bar has them as well."""
        whole = QMenu(self)
        bar = self.menuBar() if self.menuBar().isNativeMenuBar() else None
        for name in Menu:
            menu = whole.addMenu(tr(name.value))
            menu.addActions(actions.of_menu(name))
            menu.aboutToShow.connect(partial(actions.settle, name))
            menu.aboutToHide.connect(partial(actions.unsettle, name))
            if bar is not None:
                bar.addMenu(menu)
        return whole

    def _remember(self) -> None:
        geometry = self._memory.value("geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        scheme = str(self._memory.value("appearance", "system"))
        self._appear(scheme if scheme in _SCHEMES else "system")
        letters = self._memory.value("letters", True, type=bool)
        self.shell.actions.qt("view.letters").setChecked(bool(letters))
        self.shell.actions.use_letters(on=bool(letters))

    def _appear(self, name: str) -> None:
        self._memory.setValue("appearance", name)
        self.shell.theme.choose(_SCHEMES[name])

    def _use_letters(self, on: bool) -> None:
        self._memory.setValue("letters", on)
        self.shell.actions.use_letters(on=on)

    def _show(self, page: QWidget, place: str) -> None:
        self._stack.setCurrentWidget(page)
        self.rail.show_place(place)

    def _show_keys(self) -> None:
        from console.views.keys_sheet import KeysSheet  # noqa: PLC0415 - seldom shown

        sheet = KeysSheet(self.shell.actions, self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.show()
        sheet.move(self.geometry().center() - QPoint(sheet.width() // 2, sheet.height() // 2))
