"""The longest time for which the loop of the window stands still while 50 approved orders are provisioned.

Held against the same window doing nothing, in the same run. The sandbox is a process of its own, as WHMCS is.
"""

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

from console.app import Session
from console.tasks import Tasks
from console.views.confirm import ConfirmDialog
from console.views.order_queues import Queue, orders_in
from console.views.places import Places
from tests.benchmarks.figures import Figure, options, show
from tests.benchmarks.in_the_window import in_practice, until
from tests.journeys.commands import practice

_TICK_S = 0.005
_IDLE_S = 3.0
_NICE = 10


class Ticker:
    """Ticks on the loop and keeps the longest time that a tick came late."""

    def __init__(self) -> None:
        """Not ticking yet."""
        self.longest_ms = 0.0

    async def tick(self) -> None:
        """Tick until cancelled."""
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_TICK_S)
            self.longest_ms = max(self.longest_ms, (time.perf_counter() - before - _TICK_S) * 1000)


async def stalled(session: Session, places: Places, count: int) -> tuple[float, float]:
    """The longest stall of an idle window, and that of one that provisions `count` orders."""
    idle, busy = Ticker(), Ticker()
    tasks = Tasks()
    tasks.spawn(idle.tick(), "ticker")
    await asyncio.sleep(_IDLE_S)
    await tasks.aclose()
    waiting = orders_in(Queue.APPROVED, places.live.orders, places.desk.me)
    places.show("orders")
    # Opening a page for the first time is no part of it.
    await asyncio.sleep(_IDLE_S)
    # The newest: the oldest are those that a check stops, and a run pauses after some of them.
    places.runs.start([order.order_id for order in waiting[-count:]])
    await until(lambda: session.window.findChildren(ConfirmDialog))
    tasks.spawn(busy.tick(), "ticker")
    session.window.findChildren(ConfirmDialog)[0].accept()
    await until(lambda: places.runs.under_way)
    await until(lambda: not places.runs.under_way)
    await tasks.aclose()
    return idle.longest_ms, busy.longest_ms


def main() -> None:
    """Measure and print the median of the runs."""
    asked = options(__doc__)
    runs, count = (1, 5) if asked.short else (5, 50)
    found: list[tuple[float, float]] = []

    async def work(session: Session, places: Places) -> None:
        found.append(await stalled(session, places, count))

    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder, practice(Path(folder)) as systems:
            # The systems are elsewhere: they do not take the window's processor.
            if hasattr(os, "setpriority"):
                os.setpriority(os.PRIO_PROCESS, systems.info["pid"], _NICE)
            in_practice(Path(folder) / "p.toml", Path(folder) / "data", work)
    idle, busy = (statistics.median(run[part] for run in found) for part in (0, 1))
    name = f"longest stall, {count} orders, median of {runs} runs"
    show([Figure(name, busy, "ms", idle, "idle window", "aim: 50 ms")], as_json=asked.json)


if __name__ == "__main__":
    main()
