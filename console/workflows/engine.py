"""The engine: whoever asks puts a command; the one process that holds the engine lease carries commands out.

DBOS keeps which have begun, so that what a dead process had in hand is gone on with. Nothing here makes provisioning
safe (send rows, markers and claims do): this makes it go on. Source: architecture.md, "Liveness".
"""

import asyncio
import concurrent.futures
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from console.errors import ConsoleError, SystemFault
from console.integrations.portal.portal import Portal
from console.models.command import BulkState, Command, CommandState
from console.models.failure import Failure
from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.models.staff import Right, StaffMember
from console.tasks import Tasks
from console.workflows.bulk_lane import BulkLane
from console.workflows.diagnosis import Diagnosis
from console.workflows.durable import DurableWorkflows
from console.workflows.provision import Provisioning

# Raised whenever a command that one version has begun can not be gone on with by another.
PROTOCOL = 1
PROVISION = "provision"

T = TypeVar("T")

_LOOK_S, _IDLE_S = 0.25, 2.0
# Without anybody who executes, an asker waits so long before it says so.
_NOBODY_S = 10.0
_NOT_NOTED_S = 1.0
# A round of the engine that asks a system whether it answers may take this long.
_ROUND_S = 10.0
_log = logging.getLogger(__name__)


class EngineLimits(NamedTuple):
    """How the engine works.

    executes         whether this process may carry commands out at all; a desk of a team may not
    parallel         how many commands are under way at once, besides runs over many orders
    finish_within_s  how long what is in hand may take when the engine stops; after that it is parked
    """

    executes: bool = True
    parallel: int = 8
    finish_within_s: float = 60.0


class Parked(Exception):
    """A command was put back to wait in the middle of its work: this process ends."""


class Broken(ConsoleError):
    """A command ended in a defect of the program in the process that carried it out; that one has the report."""


class Engine:
    """Puts commands, waits for their ends, and carries commands out while it attends and holds the lease."""

    def __init__(
        self,
        portal: Portal,
        provisioning: Provisioning,
        diagnosis: Diagnosis,
        systems_answer: Callable[[], Awaitable[bool]],
        limits: EngineLimits = EngineLimits(),  # noqa: B008 - frozen
    ) -> None:
        """Takes nothing and loads nothing before there is work. `systems_answer` tells when an outage is over."""
        self._portal = portal
        self._commands, self._runs, self._lease = portal.commands, portal.bulk_runs, portal.engine_lease
        self._provisioning = provisioning
        self._diagnosis = diagnosis
        self._systems_answer = systems_answer
        self._limits = limits
        self._tasks, self._in_hand = Tasks(), Tasks()
        self._attendants: list[bool] = []
        self._changing = asyncio.Lock()
        self._news = asyncio.Event()
        self._workflows: DurableWorkflows | None = None
        self._under_way: set[str] = set()
        self._lanes: dict[str, BulkLane] = {}
        self._own: set[str] = set()
        self._defects: dict[str, Exception] = {}
        self._me: StaffMember | None = None
        self._stopping = self._takes_in_hand = False
        self._trouble: SystemFault | None = None
        self._finish_within_s = limits.finish_within_s
        self._attention: asyncio.Task[None] | None = None
        self.health_port: int | None = None

    @property
    def executes_now(self) -> bool:
        """Whether this process holds the lease and carries commands out."""
        return self._workflows is not None

    async def provision(self, order_id: str, me: StaffMember) -> ProvisionResult:
        """Have one order provisioned, as `me` asks, and wait for the end. Never raises a fault of a system.

        `waiting` where nobody carries commands out: it stays and is done as soon as somebody does.
        """
        if not me.may(Right.PROVISION):
            return _refused(order_id, Failure(code="APR-05", detail=f"{me.name} may not provision orders."))
        try:
            command = await self._commands.put(PROVISION, order_id, "{}", me, protocol=PROTOCOL)
            self.own(command.id)
            async with self.attending(me, all_due=False):
                return await self._result(command)
        except SystemFault as fault:
            return _refused(order_id, self._diagnosis.failure(fault))

    def own(self, key: str) -> None:
        """Carry this command out even where it is a timed retry: somebody here waits for it."""
        self._own.add(key)
        self.wake()

    def wake(self) -> None:
        """Have the engine, and whoever waits for it, look at the commands now."""
        self._news.set()
        self._news = asyncio.Event()

    @contextlib.asynccontextmanager
    async def attending(self, me: StaffMember, *, all_due: bool = True) -> AsyncIterator[None]:
        """Carry commands out as `me` while the block lasts, whenever the lease can be had and there is work.

        Without `all_due` timed retries are left to others, unless somebody here waits for one. At the end what is in
        hand is finished, or after a while parked.
        """
        if not (self._limits.executes and me.may(Right.PROVISION)):
            yield
            return
        async with self._changing:
            self._attendants.append(all_due)
            if len(self._attendants) == 1:
                self._me, self._stopping = me, False
                self._attention = self._tasks.spawn(self._attend(), "engine")
        try:
            yield
        finally:
            async with self._changing:
                self._attendants.remove(all_due)
                if not self._attendants:
                    await self._stop()

    async def attend(self, me: StaffMember) -> None:
        """Carry commands out as `me` until cancelled. A defect of the engine is raised."""
        async with self.attending(me):
            while self._attention is None or not self._attention.done():
                await self.heard(_IDLE_S)
            await self._attention

    def cut_off(self) -> None:
        """From now on an end of attending does not wait for what is in hand: it is parked."""
        self._finish_within_s = 0.0
        self.wake()

    async def heard(self, within_s: float = _LOOK_S) -> None:
        """Wait until something happened to a command here, or somebody else may have changed one."""
        await _set(self._news, within_s)

    async def _result(self, command: Command) -> ProvisionResult:
        """Wait for the end of a command."""
        loop = asyncio.get_running_loop()
        alone_since = loop.time()
        while (now := await self._commands.get(command.id)) is not None and now.is_open:
            if now.state is not CommandState.WAITING or await self._somebody_executes():
                alone_since = loop.time()
            elif loop.time() - alone_since > _NOBODY_S:
                return self._nobody(command.subject)
            await self.heard()
        return self.result_of(now or command)

    async def _somebody_executes(self) -> bool:
        """Whether commands are carried out: here as soon as the lease is had, unless that fails, or elsewhere."""
        return (bool(self._attendants) and not self._trouble) or await self._lease.holder() is not None

    def _nobody(self, order_id: str) -> ProvisionResult:
        message = "Nobody carries out commands now: is the worker running? It is done as soon as somebody does."
        failure = self._diagnosis.failure(self._trouble) if self._trouble else Failure(code="", detail=message)
        return ProvisionResult(
            order_id=order_id, outcome=ProvisionOutcome.WAITING, code=failure.code or None, message=failure.detail
        )

    def result_of(self, ended: Command) -> ProvisionResult:
        """What an ended command came to. Raises the defect that it ended in, or `Broken` where that was elsewhere."""
        if defect := self._defects.pop(ended.id, None):
            raise defect
        if ended.state is CommandState.DONE:
            return ProvisionResult.model_validate_json(ended.result)
        if ended.state is CommandState.FAILED:
            raise Broken("Something is wrong with the program that carried this out. It has written a report.")
        return _refused(ended.subject, None, "It was cancelled before it began.")

    async def _attend(self) -> None:
        while not self._stopping:
            news = self._news
            wait_s = _IDLE_S
            try:
                if await self._holds():
                    await self._begin_due()
                    wait_s = _LOOK_S if self._under_way or self._lanes else _IDLE_S
                self._trouble = None
            except SystemFault as fault:
                _log.warning("engine: %s", fault)
                self._trouble = fault
            await _set(news, wait_s)

    async def _holds(self) -> bool:
        """Whether this process may carry commands out; takes the lease where there is work and it is free."""
        if self._workflows:
            if await self._lease.still_held():
                return True
            # What is in hand is finished: claims keep whoever took over from doing it too.
            await self._close_workflows()
            return False
        if not await self._has_work() or not await self._lease.try_take():
            return False
        workflows = DurableWorkflows(
            self._portal.workflow_database, self._lease.token, PROTOCOL, self._step_of(asyncio.get_running_loop())
        )
        try:
            await workflows.launch()
        except BaseException:
            await self._lease.release()
            raise
        self._workflows, self._takes_in_hand = workflows, True
        await self._lease.announce(self._me.name if self._me else "", PROTOCOL, self.health_port)
        await self._take_over()
        return True

    async def _has_work(self) -> bool:
        counts = await self._commands.counts()
        if counts[CommandState.WAITING] or counts[CommandState.RUNNING]:
            return True
        # Somebody was gone before the end of a run could be noted.
        return any(run.state is BulkState.RUNNING for run in await self._runs.unfinished())

    async def _take_over(self) -> None:
        """Go on with what a process that is gone had in hand."""
        for command in await self._commands.running():
            if command.protocol != PROTOCOL:
                await self._give_up(command)
            elif await self._commands.take_over(command.id, command.executor, self._lease.token):
                await self._begin(command)

    async def _begin_due(self) -> None:
        now = datetime.now(UTC)
        alone = [one for one in self._under_way if not any(one in lane.in_hand for lane in self._lanes.values())]
        if (free := self._limits.parallel - len(alone)) > 0:
            for command in await self._commands.due(now, self._limits.parallel):
                if free > 0 and self._is_ours(command) and await self._started(command):
                    free -= 1
        unfinished = await self._runs.unfinished()
        for gone in self._lanes.keys() - {run.id for run in unfinished}:
            del self._lanes[gone]
        for run in unfinished:
            lane = self._lanes.setdefault(run.id, BulkLane(run))
            await self._advance(lane, run.state, now)

    async def _advance(self, lane: BulkLane, state: BulkState, now: datetime) -> None:
        """Begin what a run over many orders lets begin now; end it where nothing is left."""
        if state is BulkState.OUTAGE and lane.may_ask_again() and await self._systems_answer():
            await self._runs.change(lane.id, BulkState.RUNNING)
            state = BulkState.RUNNING
        lane.goes_on(state)
        if state is not BulkState.RUNNING:
            return
        free = lane.free()
        due = await self._commands.due(now, max(free, 1), lane.id)
        if not due and not lane.in_hand and not await self._waits_later(lane.id):
            await self._runs.change(lane.id, BulkState.DONE)
            self.wake()
        for command in due[:free]:
            lane.begins(command.id)
            if not await self._started(command):
                lane.ended(command.id)

    async def _waits_later(self, run_id: str) -> bool:
        """Whether something of a run is still open: it waits for its time, or another process had it in hand."""
        return any(one.is_open for one in await self._commands.of_bulk(run_id))

    def _is_ours(self, command: Command) -> bool:
        return any(self._attendants) or command.not_before is None or command.id in self._own

    async def _started(self, command: Command) -> bool:
        """Take one waiting command on."""
        if command.protocol != PROTOCOL:
            await self._give_up(command)
            return False
        if not await self._commands.start(command.id, self._lease.token):
            return False
        await self._begin(command)
        return True

    async def _begin(self, command: Command) -> None:
        if self._workflows and command.id not in self._under_way:
            self._under_way.add(command.id)
            try:
                await self._workflows.run(command.id)
            except SystemFault:
                self._under_way.discard(command.id)
                await self._commands.release(command.id)
                raise
            self.wake()

    def _step_of(self, loop: asyncio.AbstractEventLoop) -> Callable[[str], None]:
        """The one journalled step: carry out a command on the loop, seen from the workflow's own thread."""

        def begin(command_id: str, ended: "concurrent.futures.Future[None]") -> None:
            if self._takes_in_hand:
                self._in_hand.spawn(self._carried_out(command_id, ended), f"command {command_id[:8]}")
            else:
                # It stays as running; whoever holds the lease next goes on with it.
                ended.set_exception(Parked())

        def step(command_id: str) -> None:
            ended: concurrent.futures.Future[None] = concurrent.futures.Future()
            loop.call_soon_threadsafe(begin, command_id, ended)
            ended.result()

        return step

    async def _carried_out(self, command_id: str, ended: "concurrent.futures.Future[None]") -> None:
        """Carry out a command and note its end; a defect is noted too, an end of this process parks it."""
        try:
            command = await self._patiently(lambda: self._commands.get(command_id))
            if command and command.is_open:
                await self._carry_out(command)
            ended.set_result(None)
        except asyncio.CancelledError:
            await self._parked(command_id)
            ended.set_exception(Parked())
            raise
        except Exception as defect:  # noqa: BLE001 - reported; whoever waits for the command must hear its end
            self._defects[command_id] = defect
            await self._end_run_of(command_id)
            note = json.dumps({"defect": type(defect).__name__})
            await self._patiently(lambda: self._commands.finish(command_id, CommandState.FAILED, note))
            ended.set_result(None)
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a command ended in a defect", "exception": defect}
            )
        finally:
            self._under_way.discard(command_id)
            if not ended.done():
                ended.set_exception(Parked())
            self.wake()

    async def _end_run_of(self, command_id: str) -> None:
        """A defect in one order of a run would be one in the next: nothing more of it begins."""
        lane = next((one for one in self._lanes.values() if command_id in one.in_hand), None)
        if lane:
            lane.ended(command_id)
            await self._patiently(lambda: self._runs.change(lane.id, BulkState.CANCELLED))

    async def _carry_out(self, command: Command) -> None:
        me = self._me
        if me is None:
            raise Parked
        # The systems know the one who executes; what we note names the one who asked.
        asker = me.model_copy(update={"name": command.asked_by})
        result = await self._provisioning.provision(command.subject, asker)
        note = result.model_dump_json()
        lane = self._lanes.get(command.bulk_id or "")
        again = lane is not None and lane.takes_up_again(result)
        # First of all: nothing more of a run begins once it stands still.
        if lane and (halt := lane.learn(result, again=again)):
            await self._patiently(lambda: self._runs.change(lane.id, halt))
        if again:
            await self._patiently(lambda: self._commands.put_again(command.id, note))
        else:
            await self._patiently(lambda: self._commands.finish(command.id, CommandState.DONE, note))
        if lane:
            lane.ended(command.id)

    async def _patiently(self, write: Callable[[], Awaitable[T]]) -> T:
        """Ask our own database until it answers: what became of an order must be noted."""
        while True:
            try:
                return await write()
            except SystemFault as fault:
                _log.warning("engine: not noted yet: %s", fault)
                await asyncio.sleep(_NOT_NOTED_S)

    async def _give_up(self, command: Command) -> None:
        """What another version has begun is a person's to look at, never silence."""
        begun = "begun" if command.state is CommandState.RUNNING else "asked for"
        detail = f"It was {begun} by another version of the console (protocol {command.protocol}, here {PROTOCOL})."
        order = await self._portal.directory.order(command.subject)
        number = order.order_number if order else command.subject
        await self._portal.cases.open(command.subject, number, "PRV-01", detail, "")
        await self._commands.finish(command.id, CommandState.FAILED, json.dumps({"protocol": command.protocol}))
        if self._workflows:
            await self._workflows.cancel(command.id)

    async def _parked(self, command_id: str) -> None:
        """Put a command back to wait; where that cannot be noted, whoever takes over finds it running."""
        with contextlib.suppress(SystemFault):
            await self._commands.release(command_id)

    async def _stop(self) -> None:
        """Begin nothing more, finish or park what is in hand, and give the lease back."""
        self._stopping = True
        self.wake()
        await self._tasks.ended(_ROUND_S)
        await self._tasks.aclose()
        loop = asyncio.get_running_loop()
        since = loop.time()
        while self._under_way and loop.time() - since < self._finish_within_s:
            await self.heard()
        self._takes_in_hand = False
        await self._in_hand.aclose()
        await self._close_workflows()
        self._lanes.clear()
        self._under_way.clear()

    async def _close_workflows(self) -> None:
        workflows, self._workflows = self._workflows, None
        if workflows:
            await workflows.close()
            await self._lease.release()


async def _set(event: asyncio.Event, within_s: float) -> None:
    """Wait for an event for a while. Unlike `wait_for` it never loses a cancellation that comes with it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            await event.wait()


def _refused(order_id: str, failure: Failure | None, message: str = "") -> ProvisionResult:
    code, detail = (failure.code, failure.detail) if failure else (None, message)
    return ProvisionResult(order_id=order_id, outcome=ProvisionOutcome.REFUSED, code=code, message=detail)
