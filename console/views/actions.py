"""Every action of the desk in one table: words, keys and where they hold. Menus, shortcuts, palette and the sheet of
keys are all made from it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from console.views.words import tr


class Scope(StrEnum):
    """Where an action's keys hold. Only those of the window hold everywhere; single letters never do."""

    WINDOW = "window"
    LIST = "list"
    ORDER = "order"
    FAILURE = "failure"


class Menu(StrEnum):
    """The menu that an action stands in."""

    GO = "Go"
    ORDER = "Order"
    FAILURE = "Failure"
    VIEW = "View"
    HELP = "Help"


@dataclass(frozen=True)
class Action:
    """One thing that can be asked for. `keys` are portable, such as `Ctrl+K`; on macOS Qt makes ⌘ of Ctrl."""

    id: str
    words: str
    keys: str = ""
    scope: Scope = Scope.WINDOW
    menu: Menu = Menu.GO
    checkable: bool = False


# Places that are not built yet keep their number: Ctrl+2 Calls, Ctrl+6 Catalogue, Ctrl+7 Dashboards.
ACTIONS = (
    Action("find", "Find anything", "Ctrl+K"),
    Action("go.today", "Go to Today", "Ctrl+1"),
    Action("go.customers", "Go to Customers", "Ctrl+3"),
    Action("go.orders", "Go to Orders", "Ctrl+4"),
    Action("go.failures", "Go to Failures", "Ctrl+5"),
    Action("go.activity", "Go to Activity", "Ctrl+8"),
    Action("go.settings", "Go to Settings", "Ctrl+,"),
    Action("list.filter", "Filter this list", "/", Scope.LIST),
    Action("tab.close", "Close tab", "Ctrl+W"),
    Action("tab.next", "Next tab", "Ctrl+Tab"),
    Action("tab.previous", "Previous tab", "Ctrl+Shift+Tab"),
    Action("order.approve_provision", "Approve and provision…", "A", Scope.ORDER, Menu.ORDER),
    Action("order.approve", "Approve only…", "Shift+A", Scope.ORDER, Menu.ORDER),
    Action("order.reject", "Reject…", "R", Scope.ORDER, Menu.ORDER),
    Action("order.provision", "Provision…", "P", Scope.ORDER, Menu.ORDER),
    Action("order.customer", "Show the customer", "C", Scope.ORDER, Menu.ORDER),
    Action("orders.provision_all", "Provision all approved…", "Ctrl+Shift+P", Scope.WINDOW, Menu.ORDER),
    Action("orders.provision_chosen", "Provision the chosen orders…", "Shift+P", Scope.LIST, Menu.ORDER),
    Action("failure.retry", "Retry", "R", Scope.FAILURE, Menu.FAILURE),
    Action("failure.settle", "Settle what became of it…", "S", Scope.FAILURE, Menu.FAILURE),
    Action("failure.retry_group", "Retry all with this code…", "Shift+R", Scope.FAILURE, Menu.FAILURE),
    Action("failure.order", "Open the order", "O", Scope.FAILURE, Menu.FAILURE),
    Action("failure.customer", "Open the customer", "C", Scope.FAILURE, Menu.FAILURE),
    Action("refresh", "Read again", "F5", Scope.WINDOW, Menu.VIEW),
    Action("sync.full", "Read everything again", "", Scope.WINDOW, Menu.VIEW),
    Action("view.system", "Light or dark as the system", "", Scope.WINDOW, Menu.VIEW),
    Action("view.light", "Light", "", Scope.WINDOW, Menu.VIEW),
    Action("view.dark", "Dark", "", Scope.WINDOW, Menu.VIEW),
    Action("view.letters", "Single letters are keys", "", Scope.WINDOW, Menu.VIEW, checkable=True),
    Action("help.keys", "Keys", "F1", Scope.WINDOW, Menu.HELP),
    Action("connections.check", "Check the connections", "", Scope.WINDOW, Menu.HELP),
    Action("connections.copy", "Copy the report on the connections", "Ctrl+Shift+C", Scope.WINDOW, Menu.HELP),
    Action("help.first_steps", "First steps", "", Scope.WINDOW, Menu.HELP),
    Action("sign_out", "Sign out…", "", Scope.WINDOW, Menu.HELP),
    Action("quit", "Quit", "Ctrl+Q", Scope.WINDOW, Menu.HELP),
)


def is_letter(keys: str) -> bool:
    """Whether a key is one that people type words with: it may only hold where nobody types."""
    return bool(keys) and not keys.startswith("Ctrl") and len(keys.removeprefix("Shift+")) == 1


class Actions(QObject):
    """The actions as Qt has them. `triggered` comes with the id of what was asked for."""

    triggered = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        """The window's own keys hold in `parent`."""
        super().__init__(parent)
        self._handlers: dict[str, list[_Handler]] = {}
        self._window = parent
        self._made = {action.id: self._make(action, parent) for action in ACTIONS}

    def on(
        self,
        action_id: str,
        handler: Callable[[], object],
        within: QWidget | None = None,
        when: Callable[[], bool] | None = None,
    ) -> None:
        """Let `handler` carry an action out while `within` is seen, else at any time; of several the latest counts.

        `when` tells whether it would do anything now.
        """
        self._handlers.setdefault(action_id, []).append(_Handler(within or self._window, handler, when))

    def qt(self, action_id: str) -> QAction:
        """The action for a menu or a check mark. Raises KeyError where the table does not have it."""
        return self._made[action_id]

    def can(self, action_id: str) -> bool:
        """Whether asking for an action would do anything now."""
        handler = self._handler(action_id)
        return handler is not None and (handler.when is None or handler.when())

    def settle(self, menu: Menu) -> None:
        """Turn off what would do nothing now, while its menu is seen."""
        for action in ACTIONS:
            if action.menu is menu:
                self._made[action.id].setEnabled(self.can(action.id))

    def unsettle(self, menu: Menu) -> None:
        """Let every key be heard again: what it does is asked when it is pressed."""
        for made in self.of_menu(menu):
            made.setEnabled(True)

    def hold_in(self, widget: QWidget, *scopes: Scope) -> None:
        """Let the keys of `scopes` hold while `widget` or something in it has the focus."""
        widget.addActions([self._made[action.id] for action in ACTIONS if action.scope in scopes])

    def use_letters(self, *, on: bool) -> None:
        """Switch the single letters on or off; nothing else is touched."""
        for action in ACTIONS:
            if is_letter(action.keys):
                self._made[action.id].setShortcut(QKeySequence(action.keys if on else ""))

    def of_menu(self, menu: Menu) -> list[QAction]:
        """The actions of one menu, in the order of the table."""
        return [self._made[action.id] for action in ACTIONS if action.menu is menu]

    def offered(self) -> Iterator[tuple[Action, QAction]]:
        """What can be asked for now, in the order of the table."""
        return ((action, self._made[action.id]) for action in ACTIONS if self.can(action.id))

    def ask_for(self, action_id: str) -> None:
        """Carry an action out if it can be asked for now."""
        self._made[action_id].trigger()

    def _make(self, action: Action, window: QWidget) -> QAction:
        made = QAction(tr(action.words).replace("&", "&&"), self)
        made.setShortcut(QKeySequence(action.keys))
        made.setCheckable(action.checkable)
        # Qt guesses "Quit" and "Settings" by their words and moves them on macOS; only Quit is meant to.
        made.setMenuRole(QAction.MenuRole.QuitRole if action.id == "quit" else QAction.MenuRole.NoRole)
        if action.scope is Scope.WINDOW:
            made.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            window.addAction(made)
        else:
            made.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        made.triggered.connect(lambda: self._carry_out(action.id))
        return made

    def _carry_out(self, action_id: str) -> None:
        if handler := self._handler(action_id):
            handler.carry_out()
        self.triggered.emit(action_id)

    def _handler(self, action_id: str) -> "_Handler | None":
        """The latest handler whose place is seen; the window's own holds at any time."""
        for handler in reversed(self._handlers.get(action_id, [])):
            within = handler.within
            if within is self._window or (isValid(within) and within.isVisible()):
                return handler
        return None


class _Handler(NamedTuple):
    within: QWidget
    carry_out: Callable[[], object]
    when: Callable[[], bool] | None
