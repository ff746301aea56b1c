"""What the sandbox's tests share: an org of their own each, and one running WHMCS, its books as new for every test."""

from collections.abc import Iterator

import pytest

from tests.sandbox.salesforce_bench import Client, Org
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


@pytest.fixture
def org() -> Org:
    """An org with one person of each role, an account and a catalogue."""
    return Org()


@pytest.fixture
def admin(org: Org) -> Client:
    """Its administrator."""
    return org.as_("admin")
