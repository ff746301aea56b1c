"""A person signs in to Salesforce in the system's browser: authorization code with PKCE, and no client secret.

Source: salesforce-api.md 1.1 to 1.4, RFC 8252.
"""

import asyncio
import contextlib
import secrets
import webbrowser
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from pydantic import SecretStr

from console.errors import AccessRefused, ConsoleError, SettingsError, Unavailable
from console.integrations.salesforce.oauth import Identity, OAuthWire, Tokens, same_id
from console.integrations.salesforce.redirect import listening
from console.integrations.salesforce.tokens import SignInStore
from console.integrations.salesforce.trust import is_here
from console.models.record import Record

WITHIN_S = 300.0
"""How long a person may take in the browser."""

_SCOPES = "api refresh_token openid"


class Wanted(Record):
    """Who has to sign in; empty where anybody may. Work in hand goes on for the same person in the same org only."""

    username: str = ""
    user_id: str = ""
    organization_id: str = ""

    def refusal(self, who: Identity) -> AccessRefused | None:
        """Why this is not the one, None where it is."""
        if self.organization_id and not same_id(self.organization_id, who.organization_id):
            return AccessRefused("salesforce", "sign_in", "This is another Salesforce org.", error_code="other_org")
        is_same = not self.user_id or same_id(self.user_id, who.user_id)
        if not is_same or (self.username and self.username.casefold() != who.username.casefold()):
            reason = f"You signed in as {who.username}. The work here is somebody else's."
            return AccessRefused("salesforce", "sign_in", reason, error_code="other_person")
        return None


class BrowserSignIn:
    """Signs one person in and out. The refresh token goes straight into the password store."""

    def __init__(
        self, wire: OAuthWire, store: SignInStore, ports: Sequence[int], open_browser: Callable[[str], bool]
    ) -> None:
        """`open_browser` is given an address and tells whether a browser opened; it may block."""
        self._wire = wire
        self._store = store
        self._ports = ports
        self._open_browser = open_browser

    async def sign_in(
        self, wanted: Wanted, told: Callable[[str], None], within_s: float = WITHIN_S
    ) -> tuple[Tokens, Identity]:
        """Send the person to the browser and wait; `told` gets the address, for where no browser opens.

        Raises `AccessRefused` for a no of Salesforce or somebody who is not `wanted`, `Unavailable` where nobody
        finished in time or Salesforce did not answer, and `SettingsError` where this machine cannot do it.
        """
        state, verifier = secrets.token_urlsafe(32), SecretStr(secrets.token_urlsafe(64))
        parts = urlsplit(self._wire.app.login_url)
        async with listening(self._ports, state, f"{parts.scheme}://{parts.netloc}") as listener:
            uri = listener.redirect_uri
            address = await asyncio.to_thread(self._address, uri, state, verifier, wanted)
            told(address)
            await asyncio.to_thread(self._open_browser, address)
            code = await listener.code(within_s)
        return await asyncio.to_thread(self._finish, code, verifier, uri, wanted)

    def sign_out(self) -> bool:
        """End the sign-in here, and at Salesforce; tells whether Salesforce could be told. It blocks."""
        with self._store.alone():
            stored = self._store.load()
            try:
                if stored:
                    self._wire.revoke(stored.refresh_token)
            except (AccessRefused, Unavailable):
                return False
            finally:
                self._store.forget()
        return True

    def _address(self, redirect_uri: str, state: str, verifier: SecretStr, wanted: Wanted) -> str:
        # Takes as long to load as a tenth of the program.
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # noqa: PLC0415
        from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415

        return str(
            prepare_grant_uri(
                f"{self._wire.app.login_url}/services/oauth2/authorize",
                self._wire.app.client_id,
                "code",
                redirect_uri=redirect_uri,
                scope=_SCOPES,
                state=state,
                code_challenge=create_s256_code_challenge(verifier.get_secret_value()),
                code_challenge_method="S256",
                login_hint=wanted.username or None,
            )
        )

    def _finish(
        self, code: SecretStr, verifier: SecretStr, redirect_uri: str, wanted: Wanted
    ) -> tuple[Tokens, Identity]:
        """Redeem the code and keep what came. In one piece: a window that closes meanwhile loses nothing."""
        tokens = self._wire.by_code(code.get_secret_value(), verifier, redirect_uri)
        try:
            if tokens.refresh_token is None:
                raise SettingsError(
                    "Salesforce gave no refresh token. Allow the scope refresh_token in the External Client App."
                )
            who = self._wire.identity(tokens)
            if refusal := wanted.refusal(who) or _mismatch(tokens, who):
                raise refusal
            with self._store.alone():
                self._store.save(tokens.refresh_token, who)
                self._store.end_renewal()
        except ConsoleError:
            with contextlib.suppress(ConsoleError):
                self._wire.revoke(tokens.refresh_token or tokens.access_token)
            raise
        return tokens, who


def _mismatch(tokens: Tokens, who: Identity) -> AccessRefused | None:
    if same_id(tokens.user_id, who.user_id) and same_id(tokens.organization_id, who.organization_id):
        return None
    return AccessRefused(
        "salesforce", "sign_in", "Salesforce's answers do not fit together.", error_code="other_person"
    )


def system_browser(address: str) -> bool:
    """Open an address in the system's browser; only https, and practice on this machine. It may block."""
    if not address.startswith("https://") and not (address.startswith("http://") and is_here(address)):
        return False
    try:
        return webbrowser.open(address)
    except webbrowser.Error:
        return False
