"""What is stuck: grouped by code, an outage as one incident, the next button on each row, and what happened below."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from console.models.failure import SETTLED_BY_PEOPLE
from console.models.staff import Right
from console.notices import NoticeKind
from console.views.actions import Scope
from console.views.ages import since_words
from console.views.degraded import provisioning_off
from console.views.desk import Desk, Shell
from console.views.failure_detail import FailureDetail
from console.views.failure_list import FailureList
from console.views.failure_rows import (
    CaseRow,
    Choice,
    FailureRow,
    GroupRow,
    Outage,
    RowLook,
    look_of,
    outages_of,
    rows_of,
)
from console.views.failure_words import OUTAGES, Next, next_of
from console.views.incident_card import IncidentCard
from console.views.live import Live
from console.views.page import Page, PageHead
from console.views.retry_runs import RetryRuns
from console.views.settle_sheet import SettleSheet
from console.views.states import Stateful
from console.views.tables import Column, RecordModel
from console.views.widgets import Button, Card, column
from console.views.words import tr, trn

if TYPE_CHECKING:
    from console.workflows.failures import ListedCase

_FILTER_WIDTH = 220


class FailuresPage(Page):
    """`fixed` comes when a retry ended with the order active."""

    fixed = Signal()

    def __init__(self, desk: Desk, shell: Shell, live: Live, retry_many: Callable[[Sequence[str]], None]) -> None:
        """`retry_many` asks, then retries many orders; it takes their ids."""
        super().__init__(tr("Failures"))
        self._desk, self._shell, self._live, self._retry_all = desk, shell, live, retry_many
        self._may_retry = desk.me.may(Right.PROVISION)
        self._choice = Choice(by_code=True, opened=frozenset(), text="", with_outages=False)
        self.runs = RetryRuns(desk, shell, live, self)
        self.model: RecordModel[FailureRow] = RecordModel(
            [Column("", lambda one: self._look(one).spoken())], lambda one: one.key, self
        )
        self.list = FailureList(self.model, shell.theme, self._look)
        self.place = Stateful(self.list)
        self.head = PageHead(tr("Failures"))
        self.filter = QLineEdit()
        self.by_code = Button(tr("By code"), lambda: self._list_by(by_code=True), look="filter")
        self.flat = Button(tr("Flat"), lambda: self._list_by(by_code=False), look="filter")
        self.incidents = {system: IncidentCard(desk.catalogue, may_retry=self._may_retry) for system in OUTAGES}
        self.detail = FailureDetail(desk, shell, self.runs, self._why_not)
        self._build()
        self._connect()
        self.place.loading()
        self._show()

    def read(self) -> None:
        """Read the cases again."""
        self._live.refresh()

    def take_focus(self) -> None:
        """Put the focus into the list, on its first row where none is current."""
        self.list.setFocus()
        self.list.mark()

    def leave(self) -> None:
        """Drop what is being read. What is being retried goes on."""
        self.detail.leave()

    def select_order(self, order_id: str) -> None:
        """Make the case of an order current, whatever hides it now; without an open case nothing happens."""
        found = next((one for one in self._live.cases if one.case.order_id == order_id), None)
        if found is None:
            return
        self._reveal(found.code.code)
        self.filter.clear()
        self._show()
        self.list.choose(("case", order_id))

    def _build(self) -> None:
        self.filter.setPlaceholderText(tr("Filter by code, name or number"))
        self.filter.setAccessibleName(tr("Filter failures"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setFixedWidth(_FILTER_WIDTH)
        for tool in (self.by_code, self.flat, self.filter):
            self.head.tools.addWidget(tool)
        card = Card()
        card.setAccessibleName(tr("Open failures"))
        card.add(self.place, 1)
        layout = column((24, 16, 24, 16), 12)
        layout.addWidget(self.head)
        for incident in self.incidents.values():
            incident.hide()
            layout.addWidget(incident)
        layout.addWidget(card, 5)
        layout.addWidget(self.detail, 4)
        self.setLayout(layout)

    def _connect(self) -> None:
        actions = self._shell.actions
        actions.hold_in(self, Scope.FAILURE)
        actions.hold_in(self.list, Scope.LIST)
        actions.on("list.filter", self.filter.setFocus, within=self)
        for action_id, handler, when in (
            ("failure.retry", self._retry_current, self._can_retry),
            ("failure.settle", self._settle, lambda: self._to_settle() is not None),
            ("failure.retry_group", self._retry_group, self._can_retry),
            ("failure.order", self._open_order, lambda: self._current_case() is not None),
            ("failure.customer", self._open_customer, lambda: self._account() is not None),
        ):
            actions.on(action_id, handler, within=self, when=when)
        # A click makes a row current before it marks it, and only a marked row is acted on.
        self.list.selectionModel().selectionChanged.connect(self._marked)
        self.list.opened.connect(lambda _: self._open_order())
        self.list.toggled.connect(self._toggle)
        self.list.pressed.connect(self._press)
        self.filter.textChanged.connect(self._narrow)
        self.filter.returnPressed.connect(self.take_focus)
        for system, incident in self.incidents.items():
            incident.orders_wanted.connect(partial(self._toggle_outages, system))
            incident.retry_wanted.connect(lambda outage: self._retry_many(outage.cases))
        self.runs.changed.connect(lambda _: self._show())
        self.runs.fixed.connect(self.fixed)
        self._live.cases_changed.connect(self._show)
        self._live.refreshed.connect(self.place.stale_line.clear)
        self._live.failed.connect(lambda _: self._say_trouble())
        self._live.connections_changed.connect(self._pass_time)

    # Rows

    def _show(self) -> None:
        """Put the rows of the moment in place; nothing that is chosen or shown moves with them."""
        outages = outages_of(self._live.cases, self._live.connections)
        self._show_outages(outages)
        cases = self.runs.with_settled(tuple(self._live.cases))
        moved = self._moved(cases)
        marks = self.runs.marks()
        rows = rows_of(cases, self._choice, marks)
        self.model.set_records(rows)
        if moved:
            self.list.choose(("case", moved))
        self.by_code.light(on=self._choice.by_code)
        self.flat.light(on=not self._choice.by_code)
        self._say_line()
        self._say_state(rows, outages)
        # Where nothing is stuck there is nothing to be read about it.
        self.detail.setVisible(bool(cases) or not self._live.read_once)
        self._show_detail()

    def _moved(self, cases: "Sequence[ListedCase]") -> str:
        """Where the case that is looked at has another code now, show its new group; returns its order id, else ""."""
        seen = self._current_case()
        now = next((one for one in cases if seen and one.case.order_id == seen.case.order_id), None)
        if seen is None or now is None or now.code.code == seen.code.code:
            return ""
        self._reveal(now.code.code)
        return now.case.order_id

    def _reveal(self, code: str) -> None:
        """Show the cases of a code, also where they belong to an incident."""
        with_outages = self._choice.with_outages or code in OUTAGES.values()
        self._choice = replace(self._choice, opened=self._choice.opened | {code}, with_outages=with_outages)

    def _say_state(self, rows: Sequence[FailureRow], outages: Sequence[Outage]) -> None:
        if rows:
            self.place.filled()
        elif self._live.problem and not self._live.read_once:
            self.place.problem(self._desk.explain(self._live.problem), self._live.refresh)
        elif self._choice.text:
            self.place.empty(tr("No failure fits"), tr("Take the filter away to see all."), tr("Show all of them"),
                             self.filter.clear)  # fmt: skip
        elif any(outage.cases for outage in outages):
            self.place.empty(tr("Nothing else is stuck."), tr("The orders of the incident are shown when you ask."))
        elif self._live.read_once:
            self.place.empty(tr("Nothing is stuck."), tr("What gets stuck appears here by itself, with what to do."))
        self._say_trouble()

    def _say_trouble(self) -> None:
        if self._live.problem and self._live.read_once:
            self.place.stale(self._desk.explain(self._live.problem), self._live.refresh)

    def _show_outages(self, outages: Sequence[Outage]) -> None:
        present = {outage.system: outage for outage in outages}
        for system, incident in self.incidents.items():
            if outage := present.get(system):
                incident.show_outage(outage, orders_shown=self._choice.with_outages)
            incident.setVisible(system in present)

    def _say_line(self) -> None:
        cases = self._live.cases
        if not self._live.read_once:
            self.head.line.say("")
        elif not cases:
            self.head.line.say(tr("no open case"))
        else:
            codes = trn("%n codes", len({one.code.code for one in cases}))
            oldest = tr("oldest {age}", age=since_words(min(one.since for one in cases)))
            self.head.line.say(" · ".join([trn("%n cases", len(cases)), codes, oldest]))

    def _pass_time(self) -> None:
        """Ages go on, and a system may have gone down or come back."""
        self._show_outages(outages_of(self._live.cases, self._live.connections))
        self._say_line()
        self.detail.say_retry()
        self.list.viewport().update()

    def _look(self, one: FailureRow) -> RowLook:
        off = bool(provisioning_off(self._live.connections))
        return look_of(one, may_retry=self._may_retry, busy=self.runs.busy, off=off)

    def _list_by(self, *, by_code: bool) -> None:
        self._choice = replace(self._choice, by_code=by_code)
        self._show()

    def _narrow(self, text: str) -> None:
        self._choice = replace(self._choice, text=text)
        self.place.forget()
        self._show()

    def _toggle(self, group: GroupRow) -> None:
        self._choice = replace(self._choice, opened=self._choice.opened ^ {group.code.code})
        if group.expanded:
            self.list.choose(group.key)
        self._show()

    def _toggle_outages(self, system: str) -> None:
        """Show or hide the orders of incidents; where they are shown, those of `system` are gone to."""
        shown = not self._choice.with_outages
        opened = self._choice.opened | set(OUTAGES.values()) if shown else self._choice.opened
        self._choice = replace(self._choice, with_outages=shown, opened=opened)
        self._show()
        if shown:
            self._go_to(OUTAGES[system])

    def _go_to(self, code: str) -> None:
        """Make the first row of a code current, and show as much below it as there is room for."""
        codes = [one.code.code if isinstance(one, GroupRow) else one.listed.code.code for one in self.model.records]
        if code in codes:
            index = self.model.index(codes.index(code), 0)
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index, self.list.ScrollHint.PositionAtTop)

    # What is chosen

    def _current(self) -> FailureRow | None:
        """The row that is marked. Where that row left the list, none is, and no key acts on its neighbour."""
        found: FailureRow | None = self.list.current_record()
        return found if self.list.selectionModel().hasSelection() else None

    def _current_case(self) -> "ListedCase | None":
        """The case of the current row; a group of one stands for its case."""
        current = self._current()
        if isinstance(current, CaseRow):
            return current.listed
        return current.cases[0] if current and len(current.cases) == 1 else None

    def _marked(self) -> None:
        if not self.model.updating:
            self._show_detail()

    def _show_detail(self) -> None:
        current = self._current()
        if listed := self._current_case():
            self.detail.show_case(listed)
        elif isinstance(current, GroupRow):
            self.detail.show_code(current.code, len(current.cases))
        else:
            self.detail.show_nothing()

    # What is done

    def _press(self, pressed: FailureRow) -> None:
        """The button of a row: it was made current by the same click."""
        code = pressed.code if isinstance(pressed, GroupRow) else pressed.listed.code
        what = next_of(code, may_retry=self._may_retry)
        {Next.RETRY: self._retry_current, Next.ORDER: self._open_order, Next.CUSTOMER: self._open_customer}[what]()

    def _retry_current(self) -> None:
        if not self._is_allowed():
            return
        if listed := self._current_case():
            self.runs.start(listed)
        elif isinstance(current := self._current(), GroupRow):
            self._retry_many(current.cases)

    def _to_settle(self) -> "ListedCase | None":
        """The current case, where a person settles its code."""
        listed = self._current_case()
        return listed if listed and listed.code.code in SETTLED_BY_PEOPLE else None

    def _settle(self) -> None:
        if listed := self._to_settle():
            sheet = SettleSheet(self._desk, self._shell, listed.case.order_id, listed.case.order_number, self.window())
            sheet.settled.connect(self._live.refresh)
            sheet.open()

    def _retry_group(self) -> None:
        current = self._current()
        if current is None or not self._is_allowed():
            return
        code = current.code if isinstance(current, GroupRow) else current.listed.code
        self._retry_many([one for one in self._live.cases if one.code.code == code.code])

    def _retry_many(self, cases: "Sequence[ListedCase]") -> None:
        waiting = [one.case.order_id for one in cases if one.case.order_id not in self.runs.busy]
        if waiting:
            self._retry_all(waiting)

    def _open_order(self) -> None:
        if listed := self._current_case():
            self._shell.navigator.order.emit(listed.case.order_id)

    def _open_customer(self) -> None:
        if account_id := self._account():
            self._shell.navigator.customer.emit(account_id)

    def _account(self) -> str | None:
        listed = self._current_case()
        return listed.account_id if listed else None

    def _can_retry(self) -> bool:
        return self._current() is not None and not self._why_not()

    def _why_not(self) -> str:
        """Why nothing can be retried now, "" where it can."""
        if not self._may_retry:
            return tr("Retrying is for the back office and supervisors.")
        return provisioning_off(self._live.connections)

    def _is_allowed(self) -> bool:
        """Whether something can be retried now; where it cannot, that is said."""
        why_not = self._why_not()
        if why_not:
            self._shell.notices.tell(NoticeKind.CAREFUL, why_not)
        return not why_not
