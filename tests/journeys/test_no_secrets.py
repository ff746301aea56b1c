"""After a whole day's work nothing that is secret lies in a file or was printed: logs, reports, database, settings."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from console import cli, crash, paths
from console.cli_exit import DONE, STOPPED
from console.integrations.keyring_store import WHMCS_IDENTIFIER, WHMCS_SECRET, write_secret
from console.integrations.salesforce.redirect import PATH
from console.sandbox.salesforce_oauth import OAuthSwitches
from tests.integrations.salesforce.person import Person, free_ports
from tests.memory_keyring import MemoryKeyring
from tests.views.desk_window import write_profile
from tests.workflows.desk_bench import Bench, desk_bench

_LEAST = 6
"""Shorter values would be found by chance."""


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Practice systems of their own, with a secret in every place that has one."""
    with desk_bench() as bench:
        books = bench.sandbox.world.whmcs
        for number, client in enumerate(books.clients):
            client.password = f"client-password-{number}"
        for number, service in enumerate(books.services):
            service.password = f"service-password-{number}"
        for number, method in enumerate(books.paymethods):
            method.remote_token = f"remote-token-{number}"
        yield bench


def secrets_of(bench: Bench) -> set[str]:
    """Every secret that the systems gave out, and every one that the password store held."""
    practice, books, signed_in = bench.profile.practice, bench.sandbox.world.whmcs, bench.sandbox.sign_ins
    assert practice
    found = {client.password for client in books.clients}
    found |= {service.password for service in books.services}
    found |= {method.remote_token for method in books.paymethods}
    found |= {
        practice.whmcs_secret.get_secret_value(),
        *(user.access_token.get_secret_value() for user in practice.users),
    }
    found |= {*signed_in._access, *signed_in._refresh, *signed_in._rotated, *signed_in._codes, *signed_in._used_codes}
    found |= set(re.findall(r"[\w.!-]{24,}", " ".join(MemoryKeyring.kept.values())))
    return {secret for secret in found if len(secret) >= _LEAST}


def sent_by_billing(bench: Bench, action: str, **fields: str | int) -> str:
    """What billing itself answers to an action, as it goes over the wire."""
    practice = bench.profile.practice
    assert practice
    credential = {
        "identifier": practice.whmcs_identifier.get_secret_value(),
        "secret": practice.whmcs_secret.get_secret_value(),
    }
    data = {"action": action, "responsetype": "json", **credential, **fields}
    with httpx.Client(trust_env=False) as http:
        return http.post(f"{bench.profile.whmcs.url}/includes/api.php", data=data).text


def test_nothing_secret_is_left_in_a_file_or_printed(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    ports = free_ports()
    bench.sandbox.sign_ins.switches = OAuthSwitches(
        redirect_uris=tuple(f"http://localhost:{port}{PATH}" for port in ports), token_life_s=1
    )
    salesforce = bench.profile.salesforce.model_copy(update={"sign_in": "browser", "redirect_ports": ports})
    # As at work: what opens WHMCS is in the password store, and the profile without it.
    practice = bench.profile.practice
    assert practice
    write_secret(bench.profile.id, WHMCS_IDENTIFIER, practice.whmcs_identifier)
    write_secret(bench.profile.id, WHMCS_SECRET, practice.whmcs_secret)
    profile = tmp_path / "profile.toml"
    write_profile(bench.profile.model_copy(update={"salesforce": salesforce, "practice": None}), profile)
    who = next(user.name for user in bench.sandbox.world.staff if user.role == "supervisor")
    monkeypatch.setattr(cli, "system_browser", Person(who))
    data = tmp_path / "data"
    common = ["--profile", str(profile), "--data-dir", str(data), "--json"]

    assert cli.main(["sign-in", *common]) == DONE
    capfd.readouterr()
    assert cli.main(["orders", "--state", "in_review", *common]) == DONE
    orders = json.loads(capfd.readouterr().out)["orders"]
    printed = ""
    account = bench.in_salesforce(orders[0]["order_id"])["AccountId"]
    ready = bench.orders("Approved")[:3]
    for command in (
        ["customer", account], ["lookup", "sato"], ["review", orders[0]["order_id"]], ["provision", *ready],
        ["reject", orders[1]["order_id"], "--reason", "not wanted"], ["failures"], ["doctor"], ["sync", "--full"],
    ):  # fmt: skip
        bench.sandbox.clock.advance(2)
        assert cli.main([*command, *common]) in (DONE, STOPPED), command
        out = capfd.readouterr()
        printed += out.out + out.err
    bench.break_with("access_credentials", "*", count=1000)
    cli.main(["customer", account, *common])
    out = capfd.readouterr()
    printed += out.out + out.err
    secrets = secrets_of(bench)
    try:
        raise ValueError(next(iter(secrets)))
    except ValueError as error:
        crash.write_report(error, paths.config_dir() / "crash", "1")

    bench.sandbox.board.remove()
    sent = sent_by_billing(bench, "GetClientsProducts", limitnum=50)
    assert "service-password-" in sent, "secrets that are never sent would show nothing"
    written = [file for root in (data, paths.config_dir()) for file in root.rglob("*") if file.is_file()] + [profile]
    assert {"portal.db"} <= {file.name for file in written}
    in_files = b"".join(file.read_bytes() for file in written)
    assert len(secrets) > len(bench.sandbox.world.whmcs.clients)
    assert [secret for secret in secrets if secret.encode() in in_files] == []
    assert [secret for secret in secrets if secret in printed] == []
