"""The doctor names what is broken and what to do, and writes nothing."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.errors import SettingsError
from console.models.staff import StaffMember
from console.services import Services
from console.workflows.doctor import Doctor, DoctorCheck
from tests.workflows.desk_bench import Bench


def examine(bench: Bench) -> dict[str, DoctorCheck]:
    """Every check by its name."""

    async def work(desk: Services, me: StaffMember) -> list[DoctorCheck]:
        systems = (desk.salesforce, desk.whmcs, desk.portal)
        return await Doctor(desk.profile, *systems, desk.diagnosis, desk.catalogue, desk.audit).examine()

    return {check.name.en: check for check in bench.run(work)}


def test_a_sound_set_up_passes_and_nothing_is_written(bench: Bench) -> None:
    writes = bench.calls("salesforce", "composite")
    assert all(check.ok for check in examine(bench).values())
    assert bench.calls("salesforce", "composite") == writes


def test_a_refused_address_is_named_with_its_code_and_what_to_do(bench: Bench) -> None:
    bench.break_with("access_ip", "GetAdminDetails")
    check = examine(bench)["WHMCS connection and credential"]
    assert (check.ok, check.code, check.unreachable) == (False, "ACC-01", False)
    assert "Invalid IP 127.0.0.1" in check.detail.en
    assert "Add it in WHMCS under General Settings > Security" in check.fix.en


@pytest.mark.parametrize(
    ("kind", "options", "fix"),
    [
        ("access_credentials", {}, "make a new API credential"),
        ("access_role", {}, "lacks the action GetAdminDetails"),
        ("refuse", {"status": 403, "message": "Administrator Account Disabled"}, "Correct that administrator in WHMCS"),
        ("redirect", {}, "Set the address in the profile to where it leads"),
        ("refuse", {"status": 403, "message": "Something new"}, "Check our API credential"),
    ],
)
def test_each_refusal_of_billing_has_its_own_remedy(bench: Bench, kind: str, options: dict[str, Any], fix: str) -> None:
    bench.break_with(kind, "GetAdminDetails", **options)
    assert fix in examine(bench)["WHMCS connection and credential"].fix.en


@pytest.fixture(autouse=True)
def mended(bench: Bench) -> Iterator[None]:
    """What a test has broken is whole again for the next one."""
    yield
    bench.sandbox.board.remove()


def test_a_system_that_keeps_us_out_is_asked_once(bench: Bench) -> None:
    before = bench.sandbox.board.calls["whmcs", "GetClients"]
    bench.break_with("access_credentials", "*", count=1000)
    checks = examine(bench)
    assert "make a new API credential" in checks["WHMCS clients"].fix.en
    assert checks["WHMCS clients"].detail.en == "Not tried, as “WHMCS connection and credential” does not work."
    assert bench.sandbox.board.calls["whmcs", "GetClients"] == before


def test_a_system_that_hangs_is_waited_for_once_and_the_others_meanwhile(bench: Bench) -> None:
    """The time-out of WHMCS is a second here; each read is tried three times."""
    bench.break_with("answer_late", "GetAdminDetails", delay_ms=3000, count=1000)
    told: list[str] = []

    async def work(desk: Services, me: StaffMember) -> list[DoctorCheck]:
        return await desk.doctor.examine(told=lambda check: told.append(check.name.en))

    checks = {check.name.en: check for check in bench.run(work)}
    assert "no answer within 1 s" in checks["WHMCS connection and credential"].detail.en
    assert checks["WHMCS actions"].detail.en.startswith("Not tried")
    assert checks["Salesforce orders"].ok
    assert told.index("Salesforce network") < told.index("WHMCS connection and credential")
    assert sorted(told) == sorted(checks)


def test_no_check_takes_longer_than_people_wait(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.workflows.doctor._PATIENCE_S", 0.2)
    bench.break_with("answer_late", "GetAdminDetails", delay_ms=900, count=1000)
    check = examine(bench)["WHMCS connection and credential"]
    assert (check.ok, check.unreachable) == (False, True)
    assert "no answer within 0.2 s" in check.detail.en


def test_right_after_it_was_mended_everything_works(bench: Bench) -> None:
    async def work(desk: Services, me: StaffMember) -> list[DoctorCheck]:
        bench.break_with("access_ip", "*", count=1000)
        assert not all(check.ok for check in await desk.doctor.examine())
        bench.sandbox.board.remove()
        return await desk.doctor.examine()

    assert all(check.ok for check in bench.run(work))


def test_every_check_has_words_in_both_languages(bench: Bench) -> None:
    bench.break_with("access_role", "GetOrders")
    checks = examine(bench).values()
    assert all(check.name.ja != check.name.en for check in checks)
    assert [check.fix.ja != check.fix.en for check in checks if not check.ok] == [True]


def test_rights_that_only_a_review_needs_are_probed_and_the_missing_ones_named(bench: Bench) -> None:
    for action in ("GetPayMethods", "GetModuleQueue"):
        bench.break_with("access_role", action)
    checks = examine(bench)
    check = checks.pop("WHMCS actions")
    assert (check.ok, check.code) == (False, "ACC-01")
    for action in ("GetPayMethods", "GetModuleQueue"):
        assert action in check.detail.en
        assert action in check.fix.en
    assert "GetOrders" not in check.detail.en
    assert all(other.ok for other in checks.values())


@pytest.mark.parametrize(
    "action",
    [
        *("GetAdminDetails", "GetClients", "GetProducts", "GetClientsDetails", "GetPayMethods", "GetOrders"),
        *("GetClientsProducts", "GetInvoices", "GetModuleQueue", "GetCurrencies"),
    ],
)
def test_no_read_right_that_the_console_needs_goes_unnoticed(bench: Bench, action: str) -> None:
    bench.break_with("access_role", action)
    assert [check.code for check in examine(bench).values() if not check.ok] == ["ACC-01"]


def test_rights_are_unknown_where_billing_does_not_answer(bench: Bench) -> None:
    bench.break_with("drop", "GetPayMethods", count=3)
    check = examine(bench)["WHMCS actions"]
    assert (check.ok, check.code, check.unreachable) == (False, "PRV-02", True)
    assert "Check the network and the WHMCS address" in check.fix.en


def test_a_product_that_does_not_exist_is_named(bench: Bench) -> None:
    check = examine(bench.with_whmcs_settings(marker_field_ids={999: 1}))["WHMCS products"]
    assert not check.ok
    assert "999" in check.detail.en
    assert "marker_field_ids" in check.fix.en


def test_a_marker_field_that_services_do_not_have_is_named(bench: Bench) -> None:
    fields = {service.pid for service in bench.sandbox.world.whmcs.services}
    check = examine(bench.with_whmcs_settings(marker_field_ids=dict.fromkeys(fields, 999)))["WHMCS marker fields"]
    assert not check.ok
    assert "(999)" in check.detail.en
    assert "Correct marker_field_ids" in check.fix.en


def test_what_it_looks_at_is_known_before_and_what_it_learnt_of_the_systems_after(bench: Bench) -> None:
    async def work(desk: Services, me: StaffMember) -> None:
        before = dict((label.en, value.en) for label, value in desk.doctor.facts(me))
        checks = await desk.doctor.examine()
        assert desk.doctor.outline() == [(check.system, check.name) for check in checks]
        after = {label.en: value.en for label, value in desk.doctor.facts(me)}
        assert (before["WHMCS version"], before["Salesforce org id"]) == ("–", "–")
        assert after["WHMCS version"] == bench.sandbox.whmcs.switches.version
        assert after["Salesforce org id"] in bench.sandbox.salesforce.tables["Organization"]
        assert after["Signed in"] == f"{me.name}: supervisor"

    bench.run(work)


def test_a_password_store_that_fails_is_told_and_not_asked_again_and_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(desk: Services, me: StaffMember) -> list[DoctorCheck]:
        def locked() -> object:
            raise SettingsError("The password store is locked. Unlock it.")

        monkeypatch.setattr(type(desk.salesforce.session), "access", property(lambda _: locked()))
        return await desk.doctor.examine()

    checks = {check.name.en: check for check in bench.run(work)}
    assert checks["Salesforce network"].detail.en == "The password store is locked. Unlock it."
    assert checks["Salesforce network"].detail.ja != checks["Salesforce network"].detail.en
    assert not checks["Salesforce orders"].tried
    assert checks["WHMCS clients"].ok


def test_an_org_that_is_down_is_named_with_its_code(bench: Bench) -> None:
    bench.break_with("status", "versions", "salesforce", status=503)
    check = examine(bench)["Salesforce network"]
    assert (check.ok, check.code, check.unreachable) == (False, "SYN-05", True)
    assert "Check the network and the Salesforce address" in check.fix.en


def test_a_sign_in_that_ended_says_to_sign_in(bench: Bench) -> None:
    bench.break_with("invalid_session", "versions", "salesforce")
    check = examine(bench)["Salesforce network"]
    assert (check.code, check.fix.en) == ("SYN-03", "Sign in to Salesforce again.")


def test_a_clock_that_is_wrong_is_named(fresh_bench: Bench) -> None:
    fresh_bench.sandbox.clock.advance(3600)
    check = examine(fresh_bench)["Clock"]
    assert not check.ok
    assert "seconds from that of WHMCS" in check.detail.en
    assert "network time" in check.fix.en


def test_a_web_page_that_came_instead_of_an_answer_is_not_shown(bench: Bench) -> None:
    bench.break_with("status", "versions", "salesforce", status=503)
    bench.break_with("html", "GetAdminDetails", status=502, count=3)
    checks = examine(bench)
    for name in ("Salesforce network", "WHMCS connection and credential"):
        assert "<" not in checks[name].detail.en + checks[name].detail.ja
    assert "HTTP 503" in checks["Salesforce network"].detail.en


def test_a_changed_audit_log_is_found_with_what_to_do(bench: Bench, tmp_path: Path) -> None:
    async def work(desk: Services, me: StaffMember) -> DoctorCheck:
        for reason in ("one", "two"):
            await desk.portal.journal.audit(me.name, "rejected", "8015g0000000001AAA", reason)
        with sqlite3.connect(tmp_path / "portal.db") as database:
            database.execute("DROP TRIGGER audit_log_is_kept")
            database.execute("DELETE FROM audit_log WHERE detail = 'two'")
        database.close()
        return next(check for check in await desk.doctor.examine() if check.name.en == "Audit log")

    check = replace(bench, folder=tmp_path).run(work)
    assert (check.ok, check.detail.en) == (False, "Everything from row 2 to the last, 2, is gone")
    assert "newest backup" in check.fix.en
