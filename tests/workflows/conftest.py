"""One sandbox for each test file; each test takes an order of its own."""

from collections.abc import Iterator

import pytest

from tests.workflows.desk_bench import Bench, desk_bench


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """A desk on a sandbox."""
    with desk_bench() as bench:
        yield bench


@pytest.fixture
def fresh_bench() -> Iterator[Bench]:
    """A desk on a sandbox that no other test has touched."""
    with desk_bench() as bench:
        yield bench
