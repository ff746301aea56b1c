"""Watchers learn that something has changed, whoever changed it, also after the database was away for a while."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, text

from console.errors import Unavailable
from console.integrations.portal.bulk_runs import BulkRuns
from console.integrations.portal.commands import Commands
from console.integrations.portal.database import Database
from console.integrations.portal.links import Links
from console.integrations.portal.notifications import Notifications, _File, _Server
from tests import postgres
from tests.integrations.portal.portal_bench import PortalBench, back_office, portal_user

_ME = back_office()
_WITHIN_S = 20
_END_LISTENERS = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                      "WHERE datname = current_database() AND query LIKE 'LISTEN%'")  # fmt: skip


@pytest.fixture
def server(postgres_uri: str) -> PortalBench:
    return PortalBench(postgres.new_database(postgres_uri))


def watched(
    portal: PortalBench, work: Callable[[Database, AsyncGenerator[str, None]], Awaitable[None]], *pauses_s: float
) -> None:
    """Do something while somebody watches on another desk."""

    async def opened(database: Database) -> None:
        watching = Database(portal.url)
        notifications = Notifications(watching, pauses_s) if pauses_s else Notifications(watching)
        try:
            async with asyncio.timeout(_WITHIN_S), aclosing(notifications.watch()) as news:
                assert await anext(news) == ""
                await work(database, news)
        finally:
            await watching.aclose()

    portal.on_database(opened)


async def put(database: Database, subject: str = "8015g0000000001AAA") -> None:
    await Commands(database).put("provision", subject, "{}", _ME, protocol=1)


def end_listeners(connection: Connection) -> int:
    return len(connection.execute(_END_LISTENERS).all())


def test_a_change_on_another_desk_is_told(portal: PortalBench) -> None:
    async def work(database: Database, news: AsyncGenerator[str, None]) -> None:
        for number in range(3):
            await put(database, f"order {number}")
            assert await anext(news) in ("commands", "")

    watched(portal, work)


def test_a_desks_own_change_is_told_too(portal: PortalBench) -> None:
    async def work(database: Database) -> None:
        async with asyncio.timeout(_WITHIN_S), aclosing(Notifications(database).watch()) as news:
            await anext(news)
            await put(database)
            assert await anext(news) in ("commands", "")

    portal.on_database(work)


def test_looking_is_no_change(portal: PortalBench) -> None:
    async def work(database: Database) -> None:
        source = _File(database.file) if database.file else _Server(database.apart())
        try:
            await Commands(database).counts()
            assert source.news() == []
            await put(database)
            assert source.news() in (["commands"], [""])
            assert source.news() == []
        finally:
            source.close()

    portal.on_database(work)


def test_every_watcher_is_told(portal: PortalBench) -> None:
    async def work(database: Database, news: AsyncGenerator[str, None]) -> None:
        async with aclosing(Notifications(database).watch()) as others:
            await anext(others)
            await put(database)
            assert {await anext(news), await anext(others)} <= {"commands", ""}

    watched(portal, work)


def test_what_is_rolled_back_is_not_told(portal: PortalBench) -> None:
    def fails(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO sync_marks (name, finished_at) VALUES ('people', '2026-11-23')")
        raise ZeroDivisionError

    async def work(database: Database, news: AsyncGenerator[str, None]) -> None:
        with pytest.raises(ZeroDivisionError):
            await database.run(fails)
        await put(database)
        assert await anext(news) in ("commands", "")

    watched(portal, work)


def test_each_table_is_told_by_its_name_and_once_for_all_that_happened_meanwhile(server: PortalBench) -> None:
    async def work(database: Database, news: AsyncGenerator[str, None]) -> None:
        await Links(database).load([portal_user()], [], "test")
        assert await anext(news) == "portal_users"
        for number in range(10):
            await put(database, f"order {number}")
        await BulkRuns(database).create(_ME, parallel=1, pause_s=0, stop_after=0)
        told = {await anext(news)}
        while "bulk_runs" not in told:
            told.add(await anext(news))
        assert told == {"commands", "bulk_runs"}

    watched(server, work)


def test_whoever_else_writes_to_the_file_is_seen(portal_file: PortalBench, file: Path) -> None:
    async def work(database: Database, news: AsyncGenerator[str, None]) -> None:
        statement = "INSERT INTO sync_marks (name, finished_at) VALUES ('people', '2026-11-23')"
        await database.run(lambda connection: connection.exec_driver_sql(statement))
        assert await anext(news) == ""

    watched(portal_file, work)


def test_after_a_lost_connection_anything_may_have_changed_and_it_goes_on(server: PortalBench) -> None:
    async def work(database: Database, news: AsyncGenerator[str, None]) -> None:
        for number in range(2):
            assert await database.run(end_listeners) == 1
            await put(database, f"order {number}")
            assert await anext(news) == ""
            await put(database, f"later order {number}")
            assert await anext(news) == "commands"

    watched(server, work, 0.0, 0.05, 0.5)


def test_a_database_that_does_not_come_back_is_unavailable(server: PortalBench, postgres_uri: str) -> None:
    async def work(database: Database, news: AsyncGenerator[str, None]) -> None:
        name = await database.run(lambda connection: connection.execute(text("SELECT current_database()")).scalar_one())
        with psycopg.connect(postgres_uri, autocommit=True) as elsewhere:
            elsewhere.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
        with pytest.raises(Unavailable):
            await anext(news)

    watched(server, work, 0.0, 0.01)


def test_a_file_that_is_not_there_is_unavailable(portal_file: PortalBench) -> None:
    async def work() -> None:
        database = Database(portal_file.url)
        try:
            with pytest.raises(Unavailable):
                await anext(Notifications(database, (0.0, 0.01)).watch())
        finally:
            await database.aclose()

    asyncio.run(work())


def test_who_waits_can_be_cancelled(portal: PortalBench) -> None:
    async def work(_: Database, news: AsyncGenerator[str, None]) -> None:
        waiting = asyncio.ensure_future(anext(news))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        with pytest.raises(StopAsyncIteration):
            await anext(news)

    watched(portal, work)


def test_it_can_be_ended_while_it_waits_to_try_again(portal_file: PortalBench) -> None:
    async def work() -> None:
        database = Database(portal_file.url)
        waiting = asyncio.ensure_future(anext(Notifications(database, (3600.0,)).watch()))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(waiting, _WITHIN_S)
        await database.aclose()

    asyncio.run(work())


def test_nothing_is_left_on_the_server_after_the_end(server: PortalBench) -> None:
    def listeners(connection: Connection) -> int:
        query = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
        return int(connection.execute(query).scalar_one())

    async def work(database: Database, news: AsyncGenerator[str, None]) -> None:
        assert await database.run(listeners) == 1
        await news.aclose()
        async with asyncio.timeout(_WITHIN_S):
            while await database.run(listeners):
                pass

    watched(server, work)
