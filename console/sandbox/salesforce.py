"""Salesforce's web server: turns HTTP into calls of the data API and knows who is signed in.

Every request is answered without a pause in between, or after its pauses once more from the start, so requests never
see each other half done.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from console.sandbox.clock import Clock
from console.sandbox.salesforce_access import Access, StaffUser
from console.sandbox.salesforce_api import DataApi, match
from console.sandbox.salesforce_calls import Answer, Call, json_body, refusal
from console.sandbox.salesforce_errors import SalesforceError, no_such_resource
from console.sandbox.salesforce_oauth import SignIns
from console.sandbox.salesforce_oauth_pages import OAuthPages
from console.sandbox.salesforce_setup import set_up_org
from console.sandbox.salesforce_store import SalesforceStore

_LABELS = {
    62: "Winter '25",
    63: "Spring '25",
    64: "Summer '25",
    65: "Winter '26",
    66: "Spring '26",
    67: "Summer '26",
    68: "Winter '27",
}
_LONGEST_URI = 16_384
_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"]

_DATA = re.compile(r"/services/data/v\d+\.\d/?(?P<path>.*)")
_OTHER_ACTIONS = {
    "/services/data": "versions",
    "/services/oauth2/userinfo": "userinfo",
    **{f"/services/oauth2/{name}": f"oauth_{name}" for name in ("authorize", "token", "revoke")},
}
_SHARED_ACTIONS = {
    "query_all": "query",
    "create_many": "collections",
    "update_many": "collections",
    "delete_many": "collections",
    "read_many": "collections",
    "create_tree": "tree",
    "parameterized_search": "search",
    "approve": "approvals",
    "read_by_key": "read",
}


def salesforce_app(
    store: SalesforceStore,
    users: Sequence[StaffUser],
    clock: Clock,
    sign_ins: SignIns | None = None,
) -> Starlette:
    """The application over `store` for `users`, who come with their fixed tokens or through `sign_ins`."""
    set_up_org(store, users)
    sign_ins = sign_ins or SignIns(users, clock)
    server = _Server(store, users, DataApi(store, clock, sign_ins.org), sign_ins)
    routes = [
        Route("/services/data", server.versions, methods=["GET"]),
        Route("/services/data/", server.versions, methods=["GET"]),
        Route("/services/data/v{version}", server.data, methods=_METHODS),
        Route("/services/data/v{version}/{path:path}", server.data, methods=_METHODS),
        Route("/services/oauth2/userinfo", server.userinfo, methods=["GET", "POST"]),
        Route("/id/{organization}/{user}", server.identity, methods=["GET"]),
        *OAuthPages(sign_ins, server.organization_id, clock).routes(),
    ]
    return Starlette(routes=routes, middleware=[Middleware(GZipMiddleware)], exception_handlers={404: _not_found})


def action_of(method: str, path: str) -> str:
    """What a request does, for fault rules: `query`, `create:Order` and so on; `other` if nobody serves it."""
    plain = path.rstrip("/")
    if plain in _OTHER_ACTIONS:
        return _OTHER_ACTIONS[plain]
    found = _DATA.fullmatch(plain)
    if found is None:
        return "identity" if plain.startswith("/id/") else "other"
    try:
        action, names = match(method.upper(), found["path"].strip("/"))
    except SalesforceError:
        return "other"
    action = _SHARED_ACTIONS.get(action, action)
    return f"{action}:{names['sobject']}" if "sobject" in names else action


class _Server:
    """The endpoints."""

    def __init__(self, store: SalesforceStore, users: Sequence[StaffUser], api: DataApi, sign_ins: SignIns) -> None:
        self._api = api
        self._sign_ins = sign_ins
        self.organization_id = next(iter(store.tables["Organization"]))
        self._access = {user.id: Access(user, store.schema, sign_ins.org) for user in users}

    async def versions(self, _: Request) -> Response:
        """The API versions that are not withdrawn: open to all and free of charge."""
        offered = [
            {"label": label, "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
            for number, label in _LABELS.items()
            if number >= self._sign_ins.org.oldest_version
        ]
        return _response(Answer(200, offered))

    async def data(self, request: Request) -> Response:
        """Any call of the data API."""
        content = await request.body()
        try:
            call = self._call(request, content)
        except SalesforceError as error:
            return _response(refusal(error))
        return _response(await self._api.answer(call))

    async def userinfo(self, request: Request) -> Response:
        """Who the bearer of the token is, as OpenID tells it. Source: salesforce-api.md 1.4."""
        access = self._bearer(request)
        if access is None:
            return PlainTextResponse("Bad_OAuth_Token", 403)
        user, base = access.user, str(request.base_url).rstrip("/")
        first, _, last = user.name.rpartition(" ")
        about = {
            "sub": f"{base}/id/{self.organization_id}/{user.id}",
            "user_id": user.id,
            "organization_id": self.organization_id,
            "preferred_username": user.username,
            "nickname": user.username.partition("@")[0],
            "name": user.name,
            "given_name": first,
            "family_name": last,
            "email": user.email,
            "email_verified": True,
            "zoneinfo": "Asia/Tokyo",
            "locale": "ja_JP",
            "language": user.language,
            "utcOffset": 32_400_000,
            "active": True,
            "user_type": "STANDARD",
            "photos": {},
            "urls": _urls(base),
        }
        return _response(Answer(200, about))

    async def identity(self, request: Request) -> Response:
        """The same as the identity URL tells it; the token may be a query parameter."""
        access = self._bearer(request)
        named = (request.path_params["organization"], request.path_params["user"])
        if access is None or named != (self.organization_id, access.user.id):
            return PlainTextResponse("Bad_OAuth_Token", 403)
        user, base = access.user, str(request.base_url).rstrip("/")
        about = {
            "id": f"{base}/id/{self.organization_id}/{user.id}",
            "user_id": user.id,
            "organization_id": self.organization_id,
            "username": user.username,
            "display_name": user.name,
            "email": user.email,
            "user_type": "STANDARD",
            "language": user.language,
            "locale": "ja_JP",
            "utcOffset": 32_400_000,
            "urls": _urls(base),
        }
        return _response(Answer(200, about))

    def _call(self, request: Request, content: bytes) -> Call:
        """The request as a call. Raises what refuses it before any resource sees it."""
        version = request.path_params["version"]
        _refuse_version(version, self._sign_ins.org.oldest_version)
        self._refuse_long(request)
        access = self._bearer(request)
        if access is None:
            raise _not_signed_in(request)
        if content and not request.headers.get("content-type", "").startswith("application/json"):
            raise SalesforceError("UNSUPPORTED_MEDIA_TYPE", "The content type of the body must be application/json")
        path = request.path_params.get("path", "").strip("/")
        params, headers = dict(request.query_params), dict(request.headers)
        return Call(request.method, version, path, params, headers, json_body(content), access)

    def _refuse_long(self, request: Request) -> None:
        """Refuse an address that is too long, alone (414) or with the headers (431). Source: salesforce-api.md 2.1."""
        address, most = len(request.url.path) + len(request.url.query), self._sign_ins.org.longest_header
        if address > _LONGEST_URI:
            raise SalesforceError("URI_TOO_LONG", f"The request URI is longer than {_LONGEST_URI} bytes.", status=414)
        if address + sum(len(name) + len(value) for name, value in request.headers.raw) > most:
            message = f"The request URI and headers are longer than {most} bytes."
            raise SalesforceError("REQUEST_HEADER_FIELDS_TOO_LARGE", message, status=431)

    def _bearer(self, request: Request) -> Access | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() not in ("bearer", "oauth"):
            token = request.query_params.get("oauth_token", "") if request.url.path.startswith("/id/") else ""
        user = self._sign_ins.user_of(token)
        return None if user is None else self._access[user.id]


def _not_signed_in(request: Request) -> SalesforceError:
    """A token that has ended, or a header that carries none."""
    header = request.headers.get("authorization", "")
    if header and not re.fullmatch(r"(Bearer|OAuth) \S+", header, re.IGNORECASE):
        return SalesforceError("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE", status=401)
    return SalesforceError("INVALID_SESSION_ID", "Session expired or invalid")


def _refuse_version(version: str, oldest: int) -> None:
    number = version.removesuffix(".0")
    if number.isdecimal() and int(number) < oldest:
        raise SalesforceError("UNSUPPORTED_API_VERSION", "This API version is retired.")
    if version not in {f"{one}.0" for one in _LABELS}:
        raise no_such_resource()


def _urls(base: str) -> dict[str, str]:
    rest = f"{base}/services/data/v{{version}}/"
    return {"rest": rest, "query": f"{rest}query/", "sobjects": f"{rest}sobjects/"}


def _response(answer: Answer) -> Response:
    headers = dict(answer.headers)
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    # Half a surrogate pair can be asked for in JSON but not be sent: it comes back as a question mark.
    content = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(content, answer.status, headers, media_type="application/json;charset=UTF-8")


async def _not_found(_request: Request, _error: Any) -> Response:
    return _response(refusal(no_such_resource()))
