"""One customer on one screen: three sources, each block filling by itself, one dead system not blanking the rest."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from console.errors import ConsoleError, NotFound
from console.models.customer import Person
from console.models.page import Block
from console.views.blocks import Said
from console.views.customer_cards import CustomerCards
from console.views.customer_head import CustomerHead
from console.views.customers_list import person_words
from console.views.desk import Desk, Shell
from console.views.live import Live
from console.views.page import scrolled
from console.views.states import Stateful
from console.views.widgets import column
from console.views.words import in_language, tr
from console.views.work import Work
from console.views.workspace import View

_THREE_FROM, _TWO_FROM = 1100, 700


class CustomerView(View):
    """One customer in the workspace. `identified` comes with the person as soon as that is known."""

    identified = Signal(object)

    def __init__(self, desk: Desk, shell: Shell, live: Live, customer_key: str) -> None:
        """`customer_key` is any of the three ids. Reads nothing before `read`."""
        super().__init__(f"customer {customer_key}")
        self._desk, self._shell, self._live = desk, shell, live
        self._customer_key = customer_key
        self._work = Work(shell.tasks, "customer")
        self._person: Person | None = None
        self._orders_seen: frozenset[tuple[str, object]] | None = None
        self.head = CustomerHead(shell.theme, desk.catalogue)
        self.cards = CustomerCards(shell.theme, desk.catalogue, self.read)
        self.cards.order.connect(shell.navigator.order)
        body = QWidget()
        inside = column((24, 16, 24, 24), 12)
        inside.addWidget(self.head)
        inside.addWidget(self.cards)
        inside.addStretch(1)
        body.setLayout(inside)
        self.place = Stateful(scrolled(body))
        layout = column()
        layout.addWidget(self.place)
        self.setLayout(layout)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName(tr("Customer"))
        live.orders_changed.connect(self._orders_changed)
        live.connections_changed.connect(self.cards.age)

    def read(self) -> None:
        """Read everything; what is shown stays until the next reading has come."""
        self.place.loading()
        self._work.ask("person", self._desk.customers.open(self._customer_key), self._show_person, self._nobody)

    def take_focus(self) -> None:
        """The orders, as soon as they are there."""
        (self.cards.orders.table if self._person else self).setFocus()

    def leave(self) -> None:
        """Drop what is still being read."""
        self._work.drop_all()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many columns as there is room for."""
        super().resizeEvent(event)
        wide = self.width()
        self.cards.spread(3 if wide >= _THREE_FROM else 2 if wide >= _TWO_FROM else 1)
        self.head.spread(wide=wide >= _THREE_FROM)

    def _show_person(self, person: Person) -> None:
        waited_for = self.hasFocus()
        self._person = person
        self._orders_seen = self._orders_now() if self._live.read_once else None
        self.head.show_person(person)
        self.titled.emit(person_words(person))
        self.setAccessibleName(person_words(person))
        self.place.filled()
        self.identified.emit(person)
        if waited_for:
            self.take_focus()
        self._fill(person)

    def _fill(self, person: Person) -> None:
        self.cards.reading()
        self._work.ask("blocks", self._desk.customers.fill(person, self._show_block), self._all_there, self._failed)

    def _show_block(self, name: str, block: Block[Any]) -> None:
        if name == "link":
            self._show_link(block)
        else:
            self.cards.show_block(name, block, self._desk.connections.states())

    def _show_link(self, block: Block[Any]) -> None:
        assert self._person
        if block.data is not None:
            self.head.show_health(self._person, block.data)
            return
        self.head.not_checked(block.message.partition(":")[0])

    def _all_there(self, _nothing: None) -> None:
        self.cards.complete()

    def _failed(self, error: ConsoleError) -> None:
        problem = self._desk.explain(error)
        self.cards.failed(Said(in_language(problem.title), in_language(problem.meaning), "stop"))

    def _nobody(self, error: ConsoleError) -> None:
        if isinstance(error, NotFound) and not self._person:
            sentence = tr("No single customer has this id. It may have been removed, or belong to two customers.")
            self.titled.emit(tr("Not found"))
            self.place.empty(tr("This customer is not known"), sentence, tr("Look again"), self.read)
        else:
            self.place.problem(self._desk.explain(error), self.read)

    def _orders_now(self) -> frozenset[tuple[str, object]]:
        """The orders of this customer in the queue of the moment, each with its last change."""
        account = self._person.salesforce_account_id if self._person else None
        return frozenset((one.order_id, one.changed_at) for one in self._live.orders if one.account_id == account)

    def _orders_changed(self) -> None:
        """Read again where an order of this customer is new or was changed."""
        before, self._orders_seen = self._orders_seen, self._orders_now()
        if self._person and before is not None and before != self._orders_seen:
            self._fill(self._person)
