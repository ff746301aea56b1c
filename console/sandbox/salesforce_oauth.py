"""Who signed in to the sandbox's Salesforce, and with what: codes, access and refresh tokens, and when each ends.

Knows no HTTP. Source: salesforce-api.md 1.2, 1.4 and 6.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from console.sandbox.clock import Clock
from console.sandbox.salesforce_access import StaffUser
from console.sandbox.salesforce_switches import OrgSwitches

CLIENT_ID = "3MVG9practice.staff_console"
"""The consumer key of the one External Client App. It is a public client: it has no secret."""

REDIRECT_URIS = tuple(f"http://localhost:{port}/staff-console/sign-in" for port in (47431, 47432, 47433))
SCOPES = frozenset({"api", "refresh_token", "offline_access", "openid", "id", "profile", "email"})
_ORG_PREFIX = "00D5g0000000001"
_APPROVALS_PER_PERSON = 5
_JWT_LIFE_S = 300
_DEAD = ("invalid_grant", "expired access/refresh token")


class OAuthError(Exception):
    """What a token call is refused with: `error` and `error_description`, status 400."""

    def __init__(self, error: str, description: str) -> None:
        """`error` is one of salesforce-api.md 1.4."""
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


class OAuthSwitches(BaseModel):
    """How sign-in behaves; changed while the sandbox runs."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    token_life_s: float = Field(7200, ge=0, description="An access token ends when it was not used for so long")
    code_life_s: float = Field(900, ge=0, description="How long an authorization code can be redeemed")
    rotate: bool = Field(True, description="Whether each refresh gives a new refresh token and ends the old one")
    require_pkce: bool = Field(True, description="Whether the app insists on a code challenge")
    redirect_uris: tuple[str, ...] = Field(REDIRECT_URIS, description="Where the app may be called back, exactly")
    instance_url: str = Field("", description="Named in token answers instead of the address that was asked")
    jwt_public_key: str = Field("", description="PEM of the certificate that assertions of the worker are signed for")
    jwt_roles: tuple[str, ...] = Field(("worker",), description="Who is pre-authorised to come with an assertion")


@dataclass
class Approval:
    """One person's consent to one app, from the sign-in on: its tokens live and end together."""

    user: StaffUser
    scopes: frozenset[str]
    refresh_token: str = ""
    access_tokens: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Challenge:
    """What the authorize page was opened with, kept until its code is redeemed."""

    client_id: str
    redirect_uri: str
    scopes: frozenset[str]
    code_challenge: str = ""


@dataclass(frozen=True)
class Issued:
    """The tokens that a token call answers with; no refresh token where none is new."""

    approval: Approval
    access_token: str
    refresh_token: str | None


@dataclass
class _Code:
    challenge: Challenge
    user: StaffUser
    ends: datetime


class SignIns:
    """All sign-ins of one org. A member of staff may also come with the fixed token that practice profiles carry.

    `switches` say how to sign in, `org` how the org is set up that one is then in.
    """

    def __init__(self, users: Sequence[StaffUser], clock: Clock, switches: OAuthSwitches | None = None) -> None:
        """Nobody is signed in yet but through fixed tokens, which do not end."""
        self.users = tuple(users)
        self.switches = switches or OAuthSwitches()
        self.org = OrgSwitches()
        self._clock = clock
        self._fixed = {user.access_token: user for user in users}
        self._codes: dict[str, _Code] = {}
        self._used_codes: dict[str, Approval] = {}
        # Oldest first.
        self._approvals: list[Approval] = []
        self._refresh: dict[str, Approval] = {}
        self._rotated: dict[str, Approval] = {}
        self._access: dict[str, tuple[Approval, datetime]] = {}

    def user_of(self, access_token: str) -> StaffUser | None:
        """Who comes with this token; using it keeps it alive."""
        if access_token in self._fixed:
            return self._fixed[access_token]
        approval, last_used = self._access.get(access_token, (None, None))
        if approval is None or last_used is None:
            return None
        now = self._clock.now()
        if now - last_used >= timedelta(seconds=self.switches.token_life_s):
            self._drop_access(access_token)
            return None
        self._access[access_token] = (approval, now)
        return approval.user

    def new_code(self, user: StaffUser, challenge: Challenge) -> str:
        """The code that the browser carries back to the app."""
        code = f"aPrx{secrets.token_urlsafe(40)}=="
        ends = self._clock.now() + timedelta(seconds=self.switches.code_life_s)
        self._codes[code] = _Code(challenge, user, ends)
        return code

    def redeem(self, code: str, client_id: str, redirect_uri: str, verifier: str) -> Issued:
        """Tokens for a code. A code works once; coming with it again ends what it gave."""
        if code in self._used_codes:
            self._end(self._used_codes.pop(code))
            raise OAuthError("invalid_grant", "expired authorization code")
        kept = self._codes.pop(code, None)
        if kept is None:
            raise OAuthError("invalid_grant", "invalid authorization code")
        if self._clock.now() >= kept.ends:
            raise OAuthError("invalid_grant", "expired authorization code")
        _check_redemption(kept.challenge, client_id, redirect_uri, verifier)
        approval = self._approve(kept.user, kept.challenge.scopes)
        self._used_codes[code] = approval
        return Issued(approval, self._new_access(approval), approval.refresh_token or None)

    def refresh(self, refresh_token: str, client_id: str) -> Issued:
        """A new access token. Coming with a refresh token that was rotated away ends the whole sign-in."""
        if client_id != CLIENT_ID:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        if refresh_token in self._rotated:
            self._end(self._rotated[refresh_token])
        approval = self._refresh.get(refresh_token)
        if approval is None:
            raise OAuthError(*_DEAD)
        if not self.switches.rotate:
            return Issued(approval, self._new_access(approval), None)
        self._rotated[refresh_token] = self._refresh.pop(refresh_token)
        return Issued(approval, self._new_access(approval), self._new_refresh(approval))

    def by_assertion(self, assertion: str, audience: str) -> Issued:
        """An access token, and no more, for a signed assertion of a pre-authorised user (JWT bearer)."""
        claims = self._claims(assertion)
        now = self._clock.now().timestamp()
        if claims.get("iss") != CLIENT_ID:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        if claims.get("aud") != audience:
            raise OAuthError("invalid_grant", "audience is invalid")
        ends = claims.get("exp")
        if not isinstance(ends, int | float) or not now - 60 < ends <= now + _JWT_LIFE_S:
            raise OAuthError("invalid_grant", "assertion is expired or valid for too long")
        user = next((one for one in self.users if one.username == claims.get("sub")), None)
        if user is None or user.role not in self.switches.jwt_roles:
            raise OAuthError("invalid_grant", "user hasn't approved this consumer")
        approval = Approval(user, frozenset({"api", "id"}))
        return Issued(approval, self._new_access(approval), None)

    def revoke(self, token: str) -> bool:
        """End a token; a refresh token takes its access tokens with it. False where nobody knows the token."""
        if token in self._refresh:
            self._end(self._refresh[token])
            return True
        return self._drop_access(token)

    def expire_access_tokens(self) -> None:
        """End every access token that was signed in for; refresh tokens go on."""
        for token in list(self._access):
            self._drop_access(token)

    def end_all(self) -> None:
        """End every sign-in, as an administrator or the refresh of a Salesforce sandbox does."""
        for approval in list(self._approvals):
            self._end(approval)

    def _claims(self, assertion: str) -> dict[str, Any]:
        from joserfc import errors, jwt  # noqa: PLC0415 - only the worker's sign-in needs it
        from joserfc.jwk import RSAKey  # noqa: PLC0415

        if not self.switches.jwt_public_key:
            raise OAuthError("invalid_grant", "invalid assertion")
        try:
            key = RSAKey.import_key(self.switches.jwt_public_key)
            return dict(jwt.decode(assertion, key, algorithms=["RS256"]).claims)
        except (errors.JoseError, ValueError):
            raise OAuthError("invalid_grant", "invalid assertion") from None

    def _approve(self, user: StaffUser, scopes: frozenset[str]) -> Approval:
        approval = Approval(user, scopes)
        if scopes & {"refresh_token", "offline_access"}:
            own = [one for one in self._approvals if one.user.id == user.id]
            for oldest in own[: max(len(own) - _APPROVALS_PER_PERSON + 1, 0)]:
                self._end(oldest)
            self._approvals.append(approval)
            self._new_refresh(approval)
        return approval

    def _new_access(self, approval: Approval) -> str:
        token = f"{_ORG_PREFIX}!{secrets.token_hex(40)}"
        approval.access_tokens.add(token)
        self._access[token] = (approval, self._clock.now())
        return token

    def _new_refresh(self, approval: Approval) -> str:
        approval.refresh_token = f"5Aep861{secrets.token_urlsafe(60)}"
        self._refresh[approval.refresh_token] = approval
        return approval.refresh_token

    def _drop_access(self, token: str) -> bool:
        approval, _ = self._access.pop(token, (None, None))
        if approval is not None:
            approval.access_tokens.discard(token)
        return approval is not None

    def _end(self, approval: Approval) -> None:
        for token in list(approval.access_tokens):
            self._drop_access(token)
        self._refresh.pop(approval.refresh_token, None)
        self._approvals = [one for one in self._approvals if one is not approval]


def _check_redemption(challenge: Challenge, client_id: str, redirect_uri: str, verifier: str) -> None:
    if client_id != challenge.client_id:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if redirect_uri != challenge.redirect_uri:
        raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
    if challenge.code_challenge and not verifier:
        raise OAuthError("invalid_grant", "missing required code verifier")
    if verifier and challenge.code_challenge != s256(verifier):
        raise OAuthError("invalid_request", "invalid code verifier")


def s256(verifier: str) -> str:
    """The code challenge of a verifier. Source: RFC 7636, 4.2."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
