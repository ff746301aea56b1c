"""Who did what, newest first, in one filtered table."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from console.errors import ConsoleError
from console.views.actions import Scope
from console.views.activity_words import what, why
from console.views.ages import moment_words, since_words
from console.views.cells import Cells
from console.views.desk import Desk, Shell
from console.views.headed_table import HeadedTable
from console.views.live import Live
from console.views.order_words import number_words
from console.views.page import Page, PageHead
from console.views.states import Stateful
from console.views.tables import RecordModel
from console.views.widgets import Card, column
from console.views.words import tr, trn
from console.views.work import Work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.models.activity import ActivityEntry

_MOST, _FILTER_WIDTH = 500, 260


class ActivityPage(Page):
    """The audit log in words that people read."""

    def __init__(self, desk: Desk, shell: Shell, live: Live) -> None:
        """Reads for the first time when the queue has been read."""
        super().__init__(tr("Activity"))
        self._desk, self._shell, self._live = desk, shell, live
        self._work = Work(shell.tasks, "activity")
        self._entries: Sequence[ActivityEntry] = ()
        columns: list[Cells[ActivityEntry]] = [
            Cells(tr("When"), lambda one: since_words(one.at), ink="second", tip=lambda one: moment_words(one.at)),
            Cells(tr("Who"), lambda one: one.actor),
            Cells(tr("What"), what),
            Cells(tr("Order"), lambda one: number_words(one.order_number)),
            Cells(tr("Customer"), lambda one: one.customer),
            Cells(tr("Why"), why, wide=True, ink="second"),
        ]
        self.model: RecordModel[ActivityEntry] = RecordModel(columns, _key, self)
        self.table = HeadedTable(self.model, columns, shell.theme, tr("Activity"))
        self.table.opened.connect(self._open)
        self.place = Stateful(self.table)
        self.head = PageHead(tr("Activity"))
        self.filter = QLineEdit()
        self._build()
        shell.actions.hold_in(self.table, Scope.LIST)
        shell.actions.on("list.filter", self.filter.setFocus, within=self)
        for told in (live.orders_changed, live.refreshed):
            told.connect(self._read_quietly)
        live.connections_changed.connect(self._pass_time)
        self.place.loading()

    def read(self) -> None:
        """Read the log again."""
        self.place.loading()
        self._read_quietly()

    def take_focus(self) -> None:
        """Put the focus into the table, on its first row where none is current."""
        self.table.setFocus()
        if self.model.rowCount() and not self.table.selectionModel().hasSelection():
            self.table.selectRow(max(0, self.table.currentIndex().row()))

    def leave(self) -> None:
        """Drop what is being read."""
        self._work.drop_all()

    def _build(self) -> None:
        self.filter.setPlaceholderText(tr("Filter by person, order or customer"))
        self.filter.setAccessibleName(tr("Filter activity"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setFixedWidth(_FILTER_WIDTH)
        self.filter.textChanged.connect(self._narrow)
        self.filter.returnPressed.connect(self.take_focus)
        self.head.tools.addWidget(self.filter)
        card = Card()
        card.setAccessibleName(tr("Activity"))
        card.add(self.place, 1)
        layout = column((24, 16, 24, 16), 12)
        layout.addWidget(self.head)
        layout.addWidget(card, 1)
        self.setLayout(layout)

    def _read_quietly(self) -> None:
        self._work.ask("entries", self._desk.activity.recent(_MOST), self._filled, self._failed)

    def _filled(self, entries: "Sequence[ActivityEntry]") -> None:
        self._entries = entries
        self._show()

    def _failed(self, error: ConsoleError) -> None:
        self.place.problem(self._desk.explain(error), self.read)

    def _narrow(self) -> None:
        self.place.forget()
        self._show()

    def _show(self) -> None:
        words = self.filter.text().casefold().split()
        rows = {_key(one): one for one in self._entries if all(word in _spoken(one) for word in words)}
        self.model.set_records(list(rows.values()))
        self.head.line.say(trn("%n entries", len(rows)) if self._entries else "")
        if rows:
            self.place.filled()
        elif self._entries:
            self.place.empty(tr("No entry fits"), tr("Take the filter away to see all."), tr("Show all of them"),
                             self.filter.clear)  # fmt: skip
        else:
            self.place.empty(tr("Nothing was done here yet"), tr("What anybody decides or provisions is listed here."))

    def _pass_time(self) -> None:
        """Ages go on and may need more room."""
        self.table.fit()
        self.table.viewport().update()

    def _open(self, entry: "ActivityEntry") -> None:
        if entry.order_id:
            self._shell.navigator.order.emit(entry.order_id)
        elif entry.account_id:
            self._shell.navigator.customer.emit(entry.account_id)


def _key(entry: "ActivityEntry") -> tuple[object, ...]:
    return (entry.at, entry.actor, entry.action, entry.subject)


def _spoken(entry: "ActivityEntry") -> str:
    """What a filter is compared with."""
    said = (entry.actor, what(entry), entry.order_number, entry.customer, why(entry))
    return " ".join(said).casefold()
