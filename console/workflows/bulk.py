"""Provisioning many orders over a frozen list: paced, side by side, paused and cancelled between orders."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence

from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.models.record import Record
from console.models.staff import StaffMember
from console.workflows.provision import Provisioning

_ACTIVE = frozenset({ProvisionOutcome.ACTIVATED, ProvisionOutcome.ALREADY_ACTIVE})


class BulkProgress(Record):
    """How far a run has come: `done` orders are `ok` (active) or `stopped`; `running` holds order ids."""

    total: int
    done: int
    ok: int
    stopped: int
    running: tuple[str, ...]
    paused: bool
    cancelled: bool


class BulkRun:
    """One run over a list that does not change. What has begun is always finished; what has not stays as it is."""

    def __init__(
        self,
        provisioning: Provisioning,
        order_ids: Sequence[str],
        me: StaffMember,
        parallel: int = 1,
        pause_s: float = 0.0,
        on_change: Callable[[BulkProgress], None] | None = None,
    ) -> None:
        """`parallel` orders at once, `pause_s` seconds between two starts; `on_change` hears of every change.

        An order that is named twice is provisioned once.
        """
        self._provisioning = provisioning
        self._me = me
        self._parallel = parallel
        self._pause_s = pause_s
        self._on_change = on_change
        self._order_ids = tuple(dict.fromkeys(order_ids))
        self._waiting = deque(self._order_ids)
        self._running: list[str] = []
        self._results: dict[str, ProvisionResult] = {}
        self._one_starts = asyncio.Lock()
        self._going = asyncio.Event()
        self._going.set()
        self._cancelled = asyncio.Event()

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The frozen list."""
        return self._order_ids

    @property
    def results(self) -> tuple[ProvisionResult, ...]:
        """The results so far, in the order of the list."""
        return tuple(self._results[order_id] for order_id in self._order_ids if order_id in self._results)

    @property
    def progress(self) -> BulkProgress:
        """How far the run has come."""
        ok = sum(result.outcome in _ACTIVE for result in self._results.values())
        return BulkProgress(
            total=len(self._order_ids),
            done=len(self._results),
            ok=ok,
            stopped=len(self._results) - ok,
            running=tuple(self._running),
            paused=not self._going.is_set(),
            cancelled=self._cancelled.is_set(),
        )

    async def run(self) -> list[ProvisionResult]:
        """Provision the orders of the list that nothing was begun with; the results so far, in the list's order.

        An order that ends in a defect lets the others that have begun finish and starts no further one; then the
        defect is raised.
        """
        workers = [self._work() for _ in range(min(self._parallel, len(self._waiting)))]
        ends = await asyncio.gather(*workers, return_exceptions=True)
        for end in ends:
            if end is not None:
                raise end
        return list(self.results)

    def pause(self) -> None:
        """Start no further order until `resume`."""
        if not self._cancelled.is_set():
            self._going.clear()
            self._changed()

    def resume(self) -> None:
        """Go on after `pause`."""
        self._going.set()
        self._changed()

    def cancel(self) -> None:
        """Start no further order, for good."""
        self._cancelled.set()
        self._going.set()
        self._changed()

    async def _work(self) -> None:
        while (order_id := await self._next()) is not None:
            try:
                self._changed()
                self._results[order_id] = await self._provisioning.provision(order_id, self._me)
            except Exception:
                self.cancel()
                raise
            finally:
                self._running.remove(order_id)
                self._changed()

    async def _next(self) -> str | None:
        """The order to start now, once its time has come; None where no further one is to be started."""
        async with self._one_starts:
            if len(self._waiting) < len(self._order_ids):
                await self._let_time_pass()
            await self._going.wait()
            if self._cancelled.is_set() or not self._waiting:
                return None
            order_id = self._waiting.popleft()
            self._running.append(order_id)
            return order_id

    async def _let_time_pass(self) -> None:
        """The pause between two starts; a cancel ends it."""
        if self._pause_s and self._waiting:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._cancelled.wait(), self._pause_s)

    def _changed(self) -> None:
        if self._on_change:
            self._on_change(self.progress)
