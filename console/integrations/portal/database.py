"""Opening the Portal database: one engine, one worker thread, short transactions, the schema at its one revision."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr
from sqlalchemy import URL, Connection, Engine, Select, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)

from console.errors import AccessRefused, Conflict, Unavailable
from console.integrations.contact import Contact
from console.integrations.portal.tables import HEAD_REVISION
from console.models.record import Record
from console.settings import LOOPBACK

T = TypeVar("T")

_LONGEST_CAUSE = 200
_CONNECT_S, _STATEMENT_MS = 5, 30_000
_MIGRATION_LOCK = 0x5374616666
# Serialization failure and deadlock: nothing was done, and the next try may be alone.
_IN_EACH_OTHERS_WAY = frozenset({"40001", "40P01"})
# With growing pauses: many who try again at once would be in each other's way again.
_MOST_TRIES = 40
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.002, 0.5
R = TypeVar("R", bound=Record)


class Database:
    """The Portal database on SQLite (a file) or PostgreSQL (a URL), the same tables on both.

    `only_asks`, once it is open: whether this login of a shared one changes what is shared through functions alone,
    which check who asks; those are of `roles.py`.

    Raises `Unavailable` where the database does not answer and `Conflict` where a unique key is taken. `contact` tells
    how it answers.
    """

    def __init__(self, url: str, password: SecretStr | None = None) -> None:
        """Open nothing yet. `url` is SQLAlchemy's, for example `sqlite:///portal.db`; `password` is a server's."""
        self._url, self._password = url, password
        self._engine = _engine(url, password)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="portal")
        self.contact = Contact()
        self.only_asks = False

    @property
    def file(self) -> Path | None:
        """Where the database is, None for one on a server."""
        name = self._engine.url.database
        return Path(name) if self._engine.dialect.name == "sqlite" and name else None

    def apart(self) -> Engine:
        """An engine of its own for the same database, whose statements commit at once. Whoever asks disposes of it."""
        return _engine(self._url, self._password).execution_options(isolation_level="AUTOCOMMIT")

    def for_workflows(self) -> Engine:
        """An engine of its own as a library expects one: several connections, the server's usual isolation."""
        return _engine(self._url, self._password, pool_size=4).execution_options(isolation_level="READ COMMITTED")

    async def open(self) -> None:
        """Raises `Unavailable` where the database cannot be opened, or is of another version of the console.

        A file of this desk's own is brought to this version; a database that a team shares is not: `migrate` does that.
        """
        await self._on_thread(lambda: _make_private(self._engine))
        if self._engine.dialect.name == "sqlite":
            await self._on_thread(lambda: migrate(self._engine))
        else:
            await self._on_thread(lambda: _require_revision(self._engine))
            self.only_asks = not await self.run(_may_write)

    async def call(self, function: str, **values: object) -> Any:
        """What one of the functions of `roles.py` gives. Raises `AccessRefused` where this login may not ask for it."""
        asked = text(f"SELECT {function}({', '.join(f':{name}' for name in values)})")
        try:
            return await self.run(lambda connection: connection.execute(asked, values).scalar_one())
        except Unavailable as error:
            if isinstance(error.__cause__, ProgrammingError):
                raise AccessRefused("portal", function, "this login may not ask for that", mutating=True) from error
            raise

    async def migrate(self) -> None:
        """Create or upgrade the schema. Raises `Unavailable` for a database of a later version."""
        await self._on_thread(lambda: migrate(self._engine))

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction on the database thread; it commits when `work` returns."""

        def transaction() -> T:
            with self._engine.begin() as connection:
                return work(connection)

        return await self._on_thread(lambda: _until_alone(transaction))

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


def now_of(connection: Connection) -> datetime:
    """The time on the database's clock: for a team the server's, so that desks whose clocks differ agree."""
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    moment: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment.astimezone(UTC)


def _until_alone(transaction: Callable[[], T]) -> T:
    """Carry out a transaction, anew where PostgreSQL found that it and another one saw each other's rows."""
    pause_s = _FIRST_PAUSE_S
    for _ in range(_MOST_TRIES):
        try:
            return transaction()
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in _IN_EACH_OTHERS_WAY:
                raise
        time.sleep(random.uniform(0, pause_s))
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
    return transaction()


def _cause(error: SQLAlchemyError) -> str:
    """What the database says where it cannot work at all; about a statement it could tell somebody's data."""
    if type(error) in (OperationalError, DatabaseError) and isinstance(error, DBAPIError):
        return str(error.orig)[:_LONGEST_CAUSE]
    return type(error).__name__


def migrate(engine: Engine) -> None:
    """Create or upgrade the schema. Alembic is only loaded where there is something to do.

    Raises `Unavailable` for a database of a later version.
    """
    shared = engine.dialect.name == "postgresql"
    with (engine.execution_options(isolation_level="READ COMMITTED") if shared else engine).begin() as connection:
        if shared:
            # Two desks that open a new database take turns; each sees what the one before has done.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
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


def _may_write(connection: Connection) -> bool:
    return bool(connection.execute(text("SELECT has_table_privilege('commands', 'INSERT')")).scalar_one())


def _require_revision(engine: Engine) -> None:
    with engine.begin() as connection:
        found = _revision(connection)
    if found != HEAD_REVISION:
        state = f"its tables are of revision {found}, not {HEAD_REVISION}" if found else "it has no tables yet"
        raise Unavailable("portal", "database", f"{state}: have staff-console admin migrate run by this version")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _engine(url: str, password: SecretStr | None, pool_size: int = 1) -> Engine:
    address = make_url(url)
    if password:
        address = address.set(password=password.get_secret_value())
    if address.get_backend_name() == "postgresql":
        return _postgresql(address, pool_size)
    engine = create_engine(address)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    return engine


def _postgresql(address: URL, pool_size: int) -> Engine:
    """Transactions that behave as if they followed one another, as they do in a SQLite file.

    The server's certificate is verified, unless the address says otherwise or the server is on this machine.
    """
    host = address.host or str(address.query.get("host", ""))
    here = not host or host.startswith("/") or host in LOOPBACK
    if not here and "sslmode" not in address.query:
        address = address.update_query_dict({"sslmode": "verify-full"})
    engine = create_engine(
        address.set(drivername="postgresql+psycopg"),
        isolation_level="SERIALIZABLE",
        # A connection that the server has closed meanwhile is made anew.
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": _CONNECT_S,
            # A network that is gone says nothing: without these a query or a listener would wait for hours.
            "keepalives_idle": 20,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
            "options": f"-c statement_timeout={_STATEMENT_MS} -c lock_timeout={_STATEMENT_MS}",
            "application_name": "staff-console",
        },
    )
    event.listen(engine, "before_cursor_execute", _without_nul, retval=True)
    return engine


def _without_nul(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> Any:
    """PostgreSQL keeps no NUL in a text; what came from outside may hold one."""
    if isinstance(values, dict):
        return statement, _cleaned(values)
    return statement, [_cleaned(one) for one in values]


def _cleaned(values: dict[str, Any]) -> dict[str, Any]:
    return {name: one.replace("\x00", "\ufffd") if isinstance(one, str) else one for name, one in values.items()}


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
