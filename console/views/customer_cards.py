"""All cards of a customer in a grid as wide as there is room: orders, services, billing, addresses, history."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from console.models.billing import Invoice, PayMethod, Service
from console.models.connection import Connection
from console.models.failure import UNCLASSIFIED
from console.models.order import OrderSummary
from console.models.page import Block, BlockState
from console.views.activity_words import what, why
from console.views.ages import clock_words, day_words, moment_words, money_words, since_words
from console.views.blocks import BlockCard, ListBlock, Said, system_words
from console.views.cells import Cells
from console.views.customer_addresses import AddressCard
from console.views.customer_words import (
    invoice_day_words,
    invoice_tag,
    liveliness,
    method_tag,
    method_words,
    next_due_words,
    service_tag,
    valid_words,
)
from console.views.order_words import kind_words, number_words, state_tag
from console.views.theme import Theme
from console.views.widgets import column, row
from console.views.words import in_language, tr

if TYPE_CHECKING:
    from console.models.activity import ActivityEntry
    from console.models.failure import FailureCatalogue

R = TypeVar("R")
_GAP = 12
_SPREADS = {
    1: (("orders", "services", "invoices", "payment_methods", "addresses"),),
    2: (("orders", "invoices"), ("services", "payment_methods", "addresses")),
    3: (("orders", "payment_methods"), ("services", "addresses"), ("invoices",)),
}


class CustomerCards(QWidget):
    """Shows each block in its card. `order` comes with the id of an order that is to be opened."""

    order = Signal(str)

    def __init__(self, theme: Theme, catalogue: "FailureCatalogue", retry: Callable[[], None]) -> None:
        """Nothing has been read yet; `retry` reads everything again."""
        super().__init__()
        self._catalogue = catalogue
        self._newest_addresses: Block[Any] | None = None
        self._complete = False
        self.orders = _orders(theme, retry)
        self.services = _services(theme, retry)
        self.invoices = _invoices(theme, retry)
        self.methods = _methods(theme, retry)
        self.addresses = AddressCard(retry)
        self.history = _history(theme, retry)
        self._cards: dict[str, BlockCard] = {
            "orders": self.orders,
            "services": self.services,
            "invoices": self.invoices,
            "payment_methods": self.methods,
            "addresses": self.addresses,
            "timeline": self.history,
        }
        self._lists: dict[str, tuple[ListBlock[Any], Callable[[Any], Any]]] = {
            "orders": (self.orders, lambda one: one.placed_at),
            "services": (self.services, lambda one: (liveliness(one), one.id)),
            "invoices": (self.invoices, lambda one: (str(one.due or one.issued or ""), one.id)),
            "payment_methods": (self.methods, lambda one: -one.id),
            "timeline": (self.history, lambda one: one.at),
        }
        self.orders.table.opened.connect(lambda one: self.order.emit(one.order_id))
        self.history.table.opened.connect(lambda one: self.order.emit(one.order_id) if one.order_id else None)
        self._beside = row(spacing=_GAP)
        self._columns = [column(spacing=_GAP) for _ in _SPREADS]
        self._spread = 0
        self._build()
        self.spread(1)

    def spread(self, columns: int) -> None:
        """Lay the cards out in so many columns, one to three; each card is as high as what it says."""
        if columns == self._spread:
            return
        self._spread = columns
        for place, layout in enumerate(self._columns):
            # Taken out by Qt itself: an item that Python still holds goes on telling its old size.
            for card in self._cards.values():
                layout.removeWidget(card)
            layout.takeAt(0)
            names = _SPREADS[columns][place] if place < columns else ()
            for name in names:
                layout.addWidget(self._cards[name])
            if names:
                layout.addStretch(1)
            self._beside.setStretch(place, 1 if names else 0)

    def _build(self) -> None:
        for layout in self._columns:
            self._beside.addLayout(layout)
        whole = column(spacing=_GAP)
        whole.addLayout(self._beside)
        whole.addWidget(self.history)
        self.setLayout(whole)

    def reading(self) -> None:
        """Everything is read again."""
        self._complete = False
        for card in self._cards.values():
            card.reading()

    def show_block(self, name: str, block: Block[Any], connections: Sequence[Connection]) -> None:
        """Show what became of a block."""
        if name == "addresses":
            self._newest_addresses = block
        if block.state in (BlockState.REFUSED, BlockState.FAILED):
            self._cards[name].failed(self._why_not(block, connections))
        elif block.state is BlockState.EMPTY:
            self._cards[name].empty(block, _nothing(name, block))
        elif name == "addresses":
            self.addresses.show_addresses(block, complete=self._complete)
        else:
            card, newest = self._lists[name]
            card.show_rows(block, sorted(block.data or (), key=newest, reverse=True))

    def complete(self) -> None:
        """Every block has come: what is missing now is not there."""
        self._complete = True
        if self._newest_addresses:
            self.addresses.show_addresses(self._newest_addresses, complete=True)

    def failed(self, said: Said) -> None:
        """Nothing could be read."""
        for card in self._cards.values():
            card.failed(said)

    def age(self) -> None:
        """Ages in rows go on."""
        if self.history.shows_content:
            self.history.table.viewport().update()

    def _why_not(self, block: Block[Any], connections: Sequence[Connection]) -> Said:
        """What went wrong in plain words, with the system that is down and since when."""
        code = block.message.partition(":")[0]
        entry = self._catalogue.get(code)
        title = in_language(entry.title) if entry and code != UNCLASSIFIED else tr("This could not be read")
        down = next((one for one in connections if one.system == block.source.value and one.down_since), None)
        if down and down.down_since:
            since = clock_words(down.down_since)
            name = system_words(block.source.value)
            return Said(title, tr("{system} has not answered since {time}.", system=name, time=since), "stop")
        if block.state is BlockState.REFUSED:
            sentence = tr("{system} does not let us read this.", system=system_words(block.source.value))
            return Said(title, sentence, "look")
        return Said(title, tr("{system} did not answer.", system=system_words(block.source.value)), "stop")


def _nothing(name: str, block: Block[Any]) -> Said:
    """What a card says where there is nothing. Without a client in billing there cannot be anything of it."""
    if name == "payment_methods":
        consequence = tr("Nothing can be ordered or provisioned until the customer adds one.")
        return Said(tr("No payment method on file"), consequence, "stop")
    if block.data is None and name in ("services", "invoices"):
        return Said(tr("No billing account yet"))
    words = {
        "orders": tr("No orders yet"),
        "services": tr("No services yet"),
        "invoices": tr("No invoices yet"),
        "addresses": tr("No address on file"),
        "timeline": tr("Nothing was done here yet"),
    }
    return Said(words[name])


def _orders(theme: Theme, retry: Callable[[], None]) -> ListBlock[OrderSummary]:
    columns: list[Cells[OrderSummary]] = [
        Cells(tr("Order"), lambda one: number_words(one.order_number), ink="accent"),
        Cells(tr("Kind"), lambda one: kind_words(one.kind), wide=True),
        Cells(tr("State"), lambda one: state_tag(one)[0], tone=lambda one: state_tag(one)[1]),
        Cells(tr("Amount"), lambda one: money_words(one.total), right=True),
    ]
    return ListBlock(tr("Orders"), "salesforce", columns, lambda one: one.order_id, theme, retry)


def _services(theme: Theme, retry: Callable[[], None]) -> ListBlock[Service]:
    columns: list[Cells[Service]] = [
        Cells(tr("Service"), lambda one: one.name, wide=True, under=next_due_words),
        Cells(tr("State"), lambda one: service_tag(one)[0], tone=lambda one: service_tag(one)[1]),
        Cells(tr("Amount"), lambda one: money_words(one.recurring_amount), right=True),
    ]
    return ListBlock(tr("Services"), "whmcs", columns, lambda one: one.id, theme, retry)


def _invoices(theme: Theme, retry: Callable[[], None]) -> ListBlock[Invoice]:
    columns: list[Cells[Invoice]] = [
        Cells(tr("Day"), invoice_day_words, wide=True, tip=lambda one: day_words(one.due)),
        Cells(tr("Number"), lambda one: one.number or str(one.id), ink="second"),
        Cells(tr("State"), lambda one: invoice_tag(one)[0], tone=lambda one: invoice_tag(one)[1]),
        Cells(tr("Amount"), lambda one: money_words(one.total), right=True),
    ]
    return ListBlock(tr("Invoices"), "whmcs", columns, lambda one: one.id, theme, retry)


def _methods(theme: Theme, retry: Callable[[], None]) -> ListBlock[PayMethod]:
    columns: list[Cells[PayMethod]] = [
        Cells(tr("Payment method"), method_words, wide=True),
        Cells(tr("State"), lambda one: method_tag(one)[0], tone=lambda one: method_tag(one)[1]),
        Cells(tr("Valid to"), valid_words, right=True),
    ]
    return ListBlock(tr("Payment methods"), "whmcs", columns, lambda one: one.id, theme, retry, room_for=2)


def _history(theme: Theme, retry: Callable[[], None]) -> "ListBlock[ActivityEntry]":
    columns: list[Cells[ActivityEntry]] = [
        Cells(tr("When"), lambda one: since_words(one.at), ink="second", tip=lambda one: moment_words(one.at)),
        Cells(tr("Who"), lambda one: one.actor),
        Cells(tr("What"), what),
        Cells(tr("Order"), lambda one: number_words(one.order_number) if one.order_id else "", ink="accent"),
        Cells(tr("Why"), why, ink="second", wide=True),
    ]
    key: Callable[[ActivityEntry], Any] = lambda one: (one.at, one.action, one.subject)  # noqa: E731
    # Below the history there is nothing that it could move.
    return ListBlock(tr("History"), "portal", columns, key, theme, retry, room_for=1)
