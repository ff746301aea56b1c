"""The head of an order's page: what it is, whose, how old, where it stands, and the customer's three IDs."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from console.models.order import Order
from console.views.ages import clock_words, money_words, since_words
from console.views.flow_row import FlowRow
from console.views.order_words import kind_words, number_words, state_tag
from console.views.page import PageHead
from console.views.widgets import Chip, Tag, column
from console.views.words import tr

if TYPE_CHECKING:
    from console.models.customer import Person


class OrderHead(QWidget):
    """Filled in two steps: first from the order, then from the directory."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        super().__init__()
        self._order: Order | None = None
        self._customer = ""
        self._head = PageHead("")
        self._tag = Tag()
        self._head.tools.addWidget(self._tag, 0, Qt.AlignmentFlag.AlignTop)
        self._chips = (Chip("Portal", "portal"), Chip("WHMCS", "whmcs"), Chip("Salesforce", "salesforce"))
        self._link = Tag()
        layout = column(spacing=12)
        layout.addWidget(self._head)
        layout.addWidget(FlowRow((*self._chips, self._link), spacing=8))
        self.setLayout(layout)

    def show_order(self, order: Order, customer: str) -> None:
        """Show what the order tells; `customer` is the name in the queue, "" where it is not there."""
        self._order = order
        self._customer = self._customer or customer
        number = number_words(order.number)
        self._head.title.say(tr("Order {number} · {kind}", number=number, kind=kind_words(order.kind)))
        self._tag.show_as(*state_tag(order))
        self._say_line()

    def show_person(self, person: "Person") -> None:
        """Show the customer with the reading of the name, and the three ids as lists have them."""
        ids = (person.portal_user_id or "", str(person.whmcs_client_id or ""), person.salesforce_account_id or "")
        linked = person.link.value == "linked"
        for chip, one in zip(self._chips, ids, strict=True):
            chip.show_id(one, bool(one) if linked or not one else None)
        self._link.show_link(person.link.value)
        words = [person.name, person.reading if person.reading != person.name else ""]
        self._customer = "　".join(part for part in words if part)
        self._say_line()

    def _say_line(self) -> None:
        if self._order is None:
            return
        moment = self._order.placed_at
        placed = tr("placed {time}, {age} ago", time=clock_words(moment), age=since_words(moment))
        parts = (self._customer, placed, money_words(self._order.total))
        self._head.line.say(" · ".join(part for part in parts if part))
