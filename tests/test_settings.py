"""A profile is read strictly: every mistake is named with its place, and secrets do not show."""

from pathlib import Path
from typing import Any

import pytest

from console.errors import SettingsError
from console.settings import Environment, Profile, is_salesforce_of, load_profile, profile_from


def values(**changes: Any) -> dict[str, Any]:
    """A minimal profile."""
    whole: dict[str, Any] = {
        "id": "shop-1",
        "environment": "sandbox",
        "salesforce": {"instance_url": "https://shop.example.com"},
        "whmcs": {"url": "https://billing.example.com", "customer_number_field_id": 3},
    }
    return whole | changes


def test_what_is_left_out_has_its_default() -> None:
    profile = profile_from(values(), "x")
    assert profile.salesforce.api_version == "66.0"
    assert profile.whmcs.max_run_time_s == 300
    assert profile.provisioning.claim_lease_s == 120
    assert profile.practice is None


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"id": "../evil"}, "id"),
        ({"environment": "live"}, "environment"),
        ({"whmcs": {"url": "https://b.example.com"}}, "whmcs.customer_number_field_id"),
        ({"colour": "red"}, "colour"),
        ({"provisioning": {"claim_lease_s": 0}}, "provisioning.claim_lease_s"),
        ({"provisioning": {"claim_leese_s": 5}}, "provisioning.claim_leese_s"),
        ({"review": {"time_zone": "Mars/North"}}, "review.time_zone"),
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=named.replace(".", r"\.")):
        profile_from(values(**changes), "shop.toml")


@pytest.mark.parametrize("address", ["http://shop.example.com", "ftp://x", "https://[", "shop.example.com", ""])
def test_secrets_go_only_where_nobody_reads_along(address: str) -> None:
    with pytest.raises(SettingsError, match="instance_url"):
        profile_from(values(salesforce={"instance_url": address}), "x")


def test_a_profile_with_secrets_in_it_points_at_this_machine_or_is_refused() -> None:
    practice = {"control_url": "http://127.0.0.1:1", "whmcs_identifier": "a", "whmcs_secret": "b", "users": []}
    with pytest.raises(SettingsError, match="practice"):
        profile_from(values(practice=practice), "x")


def test_a_password_in_the_database_address_is_refused() -> None:
    with pytest.raises(SettingsError, match="database_url"):
        profile_from(values(portal={"database_url": "postgresql://me:secret@db.example.com/portal"}), "x")


def test_a_file_that_is_missing_broken_or_not_text_is_named(tmp_path: Path) -> None:
    broken, binary = tmp_path / "broken.toml", tmp_path / "binary.toml"
    broken.write_text("id = [", encoding="utf-8")
    binary.write_bytes(b"\xff\xfe\x00")
    for file in (tmp_path / "none.toml", broken, binary, tmp_path):
        with pytest.raises(SettingsError, match=file.name):
            load_profile(file)


def test_the_environment_fills_in_what_the_file_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFF_CONSOLE_PORTAL__DATABASE_URL", "sqlite:///elsewhere.db")
    assert profile_from(values(), "x").portal.database_url == "sqlite:///elsewhere.db"


def test_an_environment_variable_that_cannot_be_read_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STAFF_CONSOLE_PORTAL", "password5")
    with pytest.raises(SettingsError, match="portal") as caught:
        profile_from(values(), "x")
    assert "password5" not in str(caught.value)


def test_secrets_do_not_show_when_a_profile_is_printed() -> None:
    practice = {
        "control_url": "http://127.0.0.1:1",
        "whmcs_identifier": "IDENT-5",
        "whmcs_secret": "SECRET-5",
        "users": [{"role": "support", "name": "Aki", "access_token": "TOKEN-5"}],
    }
    here = {"salesforce": {"instance_url": "http://127.0.0.1:2"}, "environment": "practice"}
    billing = {"url": "http://127.0.0.1:3", "customer_number_field_id": 3}
    profile: Profile = profile_from(values(practice=practice, whmcs=billing, **here), "x")
    assert not [secret for secret in ("IDENT-5", "SECRET-5", "TOKEN-5") if secret in repr(profile) + str(profile)]


@pytest.mark.parametrize(
    ("environment", "address", "fits"),
    [
        ("production", "https://shop.my.salesforce.com", True),
        ("production", "https://login.salesforce.com", True),
        ("production", "https://shop--uat.sandbox.my.salesforce.com", False),
        ("production", "https://test.salesforce.com", False),
        ("production", "https://shop-dev-ed.develop.my.salesforce.com", False),
        ("production", "https://my.salesforce.com", False),
        ("production", "https://evilmy.salesforce.com", False),
        ("production", "https://shop.my.salesforce.com.example.com", False),
        ("production", "https://shop.my.salesforce.com/path", False),
        ("production", "https://me@shop.my.salesforce.com", False),
        ("production", "https://shop.my.salesforce.com:8443", False),
        ("production", "http://shop.my.salesforce.com", False),
        ("production", "https://[", False),
        ("sandbox", "https://shop--uat.sandbox.my.salesforce.com", True),
        ("sandbox", "https://SHOP--UAT.sandbox.my.salesforce.com/", True),
        ("sandbox", "https://shop-dev-ed.develop.my.salesforce.com", True),
        ("sandbox", "https://test.salesforce.com", True),
        ("sandbox", "https://shop.my.salesforce.com", False),
        ("sandbox", "https://login.salesforce.com", False),
        ("practice", "http://127.0.0.1:8000", True),
        ("practice", "javascript://localhost", False),
        ("practice", "https://shop.my.salesforce.com", False),
    ],
)
def test_each_kind_of_org_is_told_by_its_address(environment: Environment, address: str, fits: bool) -> None:
    assert is_salesforce_of(environment, address) is fits


@pytest.mark.parametrize("name", ["instance_url", "login_url"])
def test_a_sandbox_profile_never_signs_in_to_production(name: str) -> None:
    salesforce = {"instance_url": "https://shop--uat.sandbox.my.salesforce.com", "client_id": "app"}
    assert profile_from(values(salesforce=salesforce), "x").salesforce.login_address == salesforce["instance_url"]
    with pytest.raises(SettingsError, match=name):
        profile_from(values(salesforce={**salesforce, name: "https://shop.my.salesforce.com"}), "x")


def test_people_sign_in_in_their_browser_unless_the_profile_says_otherwise() -> None:
    salesforce = {"instance_url": "https://shop.example.com"}
    assert profile_from(values(), "x").sign_in_way == "browser"
    assert profile_from(values(salesforce={**salesforce, "sign_in": "key"}), "x").sign_in_way == "key"


@pytest.mark.parametrize(
    "changes", [{"organization_id": "001000000000001"}, {"redirect_ports": [80, 81, 82]}, {"sign_in": "password"}]
)
def test_a_wrong_setting_of_the_sign_in_is_named(changes: dict[str, Any]) -> None:
    salesforce = {"instance_url": "https://shop.example.com", **changes}
    with pytest.raises(SettingsError, match=next(iter(changes))):
        profile_from(values(salesforce=salesforce), "x")
