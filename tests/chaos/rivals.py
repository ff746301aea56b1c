"""Rivals: desks that know nothing of each other work through many orders under faults and kills that a seed has chosen.

Each order has its own faults: which request of which attempt, whatever the desk and the moment. Afterwards everything
that is stuck is retried as a person would, and the books are compared.
"""

import contextlib
import queue
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from console.models.provisioning import ProvisionOutcome, ProvisionResult
from tests.chaos.books import Books, Verdict
from tests.chaos.desks import Desk, Died, Machine
from tests.chaos.lanes import Request, laned_sandbox
from tests.chaos.shared import shared_database
from tests.chaos.troubles import KILLED, KILLS, Trouble, changes, troubles_at

_ACTIVE = frozenset({ProvisionOutcome.ACTIVATED, ProvisionOutcome.ALREADY_ACTIVE})
_ATTEMPTS = 3
# The share of attempts with at least one trouble, and with two; and of troubles at what changes something.
_SHARES = (0.7, 0.3)
_AT_WRITES = 0.5
# The share of orders that two people begin, each with troubles of their own.
_RIVALS = 0.1
SPARED, RIVAL = "spared", "rival"
# What may leave a claim or a request of unknown outcome behind.
_LEFT_OPEN = frozenset({KILLED, RIVAL, "SYN-05", "SYN-06", "ACC-01", "ACC-02", "PRV-01", "PRV-02"})
# What a pause sends, beside the requests of a clean run.
_OF_A_PAUSE = (Request("salesforce", "set Paused"), Request("salesforce", "set Paused", 2))
# What still waits for a person after all retries: nothing else may be left.
_FOR_A_PERSON = "PRV-01"
_TRIES_AFTERWARDS = 3
_AT_ONCE = 60
_LEASE_OVER_S = 31


class Attempt(NamedTuple):
    """One attempt at one order: the troubles that hit it, and the code that it ended with, "" for none."""

    order: int
    number: int
    hit: tuple[Trouble, ...]
    said: str
    message: str
    after: frozenset[str] = frozenset()
    """What earlier attempts at the order ended with; `SPARED` where its desk may spare a WHMCS that was out, `RIVAL`
    where another desk may be at work on the order."""

    @property
    def allowed(self) -> frozenset[str]:
        """The codes that are true of it."""
        deserved = {code for trouble in self.hit for code in trouble.codes}
        killed = any(trouble.name in KILLS for trouble in self.hit)
        well = set() if killed else {"", "PRV-06"}
        return frozenset(deserved | well | self._of_earlier)

    @property
    def _of_earlier(self) -> set[str]:
        codes = set()
        if self.after & _LEFT_OPEN:
            # A pause that could not be written leaves the claim with a desk that lives: SYN-06 says who holds it. What
            # was sent may be unknown still: a WHMCS that cannot be read now is PRV-01 then.
            codes |= {"SYN-06"} | ({"PRV-01"} if any(one.request.system == "whmcs" for one in self.hit) else set())
        return codes | ({"PRV-02"} if SPARED in self.after else set())

    @property
    def wrong(self) -> str:
        """Why the code is not one that its troubles deserve, or ""."""
        if self.said in self.allowed:
            return ""
        troubles = " and ".join(f"{one.name} at {one.request}" for one in self.hit) or "no trouble"
        return f"order {self.order}, attempt {self.number}: {self.said} after {troubles}: {self.message}"


@dataclass
class Campaign:
    """What is known when it is over."""

    seed: int
    attempts: list[Attempt]
    verdicts: list[Verdict]
    unmarked: list[int]
    retried: int = 0
    for_a_person: list[Verdict] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Compare."""
        self.wrong += [attempt.wrong for attempt in self.attempts if attempt.wrong]
        self.wrong += [f"WHMCS order {one} carries no marker" for one in self.unmarked]
        for verdict in self.verdicts:
            self.wrong += [f"{verdict.order_id}: {one}" for one in verdict.wrong]
            if verdict.status == "Paused" and verdict.code == _FOR_A_PERSON:
                self.for_a_person.append(verdict)
            elif verdict.status != "Activated":
                self.wrong.append(f"{verdict.order_id} does not go on: {verdict.status} {verdict.code}")

    def told(self) -> str:
        """Totals, what waits for a person with its reason, and everything that is wrong."""
        hit = Counter(trouble.name for one in self.attempts for trouble in one.hit)
        said = Counter(one.said or "no code" for one in self.attempts)
        ended = Counter(one.status for one in self.verdicts)
        lines = [
            f"seed {self.seed}: {len(self.verdicts)} orders, {len(self.attempts)} attempts, {self.retried} retries",
            f"troubles: {_counted(hit)}",
            f"attempts ended with: {_counted(said)}",
            f"orders ended: {_counted(ended)}; {len(self.for_a_person)} wait for a person ({_FOR_A_PERSON})",
            *(f"  {one.order_id}: {one.message}" for one in self.for_a_person),
            f"duplicates {sum(len(one.whmcs_orders) > 1 for one in self.verdicts)}, wrong {len(self.wrong)}",
            *(f"  {one}" for one in self.wrong),
        ]
        return "\n".join(lines)


class Work(NamedTuple):
    """An order to try, by its number in the campaign; `rival` is the second of two who begin it at once."""

    order: int
    attempt: int
    rival: bool = False


def planned(seed: int, work: Work, requests: Sequence[Request]) -> dict[Request, Trouble]:
    """The troubles of an attempt, two at most; the same for the same seed, order and attempt."""
    chance = random.Random(f"{seed} {work.order} {work.attempt} {work.rival}")
    writes = [request for request in requests if changes(request)]
    troubles = [
        chance.choice(troubles_at(chance.choice(writes if chance.random() < _AT_WRITES else list(requests))))
        for _ in range(2)
    ]
    share = chance.random()
    number = sum(share < one for one in _SHARES)
    return {one.request: one for one in troubles[:number]}


def has_rival(seed: int, order: int) -> bool:
    """Whether two people begin the order at once; the same for the same seed."""
    return random.Random(f"{seed} {order} rival").random() < _RIVALS


def run(
    seed: int,
    orders: int,
    processes: int,
    database_url: str = "",
    tell: Callable[[str], None] = lambda _: None,
    profile: Mapping[str, Mapping[str, Any]] | None = None,
) -> Campaign:
    """Run a campaign and judge it. `database_url` as in `shared_database`; `profile` changes sections of it."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        profile = {
            **(profile or {}),
            "portal": {"database_url": stack.enter_context(shared_database(database_url))},
        }
        laned = stack.enter_context(laned_sandbox(folder, processes, orders + processes, profile))
        machine = Machine(folder)
        desks = [
            stack.enter_context(contextlib.closing(Desk(machine, laned.profiles[n], folder / f"data{n}", lane)))
            for n, lane in enumerate(laned.lanes)
        ]
        waiting = laned.ordinary_orders()
        requests = [*_recorded(desks[0], waiting.pop()), *_OF_A_PAUSE]
        chosen = waiting[:orders]
        first_new = len(laned.sandbox.world.whmcs.orders) + 1
        storm = _Storm(seed, chosen, requests, tell)
        attempts = storm.through(desks)
        tell(f"the storm is over: {len(attempts)} attempts")
        laned.sandbox.clock.advance(_LEASE_OVER_S)
        retried = clean_up(desks[0], chosen, tell)
        books = Books.of(laned.sandbox, first_new)
    return Campaign(seed, attempts, [books.verdict(one) for one in chosen], books.unmarked(), retried)


def clean_up(desk: Desk, order_ids: Sequence[str], tell: Callable[[str], None] = lambda _: None) -> int:
    """Retry what is stuck and provision what waits, as a person would, until nothing of it goes on.

    Returns the number of retries.
    """
    tries = dict.fromkeys(order_ids, _TRIES_AFTERWARDS)
    number = 0
    desk.lane.begin({})
    while results := desk.ask("clean up", _AT_ONCE, {one for one, left in tries.items() if left}, False):
        for result in results:
            tries[result.order_id] -= 1
        number += len(results)
        tell(f"retried {len(results)}: {_counted(Counter(one.code or 'no code' for one in results))}")
    return number


class _Storm:
    """Hands out orders to the desks; what did not become active comes back for the next attempt."""

    def __init__(
        self, seed: int, order_ids: Sequence[str], requests: Sequence[Request], tell: Callable[[str], None]
    ) -> None:
        self._seed = seed
        self._order_ids = order_ids
        self._requests = requests
        self._tell = tell
        self._attempts: list[Attempt] = []
        self._work: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._earlier: dict[int, frozenset[str]] = {}

    def through(self, desks: Sequence[Desk]) -> list[Attempt]:
        """Work through all orders."""
        for number in range(_ATTEMPTS):
            todo = self._left()
            for order in todo:
                self._work.put(Work(order, number + 1))
                if has_rival(self._seed, order):
                    self._work.put(Work(order, number + 1, rival=True))
            with ThreadPoolExecutor(len(desks)) as workers:
                list(workers.map(self._at_work, desks))
            self._tell(f"round {number + 1}: {len(todo)} orders")
        return self._attempts

    def _left(self) -> list[int]:
        active = {one.order for one in self._attempts if not one.said}
        return [order for order in range(len(self._order_ids)) if order not in active]

    def _at_work(self, desk: Desk) -> None:
        spared: frozenset[str] = frozenset()
        with contextlib.suppress(queue.Empty):
            while True:
                attempt = self._try(desk, self._work.get_nowait(), spared)
                self._attempts.append(attempt)
                spared = _spared(attempt, spared)

    def _try(self, desk: Desk, work: Work, spared: frozenset[str]) -> Attempt:
        troubles = planned(self._seed, work, self._requests)
        desk.lane.begin({request: one.fault for request, one in troubles.items() if one.fault})
        said, message = _answer(desk, self._order_ids[work.order])
        hit = tuple(troubles[request] for request, _ in desk.lane.hit)
        earlier = self._earlier.get(work.order, frozenset())
        self._earlier[work.order] = earlier | {said}
        rival = {RIVAL} if has_rival(self._seed, work.order) else set()
        return Attempt(work.order, work.attempt, hit, said, message, earlier | spared | rival)


def _recorded(desk: Desk, order_id: str) -> list[Request]:
    """The requests of a clean run of an open desk."""
    desk.lane.begin({})
    desk.ask("provision", order_id)
    return list(desk.lane.sent)


def _answer(desk: Desk, order_id: str) -> tuple[str, str]:
    try:
        result: ProvisionResult = desk.ask("provision", order_id)
    except Died:
        return KILLED, ""
    if result.outcome in _ACTIVE:
        return "", ""
    return result.code or result.outcome.value, result.message


def _spared(attempt: Attempt, before: frozenset[str]) -> frozenset[str]:
    """Whether the desk may spare WHMCS after an attempt: it does after some answers were lost, until one comes."""
    if attempt.said == KILLED or not (attempt.hit or attempt.said):
        return frozenset()
    lost = any(one.request.system == "whmcs" and one.name != "403" for one in attempt.hit)
    return frozenset({SPARED}) if lost else before


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counter.most_common()) or "none"


def main(seed: int, orders: int, processes: int, database_url: str) -> int:
    """Print a run of rivals; returns the exit status."""
    _print(f"seed {seed}, {orders} orders, {processes} processes")
    found = run(seed, orders, processes, database_url, _print)
    _print(found.told())
    return 1 if found.wrong else 0


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
