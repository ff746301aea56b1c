"""The commands in this process: signing in to Salesforce in a browser and out again, and what holds in between."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from console import cli
from console.cli_exit import DONE, STOPPED, UNREACHABLE, USAGE
from console.integrations.keyring_store import read_secret
from console.integrations.portal.portal import Portal
from console.integrations.salesforce.redirect import PATH
from console.sandbox.salesforce_oauth import OAuthSwitches
from tests import postgres
from tests.integrations.salesforce.person import Person, free_ports
from tests.memory_keyring import MemoryKeyring
from tests.views.desk_window import write_profile
from tests.workflows.desk_bench import Bench, desk_bench


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """Practice systems that people sign in to."""
    with desk_bench() as bench:
        yield bench


def test_a_sign_in_holds_for_later_commands_until_the_sign_out(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ports = free_ports()
    addresses = tuple(f"http://localhost:{port}{PATH}" for port in ports)
    bench.sandbox.sign_ins.switches = OAuthSwitches(redirect_uris=addresses)
    salesforce = bench.profile.salesforce.model_copy(update={"sign_in": "browser", "redirect_ports": ports})
    write_profile(bench.profile.model_copy(update={"salesforce": salesforce}), tmp_path / "shop.toml")
    who = next(user.name for user in bench.sandbox.world.staff if user.role == "back_office")
    person = Person(who)
    monkeypatch.setattr(cli, "system_browser", person)
    common = ["--profile", str(tmp_path / "shop.toml"), "--data-dir", str(tmp_path / "data"), "--json"]

    assert cli.main(["orders", *common]) == STOPPED
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "SYN-03"
    assert cli.main(["sign-in", *common]) == DONE
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["name"], told["environment"]) == ("signed_in", who, "practice")
    assert cli.main(["orders", *common]) == DONE
    assert json.loads(capsys.readouterr().out)["orders"]
    secrets = re.findall(r"[\w.!-]{24,}", " ".join(MemoryKeyring.kept.values()))
    assert cli.main(["sign-out", *common]) == DONE
    assert json.loads(capsys.readouterr().out)["state"] == "signed_out"
    assert cli.main(["orders", *common]) == STOPPED
    assert len(person.opened) == 1
    in_files = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert secrets
    assert not [secret for secret in secrets if secret.encode() in in_files], "a secret is in a file"


def test_the_credential_of_whmcs_is_asked_for_once_and_kept_in_the_password_store_alone(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_profile(bench.profile, tmp_path / "shop.toml")
    given = iter(["the-identifier", "the-secret-itself", ""])
    monkeypatch.setattr("typer.prompt", lambda *_, **__: next(given))
    assert cli.main(["credential", "--profile", str(tmp_path / "shop.toml"), "--json"]) == DONE
    out = capsys.readouterr()
    assert json.loads(out.out) == {"kept": ["WHMCS identifier", "WHMCS secret"]}
    assert "the-secret-itself" not in out.out + out.err
    assert read_secret(bench.profile.id, "WHMCS secret").get_secret_value() == "the-secret-itself"


def test_without_a_credential_nothing_is_kept(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_profile(bench.profile, tmp_path / "shop.toml")
    monkeypatch.setattr("typer.prompt", lambda *_, **__: " ")
    assert cli.main(["credential", "--profile", str(tmp_path / "shop.toml")]) == USAGE
    assert not MemoryKeyring.kept


def test_what_only_a_person_may_decide_is_shown_and_settled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with desk_bench() as bench:
        write_profile(bench.profile, tmp_path / "practice.toml")
        common = ["--profile", str(tmp_path / "practice.toml"), "--data-dir", str(tmp_path / "data"), "--json"]
        order_id = bench.order_for("PRV-08 approved")
        assert cli.main(["provision", order_id, *common]) == STOPPED
        capsys.readouterr()
        assert cli.main(["settle", order_id, *common]) == DONE
        seen = json.loads(capsys.readouterr().out)
        assert (seen["ways"], len(seen["dead"])) == (["provision_anew", "reject"], 1)
        assert cli.main(["settle", order_id, "--adopt", "1", "--anew", *common]) == USAGE
        assert cli.main(["settle", order_id, "--anew", "--as", "back_office", *common]) == USAGE
        assert "a supervisor may" in capsys.readouterr().err
        assert cli.main(["settle", order_id, "--anew", *common]) == DONE
        [result] = json.loads(capsys.readouterr().out)["results"]
        assert (result["outcome"], result["order_id"]) == ("activated", order_id)


def test_what_was_cancelled_in_billing_is_rejected_with_a_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with desk_bench() as bench:
        write_profile(bench.profile, tmp_path / "practice.toml")
        common = ["--profile", str(tmp_path / "practice.toml"), "--data-dir", str(tmp_path / "data"), "--json"]
        order_id = bench.order_for("PRV-08 approved")
        assert cli.main(["provision", order_id, *common]) == STOPPED
        assert cli.main(["settle", order_id, "--reject", "not wanted", "--anew", *common]) == USAGE
        assert cli.main(["settle", order_id, "--reject", "", *common]) == USAGE
        assert "needs a reason" in capsys.readouterr().err
        assert cli.main(["settle", order_id, "--reject", "not wanted", *common]) == DONE
        told = json.loads(capsys.readouterr().out)
        assert (told["outcome"], told["order_id"]) == ("rejected", order_id)
        assert bench.in_salesforce(order_id)["Status"] == "Rejected"


def test_an_administrator_makes_the_tables_that_a_team_shares(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with postgres.server() as uri:
        portal = bench.profile.portal.model_copy(update={"database_url": postgres.new_database(uri)})
        write_profile(bench.profile.model_copy(update={"portal": portal}), tmp_path / "team.toml")
        common = ["--profile", str(tmp_path / "team.toml"), "--data-dir", str(tmp_path / "data"), "--json"]
        assert cli.main(["lookup", "Sato", *common]) == UNREACHABLE
        assert "staff-console admin migrate" in capsys.readouterr().out
        assert cli.main(["admin", "migrate", *common]) == DONE
        assert cli.main(["admin", "migrate", *common]) == DONE
        capsys.readouterr()
        assert cli.main(["lookup", "Sato", *common]) == DONE
        assert json.loads(capsys.readouterr().out)["people"]
        order_id = bench.orders("Approved")[0]
        assert cli.main(["provision", order_id, *common]) == DONE


def test_an_administrator_makes_the_roles_of_a_database_that_a_team_shares(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with postgres.server() as uri:
        url = postgres.new_database(uri)
        portal = bench.profile.portal.model_copy(update={"database_url": url})
        write_profile(bench.profile.model_copy(update={"portal": portal}), tmp_path / "team.toml")
        common = ["--profile", str(tmp_path / "team.toml"), "--data-dir", str(tmp_path / "data"), "--json"]
        assert cli.main(["admin", "create-roles", *common]) == UNREACHABLE
        assert "staff-console admin migrate" in capsys.readouterr().err
        assert cli.main(["admin", "migrate", *common]) == DONE
        assert cli.main(["admin", "create-roles", *common]) == DONE
        person = ["support", "--name", "Yuki Shirai", "--salesforce-user", "0055g0000000001AAA"]
        assert cli.main(["admin", "assign-role", "y.shirai", *person, *common]) == USAGE
        assert "no login y.shirai" in capsys.readouterr().err
        with psycopg.connect(url, autocommit=True) as administrator:
            administrator.execute('CREATE ROLE "y.shirai" LOGIN')
        assert cli.main(["admin", "assign-role", "y.shirai", *person, *common]) == DONE
        capsys.readouterr()
        assert cli.main(["admin", "verify-audit", *common]) == DONE
        assert json.loads(capsys.readouterr().out)["rows"] == 1


def test_roles_are_for_a_database_on_a_server(bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_profile(bench.profile, tmp_path / "shop.toml")
    assert cli.main(["admin", "create-roles", "--profile", str(tmp_path / "shop.toml")]) == USAGE
    assert "database_url" in capsys.readouterr().err


def test_what_was_done_to_the_audit_log_is_told(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_profile(bench.profile, tmp_path / "shop.toml")
    folder = tmp_path / "data"
    common = ["--profile", str(tmp_path / "shop.toml"), "--data-dir", str(folder)]
    assert cli.main(["lookup", "Sato", *common]) == DONE
    portal = Portal(f"sqlite:///{folder / 'portal.db'}")

    async def noted() -> None:
        for reason in ("one", "two", "three"):
            await portal.journal.audit("Yuki Shirai", "rejected", "8015g0000000001AAA", reason)
        await portal.aclose()

    asyncio.run(noted())
    capsys.readouterr()
    assert cli.main(["admin", "verify-audit", *common]) == DONE
    assert capsys.readouterr().out == "3 rows, all as they were written.\n"
    with sqlite3.connect(folder / "portal.db") as database:
        database.execute("DROP TRIGGER audit_log_stays")
        database.execute("UPDATE audit_log SET detail = 'zwei' WHERE detail = 'two'")
    database.close()
    assert cli.main(["admin", "verify-audit", *common, "--json"]) == STOPPED
    finding = json.loads(capsys.readouterr().out)
    assert (finding["state"], finding["first_wrong"], finding["rows"]) == ("changed", 2, 1)
    assert finding["message"] == "Row 2 is not as it was written, or one before it is gone"
