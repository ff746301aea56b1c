"""The sides of an order behind one row of tabs. A side is made when it is first looked at: going through the queue
stays quick.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from PySide6.QtWidgets import QTabBar, QWidget

from console.models.case import JournalEntry
from console.models.order import Order
from console.views.order_tabs import AddressTab, HistoryTab, ItemsTab, TransferTab
from console.views.widgets import column
from console.views.words import tr

if TYPE_CHECKING:
    from console.models.activity import ActivityEntry

_ITEMS = 1


class OrderSides(QWidget):
    """The first side is given; items, address, transfer and history follow in this order."""

    def __init__(self, first: QWidget) -> None:
        """Shows `first`."""
        super().__init__()
        self._order: Order | None = None
        self._moved = False
        self._events: Sequence[ActivityEntry] = ()
        self._steps: Sequence[JournalEntry] = ()
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(tr("Sides of the order"))
        self.tabs.setExpanding(False)
        for title in (tr("Checks"), tr("Items"), tr("Address"), tr("Transfer"), tr("History")):
            self.tabs.addTab(title)
        self._make: tuple[Callable[[], QWidget], ...] = (QWidget, ItemsTab, AddressTab, TransferTab, HistoryTab)
        self._history: Literal["read", "failed", ""] = ""
        self._made: dict[int, QWidget] = {}
        self._layout = column(spacing=12)
        self._layout.addWidget(self.tabs)
        self.setLayout(self._layout)
        self._add(0, first)
        self.tabs.currentChanged.connect(self._show)

    def show_order(self, order: Order) -> None:
        """Show an order on every side that was looked at."""
        self._order = order
        self.tabs.setTabText(_ITEMS, tr("Items {n}", n=len(order.items)))
        self._fill_all()

    def show_moved(self, *, moved: bool) -> None:
        """Say whether the rules take the place of the installation for another one than that of billing."""
        self._moved = moved
        self._fill_all()

    def show_history(self, events: "Sequence[ActivityEntry]", steps: Sequence[JournalEntry]) -> None:
        """Show who did what, and the steps of every run."""
        self._events, self._steps, self._history = events, steps, "read"
        self._fill_all()

    def fail_history(self) -> None:
        """Say that it could not be read, where nothing was read before."""
        if self._history != "read":
            self._history = "failed"
            self._fill_all()

    def _show(self, index: int) -> None:
        if index not in self._made:
            self._add(index, self._make[index]())
            self._fill(self._made[index])
        for number, side in self._made.items():
            side.setHidden(number != index)

    def _add(self, index: int, side: QWidget) -> None:
        # A side that is too narrow for its words wraps them; it never makes the page wider.
        side.setMinimumWidth(1)
        self._made[index] = side
        self._layout.addWidget(side)

    def _fill_all(self) -> None:
        for side in self._made.values():
            self._fill(side)

    def _fill(self, side: QWidget) -> None:
        if isinstance(side, HistoryTab):
            self._fill_history(side)
        elif isinstance(side, AddressTab) and self._order:
            side.show_order(self._order, differs=self._moved)
        elif isinstance(side, ItemsTab | TransferTab) and self._order:
            side.show_order(self._order)

    def _fill_history(self, side: HistoryTab) -> None:
        if self._history == "read":
            side.show_history(self._events, self._steps)
        elif self._history == "failed":
            side.fail_history()
