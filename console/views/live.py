"""What all places show of the same things: the queue, the failures, the connections. Read once for everyone."""

import asyncio
import contextlib
import operator
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from console.errors import ConsoleError
from console.views.work import Work, report_defect

if TYPE_CHECKING:
    from console.models.connection import Connection
    from console.models.order import OrderSummary
    from console.views.desk import Desk
    from console.workflows.failures import ListedCase

R = TypeVar("R")

# Ages of connections are counted by the strip itself; what it counts from is looked up this often.
_CONNECTIONS_EVERY_S = 2.0
_BACK_EVERY_S = 5.0
# While another process reads the systems for everyone: how often to see whether it still does.
_TURN_EVERY_S = 5.0
# News come in crowds; a long queue takes a while to read, and the window has other things to do.
_NEWS_EVERY_S, _REST_FACTOR = 0.5, 10


class Live(QObject):
    """Holds the rows of the moment and says when they changed.

    Of all processes that share the Portal database one reads the systems, at its desk's pace; the others hear of what
    it found.

    `orders`, `cases` and `connections` are tuples, empty before the first reading. `orders_changed` and `cases_changed`
    come with the first rows, with the first failure, and whenever a row differs; `refreshed` at the end of each reading
    of the systems, also where nothing differs; `people_changed` where somebody may be found otherwise than before.
    `failed` carries a `ConsoleError`.
    """

    orders_changed = Signal()
    cases_changed = Signal()
    connections_changed = Signal()
    people_changed = Signal()
    refreshed = Signal()
    failed = Signal(object)

    def __init__(self, desk: "Desk", work: Work, parent: QObject) -> None:
        """Nothing is read before `start`."""
        super().__init__(parent)
        self._desk = desk
        self._work = work
        self.orders: Sequence[OrderSummary] = ()
        self.cases: Sequence[ListedCase] = ()
        self.connections: Sequence[Connection] = ()
        self.read_once = False
        self.read_at: datetime | None = None
        self.problem: ConsoleError | None = None
        self._comparing = self._reading_people = False

    def start(self) -> None:
        """Show what our own database has at once, then go on reading."""
        self._work.ask("own rows", self._own_rows(), lambda _: None, self._trouble)
        self._work.ask("refreshing", self._keep_refreshing(), lambda _: None, self._trouble)
        self._work.ask("listening", self._keep_listening(), lambda _: None, self._trouble)
        self._work.ask("audit head", self._desk.audit.keep_copying(), lambda _: None, self._trouble)
        self._work.ask("details", self._desk.sync.keep_reading_details(), lambda _: None, self._trouble)
        self._work.ask("connections", self._keep_watching(), lambda _: None, self._trouble)
        self._work.ask("probing", self._keep_probing(), lambda _: None, self._trouble)

    def refresh(self) -> None:
        """Read again now, as after an action of one's own."""
        self._work.ask("refresh now", self._asked_now(), lambda _: None, self._trouble)

    async def _asked_now(self) -> None:
        if await self._desk.sync.reads_for_everyone():
            await self._refreshed()
        else:
            await self._desk.sync.ask()

    async def _keep_refreshing(self) -> None:
        """At the pace of the moment; where that is none, look again whether there is one."""
        while True:
            pause_s = self._desk.polling.pause_s()
            try:
                if not await self._desk.sync.reads_for_everyone():
                    await self._followed()
                    pause_s = _TURN_EVERY_S
                elif pause_s is not None:
                    await self._refreshed()
                    self._compare()
                    pause_s = self._desk.polling.pause_s()
            except ConsoleError as error:
                self._trouble(error)
            except Exception as defect:  # noqa: BLE001 - the next reading may go well; this one is reported
                self._trouble(report_defect(defect))
            await asyncio.sleep(pause_s or _CONNECTIONS_EVERY_S)

    async def _followed(self) -> None:
        """What the process that reads for everyone has heard of the systems is as good as an answer of one's own."""
        self._desk.connections.heard(await self._desk.sync.answers())
        await self._desk.connections.probe_silent()
        if not self.read_once:
            await self._own_rows(await self._desk.sync.read_at())

    async def _keep_listening(self) -> None:
        """Show what others change in our own database, and do what they ask for."""
        while True:
            try:
                async with contextlib.aclosing(self._desk.sync.news()) as news:
                    async for _ in news:
                        started = time.monotonic()
                        await self._heard()
                        await asyncio.sleep(max(_NEWS_EVERY_S, _REST_FACTOR * (time.monotonic() - started)))
            except ConsoleError as error:
                self._trouble(error)
            except Exception as defect:  # noqa: BLE001 - what comes next may go well; this one is reported
                self._trouble(report_defect(defect))
            await asyncio.sleep(_TURN_EVERY_S)

    async def _heard(self) -> None:
        if not self.read_once:
            return
        self.people_changed.emit()
        if await self._desk.sync.reads_for_everyone():
            if await self._desk.sync.take_wishes():
                await self._refreshed()
                return
            await self._own_rows()
        else:
            await self._own_rows(await self._desk.sync.read_at())

    def _compare(self) -> None:
        """Beside the readings, which do not wait for it; one at a time."""
        if not self._comparing:
            self._comparing = True
            self._work.ask("comparing", self._compared(), lambda _: None, self._trouble)

    async def _compared(self) -> None:
        try:
            if await self._desk.regular_sweep.run_if_due(self._desk.me):
                await self._own_rows()
        finally:
            self._comparing = False

    async def _keep_watching(self) -> None:
        while True:
            self.connections = self._desk.connections.states()
            self.connections_changed.emit()
            await asyncio.sleep(_CONNECTIONS_EVERY_S)

    async def _keep_probing(self) -> None:
        """That a system is back is worth knowing sooner than the next reading."""
        while True:
            await asyncio.sleep(_BACK_EVERY_S)
            if any(one.down_since for one in self.connections):
                await self._desk.connections.probe()

    async def _refreshed(self) -> None:
        read_at, trouble = None, None
        try:
            await self._desk.orders.refresh()
            read_at = datetime.now(UTC)
            await self._desk.failures.take_over()
        except ConsoleError as error:
            # What our own database knows is shown all the same.
            trouble = error
        self._desk.polling.note(trouble)
        await self._own_rows(read_at)
        await self._desk.connections.probe()
        if trouble:
            raise trouble
        self.problem = None
        self.refreshed.emit()
        self._read_people()

    def _read_people(self) -> None:
        """Beside the readings of the queue, which do not wait for it: many people take minutes. One at a time."""
        if not self._reading_people:
            self._reading_people = True
            self._work.ask("people", self._people_read(), lambda _: None, self._trouble)

    async def _people_read(self) -> None:
        try:
            await self._desk.sync.refresh_people()
            self.people_changed.emit()
        finally:
            self._reading_people = False

    async def _own_rows(self, read_at: datetime | None = None) -> None:
        orders, cases = await self._desk.orders.queue(), await self._desk.failures.listed()
        # Not on the window's own thread: a long queue takes a while to compare.
        new_orders = await asyncio.to_thread(_kept, self.orders, orders, lambda one: one.order_id)
        new_cases = await asyncio.to_thread(_kept, self.cases, cases, lambda one: one.case.case_id)
        first, self.read_once = not self.read_once, True
        self.read_at = read_at or self.read_at
        if first or not _are_same(new_orders, self.orders):
            self.orders = new_orders
            self.orders_changed.emit()
        if first or not _are_same(new_cases, self.cases):
            self.cases = new_cases
            self.cases_changed.emit()

    def _trouble(self, error: ConsoleError) -> None:
        first, self.problem = self.problem is None, error
        self.failed.emit(error)
        if first and not self.read_once:
            self.orders_changed.emit()
            self.cases_changed.emit()


def _kept(before: Sequence[R], now: Sequence[R], key: Callable[[R], object]) -> tuple[R, ...]:
    """What is now, each row that has not changed as the very object that it was before.

    All that comes after can then tell what changed without comparing values.
    """
    known = {key(one): one for one in before}
    return tuple(old if (old := known.get(key(one))) == one else one for one in now)


def _are_same(one: Sequence[object], other: Sequence[object]) -> bool:
    return len(one) == len(other) and all(map(operator.is_, one, other))
