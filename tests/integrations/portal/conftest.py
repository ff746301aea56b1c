"""A Portal database for each test."""

from pathlib import Path

import pytest

from tests.integrations.portal.portal_bench import PortalBench


@pytest.fixture
def portal(tmp_path: Path) -> PortalBench:
    """An empty database."""
    return PortalBench(tmp_path / "portal.db")
