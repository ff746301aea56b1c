"""The sandbox WHMCS as a web application: one address, access control, and a table of actions.

Enforces nothing that WHMCS does not: unknown parameters are ignored silently. Source: whmcs-api.md 1 to 3.
"""

import html
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from console.sandbox import (
    whmcs_access,
    whmcs_billing,
    whmcs_catalogue,
    whmcs_clients,
    whmcs_messages,
    whmcs_modules,
    whmcs_orders,
    whmcs_services,
)
from console.sandbox.php import Value, parse_form
from console.sandbox.whmcs_call import Call, Handler, Params, Refused, WhmcsServer
from console.sandbox.whmcs_wire import answer_response, error_response

API_PATH = "/includes/api.php"
ACTIONS: Mapping[str, Handler] = {
    **whmcs_catalogue.ACTIONS,
    **whmcs_clients.ACTIONS,
    **whmcs_access.ACTIONS,
    **whmcs_orders.ACTIONS,
    **whmcs_modules.ACTIONS,
    **whmcs_services.ACTIONS,
    **whmcs_billing.ACTIONS,
    **whmcs_messages.ACTIONS,
}
SINCE: Mapping[str, tuple[int, int]] = {"WhmcsDetails": (8, 0), "GetUsers": (8, 1)}

_BY_LOWER_CASE = {name.lower(): name for name in ACTIONS}


class _Denied(Exception):
    """An access error: a 4xx status with a body (whmcs-api.md 3.2)."""

    def __init__(self, message: str, status: int = 403) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def whmcs_app(server: WhmcsServer) -> Starlette:
    """The application. No action waits for anything, so calls never mix in the books."""

    async def api(request: Request) -> Response:
        return respond(server, request, Params(await form_of(request)))

    async def single_sign_on(request: Request) -> Response:
        return _client_area(server, request.query_params.get("access_token", ""))

    return Starlette(
        routes=[
            Route(API_PATH, api, methods=["POST"]),
            Route(whmcs_access.SSO_PATH, single_sign_on, methods=["GET"]),
        ]
    )


async def form_of(request: Request) -> dict[str, Value]:
    """The form that was posted, url-encoded or multipart, as PHP reads it; anything else is an empty form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        async with request.form() as form:
            return parse_form((name, value) for name, value in form.multi_items() if isinstance(value, str))
    if kind == "application/x-www-form-urlencoded":
        body = (await request.body()).decode("utf-8", "replace")
        return parse_form(parse_qsl(body, keep_blank_values=True))
    return {}


async def action_of(request: Request) -> str:
    """The documented name of the action that a request asks for; as sent where there is no such action."""
    sent = Params(await form_of(request)).text("action")
    return _BY_LOWER_CASE.get(sent.lower(), sent)


def respond(server: WhmcsServer, request: Request, params: Params) -> Response:
    """Check access, run the action, write the answer."""
    caller = request.client.host if request.client else ""
    call = Call(server, params, caller, f"{request.url.scheme}://{request.url.netloc}")
    as_json = params.text("responsetype") == "json"
    try:
        name = _allowed_action(call)
        answer = {"result": "success", **ACTIONS[name](call)}
    except _Denied as denied:
        plain = as_json and not server.switches.access_as_nvp
        return error_response(denied.message, denied.status, as_json=plain)
    except Refused as refused:
        return error_response(refused.message, 200, as_json=as_json, key=refused.key)
    return answer_response(answer, server.switches, server.chance, as_json=as_json)


def _allowed_action(call: Call) -> str:
    """The action's documented name. One that does not exist is one that no role allows (whmcs-api.md 3.2)."""
    params, server = call.params, call.server
    if not server.switches.ip_allowed and params.text("accesskey") != server.credentials.access_key:
        raise _Denied(f"Invalid IP {call.caller}")
    if not _known_credentials(call):
        raise _Denied("Invalid or missing credentials")
    action = params.text("action").lower()
    if not action:
        raise _Denied("Empty action request", 400)
    name = _BY_LOWER_CASE.get(action, "")
    disabled = {other.lower() for other in server.switches.disabled_actions}
    if not name or action in disabled or not server.switches.since(*SINCE.get(name, (0,))):
        raise _Denied(f'Invalid Permissions: API action "{action}" is not allowed')
    return name


def _known_credentials(call: Call) -> bool:
    """Identifier and secret, under these names or as username and password."""
    params, known = call.params, call.server.credentials
    sent = (
        (params.text("identifier"), params.text("secret")),
        (params.text("username"), params.text("password")),
    )
    return (known.identifier, known.secret) in sent


def _client_area(server: WhmcsServer, token: str) -> Response:
    way_in = whmcs_access.redeem(server, token)
    if way_in is None:
        return HTMLResponse("<h1>Please sign in</h1><p>The link has been used or is too old.</p>", 403)
    place = html.escape(way_in.destination or "clientarea:home")
    return HTMLResponse(f"<h1>Client area</h1><p>Client {way_in.client_id}, {place}</p>")
