"""The headless worker signs in with a key of its own: JWT bearer as an integration user. Nobody else does.

Source: salesforce-api.md 1.1 and 1.4, RFC 7523.
"""

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from console.errors import SettingsError
from console.integrations.keyring_store import read_secret
from console.integrations.salesforce.oauth import OAuthWire, Tokens
from console.settings import Environment

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

KEY_FILE = "salesforce-key.pem"
KEY_ENTRY = "Salesforce key"
_LIFE_S = 180
_LARGEST = 64 * 1024
_FEWEST_BITS = 2048
# Salesforce wants its common sign-in hosts there, whatever the org's own address is.
_AUDIENCES: dict[Environment, str] = {
    "sandbox": "https://test.salesforce.com",
    "production": "https://login.salesforce.com",
}


class KeyRenewal:
    """Gets new access tokens with the worker's key, which is read each time and kept nowhere.

    Raises `SettingsError` where the key cannot be used.
    """

    def __init__(self, wire: OAuthWire, username: str, read_key: Callable[[], SecretStr]) -> None:
        """`username` is the integration user."""
        self._wire = wire
        self._username = username
        self._read_key = read_key

    def __call__(self) -> Tokens:
        """New tokens. It blocks."""
        return self._wire.by_assertion(self._assertion(_key(self._read_key())))

    def _assertion(self, key: "RSAKey") -> SecretStr:
        from authlib.oauth2.rfc7523.assertion import sign_jwt_bearer_assertion  # noqa: PLC0415 - slow to load

        app = self._wire.app
        return SecretStr(
            sign_jwt_bearer_assertion(
                key,
                issuer=app.client_id,
                audience=_AUDIENCES.get(app.environment, app.login_url),
                subject=self._username,
                issued_at=int(self._wire.clock.now().timestamp()),
                expires_in=_LIFE_S,
                alg="RS256",
            )
        )


def key_reader(profile_id: str, folder: str) -> Callable[[], SecretStr]:
    """Where the key is read from: the credential folder, or where none is named, the password store."""
    if folder:
        return lambda: key_from_folder(Path(folder))
    return lambda: read_secret(profile_id, KEY_ENTRY)


def key_from_folder(folder: Path) -> SecretStr:
    """The PEM in the credential folder. Raises `SettingsError` unless its user alone can read it."""
    if sys.platform == "win32":
        raise SettingsError("On Windows the worker's key is kept in the password store; take key_folder away.")
    file = folder / KEY_FILE
    try:
        _only_for_us(os.stat(folder, follow_symlinks=False), folder)
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            _only_for_us(os.fstat(descriptor), file)
            return SecretStr(stream.read(_LARGEST).decode("ascii"))
    except OSError as error:
        raise SettingsError(f"The worker's key {file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"The worker's key {file} is not a PEM file.") from None


def _only_for_us(seen: os.stat_result, path: Path) -> None:
    # A service manager such as systemd hands out folders that belong to root.
    if seen.st_uid not in (os.geteuid(), 0) or seen.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = "700" if stat.S_ISDIR(seen.st_mode) else "600"
        raise SettingsError(f"Others can read {path}. Give it to the worker's user and run: chmod {mode} {path}")


def _key(pem: SecretStr) -> "RSAKey":
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - slow to load
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415
    from joserfc.jwk import RSAKey  # noqa: PLC0415

    content = pem.get_secret_value()
    try:
        key = load_pem_private_key(content.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey) or key.key_size < _FEWEST_BITS:
        raise SettingsError(
            f"The worker's key cannot be used. It has to be an RSA private key of {_FEWEST_BITS} bits or more, as PEM "
            "and without a passphrase."
        )
    return RSAKey.import_key(content)
