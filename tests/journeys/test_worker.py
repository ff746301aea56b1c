"""The worker as a process of its own, beside the sandbox: what it takes up, how it stops, and who goes on after it."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import tomli_w

from console.practice import profile_values
from console.sandbox.server import Sandbox, SandboxInfo, SandboxOptions
from console.settings import profile_from
from tests.workflows.desk_bench import Bench

pytestmark = pytest.mark.slow

_PATIENCE_S = 90
_LOOK_EVERY_S = 0.05
_TIMES = {"send_window_s": 2, "settle_wait_s": 0.05, "claim_lease_s": 30}
_OFTEN = {"sync_every_s": 1, "retry_every_s": 0.3, "recheck_s": 0.5}


@dataclass(frozen=True)
class Worker:
    """A worker's process."""

    process: "subprocess.Popen[str]"
    url: str

    @property
    def health(self) -> dict[str, Any]:
        """How it says it is doing."""
        found: dict[str, Any] = httpx.get(self.url).raise_for_status().json()
        return found

    def told_to_stop(self) -> tuple[int, str]:
        """Its exit status after SIGTERM, and what it said."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=_PATIENCE_S)
        return self.process.returncode, said


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A small sandbox, with a data folder for workers."""
    sandbox = Sandbox(SandboxOptions(customers=60, orders=100))
    with sandbox.running() as info:
        yield Bench(sandbox, profile_from(_values(sandbox, info), "of the journey"), tmp_path)


def _values(sandbox: Sandbox, info: SandboxInfo) -> dict[str, Any]:
    values = profile_values(sandbox, info)
    values["provisioning"] = _TIMES
    values["whmcs"] |= {"timeout_s": 2, "max_run_time_s": 0.5}
    return values


@contextmanager
def worker(bench: Bench, **settings: Any) -> Iterator[Worker]:
    """Start a worker and wait until it is up; it is killed at the end where it still runs."""
    info = _profile_values(bench)
    file = bench.folder / f"{len(list(bench.folder.glob('*.toml')))}.toml"
    file.write_text(tomli_w.dumps(info | {"worker": _OFTEN | settings}), encoding="utf-8")
    command = [sys.executable, "-m", "console", "worker", "--json", "--profile", str(file)]
    with subprocess.Popen(
        [*command, "--data-dir", str(bench.folder / "data")], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, encoding="utf-8", env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    ) as process:  # fmt: skip
        assert process.stdout
        try:
            line = process.stdout.readline()
            assert line, process.communicate()[1]
            yield Worker(process, json.loads(line)["health_url"])
        finally:
            process.kill()


def _profile_values(bench: Bench) -> dict[str, Any]:
    """The profile's values again, as TOML has them."""
    whole = bench.profile
    practice = whole.practice
    assert practice
    told = whole.model_dump(mode="json", exclude_none=True, exclude={"practice", "worker"})
    told["whmcs"]["marker_field_ids"] = {str(key): value for key, value in whole.whmcs.marker_field_ids.items()}
    users = [one.model_dump() | {"access_token": one.access_token.get_secret_value()} for one in practice.users]
    secrets = {
        "control_url": practice.control_url,
        "whmcs_identifier": practice.whmcs_identifier.get_secret_value(),
        "whmcs_secret": practice.whmcs_secret.get_secret_value(),
    }
    return told | {"practice": secrets | {"users": users}}


def until(condition: Callable[[], object], what: str) -> None:
    """Look again and again until it is so."""
    pause = threading.Event()
    for _ in range(round(_PATIENCE_S / _LOOK_EVERY_S)):
        with suppress(httpx.TransportError):
            if condition():
                return
        pause.wait(_LOOK_EVERY_S)
    raise AssertionError(f"in vain: {what}")


def status(bench: Bench, order_id: str) -> str:
    """The order's Provisioning_Status__c in the books."""
    found: str = bench.in_salesforce(order_id)["Provisioning_Status__c"]
    return found


def statuses(bench: Bench, orders: list[str]) -> set[str]:
    """Every Provisioning_Status__c of these orders in the books."""
    return {status(bench, one) for one in orders}


def held(bench: Bench) -> bool:
    """Whether the sandbox keeps a request waiting."""
    found: object = httpx.get(f"{bench.profile.practice and bench.profile.practice.control_url}/held").json()
    return bool(found)


def test_what_was_approved_is_provisioned_if_the_profile_says_so_and_the_worker_stops_in_order(bench: Bench) -> None:
    orders = bench.orders("Approved")
    with worker(bench, provision_approved=True) as running:
        until(lambda: all(status(bench, one) == "Activated" for one in orders), "every approved order is active")
        until(lambda: not running.health["running"], "nothing is under way")
        health = running.health
        ended, said = running.told_to_stop()
    assert (ended, "Traceback" in said) == (0, False), said
    assert [len(bench.billing_orders(one)) for one in orders] == [1] * len(orders)
    assert (health["state"], health["not_answering"]) == ("executing", [])
    assert health["done"] >= len(orders)


def test_without_the_setting_an_approved_order_waits_for_a_person(bench: Bench) -> None:
    order_id = bench.orders("Approved")[0]
    with worker(bench) as running:
        until(lambda: running.health["last_sync_age_s"] is not None, "the queue was read")
        until(lambda: running.health["done"], "something stuck was looked at")
        assert running.told_to_stop()[0] == 0
    assert (status(bench, order_id), bench.billing_orders(order_id)) == ("Created", [])


def test_a_worker_that_is_stopped_in_the_middle_of_orders_leaves_none_half_way(bench: Bench) -> None:
    orders = bench.orders("Approved")
    bench.sandbox.board.latency_ms["whmcs"] = 150
    with worker(bench, provision_approved=True) as running:
        until(lambda: "Activating" in statuses(bench, orders), "an order is under way")
        ended, said = running.told_to_stop()
    assert (ended, "Traceback" in said) == (0, False), said
    assert statuses(bench, orders) == {"Activated", "Created"}
    made = {one: len(bench.billing_orders(one)) for one in orders}
    assert made == {one: int(status(bench, one) == "Activated") for one in orders}


def test_a_second_signal_ends_a_worker_at_once(bench: Bench) -> None:
    bench.break_with("hold", "AddOrder")
    with worker(bench, provision_approved=True) as running:
        until(lambda: held(bench), "a request is on its way")
        running.process.send_signal(signal.SIGTERM)
        until(lambda: running.health["state"] == "stopping", "it stops")
        assert running.told_to_stop()[0] == -signal.SIGTERM


def test_a_worker_that_dies_in_the_middle_of_an_order_is_followed_by_the_one_in_reserve(bench: Bench) -> None:
    orders = bench.orders("Approved")
    bench.break_with("commit_then_hold", "AddOrder")
    with worker(bench, provision_approved=True) as first, worker(bench, provision_approved=True) as second:
        until(lambda: held(bench), "a request is on its way")
        until(lambda: {first.health["state"], second.health["state"]} == {"executing", "in reserve"}, "one executes")
        dies, follows = (first, second) if first.health["state"] == "executing" else (second, first)
        assert follows.health["holder"]["pid"] == dies.process.pid
        dies.process.send_signal(signal.SIGKILL)
        until(lambda: all(status(bench, one) == "Activated" for one in orders), "every approved order is active")
        assert follows.health["state"] == "executing"
        ended, said = follows.told_to_stop()
    assert (ended, "Traceback" in said) == (0, False), said
    assert [len(bench.billing_orders(one)) for one in orders] == [1] * len(orders)


def test_an_order_that_waits_for_a_card_goes_on_when_the_card_is_there(bench: Bench) -> None:
    order_id = bench.order_for("PAY-01 approved")
    with worker(bench, provision_approved=True) as running:
        until(lambda: status(bench, order_id) == "Paused", "the order waits for a card")
        assert bench.in_salesforce(order_id)["Provisioning_Error_Code__c"] == "PAY-01"
        add_card(bench, order_id)
        until(lambda: status(bench, order_id) == "Activated", "the order is active")
        assert running.told_to_stop()[0] == 0
    assert len(bench.billing_orders(order_id)) == 1


def add_card(bench: Bench, order_id: str) -> None:
    """What the customer does in WHMCS's own pages."""
    practice = bench.profile.practice
    assert practice
    account = bench.sandbox.salesforce.tables["Account"][bench.in_salesforce(order_id)["AccountId"]]
    form = {
        "action": "AddPayMethod",
        "responsetype": "json",
        "identifier": practice.whmcs_identifier.get_secret_value(),
        "secret": practice.whmcs_secret.get_secret_value(),
        "clientid": str(account["Whmcs_Client_Id__c"]),
        "type": "CreditCard",
        "card_number": "4111111111111111",
        "card_expiry": "1235",
    }
    assert httpx.post(f"{bench.profile.whmcs.url}/includes/api.php", data=form).json()["result"] == "success"


def test_a_profile_that_signs_in_people_is_not_for_a_worker(tmp_path: Path) -> None:
    file = tmp_path / "people.toml"
    values = {
        "id": "people",
        "environment": "production",
        "salesforce": {"instance_url": "https://shop.my.salesforce.com", "client_id": "app"},
        "whmcs": {"url": "https://billing.example.com", "customer_number_field_id": 3},
    }
    file.write_text(tomli_w.dumps(values), encoding="utf-8")
    command = [sys.executable, "-m", "console", "worker", "--profile", str(file), "--data-dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert 'sign_in = "key"' in done.stderr
