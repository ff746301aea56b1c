"""The crash matrix: every trouble at every request of the procedure, then a new process, then a look at the books.

Beside a clean run there are scenes: what the procedure sends when it pauses, settles a lost answer, sends again, takes
over from a dead process or sets up what failed.
"""

import contextlib
import queue
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from tests.chaos.books import Books, Verdict
from tests.chaos.desks import Ended, Machine
from tests.chaos.lanes import Lane, LanedSandbox, Plan, Request, laned_sandbox
from tests.chaos.troubles import KILLED, KILLS, Trouble, troubles_at

_SIDE_BY_SIDE = 6
_RUNS_AGAIN = 2
_WELL = ("", "PRV-06")
_BEGIN = Request("salesforce", "insert work")
_ADD_ORDER, _ACCEPT_ORDER = Request("whmcs", "AddOrder"), Request("whmcs", "AcceptOrder")
_RECORD_ORDER = Request("salesforce", "record order")
# What a sample has all troubles of.
_FIRST = ("AddOrder", "ModuleCreate")
# Of one name in a scene: how often an outcome is looked for depends on the clock, the first looks do not.
_FIRST_NEW = 2


class Scene(NamedTuple):
    """What else goes wrong: `earlier` troubles of a run before (None: there is none), and `base` troubles of this one.

    setup_fails   whether the first set-up of every service fails
    codes         what a run may end with because of the scene alone
    """

    name: str
    base: tuple[Trouble, ...] = ()
    earlier: tuple[Trouble, ...] | None = None
    setup_fails: bool = False
    codes: tuple[str, ...] = ()


CLEAN = Scene("clean")
SCENES = (
    CLEAN,
    Scene("pauses", (Trouble("403", _ADD_ORDER),), codes=("ACC-01",)),
    Scene("order settled", (Trouble("answer lost", _ADD_ORDER),)),
    Scene("order sent again", (Trouble("reset", _ADD_ORDER),)),
    Scene("accept settled", (Trouble("answer lost", _ACCEPT_ORDER),)),
    Scene("accept sent again", (Trouble("reset", _ACCEPT_ORDER),)),
    Scene("taken over", earlier=(Trouble("killed before", _RECORD_ORDER),)),
    Scene("set up again", earlier=(), setup_fails=True, codes=("PRV-03", "PRV-04")),
)


class Cell(NamedTuple):
    """One trouble at one request in a scene."""

    scene: Scene
    trouble: Trouble

    @property
    def codes(self) -> tuple[str, ...]:
        """What its run may end with."""
        if self.trouble.name in KILLS:
            return (KILLED,)
        return (*_WELL, *self.scene.codes, *self.trouble.codes)

    def __str__(self) -> str:
        """As it is picked and printed."""
        return f"{self.scene.name:17} {self.trouble.request!s:36} {self.trouble.name:14}"


class Run(NamedTuple):
    """What the processes of one cell said, "" for no code, before the books are read."""

    cell: Cell
    order_id: str
    hit: bool
    codes: tuple[str, ...]


class Outcome(NamedTuple):
    """A run, and the books once everything was at rest."""

    run: Run
    verdict: Verdict

    @property
    def wrong(self) -> tuple[str, ...]:
        """What breaks the promise, and what the run says that its trouble does not deserve."""
        found = list(self.verdict.wrong)
        if not self.run.hit:
            found.append("the request was never sent: this cell proves nothing")
        if self.run.codes[0] not in self.run.cell.codes:
            found.append(f"ended with {self.run.codes[0] or 'no code'}")
        if self.verdict.status != "Activated":
            found.append(f"does not go on: {self.verdict.status} {self.verdict.code} {self.verdict.message}")
        return tuple(found)

    def __str__(self) -> str:
        """In one line."""
        path = " > ".join(code or "ok" for code in self.run.codes)
        mark = "WRONG " + "; ".join(self.wrong) if self.wrong else "kept"
        return f"{self.run.cell} {path:24} {self.verdict.status:10} {mark}"


class Bench(NamedTuple):
    """A sandbox with a machine; lanes are taken and given back, orders are used up."""

    laned: LanedSandbox
    machine: Machine
    free: "queue.SimpleQueue[int]"
    orders: "queue.SimpleQueue[str]"

    @contextlib.contextmanager
    def a_lane(self) -> Iterator[tuple[int, Lane]]:
        """A lane for oneself."""
        number = self.free.get()
        try:
            yield number, self.laned.lanes[number]
        finally:
            self.free.put(number)

    def provision(self, lane: int, order_id: str, plan: Plan) -> str:
        """`staff-console provision` as a process of its own on this lane; returns its code, "" where it ended well."""
        self.laned.lanes[lane].begin(plan)
        data = self.machine.folder / f"data{lane}"
        profile = str(self.laned.profiles[lane])
        arguments = ["provision", order_id, "--profile", profile, "--data-dir", str(data), "--json"]
        return _code(self.machine.command(self.laned.lanes[lane], data, arguments))


@contextlib.contextmanager
def bench(
    orders: int, *, setup_fails: bool = False, profile: Mapping[str, Mapping[str, Any]] | None = None
) -> Iterator[Bench]:
    """A sandbox for so many cells. `profile` changes sections of the profiles."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with laned_sandbox(folder, _SIDE_BY_SIDE, orders, profile) as laned:
            for product in laned.sandbox.world.whmcs.products if setup_fails else ():
                product.setup, product.setup_fails = "fail", 1
            free: queue.SimpleQueue[int] = queue.SimpleQueue()
            for number in range(_SIDE_BY_SIDE):
                free.put(number)
            waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
            for order_id in laned.ordinary_orders():
                waiting.put(order_id)
            yield Bench(laned, Machine(folder), free, waiting)


def cells_of(on: Bench, scenes: Sequence[Scene]) -> list[Cell]:
    """Every cell of these scenes, request by request; a scene adds what a clean run does not send."""
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as workers:
        sent = dict(zip(scenes, workers.map(lambda scene: requests_of(on, scene), scenes), strict=True))
    clean = sent.get(CLEAN, [])
    cells = []
    for scene in scenes:
        requests = clean if scene == CLEAN else _new_in(sent[scene], scene, clean)
        cells += [Cell(scene, trouble) for request in requests for trouble in troubles_at(request)]
    return cells


def requests_of(on: Bench, scene: Scene) -> list[Request]:
    """What a run of a scene sends, in order."""
    order_id = on.orders.get()
    with on.a_lane() as (number, lane):
        if scene.earlier is not None:
            on.provision(number, order_id, _plan(scene.earlier))
        code = on.provision(number, order_id, _plan(scene.base))
        if code not in (*_WELL, *scene.codes):
            raise AssertionError(f"the scene {scene.name!r} ends with {code}")
        return list(lane.sent)


def sample(cells: Sequence[Cell], most: int) -> list[Cell]:
    """At most so many cells: every one at AddOrder, or else ModuleCreate, and an even spread of the others."""
    names = [cell.trouble.request.name for cell in cells]
    name = next((one for one in _FIRST if one in names), "")
    first = [cell for cell in cells if cell.scene == cells[0].scene and cell.trouble.request.name == name][:most]
    rest = [cell for cell in cells if cell not in first]
    left = most - len(first)
    return first + (rest[:: -(-len(rest) // left)] if left and rest else [])


def run_cells(on: Bench, cells: Sequence[Cell]) -> list[Outcome]:
    """Run cells, several side by side; the books are read once everything is at rest."""
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as workers:
        runs = list(workers.map(lambda cell: _run(on, cell), cells))
    books = Books.of(on.laned.sandbox)
    return [Outcome(run, books.verdict(run.order_id)) for run in runs]


def totals(done: Sequence[Outcome]) -> str:
    """How many cells, and how they ended."""
    ends = Counter(outcome.verdict.status for outcome in done)
    ended = ", ".join(f"{number} {status}" for status, number in ends.most_common())
    return f"{len(done)} cells: {ended}; {sum(bool(outcome.wrong) for outcome in done)} wrong"


def main(most: int | None = None, only: str = "") -> int:
    """Print the matrix cell by cell and its totals; returns the exit status."""
    done = []
    for setup_fails in (False, True):
        scenes = [scene for scene in SCENES if scene.setup_fails == setup_fails]
        with bench(orders=1500, setup_fails=setup_fails) as on:
            cells = [cell for cell in cells_of(on, scenes) if only in str(cell)]
            chosen = sample(cells, most or max(len(cells), 1))
            _print(f"{', '.join(scene.name for scene in scenes)}: {len(chosen)} of {len(cells)} cells")
            outcomes = run_cells(on, chosen)
        for outcome in outcomes:
            _print(str(outcome))
        done += outcomes
    _print(totals(done))
    return 1 if any(outcome.wrong for outcome in done) else 0


def _run(on: Bench, cell: Cell) -> Run:
    """The scene with its trouble, then new processes until the order is active, twice at most."""
    order_id = on.orders.get()
    with on.a_lane() as (number, lane):
        if cell.scene.earlier is not None:
            on.provision(number, order_id, _plan(cell.scene.earlier))
        codes = [on.provision(number, order_id, _plan((*cell.scene.base, cell.trouble)))]
        hit = cell.trouble.request in [request for request, _ in lane.hit]
        for _ in range(_RUNS_AGAIN):
            codes.append(on.provision(number, order_id, {}))
            if codes[-1] in _WELL:
                break
    return Run(cell, order_id, hit, tuple(codes))


def _new_in(requests: Sequence[Request], scene: Scene, clean: Sequence[Request]) -> list[Request]:
    """What a scene adds; where it goes on from an earlier run, everything since it began is in another state."""
    if scene.earlier is not None:
        clean, requests = (), requests[requests.index(_BEGIN) :]
    seen: Counter[str] = Counter()
    new = []
    for request in requests:
        if request not in clean and seen[request.name] < _FIRST_NEW:
            seen[request.name] += 1
            new.append(request)
    return new


def _plan(troubles: Sequence[Trouble]) -> Plan:
    return {trouble.request: trouble.fault for trouble in troubles if trouble.fault}


def _code(ended: Ended) -> str:
    """The code that a run ended with, "" where it ended well."""
    if ended.status < 0:
        return KILLED
    document: Mapping[str, object] = ended.document
    results = ended.document.get("results") or [{}]
    refused = ended.document.get("error") or {}
    return str(results[0].get("code") or refused.get("code") or "") if document else "nothing said"


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
