"""Secrets that are planted in everything that WHMCS may send are in no record, error, log line or trace."""

import asyncio
import json
import logging
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import SecretStr

from console.errors import SystemFault
from console.integrations.whmcs.actions import Whmcs
from console.models.billing_people import ClientDetails
from tests.contract.whmcs_answers import PARSERS
from tests.integrations.whmcs.wire import DROP, Form, connected, http

Act = Callable[[Whmcs], Awaitable[object]]

_PLANTED = "planted-3f9c"
_SECRET_FIELDS = (
    "password",
    "Password",
    "password2",
    "passwordhash",
    "remote_token",
    "access_token",
    "transfersecret",
    "eppcode",
    "c",
)
_ACTS: dict[str, Act] = {
    "GetClientsDetails": lambda whmcs: whmcs.get_client(7),
    "GetClientsProducts": lambda whmcs: whmcs.get_services(7, currency="JPY"),
    "GetPayMethods": lambda whmcs: whmcs.get_pay_methods(7),
    "GetOrders": lambda whmcs: whmcs.get_orders(7),
    "GetTickets": lambda whmcs: whmcs.get_tickets(7),
    "OpenTicket": lambda whmcs: whmcs.open_ticket(7, 1, subject="Line", message="It is slow."),
    "GetEmails": lambda whmcs: whmcs.get_emails(7),
    "ValidateLogin": lambda whmcs: whmcs.validate_login("hanako@example.jp", SecretStr(_PLANTED)),
    "CreateSsoToken": lambda whmcs: whmcs.create_sso_token(7),
    "AddClient": lambda whmcs: whmcs.add_client(ClientDetails(first_name="Jiro")),
    "AddOrder": lambda whmcs: whmcs.add_order(7, "cards", [], price_override=False),
    "GetInvoice": lambda whmcs: whmcs.get_invoice(3, currency="JPY"),
}


def planted(value: Any) -> Any:
    """The answer with a secret in every field of every object that may hold one."""
    if isinstance(value, dict):
        parts = {key: planted(part) for key, part in value.items()}
        return {**parts, **{name: f"{_PLANTED}-{name}" for name in _SECRET_FIELDS}, "message": _PLANTED}
    return [planted(part) for part in value] if isinstance(value, list) else value


def flattened(value: Any, path: str) -> dict[str, Any]:
    """Nested values under bracketed keys, as some servers write them."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if parts is None:
        return {path: value}
    found: dict[str, Any] = {}
    for key, part in parts:
        found |= flattened(part, f"{path}[{key}]" if path else str(key))
    return found


def answers(action: str, url: str) -> list[bytes]:
    """Ways to answer with a planted secret: well, flattened, cut, mistyped, as an error, with a warning."""
    body = {"result": "success", **planted(PARSERS[action][1])}
    del body["message"]
    if action == "CreateSsoToken":
        body["redirect_url"] = url.replace("includes/api.php", f"oauth/singlesignon.php?access_token={_PLANTED}")
    text = json.dumps(body).encode()
    mistyped = {**body, "clientid": {"password": _PLANTED}, "orderid": [], "products": [{"password": _PLANTED}]}
    return [
        http(text),
        http(json.dumps(flattened(body, "")).encode()),
        http(text[:-2]),
        http(text, 500),
        http(json.dumps(mistyped).encode()),
        http(json.dumps({**body, "result": "unsure"}).encode()),
        http(json.dumps({**body, "warning": {"password": _PLANTED}}).encode()),
        http(f"<html><title>Error</title>{_PLANTED}</html>".encode(), 502),
        http(b"", 302, f"Location: https://billing.example.com/?access_token={_PLANTED}"),
        DROP,
    ]


@pytest.mark.parametrize("action", _ACTS)
def test_no_planted_secret_is_in_a_record_an_error_or_the_log(action: str, caplog: pytest.LogCaptureFixture) -> None:
    # As verbose as the console's own log gets: it never listens to the HTTP libraries (console.logs).
    caplog.set_level(logging.DEBUG, logger="console")

    async def attempt(number: int) -> str:
        def answer(_form: Form) -> bytes:
            return answers(action, whmcs._transport.url)[number]

        async with connected(answer) as (whmcs, _wire):
            try:
                record = await _ACTS[action](whmcs)
            except SystemFault as fault:
                return repr(fault) + "".join(traceback.format_exception(fault)) + repr(whmcs.contact.seen)
            return repr(record) + str(record) + repr(whmcs.contact.seen)

    for number in range(10):
        told = asyncio.run(attempt(number))
        assert _PLANTED not in told
        assert "example-secret" not in told
    assert _PLANTED not in caplog.text
    assert "example-secret" not in caplog.text


def test_a_way_in_is_told_to_nobody_but_who_opens_it() -> None:
    async def attempt() -> None:
        def answer(_form: Form) -> bytes:
            return answers("CreateSsoToken", whmcs._transport.url)[0]

        async with connected(answer) as (whmcs, _wire):
            link = await whmcs.create_sso_token(7)
            assert _PLANTED in link.address.get_secret_value()
            assert _PLANTED not in link.model_dump_json() + f"{link}{link!r}{link.model_dump()}"

    asyncio.run(attempt())


def test_the_password_of_a_new_client_is_in_no_trace(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def attempt() -> tuple[str, str]:
        async with connected(lambda _: DROP) as (whmcs, wire):
            with pytest.raises(SystemFault) as caught:
                await whmcs.add_client(ClientDetails(first_name="Jiro"))
            return wire.forms[0]["password2"], "".join(traceback.format_exception(caught.value))

    password, trace = asyncio.run(attempt())

    assert len(password) >= 24
    assert password not in trace + caplog.text
