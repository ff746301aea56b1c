"""The campaign: a team on one PostgreSQL, desks that ask and workers that execute, under faults and kills.

A seed has chosen which request of which order is broken, what becomes of a worker whose request is held, and at which
order a desk is killed. Afterwards everything that is stuck is retried as a person would, and the books are compared.
"""

import contextlib
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import psycopg

from console.models.command import BulkState, Command, CommandState
from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.sandbox.server import Sandbox
from console.workflows.bulk import BulkPace
from tests.chaos.books import Books, Verdict
from tests.chaos.by_order import Hit, OrderLane, OrderNames, Troubles
from tests.chaos.desks import Desk, Died, Machine, Opening
from tests.chaos.lanes import LanedSandbox, Request, Wiring, laned_sandbox
from tests.chaos.shared import WHEEL, shared_database
from tests.chaos.tasks import Standing
from tests.chaos.troubles import KILLS, Trouble, changes, troubles_at
from tests.chaos.workers import Worker

_DESKS, _WORKERS = 4, 2
DESK = "desk killed"
# The share of orders with at least one trouble, two, three; and of troubles at what changes something.
_SHARES = (0.6, 0.3, 0.1)
_AT_WRITES = 0.5
# Each kill stops everyone for a second or two, each 403 keeps the whole process out of WHMCS: not every second trouble.
_SELDOM: Mapping[str, float] = {"killed before": 0.15, "killed after": 0.15, "403": 0.2}
# A trouble meets the first such request of a clean run, or one of a later attempt.
_LATER = (0, 0, 0, 1, 2)
# What desks ask for: some orders one by one, the others in runs over many; so many at most, and of all so many parts.
_ONE_BY_ONE, _RUN, _PARTS = 4, 40, 6
_RUNS = 0.15
_PACE = BulkPace(parallel=8)
# The share of tasks in the middle of which their desk is killed.
_DOOMED = 0.05
_CLEAN_UPS, _AT_ONCE = 4, 200
_FOR_A_PERSON = "PRV-01"
_WELL = frozenset({"", "PRV-06"})
# So long a refusal may keep the whole process out of WHMCS, and one that has lost the lease may go on.
_KEPT_OUT = timedelta(seconds=6)
_PATIENCE_S = 3600.0
_CALLS = 100_000_000
_PROFILE: Mapping[str, Mapping[str, float]] = {
    "provisioning": {"send_window_s": 3, "settle_wait_s": 1, "claim_lease_s": 60},
    "whmcs": {"timeout_s": 3, "max_run_time_s": 0.5, "max_connections": 20},
    "worker": {"sync_every_s": 20, "retry_every_s": 5, "sweep_every_s": 60, "sweep_days": 1},
}
_LEASE_OVER_S = 61
_CUT_OFF = (
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = %s"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_ENGINE_KEY = 0x456E67


class Attempt(NamedTuple):
    """One command for an order that has ended: the troubles that hit it, and the code that it ended with, "" for none.

    nearby  what troubles of other orders may have done to it, and what earlier attempts left behind
    """

    command: Command
    result: ProvisionResult | None
    hit: tuple[Trouble, ...]
    nearby: frozenset[str]

    @property
    def said(self) -> str:
        """The code."""
        return (self.result.code or "") if self.result else self.command.state.value

    @property
    def allowed(self) -> frozenset[str]:
        """The codes that are true of it."""
        return _WELL | self.nearby | {code for trouble in self.hit for code in _deserved(trouble)}

    @property
    def wrong(self) -> str:
        """Why the code is not one that its troubles deserve, or ""."""
        if self.said in self.allowed:
            return ""
        troubles = " and ".join(f"{one.name} at {one.request}" for one in self.hit) or "no trouble"
        said = self.result.message if self.result else self.command.result
        return f"{self.command.subject}: {self.said} after {troubles}: {said}"


def _deserved(trouble: Trouble) -> frozenset[str]:
    """A process whose request is held is killed, and its successor goes on; else the answer counts as lost."""
    lost = trouble._replace(name="answer lost") if trouble.name in KILLS else trouble
    return frozenset(lost.codes)


@dataclass
class Campaign:
    """What is known when it is over.

    ends      what became of workers whose request was held, and how many desks were killed
    trouble   what is wrong beside the orders: workers that ended by themselves, runs that have not ended
    """

    seed: int
    attempts: Sequence[Attempt]
    verdicts: Sequence[Verdict]
    unmarked: Sequence[int]
    ends: Counter[str] = field(default_factory=Counter)
    retried: int = 0
    trouble: Sequence[str] = ()

    @property
    def for_a_person(self) -> list[Verdict]:
        """What the rule for sending again could not settle."""
        return [one for one in self.verdicts if one.status == "Paused" and one.code == _FOR_A_PERSON]

    @property
    def wrong(self) -> list[str]:
        """What breaks the promise."""
        found = [*self.trouble, *(attempt.wrong for attempt in self.attempts if attempt.wrong)]
        found += [f"WHMCS order {one} carries no marker" for one in self.unmarked]
        for verdict in self.verdicts:
            found += [f"{verdict.order_id}: {one}" for one in verdict.wrong]
            if verdict.status != "Activated" and verdict not in self.for_a_person:
                found.append(f"{verdict.order_id} does not go on: {verdict.status} {verdict.code}")
        return found

    def told(self) -> str:
        """Totals, what waits for a person with its reason, and everything that is wrong."""
        hit = Counter(trouble.name for one in self.attempts for trouble in one.hit)
        said = Counter(one.said or "no code" for one in self.attempts)
        ended = Counter(one.status for one in self.verdicts)
        lines = [
            f"seed {self.seed}: {len(self.verdicts)} orders, {len(self.attempts)} commands, {self.retried} retries",
            f"troubles: {_counted(hit)}",
            f"processes: {_counted(self.ends)}",
            f"commands ended with: {_counted(said)}",
            f"orders ended: {_counted(ended)}; {len(self.for_a_person)} wait for a person ({_FOR_A_PERSON})",
            *(f"  {one.order_id}: {one.message}" for one in self.for_a_person),
            f"duplicates {sum(len(one.whmcs_orders) > 1 for one in self.verdicts)}, wrong {len(self.wrong)}",
            *(f"  {one}" for one in self.wrong),
        ]
        return "\n".join(lines)


class Task(NamedTuple):
    """What one desk is told: orders to ask for one by one, or to put into a run. `doomed` is where it is killed."""

    order_ids: tuple[str, ...]
    in_a_run: bool
    doomed: str | None


def planned(seed: int, number: int, requests: Sequence[Request]) -> dict[Request, Trouble]:
    """The troubles of an order, three at most; the same for the same seed and order."""
    chance = random.Random(f"{seed} {number}")
    share = chance.random()
    writes = [request for request in requests if changes(request)]
    found: dict[Request, Trouble] = {}
    while len(found) < sum(share < one for one in _SHARES):
        request = chance.choice(writes if chance.random() < _AT_WRITES else requests)
        later = request._replace(number=request.number + chance.choice(_LATER))
        trouble = chance.choice(troubles_at(later))
        if chance.random() < _SELDOM.get(trouble.name, 1):
            found[later] = trouble
    return found


def tasks_of(seed: int, order_ids: Sequence[str]) -> list[Task]:
    """How the desks ask for the orders; the same for the same seed."""
    chance = random.Random(f"{seed} tasks")
    left, tasks = list(order_ids), []
    while left:
        in_a_run = chance.random() < _RUNS
        size = min(_RUN if in_a_run else _ONE_BY_ONE, 1 + len(order_ids) // _PARTS)
        chosen, left = tuple(left[:size]), left[size:]
        doomed = chance.choice(chosen) if chance.random() < _DOOMED else None
        tasks.append(Task(chosen, in_a_run, doomed))
    return tasks


def run(seed: int, orders: int, database_url: str = WHEEL, tell: Callable[[str], None] = lambda _: None) -> Campaign:
    """Run a campaign and judge it. `database_url` as in `shared_database`."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        team = stack.enter_context(_team(Path(name), seed, orders, database_url))
        team.begin(seed, orders)
        tell("the team is at work")
        team.storm(tasks_of(seed, team.order_ids), tell)
        team.troubles.plans = {}
        team.let_claims_run_out()
        retried = team.clean_up(tell)
        standing: Standing = team.desks[0].ask("quiet")
        for worker in team.workers:
            worker.close()
        return team.judged(seed, standing, retried)


class _Team:
    """The sandbox, the desks and the workers of a campaign."""

    def __init__(self, laned: LanedSandbox, troubles: Troubles, names: OrderNames) -> None:
        self.laned = laned
        self.troubles = troubles
        self.order_ids: Sequence[str] = ()
        self.desks: list[Desk] = []
        self.workers: list[Worker] = []
        self.cuts: list[datetime] = []
        self._names = names
        self._first_new = 0
        self._killed = 0

    def begin(self, seed: int, orders: int) -> None:
        """Choose the orders and plan their troubles, from what a clean run sends."""
        sample, *rest = _of_different_customers(self.laned)
        self.order_ids = rest[:orders]
        self._names.know([sample, *self.order_ids])
        self.desks[0].ask("ask", sample)
        requests = self.troubles.sent(sample)
        self._first_new = len(self.laned.sandbox.world.whmcs.orders) + 1
        self.troubles.plans = {one: planned(seed, number, requests) for number, one in enumerate(self.order_ids)}

    def storm(self, tasks: Sequence[Task], tell: Callable[[str], None]) -> None:
        """Have every desk ask for its share, and go on with what it had begun when it was killed."""
        for number, task in enumerate(tasks):
            if task.doomed:
                self.troubles.at_begin[task.doomed] = self.laned.lanes[number % len(self.desks)].doom
        done = iter(range(1, len(tasks) + 1))

        def at_work(number: int) -> None:
            for task in tasks[number :: len(self.desks)]:
                self._do(self.desks[number], task)
                tell(f"{next(done)} of {len(tasks)} tasks, {len(self.troubles.hits)} troubles")

        with ThreadPoolExecutor(len(self.desks)) as threads:
            list(threads.map(at_work, range(len(self.desks))))
        self.troubles.at_begin.clear()
        for desk in self.desks:
            desk.lane.rest()
        self._insist(self.desks[0], "quiet")

    def _do(self, desk: Desk, task: Task) -> None:
        try:
            desk.tell("bulk", task.order_ids, _PACE) if task.in_a_run else desk.tell("ask all", task.order_ids)
            desk.answer(patience_s=_PATIENCE_S)
        except Died:
            self._killed += 1
            self._insist(desk, "go on")

    def _insist(self, desk: Desk, *task: object) -> None:
        """Have a desk do something, once more where it is killed in the middle."""
        while True:
            try:
                desk.tell(*task)
                desk.answer(patience_s=_PATIENCE_S)
            except Died:
                self._killed += 1
            else:
                return

    def let_claims_run_out(self) -> None:
        """Also those of attempts that are under way just now, as timed retries may be."""
        self.cuts.append(datetime.now(UTC))
        self.laned.sandbox.clock.advance(_LEASE_OVER_S)

    def clean_up(self, tell: Callable[[str], None]) -> int:
        """Retry what is stuck and provision what waits, as a person would; the number of retries."""
        tries = dict.fromkeys(self.order_ids, _CLEAN_UPS)
        while results := self.desks[0].ask("clean up", _AT_ONCE, {one for one, left in tries.items() if left}, True):
            for result in results:
                tries[result.order_id] -= 1
            tell(f"retried {len(results)}: {_counted(Counter(one.code or 'no code' for one in results))}")
        return _CLEAN_UPS * len(tries) - sum(tries.values())

    def judged(self, seed: int, standing: Standing, retried: int) -> Campaign:
        """Compare everything."""
        books = Books.of(self.laned.sandbox, self._first_new)
        known = set(self.order_ids)
        ends = Counter({DESK: self._killed})
        trouble = [f"a run over many orders is left {one.value}" for one in standing.runs if one is not BulkState.DONE]
        verdicts = [books.verdict(one) for one in self.order_ids]
        active = {one.order_id for one in verdicts if one.status == "Activated"}
        trouble += [f"{one}: active, and its case says {said}" for one, said in standing.cases.items() if one in active]
        trouble += [text for one in self.order_ids if (text := self._sent_too_often(one, books))]
        for worker in self.workers:
            ends += worker.ends
            trouble += worker.wrong
        # A timed retry may still wait for an order that a person has retried meanwhile.
        commands = [one for one in standing.commands if one.subject in known and not (one.is_open and one.not_before)]
        attempts = attempts_of(commands, self.troubles.hits, self.cuts)
        return Campaign(seed, attempts, verdicts, books.unmarked(), ends, retried, trouble)

    def _sent_too_often(self, order_id: str, books: Books) -> str:
        """Each AddOrder needs a send row of its own."""
        rows = sum(str(one["Claim_Key__c"]).startswith("send:") for one in books.claims[order_id])
        sent = self.troubles.times(order_id, "whmcs", "AddOrder")
        return f"{order_id}: {sent} AddOrder requests, {rows} send rows" if sent > rows else ""


@contextlib.contextmanager
def _team(folder: Path, seed: int, orders: int, database_url: str) -> Iterator[_Team]:
    """Desks and workers, each on a lane and in a data folder of its own, on one database."""
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(shared_database(database_url))
        wired: list[tuple[Troubles, OrderNames]] = []

        def wiring(sandbox: Sandbox) -> Wiring:
            troubles, names = Troubles(), OrderNames(sandbox)
            wired.append((troubles, names))
            numbers = iter(range(_DESKS + _WORKERS))
            return Wiring(lambda: OrderLane(troubles, next(numbers)), names.salesforce_name, names.whmcs_name)

        profile = {**_PROFILE, "portal": {"database_url": url}}
        laned = stack.enter_context(laned_sandbox(folder, _DESKS + _WORKERS, orders + 1, profile, wiring))
        # A day's calls of an org are fewer than 10,000 orders with all their troubles need.
        laned.sandbox.sign_ins.org.daily_calls = _CALLS
        team, machine = _Team(laned, *wired[0]), Machine(folder)

        def cut() -> None:
            team.cuts.append(datetime.now(UTC))
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(_CUT_OFF, [_ENGINE_KEY])

        for number, lane in enumerate(laned.lanes):
            opened = machine, laned.profiles[number], folder / f"data{number}", lane
            if number < _DESKS:
                desk = Desk(*opened, Opening(at_a_desk=True))
                team.desks.append(stack.enter_context(contextlib.closing(desk)))
            else:
                worker = Worker(*opened, f"{seed} worker {number}", cut)
                team.workers.append(stack.enter_context(contextlib.closing(worker)))
        yield team


def _of_different_customers(laned: LanedSandbox) -> list[str]:
    orders = laned.sandbox.salesforce.tables["Order"]
    return list({orders[one]["AccountId"]: one for one in reversed(laned.ordinary_orders())}.values())[::-1]


def attempts_of(commands: Sequence[Command], hits: Sequence[Hit], cuts: Sequence[datetime]) -> list[Attempt]:
    """Which troubles hit which command: those at its order since the one before had ended."""
    by_order: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_order[hit.order_id].append(hit)
    refusals = [hit.at for hit in hits if hit.trouble.name == "403" and hit.trouble.request.system == "whmcs"]
    attempts: list[Attempt] = []
    earlier: dict[str, tuple[datetime | None, frozenset[str]]] = {}
    for command in sorted(commands, key=lambda one: (one.finished_at or one.changed_at, one.created_at)):
        before, left = earlier.get(command.subject, (None, frozenset()))
        ended = command.finished_at or command.changed_at
        own = [one for one in by_order[command.subject] if (before is None or one.at > before) and one.at <= ended]
        nearby = set(left)
        began = command.started_at or command.created_at
        if any(began - _KEPT_OUT <= one <= ended for one in refusals):
            nearby.add("ACC-01")
        if any(began <= one + _KEPT_OUT and one <= ended for one in cuts):
            nearby.add("SYN-06")
        result = ProvisionResult.model_validate_json(command.result) if command.state is CommandState.DONE else None
        attempt = Attempt(command, result, tuple(one.trouble for one in own), frozenset(nearby))
        attempts.append(attempt)
        earlier[command.subject] = ended, left | _left_behind(attempt)
    return attempts


def _left_behind(attempt: Attempt) -> frozenset[str]:
    """What an attempt may leave: a request of unknown outcome, or a claim that it could not close."""
    stopped = attempt.result is not None and attempt.result.outcome is ProvisionOutcome.UNKNOWN
    return frozenset({"SYN-06", "PRV-01"}) if stopped or attempt.said == "SYN-06" else frozenset()


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counter.most_common()) or "none"


def main(seed: int, orders: int, database_url: str) -> int:
    """Print a campaign; returns the exit status."""
    _print(f"seed {seed}, {orders} orders, {_DESKS} desks and {_WORKERS} workers")
    found = run(seed, orders, database_url, _print)
    _print(found.told())
    return 1 if found.wrong else 0


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
