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
    whmcs_add_product,
    whmcs_billing,
    whmcs_catalogue,
    whmcs_clients,
    whmcs_contacts,
    whmcs_credit,
    whmcs_invoices,
    whmcs_messages,
    whmcs_modules,
    whmcs_orders,
    whmcs_services,
    whmcs_stats,
    whmcs_tickets,
    whmcs_upgrades,
    whmcs_users,
)
from console.sandbox.php import Value, parse_form
from console.sandbox.whmcs_call import Call, Handler, Params, Refused, WhmcsServer
from console.sandbox.whmcs_entry import Denied, allowed_action
from console.sandbox.whmcs_wire import answer_response, error_response, response_form

API_PATH = "/includes/api.php"
ACTIONS: Mapping[str, Handler] = {
    **whmcs_catalogue.ACTIONS,
    **whmcs_add_product.ACTIONS,
    **whmcs_stats.ACTIONS,
    **whmcs_clients.ACTIONS,
    **whmcs_contacts.ACTIONS,
    **whmcs_users.ACTIONS,
    **whmcs_access.ACTIONS,
    **whmcs_orders.ACTIONS,
    **whmcs_modules.ACTIONS,
    **whmcs_services.ACTIONS,
    **whmcs_upgrades.ACTIONS,
    **whmcs_billing.ACTIONS,
    **whmcs_invoices.ACTIONS,
    **whmcs_credit.ACTIONS,
    **whmcs_tickets.ACTIONS,
    **whmcs_messages.ACTIONS,
}

_SINCE = {name: (8, 1) if name == "GetUsers" else (8, 0) for name in ACTIONS}
# Their success has `status` where all others have `result` (whmcs-api.md 3.1).
_SAY_STATUS = frozenset({"AddBillableItem", "GetPermissionsList"})
_BY_LOWER_CASE = {name.lower(): name for name in ACTIONS}


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
    """What was sent, as PHP's `$_REQUEST`: the query of the address, and over it the form that was posted."""
    query = parse_form(parse_qsl(request.url.query, keep_blank_values=True))
    return {**query, **await _posted(request)}


async def _posted(request: Request) -> dict[str, Value]:
    """The posted form, url-encoded or multipart; anything else is an empty form."""
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
    caller = server.switches.seen_address or (request.client.host if request.client else "")
    call = Call(server, params, caller, f"{request.url.scheme}://{request.url.netloc}")
    form = response_form(params.text("responsetype"))
    try:
        name = allowed_action(call, _SINCE)
        answer = {"status" if name in _SAY_STATUS else "result": "success", **ACTIONS[name](call)}
    except Denied as denied:
        return error_response(denied.message, denied.status, "nvp" if server.switches.access_as_nvp else form)
    except Refused as refused:
        return error_response(refused.message, 200, form, key=refused.key)
    return answer_response(answer, server.switches, server.chance, form)


def _client_area(server: WhmcsServer, token: str) -> Response:
    way_in = whmcs_access.redeem(server, token)
    if way_in is None:
        return HTMLResponse("<h1>Please sign in</h1><p>The link has been used or is too old.</p>", 403)
    place = html.escape(way_in.destination or "clientarea:home")
    return HTMLResponse(f"<h1>Client area</h1><p>Client {way_in.client_id}, {place}</p>")
