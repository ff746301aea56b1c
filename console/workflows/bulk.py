"""Provisioning many orders over a frozen list: paced, side by side, paused and cancelled between orders."""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.models.record import Record
from console.models.staff import StaffMember
from console.workflows.provision import Provisioning

# What an outage does to an order that was not sent yet, or whose answer it took.
_OF_OUTAGES = frozenset({"PRV-01", "PRV-02", "SYN-05"})
# A system that is up and still fails one order must not keep the run for ever.
_MOST_TIMES = 3
_LOOK_AGAIN_S = 2.0
_ACTIVE = frozenset({ProvisionOutcome.ACTIVATED, ProvisionOutcome.ALREADY_ACTIVE})


class Halt(StrEnum):
    """Why a run begins no further order although nobody paused it."""

    OUTAGE = "outage"
    FAILURES = "failures"


class BulkProgress(Record):
    """How far a run has come: `done` orders are `ok` (active) or `stopped`; `running` holds order ids.

    halt  OUTAGE goes on by itself once the systems answer; FAILURES waits for a person like a pause
    """

    total: int
    done: int
    ok: int
    stopped: int
    running: tuple[str, ...]
    paused: bool
    cancelled: bool
    halt: Halt | None = None


class BulkPace(NamedTuple):
    """How a run goes through its list.

    parallel    how many orders are under way at once
    pause_s     seconds between two starts
    stop_after  it pauses after so many orders in a row that did not become active; 0 lets it go on
    """

    parallel: int = 1
    pause_s: float = 0.0
    stop_after: int = 0


_ONE_BY_ONE = BulkPace()


class BulkRun:
    """One run over a list that does not change. What has begun is always finished; what has not stays as it is."""

    def __init__(
        self,
        provisioning: Provisioning,
        order_ids: Sequence[str],
        me: StaffMember,
        pace: BulkPace = _ONE_BY_ONE,
        on_change: Callable[[BulkProgress], None] | None = None,
        *,
        systems_answer: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        """`on_change` hears of every change. An order that is named twice is provisioned once.

        With `systems_answer` an outage does not use up the list: the run waits until all systems answer, then takes up
        again what the outage had stopped.
        """
        self._provisioning = provisioning
        self._me = me
        self._pace = pace
        self._on_change = on_change
        self._order_ids = tuple(dict.fromkeys(order_ids))
        self._waiting = deque(self._order_ids)
        self._running: list[str] = []
        self._results: dict[str, ProvisionResult] = {}
        self._one_starts = asyncio.Lock()
        self._going = asyncio.Event()
        self._going.set()
        self._cancelled = asyncio.Event()
        self._systems_answer = systems_answer
        self._in_a_row = 0
        self._taken_up: Counter[str] = Counter()
        self._halt: Halt | None = None

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
            halt=self._halt,
        )

    async def run(self) -> list[ProvisionResult]:
        """Provision the orders of the list that nothing was begun with; the results so far, in the list's order.

        An order that ends in a defect lets the others that have begun finish and starts no further one; then the
        defect is raised.
        """
        workers = [self._work() for _ in range(min(self._pace.parallel, len(self._waiting)))]
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
        """Go on after `pause`, or after too many failures in a row."""
        self._in_a_row, self._halt = 0, None
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
                self._learn(await self._provisioning.provision(order_id, self._me))
            except Exception:
                self.cancel()
                raise
            finally:
                self._running.remove(order_id)
                self._changed()

    def _learn(self, result: ProvisionResult) -> None:
        """Keep a result; what an outage stopped waits for its end, too many failures in a row halt the run."""
        order_id = result.order_id
        self._results[order_id] = result
        if result.outcome in _ACTIVE:
            self._in_a_row = 0
        elif result.code in _OF_OUTAGES and self._systems_answer and self._taken_up[order_id] < _MOST_TIMES:
            self._taken_up[order_id] += 1
            self._waiting.append(order_id)
            self._halt = Halt.OUTAGE
        else:
            self._in_a_row += 1
            if self._pace.stop_after and self._in_a_row >= self._pace.stop_after and self._waiting:
                self._halt = Halt.FAILURES
                self._going.clear()

    async def _next(self) -> str | None:
        """The order to start now, once its time has come; None where no further one is to be started."""
        async with self._one_starts:
            if len(self._waiting) < len(self._order_ids):
                await self._let_time_pass()
            await self._going.wait()
            await self._outage_over()
            if self._cancelled.is_set() or not self._waiting:
                return None
            order_id = self._waiting.popleft()
            self._results.pop(order_id, None)
            self._running.append(order_id)
            return order_id

    async def _outage_over(self) -> None:
        """Wait until all systems answer; a cancel ends it."""
        while self._halt is Halt.OUTAGE and self._systems_answer and not self._cancelled.is_set():
            if await self._systems_answer():
                self._halt = None
                self._changed()
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._cancelled.wait(), _LOOK_AGAIN_S)

    async def _let_time_pass(self) -> None:
        """The pause between two starts; a cancel ends it."""
        if self._pace.pause_s and self._waiting:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._cancelled.wait(), self._pace.pause_s)

    def _changed(self) -> None:
        if self._on_change:
            self._on_change(self.progress)
