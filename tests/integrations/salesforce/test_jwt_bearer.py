"""The worker's key: only where nobody else can read it, only for the one who may come with it."""

import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey, RSAKey
from pydantic import SecretStr

from console.errors import AccessRefused, SettingsError, Unavailable
from console.integrations.keyring_store import write_secret
from console.integrations.salesforce.jwt_bearer import KEY_ENTRY, KEY_FILE, KeyRenewal, key_from_folder, key_reader
from tests.integrations.salesforce.sign_in_bench import SignInBench

_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the key in the password store")


@cache
def key() -> RSAKey:
    return RSAKey.generate_key(2048)


def pem() -> str:
    return key().as_pem(private=True).decode()


def weak_pem() -> str:
    return generate_private_key(65537, 1024).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def org(signing: SignInBench) -> Iterator[SignInBench]:
    """An org whose app knows our certificate."""
    signing.switches.jwt_public_key = key().as_pem(private=False).decode()
    yield signing


def renewal(bench: SignInBench, role: str = "worker", read_key: Callable[[], SecretStr] | None = None) -> KeyRenewal:
    return KeyRenewal(bench.wire(), bench.username(role), read_key or (lambda: SecretStr(pem())))


def test_a_worker_comes_with_its_key_and_gets_no_refresh_token(org: SignInBench) -> None:
    tokens = renewal(org)()
    assert tokens.refresh_token is None
    assert org.wire().identity(tokens).username == org.username("worker")


def test_people_cannot_come_with_a_key(org: SignInBench) -> None:
    with pytest.raises(AccessRefused) as caught:
        renewal(org, "supervisor")()
    assert caught.value.error_code == "invalid_grant"


def test_another_key_is_refused(org: SignInBench) -> None:
    other = RSAKey.generate_key(2048).as_pem(private=True).decode()
    with pytest.raises(AccessRefused, match="invalid assertion"):
        renewal(org, read_key=lambda: SecretStr(other))()


def test_an_org_without_our_certificate_refuses(signing: SignInBench) -> None:
    with pytest.raises(AccessRefused, match="invalid assertion"):
        renewal(signing)()


def test_an_assertion_of_a_desk_whose_clock_is_wrong_works_from_the_second_try_on(org: SignInBench) -> None:
    """The first answer tells Salesforce's time."""
    org.sandbox.clock.advance(3600)
    late = renewal(org)
    with pytest.raises(AccessRefused, match="expired"):
        late()
    assert late()


def test_an_outage_is_no_refusal(org: SignInBench) -> None:
    org.break_next("oauth_token", "status")
    with pytest.raises(Unavailable):
        renewal(org)()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not a key",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        ECKey.generate_key("P-256").as_pem(private=True).decode(),
    ],
)
def test_what_is_no_rsa_key_is_said_so_without_showing_it(signing: SignInBench, text: str) -> None:
    with pytest.raises(SettingsError, match="RSA") as caught:
        renewal(signing, read_key=lambda: SecretStr(text))()
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize("unfit", [lambda: key().as_pem(private=False).decode(), weak_pem], ids=["public", "short"])
def test_a_public_or_a_short_key_cannot_be_used(signing: SignInBench, unfit: Callable[[], str]) -> None:
    with pytest.raises(SettingsError, match="2048"):
        renewal(signing, read_key=lambda: SecretStr(unfit()))()


def folder_with_key(folder: Path, mode: int = 0o600, folder_mode: int = 0o700) -> Path:
    file = folder / KEY_FILE
    file.write_text(pem(), encoding="ascii")
    file.chmod(mode)
    folder.chmod(folder_mode)
    return folder


@_POSIX
def test_the_key_of_a_folder_that_is_ours_alone_is_read(tmp_path: Path) -> None:
    found = key_reader("shop-1", str(folder_with_key(tmp_path)))()
    assert found.get_secret_value() == pem()
    assert "PRIVATE" not in repr(found)


@_POSIX
@pytest.mark.parametrize(("mode", "folder_mode"), [(0o640, 0o700), (0o604, 0o700), (0o600, 0o750), (0o600, 0o701)])
def test_a_key_that_others_can_read_is_refused_with_the_remedy(tmp_path: Path, mode: int, folder_mode: int) -> None:
    with pytest.raises(SettingsError, match="chmod"):
        key_from_folder(folder_with_key(tmp_path, mode, folder_mode))


@_POSIX
def test_a_key_behind_a_link_is_not_followed(tmp_path: Path) -> None:
    real, folder = tmp_path / "real", tmp_path / "folder"
    real.mkdir()
    folder.mkdir(mode=0o700)
    folder_with_key(real)
    os.symlink(real / KEY_FILE, folder / KEY_FILE)
    with pytest.raises(SettingsError, match="cannot be read"):
        key_from_folder(folder)


@_POSIX
def test_a_missing_or_unreadable_key_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(SettingsError, match=KEY_FILE):
        key_from_folder(tmp_path)
    with pytest.raises(SettingsError, match="cannot be read"):
        key_from_folder(tmp_path / "none")
    folder_with_key(tmp_path)
    (tmp_path / KEY_FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="PEM"):
        key_from_folder(tmp_path)


def test_without_a_folder_the_key_is_in_the_password_store_also_where_entries_are_short() -> None:
    reader = key_reader("shop-1", "")
    with pytest.raises(SettingsError, match=KEY_ENTRY):
        reader()
    write_secret("shop-1", KEY_ENTRY, SecretStr(pem()))
    assert reader().get_secret_value() == pem()
