"""Secrets in the operating system's own store, and nowhere else: never in a file, never in the clear."""

import secrets
from collections.abc import Iterator
from typing import Any

from pydantic import SecretStr

from console.errors import SettingsError

WHMCS_IDENTIFIER, WHMCS_SECRET, WHMCS_ACCESS_KEY = "WHMCS identifier", "WHMCS secret", "WHMCS access key"
"""The names of what a profile keeps of WHMCS; only the last may be missing."""

PORTAL_PASSWORD = "Portal database password"

_SERVICE = "Staff Console"
# The Windows store takes 2,560 bytes an entry, which is 1,280 UTF-16 units; some characters need two.
_PART = 640
# An entry that begins so names the parts in which the secret is kept: this, a number for the parts, and how many.
_IN_PARTS = "in-parts:"
# Stores that keep passwords readable in a file, or not at all.
_NO_STORES = ("keyrings.alt.", "keyring.backends.null")


def read_secret(profile_id: str, name: str) -> SecretStr:
    """The secret `name` of a profile. Raises `SettingsError` where there is none or no store."""
    found = find_secret(profile_id, name)
    if found is None:
        raise SettingsError(
            f"The password store holds no {name} for the profile {profile_id}. "
            "Put it in once with: staff-console credential"
        )
    return found


def find_secret(profile_id: str, name: str) -> SecretStr | None:
    """The secret `name` of a profile, None where there is none. Raises `SettingsError` where there is no store."""
    with _Store() as store:
        entry = f"{profile_id}/{name}"
        head = store.get(entry)
        if head is None:
            return None
        parts = [store.get(part) for part in _parts(entry, head)]
        if any(part is None for part in parts):
            raise SettingsError(f"The {name} in the password store is damaged. Put it in again.")
        return SecretStr("".join(part for part in parts if part is not None) if parts else head)


def write_secret(profile_id: str, name: str, secret: SecretStr) -> None:
    """Keep a secret, in several entries where it is long. Raises `SettingsError` where there is no store.

    The old secret can be read until the new one is complete.
    """
    value = secret.get_secret_value()
    with _Store() as store:
        entry = f"{profile_id}/{name}"
        before = store.get(entry)
        head = value
        if len(value) > _PART or value.startswith(_IN_PARTS):
            pieces = [value[at : at + _PART] for at in range(0, len(value), _PART)]
            head = f"{_IN_PARTS}{secrets.token_hex(4)}:{len(pieces)}"
            for part, piece in zip(_parts(entry, head), pieces, strict=True):
                store.put(part, piece)
        store.put(entry, head)
        for part in _parts(entry, before or ""):
            store.drop(part)


def forget_secret(profile_id: str, name: str) -> None:
    """Take a secret out of the store, where it is in it. Raises `SettingsError` where there is no store."""
    with _Store() as store:
        entry = f"{profile_id}/{name}"
        head = store.get(entry)
        if head is not None:
            store.drop(entry)
            for part in _parts(entry, head):
                store.drop(part)


def _parts(entry: str, head: str) -> Iterator[str]:
    """The names of the entries that `head` speaks of; none where it is the secret itself."""
    if not head.startswith(_IN_PARTS):
        return
    mark, _, count = head.removeprefix(_IN_PARTS).partition(":")
    for number in range(int(count) if count.isdecimal() else 0):
        yield f"{entry}/{mark}.{number}"


class _Store:
    """The platform's store while it is in use; its failures become `SettingsError`."""

    def __enter__(self) -> "_Store":
        # Imported on first use: finding the platform's store takes a while, and practice needs none.
        import keyring

        self._keyring = keyring
        store = type(keyring.get_keyring())
        if store.__module__.startswith(_NO_STORES):
            raise SettingsError("This machine's password store keeps no secrets safely, so none are put into it.")
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        from keyring.errors import KeyringError

        if isinstance(error, KeyringError | OSError):
            raise SettingsError(_store_trouble(error)) from None

    def get(self, entry: str) -> str | None:
        return self._keyring.get_password(_SERVICE, entry)

    def put(self, entry: str, value: str) -> None:
        self._keyring.set_password(_SERVICE, entry, value)

    def drop(self, entry: str) -> None:
        from keyring.errors import PasswordDeleteError

        try:
            self._keyring.delete_password(_SERVICE, entry)
        except PasswordDeleteError:
            # It is gone, which is what was wanted.
            return


def _store_trouble(error: Any) -> str:
    from keyring.errors import KeyringLocked, NoKeyringError

    if isinstance(error, NoKeyringError):
        return (
            "This machine has no password store, and secrets are kept nowhere else. "
            "On Linux, install and unlock a keyring such as GNOME Keyring or KWallet."
        )
    if isinstance(error, KeyringLocked):
        return "The system's password store is locked. Unlock it, then try again."
    return f"The system's password store cannot be used ({type(error).__name__})."
