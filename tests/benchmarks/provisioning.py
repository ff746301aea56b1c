"""Provisioning a batch: the remote calls of an order, how near a batch comes to the bound, what our databases cost.

The bound is the time that the remote calls of all orders take one after another, at the set latency, shared by the
orders that are under way at once. How many calls wait for one another is measured: one order at two latencies.
"""

import asyncio
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import tomli_w
from sqlalchemy.engine.default import DefaultDialect

from console.models.provisioning import ProvisionOutcome
from console.models.staff import StaffMember
from console.services import Services, open_services
from console.settings import load_profile
from tests.benchmarks.figures import Figure, options, show
from tests.journeys.commands import Practice, practice

# What the steps of architecture.md's procedure need for one ordinary order, and why.
NEEDED: dict[str, dict[str, tuple[int, str]]] = {
    "salesforce": {
        "composite": (6, "claim; send row; WHMCS order id; row of AcceptOrder; its end; write back"),
        "query": (9, "the order with items and decision; its claims at the top and before each change; account, other "
                     "orders, Internet products and accounts of that number for the checks"),
    },
    "whmcs": {
        "GetClientsDetails": (1, "check: the linked client"),
        "GetPayMethods": (1, "re-check: payment method"),
        "GetInvoices": (2, "re-check: open invoices; verify: the order's first invoice"),
        "GetClientsProducts": (2, "look: our marker, and duplicates; verify"),
        "GetOrders": (3, "look: the watermark; the order before AcceptOrder; verify"),
        "AddOrder": (1, "send"),
        "AcceptOrder": (1, "accept"),
        "GetModuleQueue": (1, "verify: nothing of it waits in the module queue"),
    },
}  # fmt: skip
_LATENCIES_MS, _TIMES = (20, 120), 5
# What a call over the Internet to a busy WHMCS or to Salesforce takes at best.
_LATENCY_MS, _PARALLEL = 250, 8


class Clock:
    """The time for which our own databases work, summed over all threads."""

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self.seconds = 0.0
        self._lock = threading.Lock()

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count statements and commits of every database of this process: the Portal's and that of the workflows."""
        kept = {name: getattr(DefaultDialect, name) for name in ("do_execute", "do_executemany", "do_commit")}
        for name, work in kept.items():
            setattr(DefaultDialect, name, self._timed(work))
        try:
            yield
        finally:
            for name, work in kept.items():
                setattr(DefaultDialect, name, work)

    def _timed(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            before = time.perf_counter()
            try:
                return work(*arguments, **named)
            finally:
                with self._lock:
                    self.seconds += time.perf_counter() - before

        return timed


async def one_order(systems: Practice, desk: Services, me: StaffMember, order_id: str, latency_ms: int) -> float:
    """Seconds that one order takes by itself at a latency."""
    systems.settings(latency_ms={"whmcs": latency_ms, "salesforce": latency_ms})
    before = time.perf_counter()
    result = await desk.engine.provision(order_id, me)
    assert result.outcome is ProvisionOutcome.ACTIVATED, result
    return time.perf_counter() - before


async def measured(systems: Practice, folder: Path, count: int) -> list[Figure]:
    """The figures of one run with `count` orders."""
    async with open_services(load_profile(folder / "p.toml"), folder / "data") as desk:
        me = await desk.me()
        besides = 2 + len(_LATENCIES_MS) * _TIMES
        waiting = _approved(systems)[: count + besides]
        assert len(waiting) == count + besides, len(waiting)
        async with desk.engine.attending(me):
            # What is loaded and connected at the first order is not counted.
            await one_order(systems, desk, me, waiting.pop(), 0)
            _control(systems, "POST", "reset_calls")
            await one_order(systems, desk, me, waiting.pop(), 0)
            made = _control(systems, "GET", "calls")
            # The shortest of some: what else the machine does is no part of the order.
            fast, slow = [
                min([await one_order(systems, desk, me, waiting.pop(), one) for _ in range(_TIMES)])
                for one in _LATENCIES_MS
            ]
            one_after_another = (slow - fast) * 1000 / (_LATENCIES_MS[1] - _LATENCIES_MS[0])
            systems.settings(latency_ms={"whmcs": _LATENCY_MS, "salesforce": _LATENCY_MS})
            clock = Clock()
            job = desk.bulk.new(me, waiting[:count], desk_pace())
            before = time.perf_counter()
            with clock.counting():
                await job.run()
            took = time.perf_counter() - before
        assert job.progress.ok == count, Counter(one.code for one in job.results)
    bound = count * one_after_another * _LATENCY_MS / 1000 / _PARALLEL
    _require_no_more(made)
    calls = sum(sum(by_action.values()) for by_action in made.values())
    needed = sum(most for by_action in NEEDED.values() for most, _ in by_action.values())
    batch = f"{count} orders, {_PARALLEL} at once, {_LATENCY_MS} ms a call"
    return [
        Figure("remote calls of one order", calls, "", needed, "the steps need at most", _told(made)),
        Figure("calls of it that wait for one another", one_after_another, ""),
        Figure(batch, took, "s", bound, "bound", f"reached {bound / took:.0%}; aim: 90 %"),
        Figure("our databases meanwhile", clock.seconds, "s", took, "batch", "aim: ratio 0.10"),
    ]


def desk_pace() -> Any:
    """The pace of the batch."""
    from console.workflows.bulk import BulkPace

    return BulkPace(_PARALLEL)


def _approved(systems: Practice) -> list[str]:
    """Approved orders that nothing was begun with; those that some check stops are the oldest, so they come last."""
    rows = systems.salesforce(
        "SELECT Id FROM Order WHERE Status = 'Approved' AND Provisioning_Status__c = 'Created' "
        "ORDER BY OrderNumber DESC"
    )
    return [row["Id"] for row in rows]


def _control(systems: Practice, method: str, path: str) -> Any:
    answer = httpx.request(method, f"{systems.info['control_url']}/{path}", timeout=60).raise_for_status()
    return answer.json() if answer.content else None


def _require_no_more(made: dict[str, dict[str, int]]) -> None:
    """One more call than the steps need is a defect, not a figure."""
    for system, by_action in made.items():
        for action, times in by_action.items():
            most, _ = NEEDED[system].get(action, (0, ""))
            assert times <= most, f"{times} times {system} {action}: the steps need {most}"


def _told(made: dict[str, dict[str, int]]) -> str:
    return "; ".join(f"{system}: " + ", ".join(f"{action} {times}" for action, times in sorted(one.items()))
                     for system, one in made.items())  # fmt: skip


def main() -> None:
    """Measure and print."""
    asked = options(__doc__)
    count = 8 if asked.short else 500
    seed = ("--customers", str(4 * count + 100), "--orders", str(4 * count + 200))
    with tempfile.TemporaryDirectory() as name, practice(Path(name), *seed) as systems:
        folder = Path(name)
        profile = folder / "p.toml"
        values = _read(profile)
        values["whmcs"]["max_connections"] = 2 * _PARALLEL
        profile.write_text(tomli_w.dumps(values), encoding="utf-8")
        figures = asyncio.run(measured(systems, folder, count))
    show(figures, as_json=asked.json)


def _read(profile: Path) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(profile.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
