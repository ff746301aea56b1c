"""Leases: of all processes that share a Portal database, one executes the commands, and one reads the systems.

A lease ends with its process, however that ends. Source: architecture.md, "Liveness".
"""

import asyncio
import contextlib
import os
import platform
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, delete, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from console.errors import SystemFault, Unavailable
from console.integrations.portal.database import Database
from console.integrations.portal.tables import engine_holders
from console.models.command import EngineHolder

T = TypeVar("T")

# Of the advisory locks of one PostgreSQL database, these are ours.
_KEYS = {"engine": 0x456E67, "sync": 0x53796E}
# Looking whether somebody holds a file's lock takes it for some microseconds; whoever wants it then tries on so long.
_FILE_S = 0.1
_ANSWER_S = 10.0
# A machine that is gone without a word would hold the lease for hours: the server asks it, and gives up after this.
_LET_GO = (
    "SELECT set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false), "
    "set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '25000', false)"
)
_HELD = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND classid = 0 AND objid = :key "
    "AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class _Lock(Protocol):
    """Works on one thread. Raises `SQLAlchemyError` or `OSError` where it cannot tell."""

    def take(self) -> bool:
        """Whether this process holds it now."""

    def held(self) -> bool:
        """Whether this process still holds it."""

    def held_by_any(self) -> bool:
        """Whether some process holds it."""

    def release(self) -> None:
        """Give it back; nothing happens where it is not held."""

    def close(self) -> None:
        """Give it back where it is held, and keep nothing open."""


class Lease:
    """One thing that one process does for all that share a database. Takes, checks and gives it back."""

    def __init__(self, database: Database, name: str) -> None:
        """Takes nothing yet. `name` is that of the thing."""
        self._database = database
        file = database.file
        self._lock: _Lock = _FileLock(file, name) if file else _AdvisoryLock(database.apart(), _KEYS[name])
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"{name}-lease")

    async def try_take(self) -> bool:
        """Whether this process holds the lease now; False where another one does. Raises `Unavailable`."""
        return await self._asked(self._lock.held) or await self._asked(self._lock.take)

    async def still_held(self) -> bool:
        """Whether this process holds the lease, as the system that keeps it says now; lost contact means no."""
        try:
            return await asyncio.wait_for(self._asked(self._lock.held), _ANSWER_S)
        except (Unavailable, TimeoutError):
            return False

    async def release(self) -> None:
        """Give the lease back."""
        await self._asked(self._lock.release)

    async def aclose(self) -> None:
        """Give the lease back where it is held, and end."""
        await self.release()
        await self._asked(self._lock.close)
        self._thread.shutdown(wait=True)

    async def _asked(self, work: Callable[[], T]) -> T:
        def tried() -> T:
            try:
                return work()
            except (SQLAlchemyError, OSError) as error:
                raise Unavailable("portal", "lease", type(error).__name__) from error

        return await asyncio.get_running_loop().run_in_executor(self._thread, tried)


class SyncLease(Lease):
    """Whoever holds it reads Salesforce's and WHMCS's lists for everyone."""

    def __init__(self, database: Database) -> None:
        """Takes nothing yet."""
        super().__init__(database, "sync")


class EngineLease(Lease):
    """Whoever holds it executes the commands. `token` names this process to the others, also as an executor."""

    def __init__(self, database: Database) -> None:
        """Takes nothing yet."""
        super().__init__(database, "engine")
        self._since = datetime.now(UTC)
        self.token = secrets.token_hex(16)

    async def try_take(self) -> bool:
        """Whether this process holds the lease now; False where another one does. Raises `Unavailable`.

        Who held it before is forgotten; `announce` tells the others who has it now.
        """
        if await self._asked(self._lock.held):
            return True
        if not await self._asked(self._lock.take):
            return False
        self._since = datetime.now(UTC)
        try:
            await self._database.run(lambda connection: connection.execute(delete(engine_holders)))
        except SystemFault:
            await self._asked(self._lock.release)
            raise
        return True

    async def announce(self, name: str, protocol: int, port: int | None = None) -> None:
        """Tell the others who executes; `port` is where it tells on this machine how it is doing.

        Nothing is told where the lease is not held. Raises `Unavailable`.
        """
        if not await self.still_held():
            return
        row = {"token": self.token, "name": name, "machine": platform.node(), "pid": os.getpid(), "since": self._since,
               "protocol": protocol, "port": port}  # fmt: skip

        def write(connection: Connection) -> None:
            connection.execute(delete(engine_holders))
            connection.execute(insert(engine_holders).values(**row))

        await self._database.run(write)

    async def holder(self) -> EngineHolder | None:
        """Who executes; None where nobody does, or has not said so yet. Raises `Unavailable`."""
        told = await self._database.read(select(engine_holders), EngineHolder)
        if not told or not await self._asked(self._lock.held_by_any):
            return None
        return told[0]

    async def release(self) -> None:
        """Give the lease back, and say so as far as the database answers."""
        if await self.still_held():
            mine = delete(engine_holders).where(engine_holders.c.token == self.token)
            with contextlib.suppress(SystemFault):
                await self._database.run(lambda connection: connection.execute(mine))
        await super().release()


class _FileLock:
    """For a SQLite file: an operating-system lock on a file beside it."""

    def __init__(self, database: Path, name: str) -> None:
        self._file = database.with_name(f"{database.name}.{name}.lock")
        # Not of one thread: what the pool's thread took, another may look at.
        self._lock = FileLock(self._file, thread_local=False)

    def take(self) -> bool:
        return self.held() or _acquired(self._lock)

    def held(self) -> bool:
        return self._lock.is_locked

    def held_by_any(self) -> bool:
        if self.held():
            return True
        probe = FileLock(self._file, thread_local=False)
        if not _acquired(probe):
            return True
        probe.release()
        return False

    def release(self) -> None:
        self._lock.release()

    def close(self) -> None:
        self.release()


def _acquired(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=_FILE_S, poll_interval=_FILE_S / 10)
    except Timeout:
        return False
    return True


class _AdvisoryLock:
    """For PostgreSQL: a lock that belongs to one connection and ends with it."""

    def __init__(self, engine: Engine, key: int) -> None:
        self._engine, self._key = engine, {"key": key}
        self._connection: Connection | None = None

    def take(self) -> bool:
        if self.held():
            return True
        connection = self._engine.connect()
        try:
            taken = bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), self._key).scalar_one())
            if taken:
                # Out of the pool, which would keep it open, and the lease with it, after its release.
                connection.detach()
                connection.execute(text(_LET_GO))
                self._connection = connection
        except SQLAlchemyError:
            connection.invalidate()
            raise
        finally:
            if self._connection is None:
                connection.close()
        return taken

    def held(self) -> bool:
        """The server is asked for the lock itself: behind a pooler the connection may be another one than it was."""
        if self._connection is None:
            return False
        try:
            if self._connection.execute(text(f"{_HELD} AND pid = pg_backend_pid()"), self._key).scalar_one():
                return True
        except SQLAlchemyError:
            # Whatever it was, a connection that does not answer holds nothing that we may rely on.
            self._connection.invalidate()
        self._connection.close()
        self._connection = None
        return False

    def held_by_any(self) -> bool:
        if self.held():
            return True
        with self._engine.connect() as connection:
            return bool(connection.execute(text(_HELD), self._key).scalar_one())

    def release(self) -> None:
        """Closing the connection gives the lock back too, but a little later, and also where nothing answers."""
        if self.held() and self._connection is not None:
            with contextlib.suppress(SQLAlchemyError):
                self._connection.execute(text("SELECT pg_advisory_unlock(:key)"), self._key)
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        self.release()
        self._engine.dispose()
