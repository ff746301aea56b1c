"""What all places show of the same things: the queue, the failures, the connections. Read once for everyone."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from console.errors import ConsoleError
from console.views.work import Work

if TYPE_CHECKING:
    from console.models.connection import Connection
    from console.models.order import OrderSummary
    from console.views.desk import Desk
    from console.workflows.failures import ListedCase

# Ages of connections are counted by the strip itself; what it counts from is looked up this often.
_CONNECTIONS_EVERY_S = 2.0


class Live(QObject):
    """Holds the rows of the moment and says when they changed; reads them again at the desk's pace.

    `orders`, `cases` and `connections` are tuples, empty before the first reading. `failed` carries a `ConsoleError`.
    """

    orders_changed = Signal()
    cases_changed = Signal()
    connections_changed = Signal()
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

    def start(self) -> None:
        """Show what our own database has at once, then go on reading."""
        self._work.ask("own rows", self._own_rows(), lambda _: None, self._trouble)
        self._work.ask("refreshing", self._keep_refreshing(), lambda _: None, self._trouble)
        self._work.ask("connections", self._keep_watching(), lambda _: None, self._trouble)

    def refresh(self) -> None:
        """Read again now, as after an action of one's own."""
        self._work.ask("refresh now", self._refreshed(), lambda _: None, self._trouble)

    async def _keep_refreshing(self) -> None:
        while True:
            try:
                await self._refreshed()
            except ConsoleError as error:
                self._trouble(error)
            await asyncio.sleep(self._desk.refresh_s)

    async def _keep_watching(self) -> None:
        while True:
            self.connections = self._desk.connections.states()
            self.connections_changed.emit()
            await asyncio.sleep(_CONNECTIONS_EVERY_S)

    async def _refreshed(self) -> None:
        try:
            await self._desk.orders.refresh()
            self.read_at = datetime.now(UTC)
            await self._desk.failures.refresh()
        finally:
            # Also where a system is down: what our own database knows is shown all the same.
            await self._own_rows()
            await self._desk.connections.probe()
        self.problem = None

    async def _own_rows(self) -> None:
        orders, cases = await self._desk.orders.queue(), await self._desk.failures.listed()
        self.read_once = True
        if tuple(orders) != tuple(self.orders):
            self.orders = tuple(orders)
        if tuple(cases) != tuple(self.cases):
            self.cases = tuple(cases)
        self.orders_changed.emit()
        self.cases_changed.emit()

    def _trouble(self, error: ConsoleError) -> None:
        self.problem = error
        self.failed.emit(error)
        if not self.read_once:
            self.orders_changed.emit()
            self.cases_changed.emit()
