"""The web pages and calls of signing in to the sandbox: authorize with a choice of invented staff, token, revoke.

Source: salesforce-api.md 1.4 and 6.
"""

import hashlib
import hmac
import json
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from console.sandbox.clock import Clock
from console.sandbox.salesforce_oauth import CLIENT_ID, SCOPES, Challenge, Issued, OAuthError, SignIns

_BASE = "/services/oauth2"
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_KEPT = ("response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method")
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px system-ui;max-width:34rem;margin:4rem auto}}button{{display:block;width:100%;margin:.4rem 0;
padding:.6rem;text-align:left;font:inherit}}button[autofocus]{{font-weight:bold}}</style><h1>{title}</h1>{body}"""

Form = Mapping[str, str]


class _RefusedPage(Exception):
    """Told on a page of Salesforce's own: an app that cannot be trusted is never called back."""


class OAuthPages:
    """The endpoints below /services/oauth2 that need no token."""

    def __init__(self, sign_ins: SignIns, organization_id: str, clock: Clock) -> None:
        """Serve `sign_ins` of the org with this id."""
        self._sign_ins = sign_ins
        self._organization_id = organization_id
        self._clock = clock
        self._signing_key = secrets.token_bytes(32)
        self._grants: dict[str, Callable[[Form, str], Issued]] = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh_token,
            _JWT_BEARER: lambda form, base: sign_ins.by_assertion(form.get("assertion", ""), base),
        }

    def routes(self) -> list[Route]:
        """Where the endpoints are."""
        return [
            Route(f"{_BASE}/authorize", self.authorize, methods=["GET"]),
            Route(f"{_BASE}/authorize", self.decide, methods=["POST"]),
            Route(f"{_BASE}/token", self.token, methods=["GET", "POST"]),
            Route(f"{_BASE}/revoke", self.revoke, methods=["GET", "POST"]),
        ]

    async def authorize(self, request: Request) -> Response:
        """The page that asks who signs in."""
        asked = dict(request.query_params)
        try:
            self._checked(asked)
        except _RefusedPage as refused:
            return _error_page(refused)
        except OAuthError as error:
            return _back(asked, {"error": error.error, "error_description": error.description})
        return HTMLResponse(self._choice(asked))

    async def decide(self, request: Request) -> Response:
        """The button that was pressed: back to the app with a code, or with `access_denied`."""
        form = await _form(request)
        try:
            challenge = self._checked(form)
        except _RefusedPage as refused:
            return _error_page(refused)
        except OAuthError as error:
            return _back(form, {"error": error.error, "error_description": error.description})
        user = next((one for one in self._sign_ins.users if one.id == form.get("person")), None)
        if user is None:
            return _back(form, {"error": "access_denied", "error_description": "end-user denied authorization"})
        return _back(form, {"code": self._sign_ins.new_code(user, challenge)})

    async def token(self, request: Request) -> Response:
        """The token endpoint: code, refresh token or assertion; no password and no client secret."""
        if request.method != "POST":
            return _refused(OAuthError("invalid_request", "must use HTTP POST"))
        form, base = await _form(request), str(request.base_url).rstrip("/")
        try:
            grant = self._grants.get(form.get("grant_type", ""))
            if grant is None:
                raise OAuthError("unsupported_grant_type", "grant type not supported")
            if form.get("client_secret"):
                raise OAuthError("invalid_client", "invalid client credentials")
            return JSONResponse(self._answer(grant(form, base), base), headers={"Cache-Control": "no-cache, no-store"})
        except OAuthError as error:
            return _refused(error)

    async def revoke(self, request: Request) -> Response:
        """End the token that is sent; unknown ones are refused."""
        form = dict(request.query_params) if request.method == "GET" else await _form(request)
        if not form.get("token"):
            return _refused(OAuthError("invalid_request", "token is required"))
        if not self._sign_ins.revoke(form["token"]):
            return _refused(OAuthError("invalid_token", "the token provided is invalid"))
        return Response(status_code=200)

    def _checked(self, asked: Form) -> Challenge:
        """The request as it will be redeemed. Raises what it is refused with, on a page or back in the app."""
        if asked.get("client_id") != CLIENT_ID:
            raise _RefusedPage("invalid_client_id", "client identifier invalid")
        if asked.get("redirect_uri") not in self._sign_ins.switches.redirect_uris:
            raise _RefusedPage("redirect_uri_mismatch", "redirect_uri must match configuration")
        if asked.get("response_type") != "code":
            raise OAuthError("unsupported_response_type", "response type not supported")
        scopes = frozenset(asked.get("scope", "api refresh_token").split())
        if not scopes <= SCOPES:
            raise OAuthError("invalid_scope", "the requested scope is not allowed")
        challenge = asked.get("code_challenge", "")
        if self._sign_ins.switches.require_pkce and not challenge:
            raise OAuthError("invalid_request", "missing required code challenge")
        if asked.get("code_challenge_method", "S256") != "S256":
            raise OAuthError("invalid_request", "invalid code challenge method")
        return Challenge(CLIENT_ID, asked["redirect_uri"], scopes, challenge)

    def _choice(self, asked: Form) -> str:
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(asked[name])}">' for name in _KEPT if name in asked
        )
        people = "".join(
            f'<button name="person" value="{user.id}"{_focus(user.username == asked.get("login_hint"))}>'
            f"{escape(user.name)} — {escape(user.role.replace('_', ' '))}<br><small>{escape(user.username)}</small>"
            "</button>"
            for user in self._sign_ins.users
        )
        deny = '<button name="person" value="">Deny</button>'
        body = (
            "<p>Practice Salesforce: everybody here is invented. Who signs in to Staff Console?</p>"
            f'<form method="post" action="{_BASE}/authorize">{hidden}{people}{deny}</form>'
        )
        return _PAGE.format(title="Practice sign-in", body=body)

    def _by_code(self, form: Form, _base: str) -> Issued:
        named = (form.get(name, "") for name in ("code", "client_id", "redirect_uri", "code_verifier"))
        return self._sign_ins.redeem(*named)

    def _by_refresh_token(self, form: Form, _base: str) -> Issued:
        return self._sign_ins.refresh(form.get("refresh_token", ""), form.get("client_id", ""))

    def _answer(self, issued: Issued, base: str) -> dict[str, str]:
        user, scopes = issued.approval.user, issued.approval.scopes
        identity = f"{base}/id/{self._organization_id}/{user.id}"
        issued_at = str(int(self._clock.now().timestamp() * 1000))
        signature = hmac.new(self._signing_key, f"{identity}{issued_at}".encode(), hashlib.sha256).digest()
        answer = {
            "access_token": issued.access_token,
            "signature": b64encode(signature).decode(),
            "scope": " ".join(sorted(scopes)),
            "instance_url": self._sign_ins.switches.instance_url or base,
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued_at,
        }
        if "openid" in scopes:
            answer["id_token"] = self._id_token(identity, base)
        return answer if issued.refresh_token is None else {**answer, "refresh_token": issued.refresh_token}

    def _id_token(self, identity: str, base: str) -> str:
        now = int(self._clock.now().timestamp())
        claims = {"iss": base, "aud": CLIENT_ID, "sub": identity, "iat": now, "exp": now + 120}
        parts = [_part(json.dumps(one).encode()) for one in ({"alg": "HS256", "typ": "JWT"}, claims)]
        signature = hmac.new(self._signing_key, ".".join(parts).encode(), hashlib.sha256).digest()
        return ".".join([*parts, _part(signature)])


def _part(content: bytes) -> str:
    return b64encode(content, b"-_").rstrip(b"=").decode()


def _focus(wanted: bool) -> str:
    return " autofocus" if wanted else ""


async def _form(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _back(asked: Form, answer: dict[str, str]) -> Response:
    if "state" in asked:
        answer = {**answer, "state": asked["state"]}
    address = asked["redirect_uri"]
    return RedirectResponse(f"{address}{'&' if '?' in address else '?'}{urlencode(answer)}", 302)


def _error_page(refused: _RefusedPage) -> Response:
    error, description = refused.args
    body = f"<p>error={escape(error)}&amp;error_description={escape(description)}</p>"
    return HTMLResponse(_PAGE.format(title="We can't authorize you because of an OAuth error.", body=body), 400)


def _refused(error: OAuthError) -> Response:
    return JSONResponse({"error": error.error, "error_description": error.description}, 400)
