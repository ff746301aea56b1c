"""An outage of WHMCS in the middle of a run over many orders: one incident, and it goes on by itself afterwards."""

import asyncio
import contextlib
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request as WebRequest

from console.models.command import Command
from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.sandbox.faults import Fault
from console.sandbox.whmcs import action_of
from console.workflows.bulk import BulkPace, BulkProgress, Halt
from tests.chaos.books import Books, Verdict
from tests.chaos.desks import Desk, Machine
from tests.chaos.lanes import Lane, LanedSandbox, Wiring, laned_sandbox, salesforce_name
from tests.chaos.tasks import Standing

# When WHMCS goes down, all orders are under way: some are in the middle of AddOrder, some of reading payment methods.
_IN_THE_MIDDLE, _READING = 4, 8
# So many orders are carried out although WHMCS never answers.
_DONE_UNSEEN = 3
_FOR_EVER = 1_000_000
_FOR_A_PERSON = "PRV-01"
_DESERVED = frozenset({"PRV-01", "PRV-02"})
_ACTIVE = frozenset({ProvisionOutcome.ACTIVATED, ProvisionOutcome.ALREADY_ACTIVE})
# Some requests stand at WHMCS until the last order is under way; they must not be given up before.
_FIRST_S, _EACH_S = 4, 0.2


@dataclass
class Outage:
    """What came of it.

    results  what the run over many orders told of each in the end; `stopped` how the attempts ended that it stopped
    halts    how the run stood, each time that it changed
    sent     which orders had a send row when WHMCS was down
    """

    results: Sequence[ProvisionResult]
    stopped: Sequence[ProvisionResult]
    halts: Sequence[Halt | None]
    sent: frozenset[str]
    verdicts: Sequence[Verdict]
    unmarked: Sequence[int]
    incidents: int = 1
    """How often the run may stand still: once, unless the outage was over before all that it had stopped had ended."""

    @property
    def for_a_person(self) -> list[Verdict]:
        """What the rule for sending again could not settle."""
        return [one for one in self.verdicts if one.status == "Paused" and one.code == _FOR_A_PERSON]

    @property
    def wrong(self) -> list[str]:
        """What breaks the promise, and what should have gone on without a person."""
        found = [f"{one.order_id}: {text}" for one in self.verdicts for text in one.wrong]
        found += [f"WHMCS order {one} carries no marker" for one in self.unmarked]
        found += [f"{one.order_id} stopped with {one.code}" for one in self.stopped if one.code not in _DESERVED]
        for one in self.verdicts:
            left = one in self.for_a_person
            if one.status != "Activated" and not (left and one.order_id in self.sent):
                found.append(f"{one.order_id} had {'' if left else 'to go on: '}{one.status} {one.code}")
        if not self.stopped:
            found.append("the outage stopped nothing: this run proves nothing")
        if list(self.halts) not in [[None, *[Halt.OUTAGE, None] * times] for times in range(1, self.incidents + 1)]:
            found.append(f"not one incident that ends by itself: {', '.join(one or 'goes on' for one in self.halts)}")
        active = {one.order_id for one in self.verdicts if one.status == "Activated"}
        if said := active ^ {one.order_id for one in self.results if one.outcome in _ACTIVE}:
            found.append(f"the run says otherwise of {', '.join(sorted(said))}")
        return found

    def told(self) -> str:
        """Totals, what waits for a person, and everything that is wrong."""
        stopped = Counter(one.code or "no code" for one in self.stopped)
        ended = Counter(one.status for one in self.verdicts)
        lines = [
            f"{len(self.verdicts)} in flight, {len(self.sent)} had a send row when WHMCS was down",
            f"the outage stopped: {', '.join(f'{number} {code}' for code, number in stopped.most_common())}",
            f"the run: {', '.join(one or 'goes on' for one in self.halts)}",
            f"afterwards: {', '.join(f'{number} {status}' for status, number in ended.most_common())};"
            f" {len(self.for_a_person)} wait for a person",
            *(f"  {one.order_id}: {one.message}" for one in self.for_a_person),
            f"wrong {len(self.wrong)}",
            *(f"  {one}" for one in self.wrong),
        ]
        return "\n".join(lines)


def run(orders: int, *, short: bool = False, tell: Callable[[str], None] = lambda _: None) -> Outage:
    """Take WHMCS away while a run has so many orders in hand at once, and give it back once all of them have stopped.

    A `short` outage is over as soon as it has stopped the run. Nobody clicks: the run waits, asks, and goes on.
    """
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder, all_there = Path(name), _AllThere(orders)
        wiring = Wiring(salesforce_name=all_there.salesforce_name, whmcs_name=all_there.whmcs_name)
        laned = stack.enter_context(laned_sandbox(folder, 1, orders, _profile(orders), lambda _: wiring))
        lane, all_there.then = laned.lanes[0], lambda: _take_away(laned.lanes[0])
        desk = Desk(Machine(folder), laned.profiles[0], folder / "data", lane)
        stack.enter_context(contextlib.closing(desk))
        order_ids, first_new = laned.ordinary_orders()[:orders], len(laned.sandbox.world.whmcs.orders) + 1
        lane.begin({})
        desk.tell("bulk", order_ids, BulkPace(parallel=orders))
        watch = _Watch(laned, short=short, tell=tell)
        results = desk.answer(watch.heard)
        standing: Standing = desk.ask("standing")
        books = Books.of(laned.sandbox, first_new)
        stopped = [one for one in map(_result, standing.commands) if one.outcome not in _ACTIVE]
        verdicts = [books.verdict(one) for one in order_ids]
        incidents = orders if short else 1
        return Outage(results, stopped, watch.halts, watch.sent, verdicts, books.unmarked(), incidents)


def _profile(orders: int) -> dict[str, dict[str, float]]:
    longest = _FIRST_S + _EACH_S * orders
    return {
        "provisioning": {"send_window_s": _FIRST_S, "claim_lease_s": 6 * longest},
        "whmcs": {"timeout_s": longest, "max_connections": 20},
    }


def _take_away(lane: Lane) -> None:
    lane.add(Fault(system="whmcs", action="AddOrder", kind="commit_then_drop", count=_DONE_UNSEEN))
    lane.add(Fault(system="whmcs", kind="status", status=503, count=_FOR_EVER))


class _AllThere:
    """Lets requests stand at WHMCS until so many orders are under way; `then` something happens, and they go on.

    Used in the sandbox's own thread.
    """

    def __init__(self, number: int) -> None:
        self._missing = number
        self._reading = 0
        self._in_the_middle = 0
        self._all_there = asyncio.Event()
        self.then: Callable[[], None] = lambda: None

    async def salesforce_name(self, request: WebRequest) -> str:
        """The name of a request to Salesforce; an order is under way once its claim is inserted."""
        name = await salesforce_name(request)
        self._missing -= name == "insert work"
        self._look()
        return name

    async def whmcs_name(self, request: WebRequest) -> str:
        """The name of a request to WHMCS, told when it may go on."""
        name = await action_of(request)
        if self._all_there.is_set():
            return name
        if name == "AddOrder":
            self._in_the_middle += 1
            self._look()
            await self._all_there.wait()
        elif name == "GetPayMethods":
            self._reading += 1
            if self._reading % 2 and self._reading <= 2 * _READING:
                await self._all_there.wait()
        return name

    def _look(self) -> None:
        if self._missing <= 0 and self._in_the_middle >= _IN_THE_MIDDLE and not self._all_there.is_set():
            self.then()
            self._all_there.set()


class _Watch:
    """Sees how the run goes, and gives WHMCS back."""

    def __init__(self, laned: LanedSandbox, *, short: bool, tell: Callable[[str], None]) -> None:
        self._laned = laned
        self._short = short
        self._tell = tell
        self.halts: list[Halt | None] = []
        self.sent: frozenset[str] = frozenset()

    def heard(self, progress: BulkProgress) -> None:
        """Once the run stands still, and unless it is to be `short` has nothing in hand any more, WHMCS is back."""
        if progress.total and self.halts[-1:] != [progress.halt]:
            self.halts.append(progress.halt)
        if progress.halt is Halt.OUTAGE and (self._short or not progress.running) and not self.sent:
            claims = self._laned.sandbox.salesforce.tables["Order_Claim__c"].values()
            self.sent = frozenset(row["Order_Id__c"] for row in claims if row["Claim_Key__c"].startswith("send:"))
            self._laned.lanes[0].remove()
            self._tell("WHMCS is back")


def _result(command: Command) -> ProvisionResult:
    return ProvisionResult.model_validate_json(command.result)


def main(orders: int) -> int:
    """Print an outage; returns the exit status."""
    outage = run(orders, tell=lambda text: print(text, flush=True))  # noqa: T201 - a command for a terminal
    sys.stdout.write(outage.told() + "\n")
    return 1 if outage.wrong else 0
