"""Work on many orders over a frozen list: confirmed with names and counts, seen in the strip, its result kept."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from console.errors import ConsoleError
from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.notices import NoticeKind
from console.views.confirm import ConfirmDialog, Question
from console.views.connection_strip import LongWork
from console.views.desk import Desk, Shell
from console.views.live import Live
from console.views.order_queues import Queue, orders_in
from console.views.order_words import number_words
from console.views.tables import Column, RecordModel, RecordTable
from console.views.theme import TextRole
from console.views.widgets import Button, Card, Text, column, row
from console.views.words import in_language, tr, trn
from console.views.work import Work

if TYPE_CHECKING:
    from console.workflows.bulk import BulkProgress, BulkRun

_PARALLEL = 2
_MOST_NAMES = 5
_ACTIVE = frozenset({ProvisionOutcome.ACTIVATED, ProvisionOutcome.ALREADY_ACTIVE})


class BulkRuns(QObject):
    """One run at a time. `strip` is its line in the connection strip."""

    def __init__(self, desk: Desk, shell: Shell, live: Live, window: QWidget) -> None:
        """Nothing runs yet."""
        super().__init__(window)
        self._desk, self._shell, self._live, self._window = desk, shell, live, window
        self._work = Work(shell.actions_under_way, "many orders")
        self._title = ""
        self._numbers: dict[str, str] = {}
        self._run: BulkRun | None = None
        self._under_way = False
        self.strip = LongWork(self._pause_or_go_on, self._cancel, self._show_results)

    @property
    def under_way(self) -> bool:
        """Whether a run is being asked for, goes on or is paused."""
        return self._under_way

    def provision_all_approved(self) -> None:
        """Ask, then provision every order that is approved and waits."""
        orders = orders_in(Queue.APPROVED, self._live.orders, self._desk.me)
        if not orders:
            self._shell.notices.tell(NoticeKind.CAREFUL, tr("No approved order waits to be provisioned."))
            return
        self.start(tr("Provision"), [order.order_id for order in orders])

    def start(self, title: str, order_ids: Sequence[str]) -> None:
        """Ask, then provision these orders; the list is frozen as it is now."""
        if self.under_way:
            self._shell.notices.tell(NoticeKind.CAREFUL, tr("Another run is under way; wait for its end or cancel it."))
            return
        self._under_way = True
        self._work.act("run", self._asked_and_run(title, tuple(order_ids)), lambda _: None, self._failed)

    def end(self) -> None:
        """Begin no further order: the window is closed. What has not begun stays as it is."""
        self._cancel()

    async def _asked_and_run(self, title: str, order_ids: tuple[str, ...]) -> None:
        try:
            answer = await ConfirmDialog(self._question(title, order_ids), self._window).asked()
            if answer is not None:
                await self._carried_out(title, order_ids)
        finally:
            self._under_way = False

    async def _carried_out(self, title: str, order_ids: tuple[str, ...]) -> None:
        from console.workflows.bulk import BulkRun  # noqa: PLC0415 - the workflows are there by now

        self._title = title
        self._numbers = {one.order_id: one.order_number for one in self._live.orders}
        self._run = BulkRun(self._desk.provisioning, order_ids, self._desk.me, _PARALLEL, on_change=self._show)
        results = await self._run.run()
        self._show(self._run.progress)
        self._tell(results)
        self._live.refresh()

    def _question(self, title: str, order_ids: tuple[str, ...]) -> Question:
        chosen = {one.order_id: one for one in self._live.orders}
        names = [chosen[one].customer for one in order_ids[:_MOST_NAMES] if one in chosen]
        more = len(order_ids) - len(names)
        who = ", ".join(names) + (tr(" and {n} more", n=more) if more else "")
        lines = (
            who + ".",
            tr("Each order is checked live, then made in WHMCS exactly once; what blocks is paused with its code."),
            tr("You can pause or cancel between two orders."),
        )
        return Question(f"{title}: {trn('%n orders', len(order_ids))}?", lines, trn("Provision %n orders",
                                                                                    len(order_ids)))  # fmt: skip

    def _show(self, progress: "BulkProgress") -> None:
        self.strip.show_progress(self._title, progress)

    def _tell(self, results: Sequence[ProvisionResult]) -> None:
        ok = sum(one.outcome in _ACTIVE for one in results)
        kind = NoticeKind.DONE if ok == len(results) else NoticeKind.CAREFUL
        text = tr("{ok} of {n} orders are active.", ok=ok, n=len(results))
        self._shell.notices.tell(kind, text)

    def _failed(self, error: ConsoleError) -> None:
        problem = self._desk.explain(error)
        self._shell.notices.tell(NoticeKind.FAILED, in_language(problem.title), problem.detail)

    def _pause_or_go_on(self) -> None:
        if self._run is None:
            return
        if self._run.progress.paused:
            self._run.resume()
        else:
            self._run.pause()
        self._show(self._run.progress)

    def _cancel(self) -> None:
        if self._run is not None:
            self._run.cancel()
            self._show(self._run.progress)

    def _show_results(self) -> None:
        if self._run is not None:
            BulkResults(self._title, self._run.results, self._numbers, self._window).show()


class BulkResults(QDialog):
    """One line for each order of a run, with its code where it was not provisioned. Not modal."""

    def __init__(
        self, title: str, results: Sequence[ProvisionResult], numbers: dict[str, str], parent: QWidget
    ) -> None:
        """`numbers` gives the order number of an id."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(720, 460)
        columns: list[Column[ProvisionResult]] = [
            Column(tr("Order"), lambda one: number_words(numbers.get(one.order_id, ""))),
            Column(tr("Result"), lambda one: tr("active") if one.outcome in _ACTIVE else tr("not active")),
            Column(tr("Code"), lambda one: "" if one.outcome in _ACTIVE else one.code or ""),
            Column(tr("Why"), lambda one: one.message, wide=True),
            Column(tr("Took"), lambda one: f"{one.took_ms / 1000:.1f} s", right=True),
        ]
        model: RecordModel[ProvisionResult] = RecordModel(columns, lambda one: one.order_id, self)
        model.set_records(results)
        card = Card(tr("Results"))
        table = RecordTable(model, tr("Results"))
        table.scrolls()
        card.add(table, 1)
        layout = column((20, 16, 20, 16), 12)
        layout.addWidget(Text(title, TextRole.LIST_TITLE))
        layout.addWidget(card, 1)
        close = row()
        close.addStretch(1)
        close.addWidget(Button(tr("Close"), self.close))
        layout.addLayout(close)
        self.setLayout(layout)
