"""The buttons that decide an order, with their keys; and in one line why they are off and what helps."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from console.models.order import Activation, Order, OrderState
from console.views.actions import Actions
from console.views.flow_row import FlowRow
from console.views.theme import TextRole
from console.views.widgets import Button, Text, column, plain_tip, row
from console.views.words import tr

_KEYS_FROM = 560
# The one button that helps with what stops an approval, by the family of the code.
_HELPS = {
    "PAY": "See the customer's payment methods ›",
    "LNK": "See the customer's three IDs ›",
    "DUP": "Compare the customer's services ›",
    "CAT": "Look at the items ›",
    "ADR": "Look at the address ›",
    "MNP": "Look at the transfer ›",
    "SIM": "Look at the transfer ›",
    "PRV": "Read again",
    "SYN": "Read again",
    "ACC": "Read again",
}


class OrderFooter(QWidget):
    """Stays in view while the page scrolls. `helped` comes with the family of the code that one wants help with."""

    helped = Signal(str)

    def __init__(self, actions: Actions) -> None:
        """Every button asks for the action that its key asks for."""
        super().__init__()
        self._family = ""
        self._actions = actions
        self._why = Text("", TextRole.SECOND, wrapped=True)
        self.help = Button("", lambda: self.helped.emit(self._family), look="link")
        self.buttons = {
            "order.approve_provision": Button(tr("Approve and provision…"), look="primary"),
            "order.approve": Button(tr("Approve only…")),
            "order.provision": Button(tr("Provision…"), look="primary"),
            "order.reject": Button(tr("Reject…"), look="danger"),
            "order.customer": Button(tr("Customer ›"), look="link"),
        }
        why, line = row(spacing=8), row(spacing=8)
        why.addWidget(self._why, 1)
        why.addWidget(self.help)
        for action_id, button in self.buttons.items():
            button.clicked.connect(lambda _checked=False, asked=action_id: actions.ask_for(asked))
        *deciding, customer = self.buttons.values()
        line.addWidget(FlowRow(deciding, spacing=8), 1)
        line.addWidget(customer)
        layout = column((24, 8, 24, 16), 6)
        layout.addLayout(why)
        layout.addLayout(line)
        self.setLayout(layout)
        self._spread(wide=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the keys on the buttons where there is room for them."""
        super().resizeEvent(event)
        self._spread(wide=self.width() >= _KEYS_FROM)

    @property
    def why(self) -> str:
        """Why a decision is not offered, "" where it is."""
        return self._why.whole

    def show_order(self, order: Order, offered: frozenset[str]) -> None:
        """Show the buttons of this state; those that are not offered are off."""
        in_review = order.state is OrderState.IN_REVIEW
        to_provision = order.state is OrderState.APPROVED and order.activation is not Activation.ACTIVATED
        fits = {
            "order.approve_provision": in_review,
            "order.approve": in_review,
            "order.reject": in_review,
            "order.provision": to_provision,
            "order.customer": True,
        }
        for action_id, button in self.buttons.items():
            button.setVisible(fits[action_id])
            button.setEnabled(action_id in offered)
        paused = order.activation is Activation.PAUSED
        self.buttons["order.provision"].setText(tr("Retry…") if paused else tr("Provision…"))

    def say_why(self, why: str, family: str = "") -> None:
        """Say why a decision is not offered; `family` is that of the code, as `PAY`, where one stops it."""
        self._family = family
        self._why.say(why)
        self._why.setVisible(bool(why))
        for button in self.buttons.values():
            if not button.isEnabled():
                button.setToolTip(plain_tip(why))
        self.help.setText(tr(_HELPS[family]) if family in _HELPS else "")
        self.help.setVisible(family in _HELPS)

    def _spread(self, *, wide: bool) -> None:
        for action_id, button in self.buttons.items():
            if action_id != "order.customer":
                button.show_key_of(self._actions.qt(action_id) if wide else None)
