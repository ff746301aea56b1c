"""What a desk of the bench can be told to do, in its own process."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from console.models.command import BulkState, Command, CommandState
from console.models.order import Activation, OrderState
from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.models.staff import StaffMember
from console.services import Services
from console.tasks import Tasks
from console.workflows.bulk import BulkJob, BulkPace

_AT_ONCE = 6
_WAITING = (Activation.NONE, Activation.CREATED)
# A second desk takes the lease where it wrongly can: it tries so often beside its engine.
_TRIES_AT_THE_LEASE = 3
_GOES_ON = (BulkState.RUNNING, BulkState.OUTAGE)
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class At(NamedTuple):
    """An open desk, who sits there, and a way to tell the parent something before the end of a task."""

    desk: Services
    me: StaffMember
    tell: Callable[[object], None]


class Second(NamedTuple):
    """What a second desk came to while another one had the order in hand.

    leases   whether it got the engine lease, try by try
    past     how provisioning ended that went past the engine
    executes whether its engine carried anything out
    """

    leases: tuple[bool, ...]
    past: ProvisionOutcome
    executes: bool


class Standing(NamedTuple):
    """How the commands and the runs over many orders stand, and the PRV-01 cases that name a protocol."""

    commands: tuple[Command, ...]
    runs: tuple[BulkState, ...]
    cases: Mapping[str, tuple[str, str]]
    """By order: code and detail."""


# Past the engine every process carries its own orders out, so that a trouble meets the order that it was meant for.


async def _provision(at: At, order_id: str) -> ProvisionResult:
    # A refused credential of the order before would otherwise stop this one too.
    at.desk.whmcs.ask_afresh()
    return await at.desk.provisioning.provision(order_id, at.me)


async def _ask(at: At, order_id: str) -> ProvisionResult:
    at.desk.whmcs.ask_afresh()
    return await at.desk.engine.provision(order_id, at.me)


async def _ask_all(at: At, order_ids: Sequence[str]) -> list[ProvisionResult]:
    return list(await asyncio.gather(*[at.desk.engine.provision(one, at.me) for one in order_ids]))


async def _second(at: At, order_id: str) -> ProvisionResult:
    """Try everything to get at an order that another process has in hand, tell how that went, and wait for its end."""
    tasks = Tasks()
    async with at.desk.engine.attending(at.me):
        asked = tasks.spawn(at.desk.engine.provision(order_id, at.me), "asked")
        leases = [await at.desk.portal.engine_lease.try_take() for _ in range(_TRIES_AT_THE_LEASE)]
        past = await at.desk.provisioning.provision(order_id, at.me)
        at.tell(Second(tuple(leases), past.outcome, at.desk.engine.executes_now))
        return await asked


async def _attend(at: At) -> Standing:
    """Carry out what is due until nothing is open."""
    async with at.desk.engine.attending(at.me):
        counts = await at.desk.portal.commands.counts()
        while counts[CommandState.WAITING] or counts[CommandState.RUNNING]:
            await at.desk.engine.heard()
            counts = await at.desk.portal.commands.counts()
    return await _standing(at)


async def _standing(at: At) -> Standing:
    commands = await at.desk.portal.commands.changed_since(_LONG_AGO)
    runs = {one.bulk_id for one in commands if one.bulk_id}
    found = [await at.desk.portal.bulk_runs.get(one) for one in sorted(runs)]
    cases = {one.order_id: (one.code, one.detail) for one in await at.desk.portal.cases.all_open()}
    return Standing(tuple(commands), tuple(one.state for one in found if one), cases)


async def _retry(at: At, order_id: str) -> ProvisionResult | None:
    """Press the button of the order's case; None where it has none."""
    listed = await at.desk.failures.case_of(order_id)
    return await at.desk.failures.retry(listed.case, at.me) if listed else None


async def _bulk(at: At, order_ids: Sequence[str], pace: BulkPace) -> list[ProvisionResult]:
    """A run over many orders; every change of its progress is told."""
    job = at.desk.bulk.new(at.me, order_ids, pace)
    job.on_change = at.tell
    return await job.run()


async def _go_on(at: At) -> int:
    """What a person does after a death of the desk: let the runs go on that were begun, and see them to their end."""
    jobs = await at.desk.bulk.unfinished(at.me)
    await asyncio.gather(*[_resumed(job) for job in jobs])
    return len(jobs)


async def _resumed(job: BulkJob) -> list[ProvisionResult]:
    job.resume()
    return await job.run()


async def _quiet(at: At) -> Standing:
    """Wait until nothing is open any more but what waits for its time."""
    portal = at.desk.portal
    while (
        await portal.commands.running()
        or await portal.commands.due(datetime.now(UTC), 1)
        or any(run.state in _GOES_ON for run in await portal.bulk_runs.unfinished())
    ):
        await at.desk.engine.heard()
    return await _standing(at)


async def _clean_up(at: At, most: int, only: Collection[str], by_engine: bool) -> list[ProvisionResult]:
    """What a person does afterwards: retry every case, and provision what still waits."""
    at.desk.whmcs.ask_afresh()
    cases = {one.case.order_id: one.case for one in await at.desk.failures.all_open()}
    queue = await at.desk.orders.queue(OrderState.APPROVED)
    waiting = dict.fromkeys(row.order_id for row in queue if row.activation in _WAITING)
    stuck = [order_id for order_id in {**waiting, **cases} if order_id in only]
    at_once = asyncio.Semaphore(_AT_ONCE)
    provision = (at.desk.engine if by_engine else at.desk.provisioning).provision

    async def again(order_id: str) -> ProvisionResult:
        async with at_once:
            return await provision(order_id, at.me)

    return list(await asyncio.gather(*[again(order_id) for order_id in stuck[:most]]))


TASKS: Mapping[str, Callable[..., Awaitable[Any]]] = {
    "provision": _provision,
    "race": _ask,
    "ask": _ask,
    "ask all": _ask_all,
    "second": _second,
    "attend": _attend,
    "standing": _standing,
    "retry": _retry,
    "bulk": _bulk,
    "go on": _go_on,
    "quiet": _quiet,
    "clean up": _clean_up,
}
"""By name. A task is called with the desk that it is for and with what it is told beside its name."""
