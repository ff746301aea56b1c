"""Commands: what somebody asked for, put by every desk and carried out by the one process that holds the engine lease.

Each change is one transaction, so that of two who want the same one gets it.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Required, TypedDict, Unpack

from sqlalchemy import ColumnElement, Connection, Executable, Select, Update, case, func, insert, or_, select, update

from console.integrations.portal.database import Database, now_of
from console.integrations.portal.tables import bulk_runs, commands
from console.models.command import ENDED_RUNS, OPEN_COMMANDS, BulkState, Command, CommandState
from console.models.staff import StaffMember

# No transaction lasts longer: what was stamped before that can be seen by everyone.
_SEEN_BY_ALL = timedelta(seconds=30)
_OPEN = [state.value for state in OPEN_COMMANDS]
_ENDED_RUN = [state.value for state in ENDED_RUNS]
# What somebody asked for, whichever time it is done.
_ASKED_FOR = {"kind", "subject", "arguments", "asked_by", "asked_as", "protocol", "bulk_id", "position"}
_WAITING, _RUNNING = CommandState.WAITING.value, CommandState.RUNNING.value
_CANCELLED = CommandState.CANCELLED.value


class Terms(TypedDict, total=False):
    """On what terms a command is put; without them it is due at once and belongs to no run over many orders.

    protocol           the version of the engine's procedure that the asking process knows
    bulk_id, position  its run over many orders and its place there, from 0
    """

    protocol: Required[int]
    not_before: datetime | None
    bulk_id: str | None
    position: int | None


class Commands:
    """Puts, hands out and finishes commands, and tells watchers what became of them."""

    def __init__(self, database: Database) -> None:
        """Work on an opened database."""
        self._database = database

    async def put(self, kind: str, subject: str, arguments: str, me: StaffMember, **terms: Unpack[Terms]) -> Command:
        """Ask for something to be done, as `me`; an open command of this kind and subject is returned instead.

        Where that one waits for a later time than the new one would, or for its turn in a run over many orders, it is
        brought forward and becomes `me`'s; it belongs to no run then.
        `arguments` is a JSON object of plain data, never a secret; `ValueError` for anything else. Raises `Conflict`
        where there is no such run over many orders.
        """
        if not isinstance(json.loads(arguments), dict):
            raise ValueError("arguments must be a JSON object")
        if self._database.only_asks:
            return await self._asked_for(kind, subject, arguments, terms)
        row = _row(kind, subject, me, **terms) | {"arguments": arguments}
        is_same = (commands.c.kind == kind, commands.c.subject == subject, commands.c.state.in_(_OPEN))

        def write(connection: Connection) -> Command:
            if present := _all(connection, select(commands).where(*is_same)):
                return _brought_forward(connection, present[0], me, row["not_before"])
            now = now_of(connection)
            new = insert(commands).values(**row, created_at=now, changed_at=now).returning(*commands.c)
            return _all(connection, new)[0]

        return await self._database.run(write)

    async def put_all(
        self, kind: str, subjects: Sequence[str], me: StaffMember, *, bulk_id: str, protocol: int
    ) -> list[Command]:
        """Ask for the same for a whole run, in its order and in one transaction; returns what was put.

        A subject that has an open command of this kind already keeps it and is left out of the run. Raises `Conflict`
        where there is no such run.
        """

        of_run = select(commands).where(commands.c.bulk_id == bulk_id).order_by(commands.c.position)
        if self._database.only_asks:
            for position, subject in enumerate(dict.fromkeys(subjects)):
                await self._call(kind, subject, "{}", {"protocol": protocol, "bulk_id": bulk_id, "position": position})
            return await self._database.read(of_run, Command)

        def write(connection: Connection) -> list[Command]:
            is_open = (commands.c.kind == kind, commands.c.state.in_(_OPEN))
            taken = set(connection.execute(select(commands.c.subject).where(*is_open)).scalars())
            now = now_of(connection)
            rows = [
                _row(kind, subject, me, protocol=protocol, bulk_id=bulk_id, position=position)
                | {"created_at": now, "changed_at": now}
                for position, subject in enumerate(dict.fromkeys(one for one in subjects if one not in taken))
            ]
            if rows:
                connection.execute(insert(commands), rows)
            return _all(connection, of_run)

        return await self._database.run(write)

    async def _asked_for(self, kind: str, subject: str, arguments: str, terms: Terms) -> Command:
        command_id = await self._call(kind, subject, arguments, terms)
        [command] = await self._database.read(select(commands).where(commands.c.id == command_id), Command)
        return command

    async def _call(self, kind: str, subject: str, arguments: str, terms: Terms) -> str | None:
        """Ask by the function that looks who asks; the command's id, None where a run leaves the subject out."""
        found: str | None = await self._database.call(
            "staff_console_put_command",
            kind=kind,
            subject=subject,
            arguments=arguments,
            protocol=terms["protocol"],
            due=terms.get("not_before"),
            run=terms.get("bulk_id"),
            position=terms.get("position"),
        )
        return found

    async def counts(self) -> Mapping[CommandState, int]:
        """How many commands are in each state, also where it is none."""
        query = select(commands.c.state, func.count()).group_by(commands.c.state)

        def read(connection: Connection) -> Mapping[CommandState, int]:
            found = {CommandState(state): number for state, number in connection.execute(query)}
            return {state: found.get(state, 0) for state in CommandState}

        return await self._database.run(read)

    async def due(self, now: datetime, limit: int, bulk_id: str | None = None) -> list[Command]:
        """What may be started now of one run, in its order, or else of no run: the longest waiting first.

        Commands of every protocol are among it.
        """
        is_due = or_(commands.c.not_before.is_(None), commands.c.not_before <= now)
        query = select(commands).where(commands.c.state == _WAITING, is_due, _run_goes_on())
        query = query.where(commands.c.bulk_id.is_not_distinct_from(bulk_id))
        in_order = (commands.c.created_at, commands.c.position, commands.c.id)
        return await self._database.read(query.order_by(*in_order).limit(limit), Command)

    async def running(self) -> list[Command]:
        """What was started and has not ended, also by a process that is gone; the longest running first."""
        return await self._database.read(_running(), Command)

    async def running_of_other_protocol(self, protocol: int) -> list[Command]:
        """What a process of another version started and nobody has ended; the longest running first."""
        return await self._database.read(_running().where(commands.c.protocol != protocol), Command)

    async def start(self, command_id: str, executor: str) -> bool:
        """Take a waiting command on; False where another was faster, it was cancelled, or its run does not go on."""
        waiting = update(commands).where(commands.c.id == command_id, commands.c.state == _WAITING, _run_goes_on())

        def write(connection: Connection) -> bool:
            now = now_of(connection)
            return _changes(connection, waiting.values(state=_RUNNING, executor=executor, started_at=now)) == 1

        return await self._database.run(write)

    async def take_over(self, command_id: str, gone: str, executor: str) -> bool:
        """Carry on with a command that `gone`, an executor that has ended, had in hand. False where another did so."""
        of_the_gone = update(commands).where(
            commands.c.id == command_id, commands.c.state == _RUNNING, commands.c.executor == gone
        )
        return await self._database.run(
            lambda connection: _changes(connection, of_the_gone.values(executor=executor)) == 1
        )

    async def finish(self, command_id: str, state: CommandState, result: str) -> bool:
        """Note how an open command ended; False where it had ended before, and then that stays.

        `result` is a JSON object, or "" where there is nothing to tell. `ValueError` for a state that is no end.
        """
        if state in OPEN_COMMANDS:
            raise ValueError(f"{state.value} is no end")
        still_open = update(commands).where(commands.c.id == command_id, commands.c.state.in_(_OPEN))

        def write(connection: Connection) -> bool:
            ended = still_open.values(state=state.value, result=result, finished_at=now_of(connection))
            return _changes(connection, ended) == 1

        return await self._database.run(write)

    async def open_subjects(self, kind: str) -> frozenset[str]:
        """What has an open command of this kind."""
        query = select(commands.c.subject).where(commands.c.kind == kind, commands.c.state.in_(_OPEN))
        return await self._database.run(lambda connection: frozenset(connection.execute(query).scalars()))

    async def put_again(self, command_id: str, result: str) -> Command | None:
        """End a running command with `result` and ask for the same once more; None where it does not run.

        Nobody can put another one of its kind and subject in between.
        """
        running = update(commands).where(commands.c.id == command_id, commands.c.state == _RUNNING)

        def write(connection: Connection) -> Command | None:
            now = now_of(connection)
            ended = running.values(state=CommandState.DONE.value, result=result, finished_at=now)
            if _changes(connection, ended) == 0:
                return None
            [before] = _all(connection, select(commands).where(commands.c.id == command_id))
            kept = before.model_dump(include=_ASKED_FOR)
            row = kept | {"id": str(uuid.uuid4()), "state": _WAITING, "executor": "", "result": ""}
            return _all(
                connection, insert(commands).values(**row, created_at=now, changed_at=now).returning(*commands.c)
            )[0]

        return await self._database.run(write)

    async def release(self, command_id: str) -> bool:
        """Put a running command back to wait; False where it does not run.

        One whose run over many orders has ended meanwhile is cancelled: nobody would ever start it.
        """
        running = update(commands).where(commands.c.id == command_id, commands.c.state == _RUNNING)
        ended = commands.c.bulk_id.in_(select(bulk_runs.c.id).where(bulk_runs.c.state.in_(_ENDED_RUN)))

        def write(connection: Connection) -> bool:
            finished_at = case((ended, now_of(connection)), else_=None)
            waits = running.values(state=case((ended, _CANCELLED), else_=_WAITING), finished_at=finished_at)
            return _changes(connection, waits.values(executor="", started_at=None)) == 1

        return await self._database.run(write)

    async def cancel_waiting(self, bulk_id: str) -> int:
        """Cancel what waits of a run over many orders; what runs goes on. Returns how many."""
        return await self._database.run(lambda connection: cancel_waiting(connection, bulk_id))

    async def get(self, command_id: str) -> Command | None:
        """One command, open or ended."""
        found = await self._database.read(select(commands).where(commands.c.id == command_id), Command)
        return found[0] if found else None

    async def of_bulk(self, bulk_id: str) -> list[Command]:
        """The list of a run over many orders, in its order; what was asked for once more comes after its first time."""
        query = select(commands).where(commands.c.bulk_id == bulk_id)
        return await self._database.read(
            query.order_by(commands.c.position, commands.c.created_at, commands.c.id), Command
        )

    async def changed_since(self, seen: datetime) -> list[Command]:
        """What has changed since `seen`, the newest `changed_at` that a watcher knows; the latest change last.

        What changed in the half minute before comes again: a transaction may show later than it is stamped.
        """
        query = select(commands).where(commands.c.changed_at > seen.astimezone(UTC) - _SEEN_BY_ALL)
        return await self._database.read(query.order_by(commands.c.changed_at, commands.c.id), Command)


def cancel_waiting(connection: Connection, bulk_id: str) -> int:
    """Cancel what waits of a run over many orders, within a transaction. Returns how many."""
    waiting = update(commands).where(commands.c.bulk_id == bulk_id, commands.c.state == _WAITING)
    return _changes(connection, waiting.values(state=_CANCELLED, finished_at=now_of(connection)))


def _row(kind: str, subject: str, me: StaffMember, **terms: Unpack[Terms]) -> dict[str, Any]:
    """A new command; it lacks its times."""
    of_no_run = {"not_before": None, "bulk_id": None, "position": None}
    asked = {"kind": kind, "subject": subject, "arguments": "{}", "asked_by": me.name, "asked_as": me.user_id}
    return {**of_no_run, **terms, **asked, "id": str(uuid.uuid4()), "state": _WAITING, "executor": "", "result": ""}


def _brought_forward(connection: Connection, present: Command, me: StaffMember, due: datetime | None) -> Command:
    """The open command that is there; `me` asks for it where it would otherwise be done later than is asked now."""
    now = now_of(connection)
    waits_its_turn = present.bulk_id is not None and due is None
    is_later = present.not_before is not None and present.not_before > (due or now)
    if present.state is not CommandState.WAITING or not (waits_its_turn or is_later):
        return present
    sooner = update(commands).where(commands.c.id == present.id).returning(*commands.c)
    mine = {"not_before": due, "asked_by": me.name, "asked_as": me.user_id, "changed_at": now}
    if waits_its_turn:
        mine |= {"bulk_id": None, "position": None}
    return _all(connection, sooner.values(mine))[0]


def _running() -> Select[Any]:
    return select(commands).where(commands.c.state == _RUNNING).order_by(commands.c.started_at, commands.c.id)


def _run_goes_on() -> ColumnElement[bool]:
    """Nothing of a run over many orders begins while that run is paused, or after its end."""
    going_on = select(bulk_runs.c.id).where(bulk_runs.c.state == BulkState.RUNNING.value)
    return or_(commands.c.bulk_id.is_(None), commands.c.bulk_id.in_(going_on))


def _all(connection: Connection, query: Executable) -> list[Command]:
    return [Command.model_validate(dict(row)) for row in connection.execute(query).mappings()]


def _changes(connection: Connection, change: Update) -> int:
    """How many rows a change met; each is stamped for the watchers."""
    return connection.execute(change.values(changed_at=now_of(connection))).rowcount
