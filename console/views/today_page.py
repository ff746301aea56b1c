"""What waits for me: my queue and its age, what is stuck, how the systems answer, and what changed since last time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QDate, QLocale, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.errors import ConsoleError
from console.models.staff import Right
from console.views.activity_words import what, why
from console.views.ages import moment_words, since_words
from console.views.blocks import Said
from console.views.cells import Cells
from console.views.desk import Desk, Shell
from console.views.failure_words import code_tone
from console.views.live import Live
from console.views.order_queues import Queue, orders_in
from console.views.order_words import kind_words, number_words, state_tag
from console.views.page import Page, PageHead, scrolled
from console.views.states import StaleLine
from console.views.today_cards import AgeingCard, RowsCard, SystemsCard, oldest_words
from console.views.widgets import Card, column, row
from console.views.words import in_language, tr, trn
from console.views.work import Work

if TYPE_CHECKING:
    from console.models.activity import ActivityEntry
    from console.models.failure import FailureCode
    from console.models.order import OrderSummary
    from console.workflows.failures import ListedCase

_WAITING_ROWS, _CODE_ROWS, _CHANGE_ROWS = 6, 6, 8
_TWO_FROM, _THREE_FROM = 860, 1500
_A_DAY = timedelta(hours=24)
_DATE_EVERY_MS = 60_000
# How wide each column is beside the others, by how many there are.
_SHARES = ((1, 0, 0), (3, 2, 0), (5, 5, 4))


class Stuck(NamedTuple):
    """The open cases of one code."""

    code: "FailureCode"
    orders: int
    oldest: "ListedCase"


class TodayPage(Page):
    """The first place of the day. Everything on it leads to where it is dealt with."""

    def __init__(
        self, desk: Desk, shell: Shell, live: Live, last_seen: datetime | None, first_steps: QWidget | None
    ) -> None:
        """`last_seen` is when this desk was closed before; `first_steps` stands above the cards."""
        super().__init__(tr("Today"))
        self._desk, self._shell, self._live = desk, shell, live
        self._work = Work(shell.tasks, "today")
        self._since = last_seen or datetime.now(UTC) - _A_DAY
        self.head = PageHead(tr("Today"))
        self.waiting = RowsCard(tr("Waiting for me"), _order_cells(), lambda one: one.order_id, shell.theme)
        since = tr("Since I was last here") if last_seen else tr("In the last 24 hours")
        self.changes = RowsCard(since, _change_cells(), lambda one: (one.at, one.action, one.subject), shell.theme)
        self.ageing = AgeingCard(shell.theme)
        self.failures = RowsCard(tr("Failures"), _stuck_cells(), lambda one: one.code.code, shell.theme)
        self.systems = SystemsCard()
        self._columns = 0
        self._midnight = QTimer(self)
        self._beside = row(spacing=12)
        self._lanes = [column(spacing=12) for _ in _SHARES[-1]]
        self.stale_line = StaleLine()
        self._build(first_steps)
        self._connect()
        self._say_date()

    def read(self) -> None:
        """Read everything again."""
        self._live.refresh()

    def take_focus(self) -> None:
        """Put the focus on what waits, on its first row where none is current."""
        table = self.waiting.table
        if not self.waiting.model.rowCount():
            self.failures.table.setFocus()
            return
        table.setFocus()
        if not table.selectionModel().hasSelection():
            table.selectRow(max(0, table.currentIndex().row()))

    def leave(self) -> None:
        """Drop what is being read."""
        self._midnight.stop()
        self._work.drop_all()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many columns as there is room for, one to three."""
        super().resizeEvent(event)
        wide = self.width()
        self._spread(3 if wide >= _THREE_FROM else 2 if wide >= _TWO_FROM else 1)

    def _build(self, first_steps: QWidget | None) -> None:
        place = self._shell.navigator.place
        self.waiting.lead_to(tr("All orders ›"), lambda: self._shell.navigator.queue.emit(Queue.ALL))
        self.failures.lead_to(tr("All failures ›"), lambda: place.emit("failures"))
        self.changes.lead_to(tr("All activity ›"), lambda: place.emit("activity"))
        for card in (self.waiting, self.failures):
            card.again = self._live.refresh
        self.changes.again = self._read_changes
        body = QWidget()
        inside: QVBoxLayout = column((24, 16, 24, 24), 12)
        inside.addWidget(self.head)
        inside.addWidget(self.stale_line)
        if first_steps:
            inside.addWidget(first_steps)
        for lane in self._lanes:
            self._beside.addLayout(lane)
        inside.addLayout(self._beside)
        inside.addStretch(1)
        body.setLayout(inside)
        layout = column()
        layout.addWidget(scrolled(body))
        self.setLayout(layout)
        self._spread(2)

    def _connect(self) -> None:
        navigator = self._shell.navigator
        self.waiting.table.opened.connect(lambda one: navigator.order.emit(one.order_id))
        self.failures.table.opened.connect(lambda one: navigator.case.emit(one.oldest.case.order_id))
        self.changes.table.opened.connect(self._open_change)
        self._live.orders_changed.connect(self._show_orders)
        for told in (self._live.orders_changed, self._live.refreshed):
            told.connect(self._read_changes)
        self._live.cases_changed.connect(self._show_failures)
        self._live.connections_changed.connect(self._show_systems)
        self._live.failed.connect(lambda _: self._say_stale())
        self._live.refreshed.connect(self.stale_line.clear)
        self._midnight.timeout.connect(self._say_date)
        self._midnight.start(_DATE_EVERY_MS)

    def _spread(self, columns: int) -> None:
        """Put the cards into so many columns; nothing is moved while that stays the same."""
        if columns == self._columns:
            return
        self._columns = columns
        lanes: tuple[tuple[Card, ...], ...] = {
            1: ((self.waiting, self.ageing, self.failures, self.systems, self.changes), (), ()),
            2: ((self.waiting, self.changes), (self.ageing, self.failures, self.systems), ()),
            3: ((self.waiting, self.ageing), (self.changes,), (self.failures, self.systems)),
        }[columns]
        self._beside.setSpacing(12 if columns > 1 else 0)
        for place, (lane, cards) in enumerate(zip(self._lanes, lanes, strict=True)):
            while lane.takeAt(0):
                pass
            for card in cards:
                lane.addWidget(card)
            if cards:
                lane.addStretch(1)
            self._beside.setStretch(place, _SHARES[columns - 1][place])

    def _say_date(self) -> None:
        today = datetime.now(UTC).astimezone().date()
        words = QLocale().toString(QDate(today.year, today.month, today.day), tr("dddd, d MMMM yyyy"))
        self.head.line.say(words)

    def _show_orders(self) -> None:
        if not self._live.read_once:
            self._say_trouble(self.waiting)
            return
        mine = orders_in(Queue.MINE, self._live.orders, self._desk.me)
        counted = " · ".join(part for part in (trn("%n orders", len(mine)), oldest_words(mine)) if part)
        self.waiting.note.since(None, counted)
        self.waiting.show_rows(mine[:_WAITING_ROWS], Said(*self._nothing_waits()))
        self.ageing.show_orders(mine)

    def _nothing_waits(self) -> tuple[str, str]:
        me = self._desk.me
        if not (me.may(Right.APPROVE) or me.may(Right.PROVISION)):
            return tr("Nothing waits for you"), tr("Reviewing and provisioning is done by others; you can look it up.")
        return tr("Nothing waits for you"), tr("New orders appear by themselves.")

    def _show_failures(self) -> None:
        if not self._live.read_once:
            self._say_trouble(self.failures)
            return
        cases = sorted(self._live.cases, key=lambda one: one.code.code)
        groups = [list(group) for _, group in groupby(cases, key=lambda one: one.code.code)]
        stuck = [Stuck(group[0].code, len(group), min(group, key=lambda one: one.since)) for group in groups]
        stuck.sort(key=lambda one: (-one.orders, one.oldest.since))
        self.failures.note.since(None, trn("%n cases", len(cases)))
        self.failures.show_rows(stuck[:_CODE_ROWS], Said(tr("Nothing is stuck")))

    def _say_stale(self) -> None:
        if self._live.problem and self._live.read_once:
            self.stale_line.say(self._desk.explain(self._live.problem), self._live.refresh)

    def _say_trouble(self, card: RowsCard) -> None:
        if self._live.problem:
            problem = self._desk.explain(self._live.problem)
            card.failed(Said(in_language(problem.title), in_language(problem.meaning), "stop"))

    def _show_systems(self) -> None:
        self.systems.show_connections(self._live.connections)
        for card in (self.waiting, self.failures, self.changes):
            card.age()

    def _read_changes(self) -> None:
        found = self._desk.activity.recent(_CHANGE_ROWS + 1, self._since)
        self._work.ask("changes", found, self._show_changes, self._no_changes)

    def _show_changes(self, entries: "Sequence[ActivityEntry]") -> None:
        rows = {(one.at, one.action, one.subject): one for one in entries[:_CHANGE_ROWS]}
        self.changes.show_rows(list(rows.values()), Said(tr("Nothing has changed"), tr("Nobody did anything since.")))

    def _no_changes(self, error: ConsoleError) -> None:
        problem = self._desk.explain(error)
        self.changes.failed(Said(in_language(problem.title), in_language(problem.meaning), "stop"))

    def _open_change(self, entry: "ActivityEntry") -> None:
        if entry.order_id:
            self._shell.navigator.order.emit(entry.order_id)
        elif entry.account_id:
            self._shell.navigator.customer.emit(entry.account_id)


def _order_cells() -> "list[Cells[OrderSummary]]":
    return [
        Cells("", lambda one: number_words(one.order_number), ink="second"),
        Cells("", lambda one: one.customer, wide=True),
        Cells("", lambda one: kind_words(one.kind), ink="second"),
        Cells("", lambda one: state_tag(one)[0], tone=lambda one: state_tag(one)[1]),
        Cells("", lambda one: since_words(one.placed_at), right=True, ink="second",
              tip=lambda one: moment_words(one.placed_at)),
    ]  # fmt: skip


def _stuck_cells() -> list[Cells[Stuck]]:
    return [
        Cells("", lambda one: one.code.code),
        Cells("", lambda one: in_language(one.code.title), wide=True),
        Cells("", lambda one: trn("%n orders", one.orders), tone=lambda one: code_tone(one.code)),
    ]


def _change_cells() -> "list[Cells[ActivityEntry]]":
    return [
        Cells("", lambda one: since_words(one.at), ink="second", tip=lambda one: moment_words(one.at)),
        Cells("", lambda one: one.actor),
        Cells("", what, tip=lambda one: why(one) or what(one)),
        Cells("", lambda one: number_words(one.order_number), ink="second"),
        Cells("", lambda one: one.customer, wide=True, ink="second"),
    ]
