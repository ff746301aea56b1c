"""What a command changes, order by order: stopped between two orders by Ctrl+C, and told what was done by then."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from console import cli_output
from console.cli_exit import DONE, INTERRUPTED, OUTAGES, STOPPED, UNREACHABLE, Printed, failed, refused, say
from console.cli_output import ProgressLine
from console.models.provisioning import DecisionOutcome, DecisionResult, ProvisionOutcome, ProvisionResult
from console.models.staff import StaffMember
from console.workflows.bulk import BulkJob, BulkPace, BulkProgress

if TYPE_CHECKING:
    from console.services import Services

_ACTIVE = frozenset({ProvisionOutcome.ACTIVATED, ProvisionOutcome.ALREADY_ACTIVE})


class Job:
    """What a command changes, order by order, so that Ctrl+C can be told what was done and what was not.

    The first Ctrl+C lets what has begun finish and begins nothing more; the next one cuts it off.
    """

    def __init__(self, parallel: int = 1, pause_s: float = 0.0) -> None:
        """Orders are provisioned `parallel` at once, `pause_s` seconds between two starts."""
        self.begun = False
        self.line = ProgressLine(sys.stderr)
        self._pace = BulkPace(parallel, pause_s)
        self._number = ""
        self._decision: DecisionResult | None = None
        self._numbers: dict[str, str] = {}
        self._bulk: BulkJob | None = None
        self._cut_off: Callable[[], None] | None = None
        self._started: set[str] = set()
        self._stopped = False

    async def decide(self, number: str, deciding: Awaitable[DecisionResult]) -> DecisionResult:
        """Decide on the order with this number."""
        self._number = number
        with self._finishing():
            self._decision = await deciding
        return self._decision

    async def provision(self, desk: "Services", numbers: dict[str, str], me: StaffMember) -> None:
        """Provision orders; `numbers` are their numbers by their id."""
        self._numbers = numbers
        self._cut_off = desk.engine.cut_off
        self._bulk = desk.bulk.new(me, list(numbers), self._pace)
        self._bulk.on_change = self._changed
        if self._stopped:
            self._bulk.cancel()
        with self._finishing():
            await self._bulk.run()

    def told(self) -> tuple[Printed, int]:
        """What came of it so far, with the status; standard error names what stopped and what is left."""
        self.line.clear()
        results = self._bulk.results if self._bulk else ()
        if self._decision:
            printed = cli_output.decision(self._number, self._decision, results[0] if results else None)
            if self._decision.outcome is DecisionOutcome.REFUSED:
                return printed, refused(self._decision.code, self._decision.message)
        elif self._bulk:
            printed = cli_output.provision(results, self._numbers)
        else:
            return failed(f"Cut off while order {self._number} was decided on; look at what became of it."), STOPPED
        status = status_of(results, self._numbers)
        if self._nothing_left():
            return printed, status
        return self._with_the_rest(printed), STOPPED if self._started or self._decision else INTERRUPTED

    def _nothing_left(self) -> bool:
        return self._bulk is None or len(self._bulk.results) == len(self._bulk.order_ids)

    def _with_the_rest(self, printed: Printed) -> Printed:
        """Add the orders that Ctrl+C left half done, and those that were not begun."""
        document, lines = printed
        done = {result.order_id for result in self._bulk.results} if self._bulk else set()
        half_done = [number for key, number in self._numbers.items() if key in self._started - done]
        not_begun = [number for key, number in self._numbers.items() if key not in self._started]
        say(f"Interrupted. Done: {_listed([self._numbers[key] for key in self._numbers if key in done])}.")
        if half_done:
            say(f"Half done: {_listed(half_done)}. To go on: provision {' '.join(half_done)}")
        if not_begun:
            say(f"Not begun: {_listed(not_begun)}. They stay as they were.")
        return document | {"interrupted": True, "half_done": half_done, "not_begun": not_begun}, lines

    def _changed(self, progress: BulkProgress) -> None:
        self._started.update(progress.running, (one.order_id for one in self._bulk.results) if self._bulk else ())
        stopped = f", {progress.stopped} stopped" if progress.stopped else ""
        under_way = f", {len(progress.running)} under way" if progress.running else ""
        self.line.tell(f"{progress.done} of {progress.total} orders{under_way}{stopped}")

    @contextlib.contextmanager
    def _finishing(self) -> Iterator[None]:
        """Have Ctrl+C stop between orders; only a second one cancels the task that is under way."""
        self.begun = True
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        earlier = signal.getsignal(signal.SIGINT)
        if earlier is signal.SIG_IGN:
            yield
            return
        signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(self._interrupt, task))
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, earlier)

    def _interrupt(self, task: "asyncio.Task[object] | None") -> None:
        if self._stopped and task:
            if self._cut_off:
                self._cut_off()
            task.cancel()
            return
        self._stopped = True
        self.line.clear()
        say("Finishing what has begun; nothing more is started. Ctrl+C again cuts it off.")
        if self._bulk:
            self._bulk.cancel()


def status_of(results: Sequence[ProvisionResult], numbers: dict[str, str]) -> int:
    """The status of provisioning; unreachable only where nothing at all could be begun."""
    stopped = [result for result in results if result.outcome not in _ACTIVE]
    for result in stopped:
        refused(result.code, f"{numbers[result.order_id]}: {result.message}")
    if not stopped:
        return DONE
    untouched = all(result.outcome is ProvisionOutcome.REFUSED and result.code in OUTAGES for result in results)
    return UNREACHABLE if untouched else STOPPED


def _listed(numbers: Sequence[str]) -> str:
    return ", ".join(numbers) or "none"
