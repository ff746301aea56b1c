"""Several orders chosen in the queue: how many they are, and one button for those that can be provisioned."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame

from console.models.order import OrderSummary
from console.models.staff import StaffMember
from console.views.order_queues import Queue, orders_in
from console.views.theme import TextRole
from console.views.widgets import Button, Text, row
from console.views.words import tr, trn

_SEVERAL = 2


class ChosenOrders(QFrame):
    """A line below the queue, there only while several orders are chosen."""

    def __init__(self, me: StaffMember, provision: Callable[[], None], clear: Callable[[], None]) -> None:
        """`provision` is asked for with the button, `clear` to choose none of them any more."""
        super().__init__()
        self.setObjectName("side_foot")
        self._me = me
        self._orders: Sequence[OrderSummary] = ()
        self._words = Text("", TextRole.SECOND, elided=True)
        self._provision = Button("", provision, look="primary")
        layout = row((16, 8, 12, 8), 8)
        layout.addWidget(self._words, 1)
        layout.addWidget(Button(tr("Clear"), clear, look="link"))
        layout.addWidget(self._provision)
        self.setLayout(layout)
        self.hide()

    @property
    def to_provision(self) -> list[OrderSummary]:
        """Those of the chosen orders that are approved and wait; none where fewer than two orders are chosen."""
        return orders_in(Queue.APPROVED, self._orders, self._me)

    def show_orders(self, orders: Sequence[OrderSummary]) -> None:
        """Count the orders that are chosen now."""
        self._orders = orders if len(orders) >= _SEVERAL else ()
        count = len(self.to_provision)
        words = trn("%n orders chosen", len(orders))
        self._words.say(words if count else f"{words} · {tr('none can be provisioned')}")
        self._provision.setText(trn("Provision %n orders…", count))
        self._provision.setVisible(count > 0)
        self.setVisible(bool(self._orders))
