"""Provisioning many orders over a frozen list: paced, side by side, paused and cancelled between orders.

The list and how far it is are rows in the Portal database, so that a run outlives the desk that asked for it; the
engine carries it out. Here it is asked for, watched and led.
"""

import json
from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from typing import NamedTuple

from console.integrations.portal.portal import Portal
from console.models.command import BulkRun, BulkState, Command, CommandState
from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.models.record import Record
from console.models.staff import StaffMember
from console.workflows.engine import PROTOCOL, PROVISION, Engine

_ACTIVE = frozenset({ProvisionOutcome.ACTIVATED, ProvisionOutcome.ALREADY_ACTIVE})
_STAND_STILL = frozenset({BulkState.PAUSED, BulkState.STOPPED})


class Halt(StrEnum):
    """Why a run begins no further order although nobody paused it."""

    OUTAGE = "outage"
    FAILURES = "failures"


class BulkProgress(Record):
    """How far a run has come: `done` orders are `ok` (active) or `stopped`; `running` holds order ids.

    halt  OUTAGE goes on by itself once the systems answer; FAILURES waits for a person like a pause
    """

    total: int
    done: int
    ok: int
    stopped: int
    running: tuple[str, ...]
    paused: bool
    cancelled: bool
    halt: Halt | None = None


class BulkPace(NamedTuple):
    """How a run goes through its list.

    parallel    how many orders are under way at once
    pause_s     seconds between two starts
    stop_after  it stops after so many orders in a row that did not become active; 0 lets it go on
    """

    parallel: int = 1
    pause_s: float = 0.0
    stop_after: int = 0


_ONE_BY_ONE = BulkPace()


class BulkJob:
    """One run over a list that does not change. What has begun is always finished; what has not stays as it is.

    An outage does not use the list up: the run waits until all systems answer, then takes up again what it stopped.
    """

    def __init__(
        self,
        portal: Portal,
        engine: Engine,
        me: StaffMember,
        order_ids: Sequence[str],
        pace: BulkPace = _ONE_BY_ONE,
    ) -> None:
        """An order that is named twice is provisioned once. `on_change`, where it is set, hears of every change."""
        self._commands, self._runs = portal.commands, portal.bulk_runs
        self._engine = engine
        self._me = me
        self._pace = pace
        self.on_change: Callable[[BulkProgress], None] | None = None
        self._order_ids = tuple(dict.fromkeys(order_ids))
        self._run: BulkRun | None = None
        self._listed: dict[str, Command] = {}
        self._followed: list[str] = []
        self._results: dict[str, ProvisionResult] = {}
        self._wish: BulkState | None = None
        self._leaving = False
        self._told: BulkProgress | None = None

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The frozen list."""
        return self._order_ids

    @property
    def results(self) -> tuple[ProvisionResult, ...]:
        """The results so far, in the order of the list."""
        return tuple(self._results[order_id] for order_id in self._order_ids if order_id in self._results)

    @property
    def progress(self) -> BulkProgress:
        """How far the run has come, as it was read last; a wish that is not written yet counts."""
        state = self._wish or (self._run.state if self._run else BulkState.RUNNING)
        ok = sum(result.outcome in _ACTIVE for result in self._results.values())
        running = (key for key, one in self._listed.items() if one.state is CommandState.RUNNING)
        halts = {BulkState.OUTAGE: Halt.OUTAGE, BulkState.STOPPED: Halt.FAILURES}
        return BulkProgress(
            total=len(self._order_ids),
            done=len(self._results),
            ok=ok,
            stopped=len(self._results) - ok,
            running=tuple(running),
            paused=state in _STAND_STILL,
            cancelled=state is BulkState.CANCELLED,
            halt=halts.get(state),
        )

    async def run(self) -> list[ProvisionResult]:
        """Have the list carried out and wait for its end; the results, in the list's order.

        An order that ends in a defect lets the others that have begun finish and starts no further one; then the
        defect is raised. Raises a `SystemFault` where our own database does not answer: the run stays as it is there.
        """
        if self._run is None and self._wish is BulkState.CANCELLED:
            return []
        async with self._engine.attending(self._me, all_due=False):
            await self._begin()
            while not await self._over():
                await self._engine.heard()
        await self._end()
        self._raise_defect()
        return list(self.results)

    def pause(self) -> None:
        """Start no further order until `resume`."""
        self._wants(BulkState.PAUSED)

    def resume(self) -> None:
        """Go on after `pause`, or after too many failures in a row."""
        self._wants(BulkState.RUNNING)

    def cancel(self) -> None:
        """Start no further order, for good."""
        self._wants(BulkState.CANCELLED)

    def leave(self) -> None:
        """Let `run` return once what this process has in hand has ended; the run can be gone on with later.

        What this process carries out is paused; what a worker carries out goes on.
        """
        self._leaving = True
        if self._engine.executes_now and not self.progress.cancelled:
            self._wants(BulkState.PAUSED)
        self._engine.wake()

    async def load(self, run: BulkRun) -> None:
        """Take up a run that another sitting has begun; `run()` then waits for its end."""
        self._run = run
        listed = await self._commands.of_bulk(run.id)
        self._order_ids = tuple(one.subject for one in listed)
        self._take(listed)

    def _wants(self, state: BulkState) -> None:
        if not self.progress.cancelled:
            self._wish = state
            self._engine.wake()
            self._changed()

    async def _begin(self) -> None:
        """Write the list down and let it run, where that is not done yet."""
        if self._run is None:
            pace = self._pace._asdict()
            run = await self._runs.create(self._me, **pace)
            put = await self._commands.put_all(PROVISION, self._order_ids, self._me, bulk_id=run.id, protocol=PROTOCOL)
            await self._follow({one.subject for one in put})
            self._run = run
            if self._wish is None:
                self._wish = BulkState.RUNNING

    async def _follow(self, put: Collection[str]) -> None:
        """What somebody has asked for already is waited for, not asked for twice."""
        for order_id in self._order_ids:
            if order_id not in put:
                command = await self._commands.put(PROVISION, order_id, "{}", self._me, protocol=PROTOCOL)
                self._followed.append(command.id)
                self._engine.own(command.id)

    async def _end(self) -> None:
        """Whoever sees first that nothing is left ends the run."""
        if self._run and self._run.state is BulkState.RUNNING and not any(one.is_open for one in self._listed.values()):
            await self._runs.change(self._run.id, BulkState.DONE)

    async def _over(self) -> bool:
        """Write what is wished for, read how it stands, and tell; True at the end."""
        if self._run is None:
            return True
        if (wish := self._wish) is not None:
            await self._runs.change(self._run.id, wish)
            # Another wish may have come meanwhile.
            self._wish = None if self._wish is wish else self._wish
            self._engine.wake()
        self._run = await self._runs.get(self._run.id) or self._run
        followed = [await self._commands.get(one) for one in self._followed]
        self._take([*(one for one in followed if one), *await self._commands.of_bulk(self._run.id)])
        self._changed()
        running = any(one.state is CommandState.RUNNING for one in self._listed.values())
        is_open = any(one.is_open for one in self._listed.values())
        if self._wish is not None:
            return False
        return not is_open or (self._leaving and not (running and self._engine.executes_now))

    def _take(self, listed: Sequence[Command]) -> None:
        """Of an order that was asked for once more the last time counts."""
        before, self._listed = self._listed, {one.subject: one for one in listed}
        for subject, command in self._listed.items():
            if command.state is CommandState.DONE and before.get(subject) != command:
                self._results[subject] = ProvisionResult.model_validate_json(command.result)
            elif command.is_open:
                self._results.pop(subject, None)
        # Also one that somebody has clicked meanwhile.
        self._results |= {one: _elsewhere(one) for one in self._order_ids if one not in self._listed}

    def _raise_defect(self) -> None:
        for command in self._listed.values():
            if command.state is CommandState.FAILED and "defect" in json.loads(command.result or "{}"):
                self._engine.result_of(command)

    def _changed(self) -> None:
        progress = self.progress
        if self.on_change and progress != self._told:
            self._told = progress
            self.on_change(progress)


class Bulk:
    """Begins runs over many orders, and finds those that another sitting has begun."""

    def __init__(self, portal: Portal, engine: Engine) -> None:
        """Reads nothing yet."""
        self._portal, self._engine = portal, engine

    def new(self, me: StaffMember, order_ids: Sequence[str], pace: BulkPace = _ONE_BY_ONE) -> BulkJob:
        """A run over these orders, frozen as they are named; nothing is begun before its `run()`."""
        return BulkJob(self._portal, self._engine, me, order_ids, pace)

    async def unfinished(self, me: StaffMember) -> list[BulkJob]:
        """The runs that `me` asked for and that go on or may go on again, oldest first; none is waited for yet."""
        jobs = []
        for run in await self._portal.bulk_runs.unfinished():
            if run.asked_by == me.name:
                jobs.append(job := self.new(me, ()))
                await job.load(run)
        return jobs


def _elsewhere(order_id: str) -> ProvisionResult:
    """An order that somebody else's command has in hand is left to it."""
    message = "It is being provisioned already."
    return ProvisionResult(order_id=order_id, outcome=ProvisionOutcome.CLAIMED, code="SYN-06", message=message)
