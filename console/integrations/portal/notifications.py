"""News from the Portal database: which tables somebody has changed, so that a watcher need not ask again and again.

On PostgreSQL the triggers of migration 0002 tell it (LISTEN/NOTIFY); a SQLite file is looked at a few times a second.
"""

import asyncio
import contextlib
import selectors
import socket
import sqlite3
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from console.errors import Unavailable
from console.integrations.portal.database import Database

_CHANNEL = "staff_console"
# Not said what: as good as any table.
_SOMETHING = ""
_LOOK_S = 0.25
_PAUSES_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
_LOST = (SQLAlchemyError, sqlite3.Error, OSError)


class Notifications:
    """Tells watchers of an opened database which tables were changed, by this process too."""

    def __init__(self, database: Database, pauses_s: Sequence[float] = _PAUSES_S) -> None:
        """`pauses_s`: the seconds before each try to come back to a database that was lost."""
        self._database = database
        self._pauses_s = pauses_s

    async def watch(self) -> AsyncGenerator[str, None]:
        """The names of changed tables, each once for what was changed meanwhile; "" where anything may have changed.

        "" comes first, as soon as nothing is missed any more, and again whenever the database was lost for a while.
        Raises `Unavailable` where it does not come back. Close it, or cancel who waits for it, to end it.
        """
        loop = asyncio.get_running_loop()
        watcher = _Watcher(self._source, self._pauses_s)
        thread = ThreadPoolExecutor(1, thread_name_prefix="portal-watch")
        try:
            while True:
                for name in await loop.run_in_executor(thread, watcher.next):
                    yield name
        finally:
            watcher.stop()
            await loop.run_in_executor(thread, watcher.close)
            thread.shutdown(wait=True)

    def _source(self) -> "_Source":
        file = self._database.file
        return _File(file) if file else _Server(self._database.apart())


class _Source(Protocol):
    """Where changes can be seen; once made, nothing is missed. To make it and to ask it may raise one of `_LOST`."""

    # The socket that is readable as soon as there is news, else how often to look.
    news_socket: int | None
    look_s: float | None

    def news(self) -> list[str]:
        """What was changed since the last call, or since it was made."""

    def close(self) -> None:
        """Let go of everything."""


class _Watcher:
    """Waits for news on one thread until another one stops it."""

    def __init__(self, make_source: Callable[[], _Source], pauses_s: Sequence[float]) -> None:
        self._make_source, self._pauses_s = make_source, pauses_s
        self._bell, self._stopped = socket.socketpair()
        self._source: _Source | None = None

    def next(self) -> list[str]:
        """What has changed, at least one name unless it was stopped. Raises `Unavailable`."""
        if self._source:
            try:
                return self._news(self._source)
            except _LOST:
                self._let_go()
        return self._begun()

    def _news(self, source: _Source) -> list[str]:
        while not self._rings(source.look_s, source.news_socket):
            if news := source.news():
                return news
        return []

    def _begun(self) -> list[str]:
        """Begin to listen, or begin again. Raises `Unavailable` after the last try."""
        cause: Exception | None = None
        for pause_s in self._pauses_s:
            if self._rings(pause_s):
                return []
            try:
                self._source = self._make_source()
            except _LOST as error:
                cause = error
            else:
                return [_SOMETHING]
        raise Unavailable("portal", "notifications", type(cause).__name__) from cause

    def _rings(self, within_s: float | None, news: int | None = None) -> bool:
        """Wait until there may be news on a socket, or so many seconds; whether it was stopped."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._stopped, selectors.EVENT_READ)
            if news is not None:
                selector.register(news, selectors.EVENT_READ)
            return any(key.fileobj is self._stopped for key, _ in selector.select(within_s))

    def stop(self) -> None:
        """Have `next` return at once, from another thread."""
        self._bell.send(b"!")

    def close(self) -> None:
        """End, after `stop`."""
        self._let_go()
        self._bell.close()
        self._stopped.close()

    def _let_go(self) -> None:
        source, self._source = self._source, None
        if source:
            with contextlib.suppress(*_LOST):
                source.close()


class _File:
    """A SQLite file: a number that another connection's change makes another one."""

    news_socket: int | None = None
    look_s: float | None = _LOOK_S

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        try:
            self._seen = self._version()
        except sqlite3.Error:
            self.close()
            raise

    def news(self) -> list[str]:
        before, self._seen = self._seen, self._version()
        return [] if self._seen == before else [_SOMETHING]

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        self._connection.close()


class _Server:
    """PostgreSQL: a connection of its own that listens."""

    look_s: float | None = None

    def __init__(self, engine: Engine) -> None:
        self._engine, self._connection = engine, engine.connect()
        try:
            self._connection.execute(text(f"LISTEN {_CHANNEL}"))
        except SQLAlchemyError:
            self.close()
            raise
        self._wire: Any = self._connection.connection.driver_connection.pgconn  # type: ignore[union-attr]  # psycopg's
        self.news_socket: int | None = self._wire.socket
        self._lost: type[Exception] = engine.dialect.loaded_dbapi.Error

    def news(self) -> list[str]:
        names = dict[str, None]()
        try:
            self._wire.consume_input()
            while told := self._wire.notifies():
                names[told.extra.decode()] = None
        except self._lost as error:
            raise ConnectionError(str(error)) from error
        return list(names)

    def close(self) -> None:
        # In the pool it would go on listening.
        self._connection.invalidate()
        self._connection.close()
        self._engine.dispose()
