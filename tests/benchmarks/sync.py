"""A sync of everything while the window is open, what a hundred thousand customers take, and what idle desks ask for.

The longest stall is held against the same window doing nothing, ten desks on one PostgreSQL against one.
"""

import asyncio
import contextlib
import os
import statistics
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import httpx
from PySide6.QtWidgets import QApplication
from sqlalchemy import Connection, delete

from console.app import Session
from console.clocks import elapsed_s
from console.integrations.portal import directory_index
from console.integrations.portal.portal import Portal
from console.integrations.portal.tables import (
    account_books,
    client_books,
    directory,
    invoice_numbers,
    order_summaries,
    sync_marks,
)
from console.settings import PortalSettings, load_profile
from console.tasks import Tasks
from console.views.places import Places
from tests import postgres
from tests.benchmarks.figures import Figure, options, show
from tests.benchmarks.in_the_window import in_practice
from tests.benchmarks.stalls import Ticker
from tests.journeys.commands import practice
from tests.views.customer_bench import Seat, seat_at, until
from tests.views.qt_loop import run_on_qt
from tests.workflows.desk_bench import Bench, desk_bench

_MANY = 100_000
_IDLE_S = 3.0
_NICE = 10
# An hour of desks that nobody uses passes so many times as fast.
_FASTER = 12


class Run(NamedTuple):
    """One sync of everything: seconds, the longest stalls before and meanwhile, people, and calls of each system."""

    took_s: float
    idle_ms: float
    busy_ms: float
    people: int
    salesforce: int
    whmcs: int


def emptied(connection: Connection) -> None:
    """Forget everything that was ever read."""
    directory_index.clear(connection)
    for table in (account_books, client_books, directory, invoice_numbers, order_summaries, sync_marks):
        connection.execute(delete(table))


async def synced(places: Places, control_url: str) -> Run:
    """Read everything into an empty database while the window is open."""
    idle, busy, tasks = Ticker(), Ticker(), Tasks()
    places.show("orders")
    await asyncio.sleep(_IDLE_S)
    tasks.spawn(idle.tick(), "ticker")
    await asyncio.sleep(_IDLE_S)
    await tasks.aclose()
    await places.desk.lookup._directory._database.run(emptied)
    before_calls = await asyncio.to_thread(_calls_made, control_url)
    tasks = Tasks()
    tasks.spawn(busy.tick(), "ticker")
    before = time.perf_counter()
    report = await places.desk.sync.run(full=True)
    took_s = time.perf_counter() - before
    await tasks.aclose()
    calls = await asyncio.to_thread(_calls_made, control_url)
    asked = [(calls[system] - before_calls[system]) for system in ("salesforce", "whmcs")]
    return Run(took_s, idle.longest_ms, busy.longest_ms, report.people, *asked)


def _calls_made(control_url: str) -> Counter[str]:
    """How many calls each system has had."""
    told = httpx.get(f"{control_url}/calls").raise_for_status().json()
    return Counter({system: sum(actions.values()) for system, actions in told.items()})


async def idle_calls(app: QApplication, bench: Bench, desks: int, real_s: float) -> float:
    """The calls that so many desks make in an hour when nobody uses them."""
    async with contextlib.AsyncExitStack() as stack:
        open_desks: list[Seat] = [await stack.enter_async_context(seat_at(app, bench)) for _ in range(desks)]
        for seat in open_desks:
            _hurry(seat)
            seat.live.start()
        for seat in open_desks:
            await until(lambda seat=seat: seat.live.read_at)  # type: ignore[misc]  # bound now
        before = _calls(bench)
        await asyncio.sleep(real_s)
        return (_calls(bench) - before).total() * 3600 / (real_s * _FASTER)


def _hurry(seat: Seat) -> None:
    """Let the time of a desk pass faster."""

    def faster() -> float:
        return elapsed_s() * _FASTER

    services = seat.services
    services.sync._elapsed = faster
    services.sync._people_read = services.sync._whole_read = faster()
    for contact in (services.salesforce.session.contact, services.whmcs.contact):
        contact._elapsed = faster


def _calls(bench: Bench) -> Counter[str]:
    return Counter(
        {f"{system} {action}": number for system, actions in bench.sandbox.board.calls_made().items()
         for action, number in actions.items()}
    )  # fmt: skip


def main() -> None:
    """Measure and print; the sync as the median of the runs."""
    asked = options(__doc__)
    customers, runs, real_s = (300, 1, 3.0) if asked.short else (20_000, 5, 100.0)
    found: list[Run] = []

    async def work(session: Session, places: Places) -> None:
        found.extend([await synced(places, systems.info["control_url"]) for _ in range(runs)])

    with (
        tempfile.TemporaryDirectory() as folder,
        practice(Path(folder), "--customers", str(customers)) as systems,
    ):
        # The systems are elsewhere: they do not take the window's processor.
        if hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, systems.info["pid"], _NICE)
        # Everybody in the books was made this minute; what is that new is read with every look at what is new.
        httpx.post(f"{systems.info['control_url']}/clock", json={"advance_s": 3600}).raise_for_status()
        in_practice(Path(folder) / "p.toml", Path(folder) / "data", work)
        details = load_profile(Path(folder) / "p.toml").whmcs.details_per_minute
    one, ten = _idle_desks(real_s)
    took_s, idle_ms, busy_ms = (statistics.median(run[part] for run in found) for part in range(3))
    people, salesforce, whmcs = found[-1][3:]
    many = f"{_MANY:,} customers"
    show(
        [
            Figure(f"sync of {people:,} people, median of {runs} runs", took_s, "s", aim="aim: 40 s"),
            Figure("longest stall meanwhile", busy_ms, "ms", idle_ms, "idle window", "aim: 50 ms"),
            Figure(f"Salesforce calls, {many}", salesforce * _MANY / people, ""),
            Figure(f"WHMCS calls, {many}", whmcs * _MANY / people, ""),
            Figure(f"clients one by one, {many}", _MANY / details / 60, "h"),
            Figure("calls an hour, one idle desk", one, ""),
            Figure("calls an hour, ten on one PostgreSQL", ten, "", one, "one desk", "aim: ratio 1.1"),
        ],
        as_json=asked.json,
    )


def _shared(bench: Bench, url: str) -> Bench:
    """The bench with one database for all its desks, and their pace in fast time."""
    asyncio.run(_migrated(url))
    usual = bench.profile.desk
    desk = usual.model_copy(update={"refresh_s": usual.refresh_s / _FASTER})
    changes = {"portal": PortalSettings(database_url=url), "desk": desk}
    return replace(bench, profile=bench.profile.model_copy(update=changes))


async def _migrated(url: str) -> None:
    portal = Portal(url)
    await portal.migrate()
    await portal.aclose()


def _idle_desks(real_s: float) -> tuple[float, float]:
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    counted = []
    for desks in (1, 10):
        with postgres.server() as uri, desk_bench() as bench:
            counted.append(run_on_qt(app, idle_calls(app, _shared(bench, postgres.new_database(uri)), desks, real_s)))
    return counted[0], counted[1]


if __name__ == "__main__":
    main()
