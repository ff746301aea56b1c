"""The right side of the split: what was opened, one tab each. What is only looked at shares one tab; × hides."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QToolButton, QWidget

from console.views.states import StatePane
from console.views.widgets import column, plain_tip
from console.views.words import tr

_LONGEST_TITLE = 26


class View(QWidget):
    """One opened record. `titled` comes with its title as soon as that is known."""

    titled = Signal(str)

    def __init__(self, key: str) -> None:
        """`key` tells records apart, as `order 801…`."""
        super().__init__()
        self.key = key

    @property
    def is_busy(self) -> bool:
        """Whether something is asked or done here now: its tab then stays until that has ended."""
        return False

    def read(self) -> None:
        """Read everything again."""
        raise NotImplementedError

    def take_focus(self) -> None:
        """Put the focus where the keyboard is of use."""
        raise NotImplementedError

    def leave(self) -> None:
        """The tab is closed: drop what is still being read."""
        raise NotImplementedError


class Workspace(QWidget):
    """Tabs of opened records. `shown` comes with the view that is seen now, or None."""

    shown = Signal(object)

    def __init__(self) -> None:
        """Nothing is opened yet."""
        super().__init__()
        self._views: list[View] = []
        self._passing: View | None = None
        self._tabs = QTabBar()
        self._tabs.setObjectName("workspaceTabs")
        self._tabs.setAccessibleName(tr("Opened"))
        self._tabs.setMovable(False)
        self._tabs.setExpanding(False)
        self._tabs.setDocumentMode(True)
        self._tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self._tabs.currentChanged.connect(self._show)
        self._tabs.hide()
        self._stack = QStackedWidget()
        nothing = StatePane()
        nothing.say("", tr("Nothing is opened"), tr("Choose something in the list, or find it with Ctrl+K."))
        self._stack.addWidget(nothing)
        layout = column(spacing=0)
        layout.addWidget(self._tabs)
        layout.addWidget(self._stack, 1)
        self.setLayout(layout)

    @property
    def current(self) -> View | None:
        """The view that is seen."""
        index = self._tabs.currentIndex()
        return self._views[index] if 0 <= index < len(self._views) else None

    @property
    def count(self) -> int:
        """How many tabs there are."""
        return len(self._views)

    def look_at(self, key: str, make: Callable[[], View]) -> View:
        """Show a record while one goes through a list: the next one takes its tab."""
        if view := self._find(key):
            self._tabs.setCurrentIndex(self._views.index(view))
            return view
        view = make()
        if self._passing in self._views and not self._passing.is_busy:
            self._replace(self._views.index(self._passing), view)
        else:
            self._append(view)
        self._passing = view
        return view

    def open(self, key: str, make: Callable[[], View]) -> View:
        """Open a record in a tab that stays until it is closed."""
        view = self.look_at(key, make)
        if view is self._passing:
            self._passing = None
        return view

    def close_current(self) -> None:
        """Hide the tab that is seen."""
        if self._tabs.currentIndex() >= 0:
            self._close(self._tabs.currentIndex())

    def step(self, by: int) -> None:
        """Go to the next or the previous tab, round and round."""
        if self._views:
            self._tabs.setCurrentIndex((self._tabs.currentIndex() + by) % len(self._views))

    def leave(self) -> None:
        """The window is closed."""
        for view in self._views:
            view.leave()

    def _find(self, key: str) -> View | None:
        return next((view for view in self._views if view.key == key), None)

    def _append(self, view: View) -> None:
        self._views.append(view)
        self._stack.addWidget(view)
        self._tabs.addTab("…")
        self._tabs.setTabButton(len(self._views) - 1, QTabBar.ButtonPosition.RightSide, self._close_button())
        self._tabs.setCurrentIndex(len(self._views) - 1)
        self._show(self._tabs.currentIndex())
        self._begin(view)

    def _close_button(self) -> QToolButton:
        button = QToolButton()
        button.setText("×")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setAccessibleName(tr("Close tab"))
        button.clicked.connect(lambda: self._close(self._tab_of(button)))
        return button

    def _tab_of(self, button: QToolButton) -> int:
        places = (self._tabs.tabButton(index, QTabBar.ButtonPosition.RightSide) for index in range(self._tabs.count()))
        return next(index for index, one in enumerate(places) if one is button)

    def _replace(self, index: int, view: View) -> None:
        old, self._views[index] = self._views[index], view
        self._stack.addWidget(view)
        self._tabs.setTabText(index, "…")
        self._tabs.setCurrentIndex(index)
        self._show(index)
        self._let_go(old)
        self._begin(view)

    def _begin(self, view: View) -> None:
        """Read a view that has its tab: it may know its title at once."""
        view.titled.connect(lambda title: self._title(view, title))
        view.read()

    def _title(self, view: View, title: str) -> None:
        if view not in self._views:
            return
        index = self._views.index(view)
        short = title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"
        # Qt takes a single & for a key of the tab.
        self._tabs.setTabText(index, short.replace("&", "&&"))
        self._tabs.setTabToolTip(index, plain_tip(title))

    def _show(self, index: int) -> None:
        view = self._views[index] if 0 <= index < len(self._views) else None
        if view is None:
            self._stack.setCurrentIndex(0)
        else:
            self._stack.setCurrentWidget(view)
        # A single tab says nothing that the page below it does not say.
        self._tabs.setVisible(len(self._views) > 1)
        self.shown.emit(view)

    def _close(self, index: int) -> None:
        if self._views[index].is_busy:
            return
        view = self._views.pop(index)
        self._tabs.removeTab(index)
        self._let_go(view)
        self._show(self._tabs.currentIndex())

    def _let_go(self, view: View) -> None:
        view.leave()
        self._stack.removeWidget(view)
        view.deleteLater()
