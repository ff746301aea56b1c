"""A Portal database for each test, on each of the two engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.integrations.portal.portal_bench import PortalBench


@pytest.fixture(scope="session")
def postgres_uri() -> Iterator[str]:
    """A running PostgreSQL."""
    with postgres.server() as uri:
        yield uri


@pytest.fixture(params=["sqlite", "postgresql"])
def portal(request: pytest.FixtureRequest, tmp_path: Path) -> PortalBench:
    """An empty database."""
    if request.param == "sqlite":
        return PortalBench(f"sqlite:///{tmp_path / 'portal.db'}")
    return PortalBench(postgres.new_database(request.getfixturevalue("postgres_uri")))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a database of one desk is."""
    return tmp_path / "portal.db"


@pytest.fixture
def portal_file(file: Path) -> PortalBench:
    """An empty database in a file."""
    return PortalBench(f"sqlite:///{file}")
