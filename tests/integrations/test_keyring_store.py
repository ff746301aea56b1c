"""Secrets come from the system's store; a missing one or a missing store is told plainly."""

import keyring
import pytest
from keyring.errors import NoKeyringError

from console.errors import SettingsError
from console.integrations.keyring_store import read_secret


def test_a_secret_is_read_and_does_not_show() -> None:
    keyring.set_password("Staff Console", "shop-1/WHMCS secret", "hush")
    secret = read_secret("shop-1", "WHMCS secret")
    assert secret.get_secret_value() == "hush"
    assert "hush" not in repr(secret)


def test_a_missing_secret_is_named() -> None:
    with pytest.raises(SettingsError, match="WHMCS secret"):
        read_secret("shop-2", "WHMCS secret")


def test_a_machine_without_a_store_is_refused_never_served_from_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: str) -> str:
        raise NoKeyringError

    monkeypatch.setattr(keyring, "get_password", none)
    with pytest.raises(SettingsError, match="password store"):
        read_secret("shop-1", "WHMCS secret")
