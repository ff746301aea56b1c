"""The sheet of all keys (F1), made from the table of actions."""

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QWidget

from console.views.actions import ACTIONS, Action, Actions, Scope
from console.views.theme import TextRole
from console.views.widgets import Button, Text, column, row
from console.views.words import tr

_TITLES = {
    Scope.WINDOW: "Everywhere",
    Scope.LIST: "In a list",
    Scope.ORDER: "In the queue and on an order",
    Scope.FAILURE: "In the failures",
}


class KeysSheet(QDialog):
    """Two columns of keys and what they do. It is not modal: one can go on working beside it."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        """Built from the keys that hold now: single letters may be switched off."""
        super().__init__(parent)
        self.setWindowTitle(tr("Keys"))
        layout = column((24, 20, 24, 18), 14)
        layout.addWidget(Text(tr("Keys"), TextRole.PAGE_TITLE))
        columns = row(spacing=36)
        left, right = column(spacing=14), column(spacing=14)
        for scope, title in _TITLES.items():
            shown = [(action, actions.qt(action.id).shortcut()) for action in ACTIONS if action.scope is scope]
            (left if scope is Scope.WINDOW else right).addLayout(_group(tr(title), shown))
        left.addStretch(1)
        right.addWidget(Text(tr("Single letters hold while a list or an order has the focus, never while typing."),
                             TextRole.SECOND, wrapped=True))  # fmt: skip
        right.addStretch(1)
        columns.addLayout(left)
        columns.addLayout(right)
        layout.addLayout(columns)
        close = row()
        close.addStretch(1)
        close.addWidget(Button(tr("Close"), self.close))
        layout.addLayout(close)
        self.setLayout(layout)


def _group(title: str, actions: list[tuple[Action, QKeySequence]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(6)
    grid.addWidget(Text(title, TextRole.STRONG), 0, 0, 1, 2)
    for number, (action, keys) in enumerate(((one, keys) for one, keys in actions if not keys.isEmpty()), start=1):
        cap = Text(keys.toString(QKeySequence.SequenceFormat.NativeText), TextRole.SMALL)
        cap.setProperty("keycap", "plain")
        grid.addWidget(cap, number, 0)
        grid.addWidget(Text(tr(action.words)), number, 1)
    grid.setColumnStretch(1, 1)
    return grid
