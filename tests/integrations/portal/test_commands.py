"""Commands: one open for a subject, whoever asks and how many at once; started once, in order, and ended once."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from console.errors import Conflict
from console.integrations.portal.bulk_runs import BulkRuns
from console.integrations.portal.commands import Commands
from console.integrations.portal.database import Database
from console.models.command import BulkState, Command, CommandState
from console.models.staff import StaffMember
from tests.integrations.portal.portal_bench import PortalBench, back_office

T = TypeVar("T")

_ME, _OTHER = back_office(), back_office("0055g0000000002AAA", "Ken Abe")
_ORDER, _LATER_ORDER = "8015g0000000001AAA", "8015g0000000002AAA"
_HOUR = timedelta(hours=1)
_PUT_MANY = """
import asyncio, sys
from console.integrations.portal.commands import Commands
from console.integrations.portal.database import Database
from console.models.staff import StaffMember
me = StaffMember(user_id="0055g0000000001AAA", name="Sara Ito", username="sara@example.jp", roles=frozenset())
async def put():
    database = Database(sys.argv[1])
    for number in range(25):
        command = await Commands(database).put("provision", f"order {number}", "{}", me, protocol=1)
        print(command.id, await Commands(database).start(command.id, sys.argv[2]))
    await database.aclose()
sys.stdin.readline()
asyncio.run(put())
"""


def of(portal: PortalBench, work: Callable[[Commands], Awaitable[T]]) -> T:
    """Do something with its commands."""
    return portal.on_database(lambda database: work(Commands(database)))


async def put(
    commands: Commands, subject: str = _ORDER, *, me: StaffMember = _ME, not_before: datetime | None = None
) -> Command:
    return await commands.put("provision", subject, "{}", me, protocol=1, not_before=not_before)


async def get(commands: Commands, command: Command) -> Command:
    found = await commands.get(command.id)
    assert found
    return found


async def new_run(database: Database, state: BulkState = BulkState.RUNNING) -> str:
    run = await BulkRuns(database).create(_ME, parallel=2, pause_s=0.5, stop_after=3)
    await BulkRuns(database).change(run.id, state)
    return run.id


def in_an_hour() -> datetime:
    return datetime.now(UTC) + _HOUR


def subjects(found: list[Command]) -> list[str]:
    return [command.subject for command in found]


def test_a_command_tells_all_that_was_asked_and_is_found_again(portal: PortalBench) -> None:
    async def work(commands: Commands) -> tuple[Command, Command | None, Command | None]:
        made = await commands.put("provision", _ORDER, '{"again": true}', _ME, protocol=3)
        return made, await commands.get(made.id), await commands.get("another")

    made, found, none = of(portal, work)
    assert (made, none) == (found, None)
    assert (made.kind, made.subject, json.loads(made.arguments)) == ("provision", _ORDER, {"again": True})
    assert (made.asked_by, made.asked_as, made.protocol) == (_ME.name, _ME.user_id, 3)
    assert (made.state, made.executor, made.result) == (CommandState.WAITING, "", "")
    assert (made.not_before, made.started_at, made.finished_at) == (None, None, None)
    assert made.created_at == made.changed_at
    assert abs(datetime.now(UTC) - made.created_at) < _HOUR


@pytest.mark.parametrize("arguments", ["[]", '"provision"', "1", "null", "no JSON", ""])
def test_arguments_are_a_json_object(portal_file: PortalBench, arguments: str) -> None:
    with pytest.raises(ValueError, match=r"JSON object|Expecting value"):
        of(portal_file, lambda commands: commands.put("provision", _ORDER, arguments, _ME, protocol=1))


def test_of_a_kind_one_is_open_for_a_subject(portal: PortalBench) -> None:
    async def work(commands: Commands) -> None:
        first = await put(commands)
        assert await put(commands, me=_OTHER) == first
        assert await put(commands, _LATER_ORDER) != first
        assert (await commands.put("review", _ORDER, "{}", _ME, protocol=1)).id != first.id
        await commands.start(first.id, "a")
        running = await put(commands, me=_OTHER)
        assert (running.id, running.state, running.asked_by) == (first.id, CommandState.RUNNING, _ME.name)
        await commands.finish(first.id, CommandState.DONE, "{}")
        assert (await put(commands)).id != first.id

    of(portal, work)


def test_a_person_makes_a_timed_retry_due_now_and_is_named(portal: PortalBench) -> None:
    async def work(commands: Commands) -> None:
        timed = await put(commands, not_before=in_an_hour())
        assert await commands.due(datetime.now(UTC), 9) == []
        sooner = await put(commands, me=_OTHER)
        assert (sooner.id, sooner.not_before) == (timed.id, None)
        assert (sooner.asked_by, sooner.asked_as) == (_OTHER.name, _OTHER.user_id)
        assert sooner.changed_at > timed.changed_at
        assert sooner.created_at == timed.created_at
        assert await commands.due(datetime.now(UTC), 9) == [sooner]

    of(portal, work)


def test_a_time_is_brought_forward_but_never_put_off(portal: PortalBench) -> None:
    async def work(commands: Commands) -> None:
        later, sooner = in_an_hour(), in_an_hour() - _HOUR / 2
        timed = await put(commands, not_before=later)
        assert await put(commands, me=_OTHER, not_before=later + _HOUR) == timed
        assert await put(commands, me=_OTHER, not_before=later) == timed
        moved = await put(commands, me=_OTHER, not_before=sooner)
        assert (moved.not_before, moved.asked_by) == (sooner, _OTHER.name)
        at_once = await put(commands, _LATER_ORDER)
        assert await put(commands, _LATER_ORDER, me=_OTHER, not_before=sooner) == at_once

    of(portal, work)


def test_what_is_due_anyway_or_runs_stays_its_first_askers(portal: PortalBench) -> None:
    async def work(commands: Commands) -> None:
        past = datetime.now(UTC) - _HOUR
        due = await put(commands, not_before=past)
        assert await put(commands, me=_OTHER) == due
        await commands.start(due.id, "a")
        assert (await put(commands, me=_OTHER)).asked_by == _ME.name

    of(portal, work)


def test_a_command_of_no_known_run_is_refused(portal: PortalBench) -> None:
    async def work(commands: Commands) -> None:
        with pytest.raises(Conflict):
            await commands.put("provision", _ORDER, "{}", _ME, protocol=1, bulk_id="none", position=0)
        with pytest.raises(Conflict):
            await commands.put_all("provision", [_ORDER], _ME, bulk_id="none", protocol=1)
        assert await commands.due(in_an_hour(), 9) == []

    of(portal, work)


def test_a_list_is_put_at_once_in_its_order_without_what_is_open_already(portal: PortalBench) -> None:
    async def work(database: Database) -> None:
        commands, run = Commands(database), await new_run(database)
        single = await put(commands, "order 7", not_before=in_an_hour())
        listed = [f"order {number}" for number in range(500, 0, -1)]
        made = await commands.put_all("provision", [*listed, "order 500"], _OTHER, bulk_id=run, protocol=2)
        assert subjects(made) == [one for one in listed if one != "order 7"]
        assert [command.position for command in made] == list(range(499))
        assert {(command.bulk_id, command.protocol, command.arguments) for command in made} == {(run, 2, "{}")}
        assert {(command.asked_by, command.not_before) for command in made} == {(_OTHER.name, None)}
        assert await commands.of_bulk(run) == made
        assert await commands.due(datetime.now(UTC), 3, run) == made[:3]
        assert await get(commands, single) == single

    portal.on_database(work)


def test_a_list_of_nothing_new_is_an_empty_run(portal: PortalBench) -> None:
    async def work(database: Database) -> None:
        commands, run = Commands(database), await new_run(database)
        await put(commands)
        assert await commands.put_all("provision", [], _ME, bulk_id=run, protocol=1) == []
        assert await commands.put_all("provision", [_ORDER], _ME, bulk_id=run, protocol=1) == []

    portal.on_database(work)


def test_what_waits_longest_is_due_first_and_nothing_before_its_time(portal: PortalBench) -> None:
    async def work(commands: Commands) -> None:
        for subject in ("order 3", "order 1", "order 2"):
            await put(commands, subject)
        later = in_an_hour()
        await put(commands, "order 0", not_before=later)
        assert subjects(await commands.due(datetime.now(UTC), 9)) == ["order 3", "order 1", "order 2"]
        assert subjects(await commands.due(datetime.now(UTC), 2)) == ["order 3", "order 1"]
        assert subjects(await commands.due(later, 9)) == ["order 3", "order 1", "order 2", "order 0"]

    of(portal, work)


def test_single_commands_and_runs_are_due_apart(portal: PortalBench) -> None:
    async def work(database: Database) -> None:
        commands = Commands(database)
        one, other = await new_run(database), await new_run(database)
        await commands.put_all("provision", ["order 2", "order 1"], _ME, bulk_id=one, protocol=1)
        await commands.put_all("provision", ["order 3"], _ME, bulk_id=other, protocol=1)
        await put(commands)
        now = in_an_hour()
        assert subjects(await commands.due(now, 9)) == [_ORDER]
        assert subjects(await commands.due(now, 9, one)) == ["order 2", "order 1"]
        assert subjects(await commands.due(now, 9, other)) == ["order 3"]
        assert await commands.of_bulk("none") == []

    portal.on_database(work)


@pytest.mark.parametrize(
    "state", [BulkState.PAUSED, BulkState.STOPPED, BulkState.OUTAGE, BulkState.CANCELLED, BulkState.DONE]
)
def test_nothing_begins_of_a_run_that_does_not_go_on(portal: PortalBench, state: BulkState) -> None:
    async def work(database: Database) -> None:
        commands, run = Commands(database), await new_run(database)
        (waiting,) = await commands.put_all("provision", [_ORDER], _ME, bulk_id=run, protocol=1)
        assert await BulkRuns(database).change(run, state)
        assert await commands.due(in_an_hour(), 9, run) == []
        assert not await commands.start(waiting.id, "a")
        if await BulkRuns(database).change(run, BulkState.RUNNING):
            assert await commands.start(waiting.id, "a")

    portal.on_database(work)


def test_a_command_is_started_once(portal: PortalBench) -> None:
    async def work(commands: Commands) -> None:
        waiting = await put(commands)
        assert await commands.start(waiting.id, "a")
        assert not await commands.start(waiting.id, "b")
        assert not await commands.start("none", "b")
        found = await get(commands, waiting)
        assert (found.state, found.executor) == (CommandState.RUNNING, "a")
        assert found.started_at
        assert found.changed_at >= found.started_at >= found.created_at
        assert await commands.due(in_an_hour(), 9) == []

    of(portal, work)


def test_what_runs_is_told_longest_first_and_of_other_versions_apart(portal: PortalBench) -> None:
    async def work(commands: Commands) -> None:
        for subject, protocol in (("order 1", 1), ("order 2", 2), ("order 3", 3), ("order 4", 1)):
            await commands.put("provision", subject, "{}", _ME, protocol=protocol)
        for command in reversed((await commands.due(in_an_hour(), 9))[:3]):
            await commands.start(command.id, "a")
        assert subjects(await commands.running()) == ["order 3", "order 2", "order 1"]
        assert subjects(await commands.running_of_other_protocol(1)) == ["order 3", "order 2"]

    of(portal, work)


def test_what_a_process_that_is_gone_had_in_hand_is_taken_over_once(portal: PortalBench) -> None:
    async def work(commands: Commands) -> None:
        waiting = await put(commands)
        assert not await commands.take_over(waiting.id, "", "b")
        await commands.start(waiting.id, "gone")
        assert not await commands.take_over(waiting.id, "somebody else", "b")
        assert await commands.take_over(waiting.id, "gone", "b")
        assert not await commands.take_over(waiting.id, "gone", "c")
        found = await get(commands, waiting)
        assert (found.executor, found.state) == ("b", CommandState.RUNNING)

    of(portal, work)


def test_a_command_ends_once_with_what_it_came_to(portal: PortalBench) -> None:
    async def work(commands: Commands) -> None:
        command = await put(commands)
        await commands.start(command.id, "a")
        assert await commands.finish(command.id, CommandState.DONE, '{"outcome": "active"}')
        assert not await commands.finish(command.id, CommandState.FAILED, "")
        assert not await commands.take_over(command.id, "a", "b")
        assert not await commands.release(command.id)
        found = await get(commands, command)
        assert (found.state, json.loads(found.result)) == (CommandState.DONE, {"outcome": "active"})
        assert found.started_at
        assert found.finished_at
        assert found.finished_at >= found.started_at

    of(portal, work)


def test_what_waits_can_end_without_having_run(portal: PortalBench) -> None:
    async def work(commands: Commands) -> None:
        command = await put(commands)
        assert await commands.finish(command.id, CommandState.FAILED, '{"protocol": 2}')
        assert not await commands.start(command.id, "a")

    of(portal, work)


@pytest.mark.parametrize("state", [CommandState.WAITING, CommandState.RUNNING])
def test_to_wait_or_run_is_no_end(portal_file: PortalBench, state: CommandState) -> None:
    with pytest.raises(ValueError, match="no end"):
        of(portal_file, lambda commands: commands.finish("any", state, ""))


def test_what_is_released_waits_in_its_old_place(portal: PortalBench) -> None:
    async def work(commands: Commands) -> None:
        first, second = await put(commands), await put(commands, _LATER_ORDER)
        assert not await commands.release(first.id)
        await commands.start(first.id, "a")
        assert await commands.release(first.id)
        found = await get(commands, first)
        assert found == first.model_copy(update={"changed_at": found.changed_at})
        assert await commands.due(in_an_hour(), 9) == [found, second]

    of(portal, work)


@pytest.mark.parametrize("state", [BulkState.CANCELLED, BulkState.PAUSED])
def test_what_is_released_after_its_run_was_cancelled_is_cancelled_too(portal: PortalBench, state: BulkState) -> None:
    async def work(database: Database) -> None:
        commands, run = Commands(database), await new_run(database)
        (command,) = await commands.put_all("provision", [_ORDER], _ME, bulk_id=run, protocol=1)
        await commands.start(command.id, "a")
        await BulkRuns(database).change(run, state)
        assert await commands.release(command.id)
        found = await get(commands, command)
        assert (found.is_open, found.finished_at is None) == (state is BulkState.PAUSED, state is BulkState.PAUSED)
        assert (await put(commands)).id != command.id or found.is_open

    portal.on_database(work)


def test_of_a_run_what_waits_can_be_cancelled_and_what_runs_goes_on(portal: PortalBench) -> None:
    async def work(database: Database) -> None:
        commands, run = Commands(database), await new_run(database)
        first, second, third = await commands.put_all("provision", list("abc"), _ME, bulk_id=run, protocol=1)
        single = await put(commands)
        await commands.start(first.id, "a")
        assert await commands.cancel_waiting(run) == 2
        assert await commands.cancel_waiting(run) == 0
        states = [command.state for command in await commands.of_bulk(run)]
        assert states == [CommandState.RUNNING, CommandState.CANCELLED, CommandState.CANCELLED]
        assert (await get(commands, second)).finished_at
        assert not await commands.start(third.id, "a")
        assert (await get(commands, single)).is_open
        assert await commands.finish(first.id, CommandState.DONE, "")

    portal.on_database(work)


def test_every_state_is_counted(portal: PortalBench) -> None:
    async def work(commands: Commands) -> None:
        assert dict(await commands.counts()) == dict.fromkeys(CommandState, 0)
        for number in range(3):
            await put(commands, f"order {number}")
        first, second, _ = await commands.due(in_an_hour(), 9)
        await commands.start(first.id, "a")
        await commands.finish(second.id, CommandState.FAILED, "")
        counts = {CommandState.WAITING: 1, CommandState.RUNNING: 1, CommandState.FAILED: 1}
        assert dict(await commands.counts()) == dict.fromkeys(CommandState, 0) | counts

    of(portal, work)


def test_watchers_are_told_what_has_changed_the_latest_change_last(portal: PortalBench) -> None:
    async def work(commands: Commands) -> None:
        first, second = await put(commands), await put(commands, _LATER_ORDER)
        assert await commands.changed_since(first.created_at) == [first, second]
        await commands.start(first.id, "a")
        changed = await commands.changed_since(second.changed_at)
        assert subjects(changed) == [_LATER_ORDER, _ORDER]
        assert changed[1].state is CommandState.RUNNING
        assert await commands.changed_since(changed[1].changed_at + timedelta(minutes=1)) == []

    of(portal, work)


def test_desks_that_ask_for_the_same_at_once_get_one_command(portal: PortalBench) -> None:
    async def together() -> None:
        desks = [Database(portal.url) for _ in range(4)]
        try:
            await desks[0].migrate()
            for number in range(5):
                made = await asyncio.gather(*[put(Commands(desk), f"order {number}") for desk in desks])
                assert len({command.id for command in made}) == 1
                started = await asyncio.gather(*[Commands(desk).start(made[0].id, "a") for desk in desks])
                assert sorted(started) == [False, False, False, True]
        finally:
            for desk in desks:
                await desk.aclose()

    asyncio.run(together())


def test_two_lists_that_are_put_at_once_share_no_order(portal: PortalBench) -> None:
    async def together() -> None:
        desks = [Database(portal.url) for _ in range(2)]
        try:
            await desks[0].migrate()
            runs = [await new_run(desk) for desk in desks]
            listed = [f"order {number}" for number in range(40)]
            lists = [
                Commands(desk).put_all("provision", listed, _ME, bulk_id=run, protocol=1)
                for desk, run in zip(desks, runs, strict=True)
            ]
            one, other = await asyncio.gather(*lists)
            assert sorted(subjects(one) + subjects(other)) == sorted(listed)
        finally:
            for desk in desks:
                await desk.aclose()

    asyncio.run(together())


@pytest.mark.slow
def test_processes_that_ask_at_once_get_the_same_commands_and_one_starts_each(portal: PortalBench) -> None:
    of(portal, lambda commands: commands.counts())
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _PUT_MANY, portal.url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("a", "b", "c")
    ]
    for process in started:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    told = [[line.split() for line in process.communicate()[0].splitlines()] for process in started]
    ids = [[command_id for command_id, _ in lines] for lines in told]
    assert ids[0] == ids[1] == ids[2]
    assert len(set(ids[0])) == 25
    for of_three in zip(*told, strict=True):
        assert sorted(was_started for _, was_started in of_three) == ["False", "False", "True"]
