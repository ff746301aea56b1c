"""Opening, sharing and closing the database, and what comes of it where it cannot be used."""

import asyncio
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, insert, select, text, update

from console.errors import Conflict, Unavailable
from console.integrations.portal.database import Database
from console.integrations.portal.portal import Portal
from console.integrations.portal.tables import HEAD_REVISION, portal_users
from console.models.customer import PortalUser
from tests import postgres
from tests.integrations.portal.portal_bench import PortalBench, person, portal_user

_OPEN = """
import asyncio, sys
from console.integrations.portal.database import Database
async def opened():
    database = Database(sys.argv[1])
    await database.migrate()
    await database.open()
    await database.aclose()
sys.stdin.readline()
asyncio.run(opened())
"""
_ADD_ONE = """
import asyncio, sys
from sqlalchemy import text
from console.integrations.portal.database import Database
def add_one(connection):
    found = connection.execute(text("SELECT count FROM counter")).scalar_one()
    connection.execute(text("UPDATE counter SET count = :next"), {"next": found + 1})
async def counted():
    database = Database(sys.argv[1])
    for _ in range(20):
        await database.run(add_one)
    await database.aclose()
sys.stdin.readline()
asyncio.run(counted())
"""


def start_together(program: str, url: str, number: int = 2) -> list[str]:
    """Run a program several times at once; what each wrote to standard error."""
    started = [
        subprocess.Popen([sys.executable, "-c", program, url], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(number)
    ]
    for process in started:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    return [process.communicate()[1] for process in started]


def revision(portal: PortalBench) -> str:
    def read(connection: Connection) -> str:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())

    return portal.run(lambda opened: opened._database.run(read))


def test_a_new_file_gets_the_schema_and_an_old_one_keeps_its_rows(portal: PortalBench) -> None:
    portal.run(lambda opened: opened.links.load([portal_user()], [], "test"))
    assert revision(portal) == HEAD_REVISION
    assert portal.run(lambda opened: opened.links.users()) == [portal_user()]


@pytest.mark.slow
def test_processes_that_open_a_new_file_at_once_all_get_it(portal: PortalBench) -> None:
    assert start_together(_OPEN, portal.url, 4) == [""] * 4
    assert revision(portal) == HEAD_REVISION


@pytest.mark.slow
def test_no_process_works_on_what_another_is_changing(portal: PortalBench) -> None:
    def make(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE counter (count INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))

    portal.run(lambda opened: opened._database.run(make))
    assert start_together(_ADD_ONE, portal.url, 2) == [""] * 2
    counted = text("SELECT count FROM counter")
    assert portal.run(lambda opened: opened._database.run(lambda one: one.execute(counted).scalar_one())) == 40


def test_a_transaction_that_fails_leaves_nothing(portal: PortalBench) -> None:
    def half(connection: Connection) -> None:
        connection.execute(insert(portal_users).values(**portal_user().model_dump()))
        connection.execute(insert(portal_users).values(**portal_user().model_dump()))

    with pytest.raises(Conflict):
        portal.run(lambda opened: opened._database.run(half))
    assert portal.run(lambda opened: opened.links.users()) == []


def test_rows_are_read_as_records_without_their_further_columns(portal: PortalBench) -> None:
    async def read(opened: Database) -> list[PortalUser]:
        await opened.run(
            lambda connection: connection.execute(insert(portal_users).values(**portal_user().model_dump()))
        )
        return await opened.read(select(portal_users, text("1 AS more")), PortalUser)

    assert portal.run(lambda opened: read(opened._database)) == [portal_user()]


def test_transactions_of_one_desk_follow_one_another(portal: PortalBench) -> None:
    def rename(connection: Connection) -> None:
        name = connection.execute(select(portal_users.c.name)).scalar_one()
        connection.execute(update(portal_users).values(name=name + "x"))

    async def many(opened: Database) -> str:
        await opened.run(
            lambda connection: connection.execute(insert(portal_users).values(**portal_user().model_dump()))
        )
        await asyncio.gather(*[opened.run(rename) for _ in range(20)])
        return (await opened.read(select(portal_users), PortalUser))[0].name

    assert portal.run(lambda opened: many(opened._database)) == portal_user().name + "x" * 20


def test_a_path_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        PortalBench(f"sqlite:///{tmp_path}/no/such/folder/portal.db").run(lambda opened: opened.links.users())


def test_a_file_that_is_no_database_is_unavailable_and_stays(portal_file: PortalBench, file: Path) -> None:
    file.write_text("This is a note and no database. " * 100, encoding="utf-8")
    with pytest.raises(Unavailable):
        portal_file.run(lambda opened: opened.links.users())
    assert file.read_text(encoding="utf-8").startswith("This is a note")


def test_a_database_of_a_later_version_is_refused_and_stays(portal_file: PortalBench, file: Path) -> None:
    portal_file.run(lambda opened: opened.links.load([portal_user()], [], "test"))
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(Unavailable, match="later version"):
        portal_file.run(lambda opened: opened.links.users())
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM portal_users").fetchone() == (1,)
    connection.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a user's folder private by itself")
def test_the_file_is_for_its_own_user_alone(tmp_path: Path) -> None:
    async def opened() -> None:
        database = Database(f"sqlite:///{tmp_path / 'portal.db'}")
        await database.open()
        modes.update((file.name, file.stat().st_mode & 0o777) for file in files())
        await database.aclose()

    def files() -> list[Path]:
        return list(tmp_path.iterdir())

    modes: dict[str, int] = {}
    asyncio.run(opened())
    assert modes["portal.db"] == 0o600
    assert set(modes.values()) == {0o600}


def test_a_desk_changes_nothing_in_a_database_that_a_team_shares(postgres_uri: str) -> None:
    url = postgres.new_database(postgres_uri)

    async def opened() -> None:
        database = Database(url)
        try:
            await database.open()
        finally:
            await database.aclose()

    with pytest.raises(Unavailable, match="no tables yet: have staff-console admin migrate run"):
        asyncio.run(opened())
    PortalBench(url).run(lambda one: one.links.users())
    asyncio.run(opened())
    with psycopg.connect(url, autocommit=True) as administrator:
        administrator.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Unavailable, match="revision 9999"):
        asyncio.run(opened())


def test_the_password_is_not_in_what_an_error_says() -> None:
    database = Database("postgresql://desk@127.0.0.1:1/portal", SecretStr("never-to-be-shown"))
    assert "never-to-be-shown" not in repr(database._engine)

    async def asked() -> str:
        try:
            await database.ping()
        except Unavailable as refused:
            return str(refused)
        finally:
            await database.aclose()
        return ""

    assert "never-to-be-shown" not in asyncio.run(asked()) != ""


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"postgresql://desk@127.0.0.1:{taken.getsockname()[1]}/portal"
    with pytest.raises(Unavailable):
        PortalBench(url).run(lambda opened: opened.links.users())


def test_a_connection_that_the_server_closed_is_made_anew(postgres_uri: str) -> None:
    portal = PortalBench(postgres.new_database(postgres_uri))

    async def cut_off(opened: Portal) -> list[PortalUser]:
        await opened.links.load([portal_user()], [], "test")
        others = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'staff-console'")
        with psycopg.connect(postgres_uri, autocommit=True) as administrator:
            administrator.execute(str(others).encode())
        return await opened.links.users()

    assert portal.run(cut_off) == [portal_user()]


def test_elsewhere_the_servers_certificate_is_verified() -> None:
    for url, mode in (
        ("postgresql://desk@db.example.com/portal", "verify-full"),
        ("postgresql://desk@db.example.com/portal?sslmode=require", "require"),
        ("postgresql://desk@127.0.0.1/portal", None),
    ):
        database = Database(url)
        assert database._engine.url.query.get("sslmode") == mode
        asyncio.run(database.aclose())


def test_names_are_sorted_alike_on_both_engines(portal: PortalBench) -> None:
    names = ["a mori", "B Mori", "ä mori", "森 葵", "Mori", "mori 2", "MORI"]

    async def found(opened: Portal) -> list[str]:
        return [one.name for one in await opened.directory.search("mori@example.net", 20)]

    portal.fill([person(name=name, email="mori@example.net") for name in names])
    assert portal.run(found) == sorted(names)


def test_a_nul_in_a_vendors_text_does_no_harm(portal: PortalBench) -> None:
    async def kept(opened: Portal) -> str:
        await opened.cases.open("8015g0000000001AAA", "1", "UNK-00", "odd", "a\x00b")
        [case] = await opened.cases.all_open()
        return case.raw

    assert portal.run(kept) in ("a\x00b", "a\ufffdb")
