"""The worker lives through what its systems go through, tells how it is doing, and leaves work to the one before it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from console.errors import AccessRefused, SettingsError
from console.models.staff import StaffMember
from console.services import Services, open_services
from console.settings import PortalSettings, WorkerSettings
from console.tasks import Tasks
from console.worker import Place, Worker, run_worker
from console.worker_health import WorkerHealth, read_health
from console.workflows.status_sweep import StatusSweep, SweepReport
from tests.workflows.desk_bench import Bench, desk_bench

T = TypeVar("T")

_PATIENCE_S = 30
_LOOK_EVERY_S = 0.02
# Nothing comes due by itself while a test lasts.
_QUIET = WorkerSettings(sync_every_s=1, retry_every_s=0.1, recheck_s=9000)


@pytest.fixture
def bench() -> Any:
    """A sandbox, and a profile with settings for a worker."""
    with desk_bench() as made:
        yield with_settings(made, _QUIET)


def with_settings(bench: Bench, worker: WorkerSettings) -> Bench:
    """The same sandbox seen by a worker with other settings."""
    return replace(bench, profile=bench.profile.model_copy(update={"worker": worker}))


class Running:
    """A worker that runs in this process, with what it told."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self.port = 0
        self.told: list[str] = []
        self.stop = asyncio.Event()

    def ready(self, port: int) -> None:
        """It is up."""
        self.port = port

    async def until(self, condition: Callable[[WorkerHealth], bool]) -> WorkerHealth:
        """Ask how it is doing until that is so."""

        async def asked() -> WorkerHealth | None:
            health = await read_health(self.port) if self.port else None
            return health if health and condition(health) else None

        return await until(asked)


async def until(look: Callable[[], Awaitable[T | None]]) -> T:
    """Look again and again until something is found."""
    for _ in range(round(_PATIENCE_S / _LOOK_EVERY_S)):
        if found := await look():
            return found
        await asyncio.sleep(_LOOK_EVERY_S)
    raise AssertionError("in vain")


@contextlib.asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[Running]:
    """A worker on the bench's data folder; it is stopped in order at the end."""
    worker, tasks = Running(), Tasks()
    place = Place(bench.profile, bench.folder)
    working = tasks.spawn(run_worker(place, worker.stop, worker.ready, worker.told.append), "worker", lambda _: None)
    try:
        yield worker
    finally:
        worker.stop.set()
        await asyncio.wait([working])
        working.result()


def seen(bench: Bench, work: Callable[[Running], Awaitable[T]]) -> T:
    """Do something beside a worker."""

    async def beside() -> T:
        async with running(bench) as worker:
            return await work(worker)

    return asyncio.run(beside())


def test_an_idle_worker_is_seen_as_the_one_that_executes(bench: Bench) -> None:
    async def work(worker: Running) -> tuple[WorkerHealth, list[str]]:
        health = await worker.until(lambda one: one.last_sync_age_s is not None and one.holder is not None)
        return health, list(worker.told)

    health, told = seen(bench, work)
    assert (health.state, health.not_answering, told) == ("executing", (), ["Executing."])
    assert health.holder and health.holder.pid == health.pid


def test_a_system_that_is_down_at_the_start_is_waited_for(bench: Bench) -> None:
    bench.break_with("status", "*", "salesforce", status=503, count=10_000)

    async def work(worker: Running) -> tuple[WorkerHealth, WorkerHealth]:
        before = await worker.until(lambda one: "salesforce" in one.not_answering)
        bench.sandbox.board.remove()
        return before, await worker.until(lambda one: one.last_sync_age_s is not None)

    before, after = seen(bench, work)
    assert (before.last_sync_age_s, after.not_answering) == (None, ())


def test_a_system_that_goes_down_later_is_named_until_it_answers_again(bench: Bench) -> None:
    async def work(worker: Running) -> WorkerHealth:
        await worker.until(lambda one: one.last_sync_age_s is not None)
        bench.break_with("status", "*", "salesforce", status=503, count=10_000)
        down = await worker.until(lambda one: one.not_answering == ("salesforce",))
        bench.sandbox.board.remove()
        await worker.until(lambda one: not one.not_answering)
        return down

    assert seen(bench, work).state == "executing"


def test_a_worker_stops_also_while_it_waits_for_a_system(bench: Bench) -> None:
    bench.break_with("status", "*", "salesforce", status=503, count=10_000)

    async def work(worker: Running) -> list[str]:
        await worker.until(lambda one: bool(worker.told))
        return worker.told

    assert "waiting for it" in seen(bench, work)[0]


def test_a_worker_waits_for_a_database_that_does_not_answer_and_stops_meanwhile(bench: Bench) -> None:
    nowhere = PortalSettings(database_url="postgresql://worker@127.0.0.1:1/portal")

    async def work(worker: Running) -> str:
        async def told() -> str | None:
            return next(iter(worker.told), None)

        return await until(told)

    told = seen(replace(bench, profile=bench.profile.model_copy(update={"portal": nowhere})), work)
    assert told.startswith("The Portal database does not answer; waiting for it.")


def test_a_data_file_that_is_none_is_a_matter_of_settings(bench: Bench) -> None:
    (bench.folder / "portal.db").write_bytes(b"no database" * 1000)

    async def ends() -> None:
        worker = Running()
        place = Place(bench.profile, bench.folder)
        await run_worker(place, worker.stop, worker.ready, worker.told.append)

    with pytest.raises(SettingsError, match="cannot be used"):
        asyncio.run(ends())


def test_a_sign_in_that_is_refused_at_the_start_ends_the_worker(bench: Bench) -> None:
    bench.break_with("invalid_session", "*", "salesforce", count=10_000)

    async def ends() -> None:
        worker = Running()
        await run_worker(Place(bench.profile, bench.folder), worker.stop, worker.ready, worker.told.append)

    with pytest.raises(AccessRefused):
        asyncio.run(ends())


def test_a_second_worker_says_who_executes_rests_and_follows(bench: Bench) -> None:
    async def work(first: Running) -> tuple[WorkerHealth, list[str], WorkerHealth]:
        await first.until(lambda one: one.state == "executing" and one.holder is not None)
        async with running(bench) as second:
            reserve = await second.until(lambda one: one.holder is not None)
            told = list(second.told)
            first.stop.set()
            return reserve, told, await second.until(lambda one: one.state == "executing")

    reserve, told, after = seen(bench, work)
    assert (reserve.state, reserve.last_sync_age_s) == ("in reserve", None)
    assert told[0].startswith("worker on ") and told[0].endswith("executes; waiting in reserve.")
    assert after.state == "executing"


def test_what_comes_due_is_counted_when_it_has_ended(bench: Bench) -> None:
    async def work(worker: Running) -> WorkerHealth:
        return await worker.until(lambda one: one.done > 0 and one.running == 0)

    soon = _QUIET.model_copy(update={"recheck_s": 0.1})
    health = seen(with_settings(bench, soon), work)
    assert (health.failed, health.state) == (0, "executing")


def test_what_was_activated_is_compared_now_and_then(bench: Bench) -> None:
    async def provisioned(desk: Services, me: StaffMember) -> str:
        order_id = bench.orders("Approved")[0]
        await desk.provisioning.provision(order_id, me)
        return order_id

    order_id = bench.run(provisioned)
    bench.sandbox.clock.advance(3600)
    [billing_order] = bench.billing_orders(order_id)
    billing_order.status = "Cancelled"

    async def work(worker: Running) -> None:
        await worker.until(lambda one: one.last_sync_age_s is not None)
        async with open_services(bench.profile, bench.folder) as desk:
            case = await until(lambda: desk.portal.cases.open_of(order_id))
        assert case.code == "SYN-04"

    seen(bench, work)


class _BrokenSweep(StatusSweep):
    """A sweep with a defect."""

    async def run(self, days: int) -> SweepReport:
        raise ZeroDivisionError(days)


def test_a_defect_ends_the_worker_in_order_and_is_raised(bench: Bench) -> None:
    async def ends() -> list[str]:
        told: list[str] = []
        async with open_services(bench.profile, bench.folder) as desk:
            broken = replace(desk, status_sweep=_BrokenSweep(desk.salesforce, desk.whmcs, desk.portal))
            with pytest.raises(ZeroDivisionError):
                await Worker(broken, lambda _: None, told.append).run(asyncio.Event())
        return told

    assert asyncio.run(ends())[-1].startswith("Stopping")


def test_people_are_not_signed_in_by_a_worker(bench: Bench, tmp_path: Path) -> None:
    salesforce = bench.profile.salesforce.model_copy(update={"sign_in": "browser"})
    place = Place(bench.profile.model_copy(update={"salesforce": salesforce}), tmp_path)
    with pytest.raises(SettingsError, match="sign_in"):
        asyncio.run(run_worker(place, asyncio.Event(), lambda _: None, lambda _: None))


def test_one_who_may_not_provision_is_no_worker(bench: Bench) -> None:
    async def ends() -> None:
        place = Place(bench.profile, bench.folder, "support")
        await run_worker(place, asyncio.Event(), lambda _: None, lambda _: None)

    with pytest.raises(SettingsError, match="may not provision"):
        asyncio.run(ends())
