"""Salesforce's OAuth endpoints: tokens for a code, a refresh token or an assertion; revoke; who somebody is.

Every call blocks, so it runs on a thread. Nothing here keeps a token. Source: salesforce-api.md 1.4.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import SecretStr

from console.clocks import ServerClock
from console.errors import AccessRefused, SystemFault, Unavailable
from console.integrations.salesforce.trust import is_here, trust
from console.models.record import Record
from console.settings import Environment, is_salesforce_of

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"

_BASE = "/services/oauth2"
_TIMEOUT = httpx.Timeout(20.0, connect=5.0)
_LARGEST = 256 * 1024
_OK, _BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN = 200, 400, 401, 403
# Not a word about the sign-in itself: asking again later can succeed.
_PASSING = frozenset({"rate_limit_exceeded", "server_error", "temporarily_unavailable"})
# What can stand in a header as it is.
_TOKEN = re.compile(r"[\x21-\x7e]{1,65536}")
_IDENTITY = re.compile(r"/id/(?P<organization>00D[0-9A-Za-z]{12,15})/(?P<user>005[0-9A-Za-z]{12,15})$")


class ClientApp(Record):
    """Our External Client App in one org: a public client, so there is no secret."""

    client_id: str
    login_url: str
    environment: Environment


class Tokens(Record):
    """What a token call gave. The ids have 15 or 18 characters; `refresh_token` is None where none is new."""

    access_token: SecretStr
    refresh_token: SecretStr | None
    instance_url: str
    organization_id: str
    user_id: str


class Identity(Record):
    """Who a token stands for."""

    user_id: str
    organization_id: str
    username: str
    name: str


class OAuthWire:
    """Calls the endpoints of one org for one app. Raises `AccessRefused` for a no, `Unavailable` for everything else.

    A no means that asking again is useless and a person has to sign in; `error_code` is Salesforce's.
    """

    def __init__(
        self, app: ClientApp, clock: ServerClock | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        """`clock` learns the time of every answer; `transport` takes the place of the network."""
        self.app = app
        self._transport = transport
        self.clock = clock or ServerClock()

    def by_code(self, code: str, verifier: SecretStr, redirect_uri: str) -> Tokens:
        """Tokens for the code that the browser brought."""
        return self._tokens(
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier.get_secret_value(),
            redirect_uri=redirect_uri,
            client_id=self.app.client_id,
        )

    def by_refresh_token(self, refresh_token: SecretStr) -> Tokens:
        """A new access token. Where a new refresh token comes with it, the old one has ended."""
        return self._tokens(
            grant_type="refresh_token", refresh_token=refresh_token.get_secret_value(), client_id=self.app.client_id
        )

    def by_assertion(self, assertion: SecretStr) -> Tokens:
        """An access token for a signed assertion."""
        return self._tokens(grant_type=JWT_BEARER, assertion=assertion.get_secret_value())

    def revoke(self, token: SecretStr) -> None:
        """End a token; a refresh token takes its access tokens with it. One that has ended already is no error."""
        status, text = self._post("oauth_revoke", {"token": token.get_secret_value()})
        if status == _OK:
            return
        refused = _refusal("oauth_revoke", status, _parsed(text))
        if refused.error_code not in ("invalid_token", "unsupported_token_type"):
            raise refused

    def identity(self, tokens: Tokens) -> Identity:
        """Who the tokens stand for, as OpenID's userinfo tells it."""
        headers = {"Authorization": f"Bearer {tokens.access_token.get_secret_value()}"}
        status, text = self._request("GET", f"{tokens.instance_url}{_BASE}/userinfo", "userinfo", headers=headers)
        if status in (_UNAUTHORIZED, _FORBIDDEN):
            raise AccessRefused("salesforce", "userinfo", "Bad_OAuth_Token", status=status)
        return _identity(status, _parsed(text))

    def _tokens(self, **form: str) -> Tokens:
        status, text = self._post("oauth_token", form)
        found = _parsed(text)
        if status != _OK:
            raise _refusal("oauth_token", status, found)
        return tokens_from(found, self.app.environment)

    def _post(self, action: str, form: Mapping[str, str]) -> tuple[int, str]:
        path = action.removeprefix("oauth_")
        return self._request("POST", f"{self.app.login_url}{_BASE}/{path}", action, data=form)

    def _request(self, method: str, url: str, action: str, **sent: Any) -> tuple[int, str]:
        """Status and text of an answer. No part of what was sent gets into an error."""
        try:
            with (
                self._http(url) as http,
                http.stream(method, url, **sent) as answer,
            ):
                self.clock.note(answer.headers.get("Date", ""))
                return answer.status_code, _bounded(answer, action)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Unavailable("salesforce", action, type(error).__name__) from None

    def _http(self, url: str) -> httpx.Client:
        # A proxy has no business between this machine and itself.
        proxied = not is_here(url)
        return httpx.Client(timeout=_TIMEOUT, verify=trust(url), trust_env=proxied, transport=self._transport)


def tokens_from(found: object, environment: Environment) -> Tokens:
    """The tokens that an answer holds. Raises `Unavailable` where it is anything else than a whole answer of this org.

    `instance_url` is where the access token will be sent, so it has to be Salesforce's.
    """
    if not isinstance(found, dict):
        raise _unreadable("oauth_token")
    instance = found.get("instance_url")
    identity = _IDENTITY.search(str(found.get("id")))
    access, refresh = found.get("access_token"), found.get("refresh_token")
    if not _is_token(access) or not identity or not (refresh is None or _is_token(refresh)):
        raise _unreadable("oauth_token")
    if not isinstance(instance, str) or not is_salesforce_of(environment, instance):
        raise Unavailable("salesforce", "oauth_token", f"an answer of an org that is not of kind {environment}")
    return Tokens(
        access_token=SecretStr(str(access)),
        refresh_token=None if refresh is None else SecretStr(str(refresh)),
        instance_url=instance.rstrip("/"),
        organization_id=identity["organization"],
        user_id=identity["user"],
    )


def same_id(one: str, other: str) -> bool:
    """Whether two ids with 15 or 18 characters are one record's."""
    return one[:15] == other[:15]


def _is_token(value: object) -> bool:
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def _identity(status: int, found: object) -> Identity:
    words = {}
    if status == _OK and isinstance(found, dict):
        words = {name: value for name, value in found.items() if isinstance(value, str)}
    needed = ("user_id", "organization_id", "preferred_username")
    if not all(words.get(name) for name in needed):
        raise _unreadable("userinfo")
    return Identity(
        user_id=words["user_id"],
        organization_id=words["organization_id"],
        username=words["preferred_username"],
        name=words.get("name") or words["preferred_username"],
    )


def _refusal(action: str, status: int, found: object) -> SystemFault:
    """A no of the endpoint itself is final; a page of something on the way, or an outage, is not."""
    error = found.get("error") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(error, str) or not error:
        return Unavailable("salesforce", action, "an answer that is not what was asked for", status=status)
    passing = error in _PASSING or status not in (_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN)
    kind: type[SystemFault] = Unavailable if passing else AccessRefused
    description = str(found.get("error_description") or error)[:200]
    return kind("salesforce", action, description, status=status, error_code=error[:60])


def _unreadable(action: str) -> Unavailable:
    return Unavailable("salesforce", action, "an answer that is not what was asked for")


def _bounded(answer: httpx.Response, action: str) -> str:
    content = bytearray()
    for part in answer.iter_bytes():
        content += part
        if len(content) > _LARGEST:
            raise _unreadable(action)
    return content.decode("utf-8", "replace")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
