"""The refresh token of a person: kept in the password store only, renewed by one process at a time.

Every call blocks, so it runs on a thread. Source: salesforce-api.md 1.2 and 1.4.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import SecretStr

from console.errors import AccessRefused, SettingsError, Unavailable
from console.integrations.keyring_store import find_secret, forget_secret, write_secret
from console.integrations.salesforce.oauth import Identity, OAuthWire, Tokens, same_id
from console.models.record import Record

# Longer than one renewal can take, so that a second desk finds what the first one got.
_WAIT_S = 60.0
_ENTRY = "Salesforce sign-in"


class StoredSignIn(Record):
    """What is in the password store for a person who is signed in."""

    refresh_token: SecretStr
    user_id: str
    organization_id: str
    username: str
    name: str

    @property
    def identity(self) -> Identity:
        """Who is signed in."""
        return Identity(
            user_id=self.user_id, organization_id=self.organization_id, username=self.username, name=self.name
        )


class SignInStore:
    """The entry of one profile and person. Raises `SettingsError` where there is no password store."""

    def __init__(self, profile_id: str, person: str, lock_folder: Path) -> None:
        """`person` tells several people on one profile apart; empty where there is one. Looks at nothing yet."""
        self._profile_id = profile_id
        self._name = f"{_ENTRY} of {person.casefold()}" if person else _ENTRY
        mark = hashlib.sha256(f"{profile_id}/{self._name}".encode()).hexdigest()[:24]
        self._lock_file = lock_folder / f"sign-in-{mark}.lock"
        self._unfinished = lock_folder / f"sign-in-{mark}.unfinished"

    def load(self) -> StoredSignIn | None:
        """What is kept, None where nobody is signed in or the entry cannot be understood."""
        kept = find_secret(self._profile_id, self._name)
        if kept is None:
            return None
        try:
            return StoredSignIn.model_validate(json.loads(kept.get_secret_value()))
        except ValueError:
            return None

    def save(self, refresh_token: SecretStr, who: Identity) -> None:
        """Keep a refresh token in place of the one before."""
        entry = {**who.model_dump(), "refresh_token": refresh_token.get_secret_value()}
        write_secret(self._profile_id, self._name, SecretStr(json.dumps(entry)))

    def forget(self) -> None:
        """Keep nothing any more."""
        forget_secret(self._profile_id, self._name)
        self._unfinished.unlink(missing_ok=True)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold off every other desk of this person on this machine. Raises `Unavailable` where one does not finish."""
        self._lock_file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._lock_file, timeout=_WAIT_S):
                yield
        except Timeout:
            raise Unavailable("salesforce", "oauth_token", "another window is renewing this sign-in") from None

    def begin_renewal(self) -> bool:
        """Note that a refresh token is about to be used; tells whether an earlier use never came to its end."""
        was_unfinished = self._unfinished.exists()
        self._unfinished.touch()
        return was_unfinished

    def end_renewal(self) -> None:
        """Note that what came of the renewal is kept."""
        self._unfinished.unlink(missing_ok=True)


class StoredRenewal:
    """Gets new access tokens with the refresh token of the password store, where each desk of the person finds it."""

    def __init__(self, wire: OAuthWire, store: SignInStore) -> None:
        """Nothing is asked yet."""
        self._wire = wire
        self._store = store
        # A rotated refresh token that the password store did not take: the old one has ended already.
        self._unsaved: tuple[Tokens, StoredSignIn] | None = None

    def __call__(self) -> Tokens:
        """New tokens. A new refresh token is in the password store before the access token is used.

        Raises `AccessRefused` where somebody has to sign in, and `Unavailable` where it can be tried again.
        """
        try:
            with self._store.alone():
                return self._saved() or self._refreshed()
        except SettingsError as error:
            raise Unavailable("salesforce", "oauth_token", str(error)) from None

    def _saved(self) -> Tokens | None:
        if self._unsaved is None:
            return None
        tokens, before = self._unsaved
        if self._store.load() == before:
            self._keep(tokens, before)
            return tokens
        # Somebody has signed in anew since then.
        self._unsaved = None
        return None

    def _refreshed(self) -> Tokens:
        stored = self._store.load()
        was_unfinished = self._store.begin_renewal() if stored else False
        while stored:
            try:
                tokens = self._wire.by_refresh_token(stored.refresh_token)
            except AccessRefused as refused:
                newer = self._store.load()
                if newer and newer.refresh_token != stored.refresh_token:
                    stored = newer
                    continue
                raise self._ended(refused, was_unfinished=was_unfinished) from None
            if not (
                same_id(tokens.user_id, stored.user_id) and same_id(tokens.organization_id, stored.organization_id)
            ):
                raise AccessRefused(
                    "salesforce", "oauth_token", "The sign-in is another person's.", error_code="other_person"
                )
            self._keep(tokens, stored)
            return tokens
        raise AccessRefused("salesforce", "oauth_token", "Nobody is signed in.", error_code="invalid_grant")

    def _keep(self, tokens: Tokens, stored: StoredSignIn) -> None:
        if tokens.refresh_token:
            self._unsaved = (tokens, stored)
            self._store.save(tokens.refresh_token, stored.identity)
        self._unsaved = None
        self._store.end_renewal()

    def _ended(self, refused: AccessRefused, *, was_unfinished: bool) -> AccessRefused:
        """The reason why this refresh token is of no use; one that is dead is forgotten."""
        self._store.end_renewal()
        if refused.error_code != "invalid_grant":
            return refused
        self._store.forget()
        if not was_unfinished:
            return refused
        reason = "The last renewal was cut off before its answer could be kept."
        return AccessRefused("salesforce", "oauth_token", reason, status=refused.status, error_code="invalid_grant")
