"""The running WHMCS that the sandbox's tests share; every test finds its books as new."""

from collections.abc import Iterator

import pytest

from tests.sandbox.whmcs_bench import WhmcsBench, whmcs_bench


@pytest.fixture(scope="session")
def _running_whmcs() -> Iterator[WhmcsBench]:
    with whmcs_bench() as bench:
        yield bench


@pytest.fixture
def whmcs(_running_whmcs: WhmcsBench) -> WhmcsBench:
    """A WHMCS with two clients and no orders."""
    _running_whmcs.reset()
    return _running_whmcs
