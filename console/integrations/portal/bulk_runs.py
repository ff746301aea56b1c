"""Runs over many orders: how they are paced and how they stand. Their lists are the commands that name them."""

import uuid

from sqlalchemy import Connection, insert, select, update

from console.integrations.portal.commands import cancel_waiting
from console.integrations.portal.database import Database, now_of
from console.integrations.portal.tables import bulk_runs
from console.models.command import ENDED_RUNS, BulkRun, BulkState
from console.models.staff import StaffMember

_UNFINISHED = (BulkState.RUNNING, BulkState.PAUSED, BulkState.STOPPED, BulkState.OUTAGE)
_MAY_BECOME = {
    BulkState.RUNNING: (BulkState.PAUSED, BulkState.STOPPED, BulkState.OUTAGE),
    BulkState.PAUSED: (BulkState.RUNNING, BulkState.STOPPED, BulkState.OUTAGE),
    BulkState.STOPPED: (BulkState.RUNNING,),
    BulkState.OUTAGE: (BulkState.RUNNING,),
    BulkState.CANCELLED: _UNFINISHED,
    BulkState.DONE: _UNFINISHED,
}


class BulkRuns:
    """Makes, changes and reads runs."""

    def __init__(self, database: Database) -> None:
        """Work on an opened database."""
        self._database = database

    async def create(self, me: StaffMember, *, parallel: int, pause_s: float, stop_after: int) -> BulkRun:
        """A new run, paused until its list is complete: put its commands, then let it run by `change`."""
        pace = {"parallel": parallel, "pause_s": pause_s, "stop_after": stop_after}
        if self._database.only_asks:
            return await self._made(await self._database.call("staff_console_create_run", **pace))
        row = {"id": str(uuid.uuid4()), "asked_by": me.name, "state": BulkState.PAUSED.value, **pace}

        def write(connection: Connection) -> BulkRun:
            new = insert(bulk_runs).values(**row, created_at=now_of(connection)).returning(*bulk_runs.c)
            return BulkRun.model_validate(dict(connection.execute(new).mappings().one()))

        return await self._database.run(write)

    async def change(self, bulk_id: str, state: BulkState) -> bool:
        """Let a run pause, go on, stop or end; False where it cannot do so from how it stands.

        With its end, what still waits of it is cancelled: it would wait forever and keep others from asking for it.
        """
        if self._database.only_asks:
            return bool(await self._database.call("staff_console_change_run", run=bulk_id, wanted=state.value))
        before = [one.value for one in _MAY_BECOME[state]]
        fitting = update(bulk_runs).where(bulk_runs.c.id == bulk_id, bulk_runs.c.state.in_(before))

        def write(connection: Connection) -> bool:
            changed = connection.execute(fitting.values(state=state.value)).rowcount == 1
            if changed and state in ENDED_RUNS:
                cancel_waiting(connection, bulk_id)
            return changed

        return await self._database.run(write)

    async def _made(self, bulk_id: str) -> BulkRun:
        [run] = await self._database.read(select(bulk_runs).where(bulk_runs.c.id == bulk_id), BulkRun)
        return run

    async def get(self, bulk_id: str) -> BulkRun | None:
        """One run."""
        found = await self._database.read(select(bulk_runs).where(bulk_runs.c.id == bulk_id), BulkRun)
        return found[0] if found else None

    async def unfinished(self) -> list[BulkRun]:
        """The runs that go on or may go on again, oldest first."""
        query = select(bulk_runs).where(bulk_runs.c.state.in_([one.value for one in _UNFINISHED]))
        return await self._database.read(query.order_by(bulk_runs.c.created_at, bulk_runs.c.id), BulkRun)
