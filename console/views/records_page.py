"""Customers and Orders: a list at the left, what was opened from it at the right. Both share one workspace."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QStackedWidget

from console.views.customer_view import CustomerView
from console.views.customers_list import CustomersList, customer_key
from console.views.desk import Desk, Shell
from console.views.live import Live
from console.views.order_view import OrderView
from console.views.orders_list import OrdersList
from console.views.page import Page
from console.views.widgets import column
from console.views.words import tr
from console.views.workspace import View, Workspace

_LIST_WIDTH, _LIST_LEAST = 340, 300
_DECISIONS = ("order.approve_provision", "order.approve", "order.reject", "order.provision", "order.customer")


class RecordsPage(Page):
    """The split view. `found` comes when a customer was opened, `done` with what was done to an order."""

    found = Signal()
    done = Signal(str)

    def __init__(self, desk: Desk, shell: Shell, live: Live) -> None:
        """Shows the queue first."""
        super().__init__(tr("Customers and orders"))
        self._desk, self._shell, self._live = desk, shell, live
        self.orders = OrdersList(desk, shell, live)
        self.customers = CustomersList(desk, shell, live)
        self.workspace = Workspace()
        self._lists = QStackedWidget()
        for side in (self.orders, self.customers):
            side.setMinimumWidth(_LIST_LEAST)
            self._lists.addWidget(side)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self._lists)
        self.splitter.addWidget(self.workspace)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([_LIST_WIDTH, 10 * _LIST_WIDTH])
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        layout = column()
        layout.addWidget(self.splitter)
        self.setLayout(layout)
        self._connect()

    def show_orders(self) -> None:
        """Show the queue at the left."""
        self._lists.setCurrentWidget(self.orders)

    def show_customers(self) -> None:
        """Show the customers at the left."""
        self._lists.setCurrentWidget(self.customers)

    def open_order(self, order_id: str) -> None:
        """Open an order in a tab of its own."""
        self.workspace.open(f"order {order_id}", lambda: self._order_view(order_id)).take_focus()
        self.orders.choose(order_id)

    def open_customer(self, key: str) -> None:
        """Open a customer in a tab of its own; `key` is any of the three ids."""
        self.workspace.open(f"customer {key}", lambda: self._customer_view(key)).take_focus()
        self.found.emit()

    def read(self) -> None:
        """Read what is opened again, and the queue."""
        if view := self.workspace.current:
            view.read()
        self._live.refresh()

    def take_focus(self) -> None:
        """Put the focus into the list that is shown."""
        (self.orders if self._lists.currentWidget() is self.orders else self.customers).take_focus()

    def leave(self) -> None:
        """Drop what is being read."""
        self.orders.leave()
        self.customers.leave()
        self.workspace.leave()

    def _connect(self) -> None:
        self.orders.chosen.connect(lambda order: self._look_at_order(order.order_id))
        self.orders.opened.connect(lambda order: self.open_order(order.order_id))
        self.customers.chosen.connect(lambda person: self._look_at_customer(customer_key(person)))
        self.customers.opened.connect(lambda person: self.open_customer(customer_key(person)))
        actions = self._shell.actions
        opened = self.workspace
        actions.on("tab.close", opened.close_current, within=self, when=lambda: opened.current is not None)
        actions.on("tab.next", lambda: opened.step(1), within=self, when=lambda: opened.count > 1)
        actions.on("tab.previous", lambda: opened.step(-1), within=self, when=lambda: opened.count > 1)
        for action_id in _DECISIONS:
            offered = partial(self._offers, action_id)
            actions.on(action_id, partial(self._decide, action_id), within=self, when=offered)

    def _look_at_order(self, order_id: str) -> None:
        self.workspace.look_at(f"order {order_id}", lambda: self._order_view(order_id))

    def _look_at_customer(self, key: str) -> None:
        self.workspace.look_at(f"customer {key}", lambda: self._customer_view(key))
        self.found.emit()

    def _order_view(self, order_id: str) -> View:
        view = OrderView(self._desk, self._shell, self._live, order_id)
        view.done.connect(self.done)
        view.counted.connect(self.orders.list.viewport().update)
        return view

    def _customer_view(self, key: str) -> View:
        view = CustomerView(self._desk, self._shell, self._live, key)
        view.identified.connect(self.customers.remember)
        return view

    def _offers(self, action_id: str) -> bool:
        view = self.workspace.current
        return isinstance(view, OrderView) and action_id in view.offered()

    def _decide(self, action_id: str) -> None:
        view = self.workspace.current
        if not isinstance(view, OrderView):
            return
        marked = self.orders.list.current_record()
        if self.orders.list.hasFocus() and marked is not None and view.key != f"order {marked.order_id}":
            # A letter means the row that is marked: what is shown may be another order.
            self._look_at_order(marked.order_id)
            return
        view.carry_out(action_id)
