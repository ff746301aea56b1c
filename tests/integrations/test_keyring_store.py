"""Secrets come from the system's store; a missing one or a missing store is told plainly."""

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backends import null
from keyring.errors import KeyringError, KeyringLocked, NoKeyringError
from pydantic import SecretStr

from console.errors import SettingsError
from console.integrations.keyring_store import find_secret, forget_secret, read_secret, write_secret
from tests.memory_keyring import MemoryKeyring

# What the Windows store takes for one entry.
_UNITS = 1280


def test_a_secret_is_read_and_does_not_show() -> None:
    keyring.set_password("Staff Console", "shop-1/WHMCS secret", "hush")
    secret = read_secret("shop-1", "WHMCS secret")
    assert secret.get_secret_value() == "hush"
    assert "hush" not in repr(secret)


def test_a_missing_secret_is_named() -> None:
    assert find_secret("shop-2", "WHMCS secret") is None
    with pytest.raises(SettingsError, match="WHMCS secret"):
        read_secret("shop-2", "WHMCS secret")


@given(st.text(min_size=1, max_size=3000), st.text(min_size=1, max_size=3000))
def test_a_secret_of_any_length_comes_back_and_its_entries_are_short(first: str, second: str) -> None:
    for value in (first, second):
        write_secret("shop-1", "key", SecretStr(value))
        assert read_secret("shop-1", "key").get_secret_value() == value
        entries = MemoryKeyring.kept.values()
        assert max(len(one.encode("utf-16-le", "surrogatepass")) // 2 for one in entries) <= _UNITS
    forget_secret("shop-1", "key")
    assert MemoryKeyring.kept == {}


@pytest.mark.parametrize("value", ["in-parts:", "in-parts:aa:3", "x" * 640, "x" * 641, "𠮷" * 2000])
def test_a_secret_that_looks_like_a_list_of_parts_or_is_just_too_long_comes_back(value: str) -> None:
    write_secret("shop-1", "key", SecretStr(value))
    assert read_secret("shop-1", "key").get_secret_value() == value


def test_the_old_secret_can_be_read_until_the_new_one_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    write_secret("shop-1", "key", SecretStr("a" * 5000))
    put, left = keyring.set_password, [3]

    def full(service: str, entry: str, value: str) -> None:
        left[0] -= 1
        if not left[0]:
            raise KeyringError("full")
        put(service, entry, value)

    with monkeypatch.context() as patch:
        patch.setattr(keyring, "set_password", full)
        with pytest.raises(SettingsError, match="cannot be used"):
            write_secret("shop-1", "key", SecretStr("b" * 5000))
    assert read_secret("shop-1", "key").get_secret_value() == "a" * 5000


def test_a_secret_of_which_a_part_is_gone_is_damaged() -> None:
    write_secret("shop-1", "key", SecretStr("a" * 2000))
    MemoryKeyring.kept.pop(next(entry for entry in MemoryKeyring.kept if entry[1].endswith(".1")))
    with pytest.raises(SettingsError, match="damaged"):
        read_secret("shop-1", "key")


def test_forgetting_what_is_not_there_is_no_error() -> None:
    forget_secret("shop-1", "key")


@pytest.mark.parametrize(
    ("error", "says"), [(NoKeyringError(), "no password store"), (KeyringLocked(), "locked"), (OSError(), "OSError")]
)
def test_a_machine_without_a_store_is_refused_never_served_from_a_file(
    monkeypatch: pytest.MonkeyPatch, error: Exception, says: str
) -> None:
    def none(*_: str) -> str:
        raise error

    monkeypatch.setattr(keyring, "get_password", none)
    for use in (lambda: read_secret("shop-1", "key"), lambda: write_secret("shop-1", "key", SecretStr("a"))):
        with pytest.raises(SettingsError, match=says):
            use()


def test_a_store_that_keeps_nothing_safely_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", null.Keyring)
    with pytest.raises(SettingsError, match="no secrets safely"):
        write_secret("shop-1", "key", SecretStr("a"))
