"""Work on many orders over a frozen list: confirmed with names and counts, seen in the strip, its result kept."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from console.errors import ConsoleError
from console.models.provisioning import ProvisionResult
from console.notices import NoticeKind
from console.views.confirm import ConfirmDialog, Question
from console.views.connection_strip import LongWork
from console.views.degraded import provisioning_off
from console.views.desk import Desk, Shell
from console.views.failure_words import ACTIVE, result_words
from console.views.live import Live
from console.views.order_queues import Queue, orders_in
from console.views.order_words import number_words
from console.views.tables import Column, RecordModel, RecordTable
from console.views.theme import TextRole
from console.views.widgets import Button, Card, Text, column, row
from console.views.words import in_language, tr, trn
from console.views.work import Work

if TYPE_CHECKING:
    from console.workflows.bulk import BulkJob, BulkProgress
    from console.workflows.bulk_preview import BulkPreview

_PARALLEL, _STOP_AFTER = 2, 5
_MOST_NAMES = 5


class BulkRuns(QObject):
    """One run at a time. `strip` is its line in the connection strip."""

    def __init__(self, desk: Desk, shell: Shell, live: Live, window: QWidget) -> None:
        """Nothing runs yet."""
        super().__init__(window)
        self._desk, self._shell, self._live, self._window = desk, shell, live, window
        self._work = Work(shell.actions_under_way, "many orders")
        self._look = Work(shell.tasks, "many orders")
        self._title = ""
        self._numbers: dict[str, str] = {}
        self._run: BulkJob | None = None
        self._under_way = False
        self._results: BulkResults | None = None
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
        self.start([order.order_id for order in orders])

    def start(self, order_ids: Sequence[str], *, again: bool = False) -> None:
        """Ask, then provision these orders, `again` where they are stuck; the list is frozen as it is now."""
        if off := provisioning_off(self._live.connections):
            self._shell.notices.tell(NoticeKind.CAREFUL, off)
            return
        if self.under_way:
            self._shell.notices.tell(NoticeKind.CAREFUL, tr("Another run is under way; wait for its end or cancel it."))
            return
        self._under_way = True
        self._work.act("run", self._asked_and_run(tuple(order_ids), again=again), lambda _: None, self._failed)

    def end(self) -> None:
        """The window is closed: what is carried out here stands still until it is gone on with, maybe tomorrow."""
        if self._run is not None:
            self._run.leave()

    def take_up(self) -> None:
        """Show a run that an earlier sitting has left: it stands still, or somebody carries it out meanwhile."""
        if not self.under_way:
            self._under_way = True
            self._work.act("run of before", self._taken_up(), lambda _: None, self._failed)

    async def _asked_and_run(self, order_ids: tuple[str, ...], *, again: bool) -> None:
        try:
            if await self._confirmed(order_ids, again=again):
                await self._carried_out(tr("Retry") if again else tr("Provision"), order_ids)
        finally:
            self._under_way = False

    async def _confirmed(self, order_ids: tuple[str, ...], *, again: bool) -> bool:
        """Ask, and say meanwhile what the run would meet, as far as it is known by then."""
        dialog = ConfirmDialog(self._question(order_ids, again=again), self._window)
        chosen = set(order_ids)
        preview = self._desk.previews.new(self._desk.me, [one for one in self._live.orders if one.order_id in chosen])
        preview.on_change = lambda done: dialog.note(_preview_words(preview.preview, done, preview.total))
        dialog.note(_preview_words(preview.preview, 0, preview.total))
        self._look.ask("preview", preview.run(), lambda _: None, lambda _: None)
        try:
            return await dialog.asked() is not None
        finally:
            preview.on_change = None
            preview.cancel()

    async def _carried_out(self, title: str, order_ids: tuple[str, ...]) -> None:
        from console.workflows.bulk import BulkPace  # noqa: PLC0415 - the workflows are there by now

        pace = BulkPace(_PARALLEL, stop_after=_STOP_AFTER)
        await self._led(title, self._desk.bulk.new(self._desk.me, order_ids, pace))

    async def _taken_up(self) -> None:
        try:
            for job in await self._desk.bulk.unfinished(self._desk.me):
                await self._led(tr("Provision"), job)
        finally:
            self._under_way = False

    async def _led(self, title: str, job: "BulkJob") -> None:
        """Show a run until its end, and tell what came of it unless it is left for later."""
        if self._results is not None:
            # It belongs to the run before.
            self._results.close()
        self._title = title
        self._numbers = {one.order_id: one.order_number for one in self._live.orders}
        self._run = job
        job.on_change = self._show
        self._show(job.progress)
        try:
            results = await job.run()
            if not job.progress.paused:
                self._tell(results)
        finally:
            self._show(job.progress)
            self._live.refresh()

    def _question(self, order_ids: tuple[str, ...], *, again: bool) -> Question:
        chosen = {one.order_id: one for one in self._live.orders}
        names = [chosen[one].customer for one in order_ids[:_MOST_NAMES] if one in chosen]
        more = len(order_ids) - len(names)
        who = ", ".join(names) + (tr(" and {n} more", n=more) if more else "")
        settled = tr("What became of each order is read first; nothing is made in WHMCS twice.")
        if not again:
            settled = tr(
                "Each order is checked live, then made in WHMCS exactly once; what blocks is paused with its code."
            )
        stops = tr("You can pause or cancel between two orders. It pauses by itself after {n} failures in a row.",
                   n=_STOP_AFTER)  # fmt: skip
        lines = (who + ".", settled, stops)
        count = trn("%n orders", len(order_ids))
        if again:
            return Question(tr("Retry: {orders}?", orders=count), lines, trn("Retry %n orders", len(order_ids)))
        return Question(tr("Provision: {orders}?", orders=count), lines, trn("Provision %n orders", len(order_ids)))

    def _show(self, progress: "BulkProgress") -> None:
        self.strip.show_progress(self._title, progress)
        if self._results is not None and self._run is not None:
            self._results.show_run(self._run)

    def _tell(self, results: Sequence[ProvisionResult]) -> None:
        ok = sum(one.outcome in ACTIVE for one in results)
        kind = NoticeKind.DONE if ok == len(results) else NoticeKind.CAREFUL
        text = tr("{ok} of {n} orders are active.", ok=ok, n=len(results))
        self._shell.notices.tell(kind, text)

    def _failed(self, error: ConsoleError) -> None:
        problem = self._desk.explain(error)
        done = len(self._run.results) if self._run else 0
        more = tr("{n} orders were done before; see the details of the run.", n=done)
        self._shell.notices.tell(
            NoticeKind.FAILED, in_language(problem.title), f"{in_language(problem.meaning)} {more}"
        )

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
        if self._run is None:
            return
        if self._results is None:
            self._results = BulkResults(self._title, self._numbers, self._window)
            self._results.finished.connect(self._results_closed)
        self._results.show_run(self._run)
        self._results.show()
        self._results.raise_()

    def _results_closed(self) -> None:
        if self._results is not None:
            self._results.deleteLater()
            self._results = None


def _preview_words(preview: "BulkPreview", done: int, total: int) -> str:
    """How many orders are safe and how many need a check, of those that were looked at."""
    parts = [trn("%n are safe", preview.safe)]
    if preview.needs_check:
        codes = ", ".join(f"{code} × {count}" if count > 1 else code for code, count in preview.needs_check)
        parts.append(f"{trn('%n need a check', sum(count for _, count in preview.needs_check))} ({codes})")
    if preview.waiting:
        parts.append(trn("%n wait for their date", preview.waiting))
    looked = tr("{done} of {n} looked at", done=done, n=total)
    return f"{looked}: {', '.join(parts)}"


class _Row(NamedTuple):
    """One order of a run: its result, or how far it is."""

    order_id: str
    words: str
    result: ProvisionResult | None


class BulkResults(QDialog):
    """One line for each order of a run, with its code where it was not provisioned. Not modal; it follows the run."""

    def __init__(self, title: str, numbers: dict[str, str], parent: QWidget) -> None:
        """`numbers` gives the order number of an id."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(720, 460)
        columns: list[Column[_Row]] = [
            Column(tr("Order"), lambda one: number_words(numbers.get(one.order_id, ""))),
            Column(tr("Result"), lambda one: one.words),
            Column(tr("Code"), lambda one: _code(one.result)),
            Column(tr("Why"), lambda one: one.result.message if one.result else "", wide=True),
            Column(tr("Took"), lambda one: f"{one.result.took_ms / 1000:.1f} s" if one.result else "", right=True),
        ]
        self._model: RecordModel[_Row] = RecordModel(columns, lambda one: one.order_id, self)
        card = Card(tr("Results"))
        table = RecordTable(self._model, tr("Results"))
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

    def show_run(self, run: "BulkJob") -> None:
        """Show how the run stands now."""
        results = {one.order_id: one for one in run.results}
        running = run.progress.running
        waits = tr("not begun") if run.progress.cancelled else tr("waits")
        rows = []
        for order_id in run.order_ids:
            result = results.get(order_id)
            under_way = tr("running…") if order_id in running else waits
            rows.append(_Row(order_id, result_words(result.outcome) if result else under_way, result))
        self._model.set_records(rows)


def _code(result: ProvisionResult | None) -> str:
    """Why an order is not active."""
    return "" if result is None or result.outcome in ACTIVE else result.code or ""
