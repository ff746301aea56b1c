"""One org for each test file; every test finds its wire whole and its books as new."""

from collections.abc import Iterator

import pytest

from tests.integrations.salesforce.org_bench import OrgBench, org_bench
from tests.integrations.salesforce.sign_in_bench import SignInBench, sign_in_bench


@pytest.fixture(scope="module")
def _running_org() -> Iterator[OrgBench]:
    with org_bench() as bench:
        yield bench


@pytest.fixture
def org(_running_org: OrgBench) -> Iterator[OrgBench]:
    """A Salesforce org that answers as it should, with its books as new."""
    with _running_org.put_back():
        yield _running_org


@pytest.fixture(scope="session")
def _running_sign_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignInBench]:
    with sign_in_bench(tmp_path_factory.mktemp("locks")) as bench:
        yield bench


@pytest.fixture
def signing(_running_sign_in: SignInBench) -> SignInBench:
    """An org that nobody is signed in to."""
    _running_sign_in.as_new()
    return _running_sign_in
