"""The left side of Customers: people found by anything that a caller can say, as one types."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit

from console.errors import ConsoleError
from console.models.customer import LinkState, Person
from console.views.actions import Scope
from console.views.desk import Desk, Shell
from console.views.list_view import Look, RecordList
from console.views.live import Live
from console.views.states import Stateful
from console.views.tables import Column, RecordModel
from console.views.theme import TextRole, Tone
from console.views.widgets import Text, column, row
from console.views.words import tr
from console.views.work import Work

if TYPE_CHECKING:
    from console.workflows.lookup import Hits

_MOST_PEOPLE, _MOST_RECENT = 50, 20
_MATCHES = {
    "portal_user_id": "Portal ID",
    "whmcs_client_id": "WHMCS ID",
    "salesforce_account_id": "Salesforce ID",
    "customer_number": "customer number",
    "email": "e-mail",
    "phone": "phone",
    "name": "name",
    "reading": "reading",
    "company": "company",
    "order_number": "order number",
    "invoice_number": "invoice number",
    "mnp_number": "MNP number",
    "contact": "contact",
    "similar": "similar name",
}
_LINKS = {LinkState.PARTIAL: ("not fully linked", Tone.LOOK), LinkState.CONFLICT: ("conflict", Tone.STOP)}


def customer_key(person: Person) -> str:
    """The id that a customer is opened by: the first of the three that there is, Salesforce's before the others."""
    return person.salesforce_account_id or str(person.whmcs_client_id or "") or person.portal_user_id or ""


def person_words(person: Person) -> str:
    """The name, and the reading where it tells more."""
    name = person.name or person.company or person.email
    return name if person.reading in ("", name) else f"{name}　{person.reading}"


class CustomersList(QFrame):
    """Finds people. `chosen` comes with the person one moves to, `opened` for Enter."""

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(self, desk: Desk, shell: Shell, live: Live) -> None:
        """Nobody is looked for yet."""
        super().__init__()
        self.setObjectName("side")
        self._desk, self._shell = desk, shell
        self._work = Work(shell.tasks, "customers")
        self._recent: list[Person] = []
        self._placing = self._asking = self._enter_waits = False
        self._shown_for = ""
        self._model: RecordModel[Person] = RecordModel([Column("", _spoken)], customer_key, self)
        self.list = RecordList(self._model, shell.theme, _look, tr("Customers"))
        self.filter = QLineEdit()
        self.place = Stateful(self.list)
        self._count = Text("", TextRole.LIST_TITLE)
        self._count.setProperty("role", "second")
        self._line = Text("", TextRole.SECOND, elided=True)
        self._build()
        self.list.chosen.connect(self._moved_to)
        self.list.opened.connect(self._open)
        self.filter.textChanged.connect(self._typed)
        self.filter.returnPressed.connect(self._open_first)
        for watched in (self.filter, self.list):
            watched.installEventFilter(self)
        live.orders_changed.connect(self._look_again)
        live.people_changed.connect(self._look_again)
        shell.actions.hold_in(self.list, Scope.LIST)
        shell.actions.on("list.filter", self.take_focus, within=self)
        self._show_recent()

    def take_focus(self) -> None:
        """Put the focus into the filter, ready to be typed over."""
        self.filter.setFocus()
        self.filter.selectAll()

    def remember(self, person: Person) -> None:
        """Offer a customer who was opened while nothing is typed, the latest first."""
        key = customer_key(person)
        self._recent = [person, *[one for one in self._recent if customer_key(one) != key]][:_MOST_RECENT]
        # The list under somebody's hands is not sorted anew.
        if not self._text() and not self.list.hasFocus():
            self._show_recent()

    def leave(self) -> None:
        """Drop what is still being looked for."""
        self._work.drop_all()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and Down lead from the filter into the list and back, Esc empties the filter."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if watched is self.filter:
            return self._filter_key(event)
        return self._list_key(event)

    def _build(self) -> None:
        self.filter.setPlaceholderText(tr("Name, number, phone, e-mail, id…"))
        self.filter.setAccessibleName(tr("Find a customer by name, number, phone, e-mail or id"))
        self.filter.setClearButtonEnabled(True)
        title = row(spacing=8)
        title.addWidget(Text(tr("Customers"), TextRole.LIST_TITLE))
        title.addWidget(self._count)
        title.addStretch(1)
        head = column((16, 12, 16, 10), 6)
        head.addLayout(title)
        head.addWidget(self._line)
        head.addWidget(self.filter)
        layout = column(spacing=0)
        layout.addLayout(head)
        layout.addWidget(self.place, 1)
        self.setLayout(layout)

    def _text(self) -> str:
        return self.filter.text().strip()

    def _typed(self) -> None:
        self._enter_waits = False
        if self._text():
            self._search(self._text())
        else:
            self._work.drop("search")
            self._show_recent()

    def _look_again(self) -> None:
        """What was found may have changed in a system meanwhile."""
        if self._text() and self._text() == self._shown_for and not self._asking:
            self._search(self._text())

    def _search(self, text: str) -> None:
        self._asking = False
        self._work.ask("search", self._desk.lookup.as_you_type(text, _MOST_PEOPLE), self._found, self._failed)

    def _ask_systems(self) -> None:
        """Read what changed in the systems, and look once more."""
        self._asking = True
        self.place.empty(tr("Asking the systems…"), tr("New and changed customers are read. This takes a moment."))
        self.filter.setFocus()
        self._work.ask("search", self._desk.lookup.find(self._text(), _MOST_PEOPLE), self._found, self._failed)

    def _found(self, hits: "Hits") -> None:
        asked, self._asking = self._asking, False
        # Where the systems themselves were asked and nobody was found, nobody is found a moment later.
        self._shown_for = hits.query.strip() if hits.people or not asked else ""
        self._put(hits.people)
        more = "+" if len(hits.people) == _MOST_PEOPLE else ""
        self._count.say(f"{len(hits.people)}{more}")
        self._line.say(tr("best match first") if hits.people else "")
        if hits.people:
            self.place.filled()
        elif asked:
            self.place.empty(tr("Nobody found"), tr("The systems do not know this either. Try another name or number."))
        else:
            sentence = tr("Nobody here is known by this. Somebody who is new may only be in the systems yet.")
            self.place.empty(tr("Nobody found"), sentence, tr("Ask the systems"), self._ask_systems)
        if self._enter_waits:
            self._open_first()

    def _failed(self, error: ConsoleError) -> None:
        retry = self._ask_systems if self._asking else self._typed
        self._asking = False
        self.place.forget()
        self.place.problem(self._desk.explain(error), retry)

    def _show_recent(self) -> None:
        self._shown_for = ""
        self._put(self._recent)
        self._count.say("")
        if self._recent:
            self._line.say(tr("opened lately"))
            self.place.filled()
        else:
            self._line.say(tr("by anything that a caller can say"))
            examples = tr("Type a name in any writing, a customer number, a phone number, an e-mail address, or an id.")
            self.place.empty(tr("Find a customer"), examples)

    def _put(self, people: "tuple[Person, ...] | list[Person]") -> None:
        """Show other rows. Nobody moved, so nobody is chosen; who is gone is not the current one any more."""
        current = self.list.current_record()
        self._placing = True
        self._model.set_records(list({customer_key(one): one for one in people}.values()))
        if current is None or self._model.row_of(customer_key(current)) is None:
            self.list.setCurrentIndex(QModelIndex())
            self.list.scrollToTop()
        self._placing = False

    def _moved_to(self, person: Person) -> None:
        if not self._placing:
            self.remember(person)
            self.chosen.emit(person)

    def _open(self, person: Person) -> None:
        self.remember(person)
        self.opened.emit(person)

    def _open_first(self) -> None:
        """Enter means the first row of what is typed, also where that is still being looked for."""
        self._enter_waits = self._text() != self._shown_for
        if not self._enter_waits and self._model.records and self.place.shows_content:
            self._open(self._model.records[0])

    def _enter_list(self) -> None:
        if self._model.records and self.place.shows_content:
            self.list.setFocus()
            if not self.list.currentIndex().isValid():
                self.list.setCurrentIndex(self._model.index(0, 0))

    def _filter_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Down:
            self._enter_list()
            return True
        if event.key() == Qt.Key.Key_Escape and self.filter.text():
            self.filter.clear()
            return True
        return False

    def _list_key(self, event: QKeyEvent) -> bool:
        up_and_out = event.key() == Qt.Key.Key_Up and self.list.currentIndex().row() <= 0
        if up_and_out:
            self.take_focus()
            return True
        return False


def _look(person: Person) -> Look:
    known = [person.customer_number, person.phone if person.matched_on == "phone" else person.email or person.phone]
    second = " · ".join(part for part in known if part)
    matched = tr(_MATCHES[person.matched_on]) if person.matched_on in _MATCHES else ""
    words, tone = _LINKS.get(person.link, ("", Tone.NEUTRAL))
    return Look(person_words(person), second, matched, tr(words) if words else "", tone)


def _spoken(person: Person) -> str:
    return _look(person).spoken()
