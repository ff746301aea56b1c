"""The engine lease: one process has it, others know who, and it ends with that process or its connection."""

import asyncio
import os
import platform
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, text

from console.errors import Unavailable
from console.integrations.portal.database import Database
from console.integrations.portal.leases import EngineLease
from tests import postgres
from tests.integrations.portal.portal_bench import PortalBench

T = TypeVar("T")

_HOLD = """
import asyncio, sys
from console.integrations.portal.database import Database
from console.integrations.portal.leases import EngineLease
async def hold():
    database = Database(sys.argv[1])
    lease = EngineLease(database)
    if await lease.try_take():
        await lease.announce("Ken Abe", 2, 8123)
        print("held", flush=True)
    else:
        print("refused", flush=True)
    sys.stdin.readline()
    print(await lease.still_held(), flush=True)
    await lease.aclose()
    await database.aclose()
asyncio.run(hold())
"""
_END_OTHERS = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid IN (SELECT pid FROM pg_locks "
                   "WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database "
                   "WHERE datname = current_database()))")  # fmt: skip


def with_leases(portal: PortalBench, work: Callable[[Database, EngineLease, EngineLease], Awaitable[T]]) -> T:
    """Do something on a database that two may execute for."""

    async def opened(database: Database) -> T:
        one, other = EngineLease(database), EngineLease(database)
        try:
            return await work(database, one, other)
        finally:
            await one.aclose()
            await other.aclose()

    return portal.on_database(opened)


@contextmanager
def process(portal: PortalBench) -> Iterator["subprocess.Popen[str]"]:
    """Another process that has tried to take the lease; told anything, it gives it back and ends."""
    started = subprocess.Popen(
        [sys.executable, "-c", _HOLD, portal.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def line_of(started: "subprocess.Popen[str]") -> str:
    assert started.stdout
    return started.stdout.readline().strip()


async def taken(lease: EngineLease) -> bool:
    """Take it as soon as the system has noticed that it is free."""
    async with asyncio.timeout(20):
        while not await lease.try_take():
            pass
    return True


def test_one_of_two_has_the_lease_until_it_is_given_back(portal: PortalBench) -> None:
    async def work(_: Database, one: EngineLease, other: EngineLease) -> None:
        for first, second in ((one, other), (other, one)) * 2:
            assert await first.try_take()
            assert await first.try_take()
            assert not await second.try_take()
            assert (await first.still_held(), await second.still_held()) == (True, False)
            await first.release()
            assert not await first.still_held()

    with_leases(portal, work)


def test_giving_back_what_is_not_held_does_nothing(portal: PortalBench) -> None:
    async def work(_: Database, one: EngineLease, other: EngineLease) -> None:
        await other.release()
        await one.try_take()
        await other.release()
        assert await one.still_held()

    with_leases(portal, work)


def test_closing_gives_the_lease_back(portal: PortalBench) -> None:
    async def work(database: Database, one: EngineLease, _: EngineLease) -> None:
        third = EngineLease(database)
        assert await third.try_take()
        await third.aclose()
        assert await one.try_take()

    with_leases(portal, work)


def test_the_holder_is_told_from_its_announcement_until_it_gives_back(portal: PortalBench) -> None:
    async def work(_: Database, one: EngineLease, other: EngineLease) -> None:
        await one.announce("Sara Ito", 1)
        assert await other.holder() is None
        await one.try_take()
        assert await other.holder() is None
        await one.announce("Sara Ito", 1)
        await one.announce("Sara Ito", 1, 8123)
        holder = await other.holder()
        assert holder
        assert holder == await one.holder()
        assert (holder.token, holder.name, holder.protocol, holder.port) == (one.token, "Sara Ito", 1, 8123)
        assert (holder.machine, holder.pid) == (platform.node(), os.getpid())
        assert abs(datetime.now(UTC) - holder.since) < timedelta(minutes=10)
        await one.release()
        assert await other.holder() is None

    with_leases(portal, work)


def test_who_looks_for_the_holder_is_in_nobodys_way(portal: PortalBench) -> None:
    async def work(database: Database, one: EngineLease, other: EngineLease) -> None:
        await one.try_take()
        await one.announce("Sara Ito", 1)
        # As one that died leaves it: told, but not held.
        await one._asked(one._lock.release)
        for _ in range(20):
            told, was_taken = await asyncio.gather(other.holder(), one.try_take())
            assert was_taken
            assert told is None or told.token == one.token
            await one._asked(one._lock.release)

    with_leases(portal, work)


@pytest.mark.slow
def test_another_process_holds_it_and_gives_it_back(portal: PortalBench) -> None:
    async def work(_: Database, one: EngineLease, __: EngineLease) -> None:
        with process(portal) as other:
            assert line_of(other) == "held"
            assert not await one.try_take()
            holder = await one.holder()
            assert holder
            assert (holder.name, holder.pid, holder.protocol, holder.port) == ("Ken Abe", other.pid, 2, 8123)
            assert other.stdin
            other.stdin.write("\n")
            other.stdin.flush()
            assert line_of(other) == "True"
            assert other.wait() == 0
        assert await one.holder() is None
        assert await one.try_take()
        with process(portal) as other:
            assert line_of(other) == "refused"
        assert await one.still_held()

    with_leases(portal, work)


@pytest.mark.slow
def test_a_holder_that_is_killed_frees_it(portal: PortalBench) -> None:
    async def work(_: Database, one: EngineLease, other: EngineLease) -> None:
        with process(portal) as killed:
            assert line_of(killed) == "held"
            killed.kill()
            killed.wait()
        assert await taken(one)
        # What the dead one had announced is not taken for the new holder.
        assert await other.holder() is None
        await one.announce("Sara Ito", 1)
        holder = await other.holder()
        assert holder
        assert holder.token == one.token

    with_leases(portal, work)


def test_a_lost_connection_shows_and_the_lease_can_be_taken_anew(postgres_uri: str) -> None:
    async def work(database: Database, one: EngineLease, other: EngineLease) -> None:
        await one.try_take()
        await database.run(lambda connection: connection.execute(_END_OTHERS).all())
        assert await taken(other)
        assert not await one.still_held()
        assert not await one.try_take()
        await one.announce("Sara Ito", 1)
        assert await other.holder() is None
        await other.release()
        assert await one.try_take()
        assert await one.still_held()

    with_leases(PortalBench(postgres.new_database(postgres_uri)), work)


def test_a_lock_that_somebody_else_ended_on_the_server_is_not_held(postgres_uri: str) -> None:
    """As behind a pooler, which gives a session's locks back when it lends its connection to another one."""

    async def work(_: Database, one: EngineLease, other: EngineLease) -> None:
        await one.try_take()

        def unlock() -> None:
            connection = one._lock._connection  # type: ignore[attr-defined]  # that of PostgreSQL
            connection.execute(text("SELECT pg_advisory_unlock_all()"))

        await one._asked(unlock)
        assert not await one.still_held()
        assert await other.try_take()

    with_leases(PortalBench(postgres.new_database(postgres_uri)), work)


def test_nothing_of_a_lease_that_was_given_back_stays_on_the_server(postgres_uri: str) -> None:
    def sessions(connection: Connection) -> int:
        own = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(connection.execute(own).scalar_one())

    async def work(database: Database) -> None:
        lease = EngineLease(database)
        await lease.try_take()
        assert await database.run(sessions) == 1
        await lease.aclose()
        async with asyncio.timeout(20):
            while await database.run(sessions):
                pass

    PortalBench(postgres.new_database(postgres_uri)).on_database(work)


def test_where_the_server_is_not_there_nobody_knows(tmp_path: Path) -> None:
    async def work() -> None:
        database = Database(f"postgresql:///portal?host={tmp_path}")
        lease = EngineLease(database)
        try:
            with pytest.raises(Unavailable):
                await lease.try_take()
            assert not await lease.still_held()
        finally:
            await lease.aclose()
            await database.aclose()

    asyncio.run(work())


def test_a_lease_whose_announcement_place_is_gone_is_not_kept(portal: PortalBench) -> None:
    async def work(database: Database, one: EngineLease, other: EngineLease) -> None:
        await database.run(lambda connection: connection.exec_driver_sql("DROP TABLE engine_holders"))
        with pytest.raises(Unavailable):
            await one.try_take()
        assert not await one.still_held()
        with pytest.raises(Unavailable):
            await other.try_take()

    with_leases(portal, work)


def test_a_server_that_says_nothing_is_taken_for_lost(
    portal_file: PortalBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.integrations.portal.leases._ANSWER_S", 0.01)

    async def work(_: Database, one: EngineLease, __: EngineLease) -> None:
        await one.try_take()
        silent = threading.Event()
        asked = asyncio.ensure_future(one._asked(silent.wait))
        assert not await one.still_held()
        silent.set()
        await asked

    with_leases(portal_file, work)
