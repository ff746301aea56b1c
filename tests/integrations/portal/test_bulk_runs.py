"""Runs over many orders: they begin paused, and change only as somebody who watches them expects."""

from datetime import UTC, datetime, timedelta

import pytest

from console.errors import Conflict
from console.integrations.portal.bulk_runs import BulkRuns
from console.integrations.portal.commands import Commands
from console.integrations.portal.database import Database
from console.models.command import BulkRun, BulkState, CommandState
from tests.integrations.portal.portal_bench import PortalBench, back_office

_ME = back_office()
_STAND_STILL = (BulkState.PAUSED, BulkState.STOPPED, BulkState.OUTAGE)


async def new_run(database: Database) -> BulkRun:
    return await BulkRuns(database).create(_ME, parallel=2, pause_s=0.25, stop_after=3)


async def state_of(database: Database, run: BulkRun) -> BulkState:
    found = await BulkRuns(database).get(run.id)
    assert found
    return found.state


def test_a_new_run_is_paused_and_found_again(portal: PortalBench) -> None:
    async def work(database: Database) -> None:
        run = await new_run(database)
        assert (run.state, run.asked_by) == (BulkState.PAUSED, _ME.name)
        assert (run.parallel, run.pause_s, run.stop_after) == (2, 0.25, 3)
        assert abs(datetime.now(UTC) - run.created_at) < timedelta(minutes=10)
        assert await BulkRuns(database).get(run.id) == run
        assert await BulkRuns(database).get("none") is None

    portal.on_database(work)


@pytest.mark.parametrize("halt", _STAND_STILL)
def test_a_run_stands_still_and_goes_on(portal: PortalBench, halt: BulkState) -> None:
    async def work(database: Database) -> None:
        runs, run = BulkRuns(database), await new_run(database)
        for state in (BulkState.RUNNING, halt, BulkState.RUNNING):
            assert await runs.change(run.id, state)
            assert await state_of(database, run) == state
            assert not await runs.change(run.id, state)

    portal.on_database(work)


@pytest.mark.parametrize("end", [BulkState.CANCELLED, BulkState.DONE])
@pytest.mark.parametrize("before", [BulkState.RUNNING, *_STAND_STILL])
def test_an_end_is_for_good_however_the_run_stood(portal_file: PortalBench, before: BulkState, end: BulkState) -> None:
    async def work(database: Database) -> None:
        runs, run = BulkRuns(database), await new_run(database)
        await runs.change(run.id, BulkState.RUNNING)
        await runs.change(run.id, before)
        assert await runs.change(run.id, end)
        for state in BulkState:
            assert not await runs.change(run.id, state)
        assert await state_of(database, run) == end

    portal_file.on_database(work)


def test_a_run_that_is_not_there_does_not_change(portal: PortalBench) -> None:
    assert not portal.on_database(lambda database: BulkRuns(database).change("none", BulkState.RUNNING))


def test_with_its_end_what_waits_is_cancelled_so_that_it_can_be_asked_for_again(portal: PortalBench) -> None:
    async def work(database: Database) -> None:
        runs, commands, run = BulkRuns(database), Commands(database), await new_run(database)
        first, second = await commands.put_all("provision", ["a", "b"], _ME, bulk_id=run.id, protocol=1)
        await runs.change(run.id, BulkState.RUNNING)
        await commands.start(first.id, "x")
        await runs.change(run.id, BulkState.PAUSED)
        assert [command.is_open for command in await commands.of_bulk(run.id)] == [True, True]
        await runs.change(run.id, BulkState.CANCELLED)
        states = [command.state for command in await commands.of_bulk(run.id)]
        assert states == [CommandState.RUNNING, CommandState.CANCELLED]
        again = await commands.put("provision", "b", "{}", _ME, protocol=1)
        assert again.id != second.id
        assert not await runs.change(run.id, BulkState.CANCELLED)
        assert (await commands.get(again.id)) == again

    portal.on_database(work)


def test_what_has_not_ended_is_told_oldest_first(portal: PortalBench) -> None:
    async def work(database: Database) -> None:
        runs = BulkRuns(database)
        made = [await new_run(database) for _ in range(len(BulkState))]
        for run, state in zip(made, BulkState, strict=True):
            await runs.change(run.id, state)
        going_on = [run.id for run in await runs.unfinished()]
        ended = {BulkState.CANCELLED, BulkState.DONE}
        assert going_on == [run.id for run, state in zip(made, BulkState, strict=True) if state not in ended]

    portal.on_database(work)


def test_a_run_is_in_a_known_state(portal: PortalBench) -> None:
    async def work(database: Database) -> None:
        run = await new_run(database)
        statement = f"UPDATE bulk_runs SET state = 'asleep' WHERE id = '{run.id}'"
        with pytest.raises(Conflict):
            await database.run(lambda connection: connection.exec_driver_sql(statement))

    portal.on_database(work)
