"""Opening the Portal database: one engine, one worker thread, short transactions, the schema at its one revision."""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Select, create_engine, event, inspect, text
from sqlalchemy.exc import DatabaseError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from console.errors import Conflict, Unavailable
from console.integrations.contact import Contact
from console.integrations.portal.tables import HEAD_REVISION
from console.models.record import Record

T = TypeVar("T")

_LONGEST_CAUSE = 200
R = TypeVar("R", bound=Record)


class Database:
    """The Portal database on SQLite (a file) or PostgreSQL (a URL), the same tables on both.

    Raises `Unavailable` where the database does not answer and `Conflict` where a unique key is taken. `contact` tells
    how it answers.
    """

    def __init__(self, url: str) -> None:
        """Open nothing yet. `url` is SQLAlchemy's, for example `sqlite:///portal.db`."""
        self._engine = _engine(url)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="portal")
        self.contact = Contact()

    async def open(self) -> None:
        """Bring the schema to this version's revision. Raises `Unavailable` where the database cannot be opened."""
        await self._on_thread(lambda: _make_private(self._engine))
        await self._on_thread(lambda: migrate(self._engine))

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction on the database thread; it commits when `work` returns."""

        def transaction() -> T:
            with self._engine.begin() as connection:
                return work(connection)

        return await self._on_thread(transaction)

    async def read(self, query: Select[Any], record: type[R]) -> list[R]:
        """The rows of a query as records; columns that the record does not have are left out."""

        def rows(connection: Connection) -> list[R]:
            found = connection.execute(query).mappings()
            return [record(**{name: row[name] for name in record.model_fields}) for row in found]

        return await self.run(rows)

    async def ping(self) -> None:
        """One SELECT that touches no table."""
        await self.run(lambda connection: connection.execute(text("SELECT 1")).scalar_one())

    async def _on_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._watched, work)

    def _watched(self, work: Callable[[], T]) -> T:
        with self.contact.watched():
            try:
                return work()
            except IntegrityError as error:
                raise Conflict("portal", "database", "an id is taken already", mutating=True) from error
            except SQLAlchemyError as error:
                raise Unavailable("portal", "database", _cause(error)) from error

    async def aclose(self) -> None:
        """Finish the transaction under way and close."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown(wait=True)


def _cause(error: SQLAlchemyError) -> str:
    """What the database says where it cannot work at all; about a statement it could tell somebody's data."""
    if type(error) in (OperationalError, DatabaseError) and isinstance(error, DBAPIError):
        return str(error.orig)[:_LONGEST_CAUSE]
    return type(error).__name__


def migrate(engine: Engine) -> None:
    """Create or upgrade the schema. Alembic is only loaded where there is something to do.

    Raises `Unavailable` for a database of a later version.
    """
    with engine.begin() as connection:
        if _revision(connection) == HEAD_REVISION:
            return
        from alembic import command  # noqa: PLC0415
        from alembic.config import Config  # noqa: PLC0415
        from alembic.util.exc import CommandError  # noqa: PLC0415

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise Unavailable("portal", "database", "it belongs to a later version of the console") from error


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    return engine


def _make_private(engine: Engine) -> None:
    """Customers' data in a file of ours is for its own user alone; SQLite gives its other files the same rights."""
    if engine.dialect.name == "sqlite" and engine.url.database:
        file = Path(engine.url.database)
        with contextlib.suppress(OSError):
            # Where the file cannot be used, opening it says why.
            file.touch(mode=0o600)
            file.chmod(0o600)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # Write-ahead log: a command beside the desk reads while the desk writes.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    # Taking the write lock at the start makes two processes queue instead of failing in the middle.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
