"""A password store in memory, so that no test reaches the one of the machine it runs on."""

from typing import ClassVar

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class MemoryKeyring(KeyringBackend):
    """Keeps passwords until the end of the test (`tests/conftest.py` empties it)."""

    # keyring makes the instance itself, so what a test puts in has to be found through the class.
    kept: ClassVar[dict[tuple[str, str], str]] = {}
    priority: ClassVar[float] = 1

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError(f"no password of {username}")
