"""A second process starts again and again while another one is in the middle of AddOrder: it never runs it.

It asks for the same order, wants the engine lease, and provisions past the engine. Where the first process is killed
then, the second one finishes the order, once.
"""

import contextlib
import itertools
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import tomli_w

from console.models.provisioning import ProvisionOutcome
from console.sandbox.faults import Fault
from tests.chaos import versions
from tests.chaos.books import Books, Verdict
from tests.chaos.desks import Desk, Died, Machine
from tests.chaos.gate import Gate
from tests.chaos.lanes import LanedSandbox, Request, Wiring, laned_sandbox
from tests.chaos.shared import WHEEL, shared_database
from tests.chaos.tasks import Second
from tests.chaos.troubles import KILLED

_ADD_ORDER = Request("whmcs", "AddOrder")
# Of so many starts the first process is killed in the middle of one.
_ONE_KILLED_OF = 10
_TOLD_EVERY = 50
# A request is held for as long as the second process needs to start: the first one does not give it up meanwhile.
_FIRST_TIMEOUT_S, _SECOND_TIMEOUT_S = 120, 3
_KINDS = ("commit_then_hold", "hold")
_NOT_DONE = _KINDS[1]


class Said(NamedTuple):
    """What came of it as both processes and the wire tell.

    second  what the second came to meanwhile; `ended` are the outcomes that both saw in the end
    sent    the AddOrder requests of the first and of the second, while the first was in the middle and at the end
    """

    second: Second
    ended: tuple[str, str]
    sent: tuple[tuple[int, int], tuple[int, int]]


class Start(NamedTuple):
    """One start of the second process in the middle of an AddOrder of the first, and the books at the end.

    killed  how WHMCS held the request of a first process that was killed then, "" where it went on
    """

    killed: str
    said: Said
    verdict: Verdict

    @property
    def wrong(self) -> tuple[str, ...]:
        """What breaks the promise."""
        found = list(self.verdict.wrong)
        second, ended, (meanwhile, at_the_end) = self.said
        if meanwhile != (1, 0):
            found.append(f"AddOrder in the middle: {meanwhile[0]} of the first, {meanwhile[1]} of the second")
        if at_the_end != (1, 1 if self.killed == _NOT_DONE else 0):
            found.append(f"AddOrder at the end: {at_the_end[0]} of the first, {at_the_end[1]} of the second")
        if any(second.leases) or second.executes:
            found.append("the second process got the engine lease")
        if second.past is not ProvisionOutcome.CLAIMED:
            found.append(f"past the engine: {second.past.value}")
        first = KILLED if self.killed else ProvisionOutcome.ACTIVATED.value
        if ended != (first, ProvisionOutcome.ACTIVATED.value):
            found.append(f"they ended with {' and '.join(ended)}")
        if self.verdict.status != "Activated":
            found.append(f"{self.verdict.status} {self.verdict.code} {self.verdict.message}")
        return tuple(found)


@dataclass(frozen=True)
class _Bench:
    """The sandbox, the first process, which stays, and a way to start the second."""

    laned: LanedSandbox
    gate: Gate
    first: Desk
    start_second: Callable[[], Desk]

    def sent(self) -> tuple[int, int]:
        """How many AddOrder requests have come on each lane in this start."""
        first, second = (sum(one.name == _ADD_ORDER.name for one in lane.sent) for lane in self.laned.lanes)
        return first, second

    def start(self, order_id: str, killed: str, *, after: bool) -> Said:
        """The second starts while the first is in the middle, `after` WHMCS has done it or before."""
        for lane in self.laned.lanes:
            lane.begin({})
        return self.kill(order_id, killed) if killed else self.go_on(order_id, after=after)

    def go_on(self, order_id: str, *, after: bool) -> Said:
        """The second starts while the first's request stands at the gate, which then opens."""
        self.gate.shut(after=after)
        self.first.tell("ask", order_id)
        self.gate.wait()
        with contextlib.closing(self.start_second()) as second:
            second.tell("second", order_id)
            try:
                met, meanwhile = second.heard(), self.sent()
            finally:
                self.gate.open()
            ended = self.first.answer().outcome.value, second.answer().outcome.value
        return Said(met, ended, (meanwhile, self.sent()))

    def kill(self, order_id: str, kind: str) -> Said:
        """The second starts while the first's request is held, which then is killed."""
        self.first.lane.begin({_ADD_ORDER: Fault.model_validate({"system": "whmcs", "kind": kind})})
        self.first.tell("ask", order_id)
        self.first.held()
        with contextlib.closing(self.start_second()) as second:
            second.tell("second", order_id)
            met, meanwhile = second.heard(), self.sent()
            try:
                first = self.first.answer().outcome.value
            except Died:
                first = KILLED
            ended = first, second.answer().outcome.value
        return Said(met, ended, (meanwhile, self.sent()))


def starts(times: int, kills: int, database_url: str = "", tell: Callable[[str], None] = lambda _: None) -> list[Start]:
    """So many starts in which the first process goes on, and so many in which it is killed, in one data folder.

    With `database_url`, as in `shared_database`, each process has a folder of its own and they share that database.
    """
    killed = [""] * times + list(itertools.islice(itertools.cycle(_KINDS), kills))
    with _bench(len(killed), database_url) as bench:
        order_ids = bench.laned.ordinary_orders()[: len(killed)]
        said = []
        for number, (order_id, kind) in enumerate(zip(order_ids, killed, strict=True), 1):
            said.append(bench.start(order_id, kind, after=number % 2 == 0))
            if not number % _TOLD_EVERY:
                tell(f"{number} starts")
        books = Books.of(bench.laned.sandbox)
    return [
        Start(kind, one, books.verdict(order_id)) for order_id, kind, one in zip(order_ids, killed, said, strict=True)
    ]


@contextlib.contextmanager
def _bench(orders: int, database_url: str) -> Iterator[_Bench]:
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder, gate = Path(name), Gate()
        url = stack.enter_context(shared_database(database_url))
        profile: dict[str, dict[str, Any]] = {"portal": {"database_url": url}, "whmcs": {"timeout_s": _FIRST_TIMEOUT_S}}
        wiring = Wiring(before_whmcs=gate.before)
        laned = stack.enter_context(laned_sandbox(folder, 2, orders, profile, lambda _: wiring))
        second = laned.profiles[1]
        second.write_text(_less_patient(second.read_text(encoding="utf-8")), encoding="utf-8")
        machine = Machine(folder)
        data = [folder / name for name in (("data0", "data1") if database_url else ("data", "data"))]
        first = stack.enter_context(contextlib.closing(Desk(machine, laned.profiles[0], data[0], laned.lanes[0])))
        yield _Bench(laned, gate, first, lambda: Desk(machine, second, data[1], laned.lanes[1]))


def _less_patient(profile: str) -> str:
    values = tomllib.loads(profile)
    values["whmcs"]["timeout_s"] = _SECOND_TIMEOUT_S
    return tomli_w.dumps(values)


def told(run: Sequence[Start], name: str) -> str:
    """The totals of a run, and each start that went wrong."""
    wrong = [start for start in run if start.wrong]
    killed = Counter(start.killed for start in run if start.killed)
    ended = Counter(start.verdict.status for start in run)
    lines = [
        f"{name}: {len(run)} starts in the middle of AddOrder, the first process killed in {killed.total()} of them"
        f" ({killed[_KINDS[0]]} after WHMCS had done it); {', '.join(f'{many} {one}' for one, many in ended.items())};"
        f" the second ran AddOrder in the middle {sum(one.said.sent[0][1] for one in run)} times; {len(wrong)} wrong"
    ]
    return "\n".join(lines + [f"  {start.verdict.order_id}: {'; '.join(start.wrong)}" for start in wrong])


def main(times: int, database_url: str = WHEEL) -> int:
    """Print both runs, in one folder and on one database, each with another version as the second process.

    Returns the exit status.
    """
    status = 0
    kills = times // _ONE_KILLED_OF
    for name, url in (("one data folder", ""), ("one database", database_url)):
        run = starts(times - kills, kills, url, _print)
        _print(told(run, name))
        status |= any(start.wrong for start in run)
        for kind in _KINDS:
            found = versions.handover(kind, url)
            _print(f"{name}: {versions.told(found, kind)}")
            status |= bool(found.wrong)
    return status


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
