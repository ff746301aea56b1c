"""The headless process: carries out everyone's commands, reads the systems for everyone, and retries what is due."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from console import __version__
from console.clocks import elapsed_s
from console.errors import AccessRefused, SettingsError, SystemFault, Unavailable
from console.models.command import CommandState, EngineHolder
from console.models.staff import Right, StaffMember
from console.services import Services, open_services
from console.settings import Profile
from console.tasks import Tasks
from console.worker_health import Executor, HealthServer, WorkerHealth
from console.workflows.engine import PROTOCOL
from console.workflows.retries import Retries

NAME = "worker"
_log = logging.getLogger(__name__)

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0
_LOOK_EVERY_S = 1.0
_HEAD_EVERY_S = 3600.0
# Of the invented staff this one may do what a worker may.
_PRACTISED_AS = "back_office"


class Place(NamedTuple):
    """Where a worker works, and in practice as whom; empty means one who may do what a worker may."""

    profile: Profile
    data_dir: Path
    signed_in_as: str = ""


async def run_worker(
    place: Place, stop: asyncio.Event, ready: Callable[[int], None], tell: Callable[[str], None]
) -> None:
    """Work until `stop` is set; then finish or park what is in hand.

    `ready` hears once on which port of this machine the worker tells how it is doing, `tell` what changes, in plain
    words. A system that is down is waited for. Raises `SettingsError` where the profile, the data folder or this user
    is not for a worker, and `AccessRefused` where the sign-in is refused at the start.
    """
    profile, data_dir, signed_in_as = place
    if profile.sign_in_way == "browser":
        raise SettingsError('Nobody is there to sign in: a worker\'s profile has sign_in = "key" under [salesforce].')
    pauses = _Pauses()
    while not stop.is_set():
        try:
            async with open_services(profile, data_dir, signed_in_as or _PRACTISED_AS) as services:
                await Worker(services, ready, tell).run(stop)
        except Unavailable as fault:
            if not profile.portal.database_url:
                raise SettingsError(f"The data in {data_dir} cannot be used: {fault.message}.") from fault
            tell(f"The Portal database does not answer; waiting for it. {fault.message}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pauses.longer())


class Worker:
    """One worker on opened services. What it knows of itself is read anew all the time, so asking it costs nothing."""

    def __init__(self, services: Services, ready: Callable[[int], None], tell: Callable[[str], None]) -> None:
        """Nothing is begun yet."""
        self._services = services
        self._ready = ready
        self._tell = tell
        self._settings = services.profile.worker
        self._retries = Retries(services.portal, services.catalogue, services.connections, services.profile)
        self._lease = services.portal.engine_lease
        self._health = HealthServer(self.health)
        self._defect: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._told = ""
        self._stopping = False
        self._looked = asyncio.Event()
        self._executes = False
        self._holder: EngineHolder | None = None
        self._counts: Mapping[CommandState, int] = {}
        self._counts_before: Mapping[CommandState, int] | None = None
        self._synced_s: float | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set. What is a defect ends the work in order and is raised."""
        tasks = Tasks()
        async with self._health.listening(self._settings.health_port):
            self._ready(self._health.port)
            stopped = tasks.spawn(stop.wait(), "stop signal")
            tasks.spawn(self._work(), "worker", self._failed)
            ends: list[asyncio.Future[Any]] = [stopped, self._defect]
            try:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._stopping = True
                self._say("Stopping: what is in hand is finished or set down.")
                await tasks.aclose()
            if self._defect.done():
                self._defect.result()

    def health(self) -> WorkerHealth:
        """How it is doing, as last seen."""
        holder, counts, before = self._holder, self._counts, self._counts_before or {}
        silent = [one.system for one in self._services.connections.states() if one.down_since]
        return WorkerHealth(
            state="stopping" if self._stopping else "executing" if self._executes else "in reserve",
            holder=Executor(name=holder.name, machine=holder.machine, pid=holder.pid) if holder else None,
            pid=os.getpid(),
            protocol=PROTOCOL,
            version=__version__,
            waiting=counts.get(CommandState.WAITING, 0),
            running=counts.get(CommandState.RUNNING, 0),
            done=counts.get(CommandState.DONE, 0) - before.get(CommandState.DONE, 0),
            failed=counts.get(CommandState.FAILED, 0) - before.get(CommandState.FAILED, 0),
            last_sync_age_s=None if self._synced_s is None else round(elapsed_s() - self._synced_s, 1),
            not_answering=tuple(silent),
        )

    async def _work(self) -> None:
        me = await self._signed_in()
        if not me.may(Right.PROVISION):
            raise SettingsError(
                f"The worker's Salesforce user {me.username} may not provision orders. "
                "Give it the worker's permission set."
            )
        settings, desk = self._settings, self._services.profile.desk
        now_and_then = {
            "sync": (settings.sync_every_s or desk.refresh_s, lambda: self._sync(me)),
            "wishes": (_LOOK_EVERY_S, self._do_what_is_asked),
            "details": (_LOOK_EVERY_S, self._services.sync.keep_reading_details),
            "retries": (settings.retry_every_s, lambda: self._retry(me)),
            "comparison": (settings.sweep_every_s, self._compare),
            "audit log": (_HEAD_EVERY_S, self._copy_audit_head),
        }
        tasks = Tasks()
        try:
            # The engine first, so that it is the last to be ended: nobody puts anything new by then.
            self._services.engine.health_port = self._health.port
            attending = self._again_and_again("engine", _LOOK_EVERY_S, lambda: self._services.engine.attend(me))
            tasks.spawn(attending, "engine", self._failed)
            tasks.spawn(self._again_and_again("engine lease", _LOOK_EVERY_S, self._look), "engine lease", self._failed)
            await self._looked.wait()
            for name, (pause_s, job) in now_and_then.items():
                tasks.spawn(self._again_and_again(name, pause_s, job), name, self._failed)
            await asyncio.Event().wait()
        finally:
            await tasks.aclose()

    async def _signed_in(self) -> StaffMember:
        """Who works here; a system that is down is waited for."""
        pauses = _Pauses()
        while True:
            try:
                return await self._services.me()
            except AccessRefused:
                raise
            except SystemFault as fault:
                self._say(f"Salesforce does not answer; waiting for it. {fault.message}")
                await asyncio.sleep(pauses.longer())

    async def _again_and_again(self, name: str, every_s: float, job: Callable[[], Awaitable[object]]) -> None:
        """Do a job every so many seconds; after a fault of a system with growing pauses, until it works again."""
        pauses = _Pauses()
        while True:
            try:
                await job()
                pauses = _Pauses()
                pause_s = every_s
            except SystemFault as fault:
                pause_s = max(every_s, pauses.longer())
                _log.warning("%s: %s; again in %.0f s", name, fault, pause_s)
            await asyncio.sleep(pause_s)

    def _failed(self, error: Exception) -> None:
        if not self._defect.done():
            self._defect.set_exception(error)

    async def _look(self) -> None:
        """Take the engine lease where it is free, tell where this worker listens, and count.

        The engine by itself takes the lease when there is work; a worker that waits for some has to be seen.
        """
        self._executes = await self._takes()
        if self._executes and not self._is_announced():
            await self._lease.announce(NAME, PROTOCOL, self._health.port)
        holder, counts = await self._lease.holder(), await self._services.portal.commands.counts()
        self._holder, self._counts = holder, counts
        if self._counts_before is None:
            self._counts_before = counts
        if self._executes:
            self._say("Executing.")
        elif holder:
            self._say(f"{holder.name} on {holder.machine} executes; waiting in reserve.")
        self._looked.set()

    async def _takes(self) -> bool:
        try:
            return await self._lease.try_take()
        except Unavailable:
            self._executes = False
            raise

    def _is_announced(self) -> bool:
        told, own = self._holder, (self._lease.token, self._health.port)
        return told is not None and (told.token, told.port) == own

    @property
    def _rests(self) -> bool:
        """Whether another worker does for everyone what is to be done now and then. A desk does not."""
        return not self._executes and self._holder is not None and self._holder.port is not None

    async def _copy_audit_head(self) -> None:
        """Once a day, on each machine: the more copies, the harder it is to change what was noted."""
        try:
            await self._services.audit.copy_head()
        except SettingsError as error:
            self._say(str(error))

    async def _sync(self, me: StaffMember) -> None:
        if not await self._services.sync.reads_for_everyone():
            return
        await self._services.sync.refresh()
        self._synced_s = elapsed_s()
        if self._settings.provision_approved:
            await self._retries.begin_approved(me)

    async def _do_what_is_asked(self) -> None:
        sync = self._services.sync
        if await sync.reads_for_everyone() and await sync.take_wishes():
            await sync.refresh()

    async def _retry(self, me: StaffMember) -> None:
        if self._rests:
            return
        await self._services.sync.ensure()
        await self._services.failures.take_over()
        await self._retries.retry_stuck(me)

    async def _compare(self) -> None:
        if self._rests:
            return
        await self._services.sync.ensure()
        await self._services.status_sweep.run(self._settings.sweep_days)

    def _say(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self._tell(text)


class _Pauses:
    """Growing pauses between tries that fail."""

    def __init__(self) -> None:
        """The first one is short."""
        self._next_s = _FIRST_PAUSE_S

    def longer(self) -> float:
        """The next pause in seconds."""
        pause_s = self._next_s
        self._next_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        return pause_s
