"""The whole sandbox: both systems and the switchboard over one seeded world."""

import dataclasses
import os
from collections.abc import Iterator

import httpx
import pytest

from console.sandbox.faults import Fault
from console.sandbox.server import Sandbox, SandboxInfo, SandboxOptions

_SMALL = SandboxOptions(customers=20, orders=12, seed=5)


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    """A small world."""
    return Sandbox(_SMALL)


@pytest.fixture(scope="module")
def info(sandbox: Sandbox) -> Iterator[SandboxInfo]:
    """The small world, served."""
    with sandbox.running() as info:
        yield info


def _whmcs(info: SandboxInfo, action: str, **params: str) -> httpx.Response:
    signed_in = {"identifier": info.whmcs_identifier, "secret": info.whmcs_secret, "responsetype": "json"}
    return httpx.post(f"{info.whmcs_url}/includes/api.php", data={**signed_in, "action": action, **params})


def test_both_systems_answer_with_what_the_info_says(info: SandboxInfo) -> None:
    assert _whmcs(info, "GetClients").json()["totalresults"] > 0
    answer = httpx.get(
        f"{info.salesforce_url}/services/data/v62.0/query",
        params={"q": "SELECT COUNT() FROM Account"},
        headers={"Authorization": f"Bearer {info.salesforce_access_token}"},
    )
    assert answer.json()["totalSize"] > 0
    assert info.pid == os.getpid()


def test_every_desk_role_has_a_token_that_signs_in(info: SandboxInfo) -> None:
    assert {user["role"] for user in info.users} >= {"support", "back_office", "supervisor"}
    for user in info.users:
        headers = {"Authorization": f"Bearer {user['access_token']}"}
        assert httpx.get(f"{info.salesforce_url}/services/data/v62.0/limits", headers=headers).status_code == 200


def test_calls_of_both_systems_are_counted(info: SandboxInfo) -> None:
    httpx.post(f"{info.control_url}/reset_calls")
    _whmcs(info, "GetOrders")
    httpx.get(f"{info.salesforce_url}/services/data/")
    assert httpx.get(f"{info.control_url}/calls").json() == {
        "salesforce": {"versions": 1},
        "whmcs": {"GetOrders": 1},
    }


def test_the_switchboard_shows_both_books_and_the_portal(info: SandboxInfo) -> None:
    books = httpx.get(f"{info.control_url}/books").json()
    assert books["salesforce"]["Account"]
    assert books["whmcs"]["clients"]
    assert set(httpx.get(f"{info.control_url}/portal").json()) == {"users", "links"}


def test_one_clock_drives_both_systems(info: SandboxInfo) -> None:
    httpx.post(f"{info.control_url}/clock", json={"advance_s": 3600})
    salesforce = httpx.get(f"{info.salesforce_url}/services/data/").headers["date"]
    whmcs = _whmcs(info, "GetAdminDetails").headers["date"]
    assert salesforce[:20] == whmcs[:20]


def test_the_profile_facts_name_fields_that_exist(sandbox: Sandbox) -> None:
    facts = sandbox.profile_facts()
    books = sandbox.world.whmcs
    assert facts["customer_number_field_id"] in {field.id for field in books.client_fields}
    assert set(facts["marker_field_ids"]) == {str(product.id) for product in books.products}
    assert (facts["max_run_time_s"], facts["marker_proved"]) == (2, True)


def test_the_same_seed_gives_the_same_way_in() -> None:
    once, again = (Sandbox(_SMALL) for _ in range(2))
    other = Sandbox(dataclasses.replace(_SMALL, seed=6))
    assert once.whmcs.credentials == again.whmcs.credentials != other.whmcs.credentials


def test_faults_and_latency_of_the_options_are_in_force() -> None:
    fault = Fault(system="whmcs", action="GetClients", kind="refuse", message="No")
    options = dataclasses.replace(_SMALL, faults=(fault,), latency_ms=(0, 30))
    with Sandbox(options).running() as info:
        answer = _whmcs(info, "GetClients")
    assert answer.json()["message"] == "No"
    assert answer.elapsed.total_seconds() >= 0.03
