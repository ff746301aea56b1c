"""Breaks the wires of both sandboxes on purpose: which call, in which way; and counts every call made.

Wraps either application from outside and knows nothing of what it does. Source: whmcs-api.md 13.6 and 3.2,
salesforce-api.md 2.8.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.sandbox.whmcs_wire import error_response

System: TypeAlias = Literal["salesforce", "whmcs"]
Kind: TypeAlias = Literal[
    "refuse",
    "drop",
    "commit_then_drop",
    "commit_later",
    "answer_late",
    "drip",
    "hold",
    "commit_then_hold",
    "html",
    "html_200",
    "php_notice",
    "truncated",
    "empty",
    "warning_only",
    "no_result",
    "access_ip",
    "access_credentials",
    "access_role",
    "status",
    "redirect",
    "lock_row",
    "request_limit",
    "invalid_session",
    "invalid_auth_header",
    "header_too_large",
    "server_error",
]
ABORT = "sandbox.abort"
"""The ASGI extension, a function without arguments, that cuts the connection; the server offers it."""

_PHP_NOTICE = b"<br />\n<b>Notice</b>: Undefined index: note in <b>/srv/hooks/stock.php</b> on line <b>12</b>\n"
_HTML = "<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>"


class Fault(BaseModel):
    """One planned fault: which calls it hits and what then happens.

    `action` is a pattern (`Add*`, `update:Order`), compared without case. `call` counts the calls of matching
    actions since the fault was set, 1 being the next (as is None); `count` calls from there are hit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: System
    action: str = "*"
    kind: Kind
    call: int | None = Field(default=None, ge=1)
    count: int = Field(default=1, ge=1)
    status: int | None = Field(default=None, ge=200, le=599)
    """For `status`, `html`, `redirect`, `refuse` and `commit_later` (which drops unless it is given)."""
    message: str = ""
    error_code: str = ""
    """Salesforce's, for `refuse`."""
    as_text: bool = False
    """Of WHMCS, for `refuse` and what denies access: `result=error;message=…` although JSON was asked for."""
    retry_after_s: int | None = Field(default=None, ge=0)
    """For `status`, `html` and `html_200`: the header that says when to come again."""
    delay_ms: int = Field(default=0, ge=0)
    body: str | None = None
    """Instead of the usual page, for `html`, `html_200` and `status`; the text of `warning_only`."""
    committed: bool = False
    """For `html`, `html_200`, `empty` and `status`: whether the call is carried out all the same."""

    def matches(self, system: str, action: str) -> bool:
        """Whether a call of this action counts for the fault."""
        return self.system == system and fnmatchcase(action.lower(), self.action.lower())

    def hits(self, seen: int) -> bool:
        """Whether the call with this number, counted since the fault was set, is hit."""
        first = self.call or 1
        return first <= seen < first + self.count


@dataclass
class Armed:
    """A fault that is set, and how many calls it has seen."""

    number: int
    fault: Fault
    seen: int = 0

    def as_json(self) -> dict[str, Any]:
        """The fault as data, with its number and what it has seen."""
        return {"number": self.number, "seen": self.seen, **self.fault.model_dump()}


class FaultBoard:
    """The faults that are set, the latency of each system, and the calls made. Shared by both wires."""

    def __init__(self, faults: Sequence[Fault] = (), latency_ms: Mapping[str, int] | None = None) -> None:
        """Set `faults`; `latency_ms` maps systems to a delay before each call."""
        self.latency_ms = {"salesforce": 0, "whmcs": 0, **(latency_ms or {})}
        self.calls: Counter[tuple[str, str]] = Counter()
        self.held: list[tuple[str, str]] = []
        """System and action of each call that was ever held, in order."""
        self._armed: list[Armed] = []
        self._last_number = 0
        for fault in faults:
            self.add(fault)

    @property
    def armed(self) -> Sequence[Armed]:
        """The faults that are set, oldest first."""
        return tuple(self._armed)

    def add(self, fault: Fault) -> int:
        """Set a fault; its calls are counted from now on. Returns its number."""
        self._last_number += 1
        self._armed.append(Armed(self._last_number, fault))
        return self._last_number

    def remove(self, number: int | None = None) -> None:
        """Take one fault away, or all. KeyError when there is none with this number."""
        kept = [] if number is None else [armed for armed in self._armed if armed.number != number]
        if number is not None and len(kept) == len(self._armed):
            raise KeyError(number)
        self._armed = kept

    def take(self, system: str, action: str) -> Fault | None:
        """Count a call that is about to be made; the fault that hits it, the oldest where several do."""
        self.calls[system, action] += 1
        hit = None
        for armed in self._armed:
            if armed.fault.matches(system, action):
                armed.seen += 1
                if hit is None and armed.fault.hits(armed.seen):
                    hit = armed.fault
        return hit

    def note_held(self, system: str, action: str) -> None:
        """A call is held from now on, until its caller is gone."""
        self.held.append((system, action))

    def calls_made(self) -> dict[str, dict[str, int]]:
        """How often each action was called, by system."""
        made: dict[str, dict[str, int]] = {"salesforce": {}, "whmcs": {}}
        for (system, action), number in sorted(self.calls.items()):
            made[system][action] = number
        return made


@dataclass(frozen=True)
class Captured:
    """The answer of the application, kept back."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


@dataclass(frozen=True)
class Exchange:
    """One call under a fault: it can be carried out, answered and cut off, each on its own."""

    app: ASGIApp
    scope: Scope
    body: bytes
    receive: Receive
    send: Send
    action: str
    note_held: Callable[[], None]

    async def carry_out(self) -> Captured:
        """Let the application do its work and keep its answer."""
        start: dict[str, Any] = {}
        body = bytearray()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                body.extend(message.get("body", b""))

        await self.app(self.scope, _replayed(self.body, self.receive), keep)
        return Captured(start["status"], list(start["headers"]), bytes(body))

    async def answer(self, response: Response) -> None:
        """Answer in the application's place."""
        await response(self.scope, self.receive, self.send)

    async def pass_on(self, captured: Captured, body: bytes) -> None:
        """Answer with the application's status and headers, and with this body."""
        headers = [(name, value) for name, value in captured.headers if name.lower() != b"content-length"]
        await self._start(captured.status, [*headers, (b"content-length", str(len(body)).encode())])
        await self._send_part(body, more=False)

    async def pass_on_half(self, captured: Captured) -> None:
        """Announce the whole answer, send half of it and cut the connection."""
        await self._start(captured.status, captured.headers)
        await self._send_part(captured.body[: len(captured.body) // 2], more=True)
        await self.cut()

    async def pass_on_slowly(self, captured: Captured, pause_s: float) -> None:
        """Send the answer in ten parts with pauses."""
        await self._start(captured.status, captured.headers)
        size = max(len(captured.body) // 10, 1)
        for at in range(0, len(captured.body), size):
            await asyncio.sleep(pause_s / 10)
            await self._send_part(captured.body[at : at + size], more=True)
        await self._send_part(b"", more=False)

    async def cut(self) -> None:
        """Cut the connection and wait until it is gone. RuntimeError under a test transport."""
        abort: Callable[[], None] | None = self.scope.get("extensions", {}).get(ABORT)
        if abort is None:
            raise RuntimeError("this transport has no connection to cut; use the real loopback server")
        abort()
        await self.gone()

    async def hold(self) -> None:
        """Answer nothing until the caller is gone, and say that the call is held."""
        self.note_held()
        await self.gone()

    async def gone(self) -> None:
        """Wait until there is no connection any more."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def _start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def _send_part(self, body: bytes, *, more: bool) -> None:
        await self.send({"type": "http.response.body", "body": body, "more_body": more})


Behaviour: TypeAlias = Callable[[Fault, Exchange], Awaitable[None]]


class FaultMiddleware:
    """Puts a `FaultBoard` in front of one application; `action_of` names a request's action."""

    def __init__(
        self,
        app: ASGIApp,
        board: FaultBoard,
        system: System,
        action_of: Callable[[Request], Awaitable[str]],
    ) -> None:
        """Wrap `app`."""
        self._app = app
        self._board = board
        self._system = system
        self._action_of = action_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the call, wait for the latency, and let the call through or break it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            # The caller died in the middle of its request: nobody waits, and nothing is done.
            return
        action = await self._action_of(Request(scope, _replayed(body, receive)))
        fault = self._board.take(self._system, action)
        await asyncio.sleep(self._board.latency_ms[self._system] / 1000)
        if fault is None:
            await self._app(scope, _replayed(body, receive), send)
        else:
            note_held = partial(self._board.note_held, self._system, action)
            exchange = Exchange(self._app, scope, body, receive, send, action, note_held)
            await _BEHAVIOURS[fault.kind](fault, exchange)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body again, then what comes after it."""
    unread = [body]

    async def replay() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        return await receive()

    return replay


async def _drop(_fault: Fault, exchange: Exchange) -> None:
    await exchange.cut()


async def _commit_then_drop(_fault: Fault, exchange: Exchange) -> None:
    await exchange.carry_out()
    await exchange.cut()


async def _hold(_fault: Fault, exchange: Exchange) -> None:
    await exchange.hold()


async def _commit_then_hold(_fault: Fault, exchange: Exchange) -> None:
    await exchange.carry_out()
    await exchange.hold()


async def _commit_later(fault: Fault, exchange: Exchange) -> None:
    """The answer is out, or the connection gone, before the call is carried out."""
    if fault.status is None:
        await exchange.cut()
    else:
        await exchange.answer(_page(fault.status, fault))
    await asyncio.sleep(fault.delay_ms / 1000)
    await exchange.carry_out()


async def _answer_late(fault: Fault, exchange: Exchange) -> None:
    captured = await exchange.carry_out()
    await asyncio.sleep(fault.delay_ms / 1000)
    await exchange.pass_on(captured, captured.body)


async def _drip(fault: Fault, exchange: Exchange) -> None:
    await exchange.pass_on_slowly(await exchange.carry_out(), fault.delay_ms / 1000)


async def _truncated(_fault: Fault, exchange: Exchange) -> None:
    await exchange.pass_on_half(await exchange.carry_out())


async def _php_notice(_fault: Fault, exchange: Exchange) -> None:
    captured = await exchange.carry_out()
    await exchange.pass_on(captured, _PHP_NOTICE + captured.body)


async def _no_result(_fault: Fault, exchange: Exchange) -> None:
    captured = await exchange.carry_out()
    await exchange.pass_on(captured, captured.body.replace(b'"result":"success",', b"", 1))


async def _empty(fault: Fault, exchange: Exchange) -> None:
    if fault.committed:
        await exchange.carry_out()
    await exchange.answer(Response(status_code=200))


def _page_with(usual_status: int) -> Behaviour:
    """An HTML page with the fault's own status, else the usual one."""

    async def answer_page(fault: Fault, exchange: Exchange) -> None:
        if fault.committed:
            await exchange.carry_out()
        await exchange.answer(_page(fault.status or usual_status, fault))

    return answer_page


def _page(status: int, fault: Fault) -> Response:
    usual = _HTML.format(title=f"{status} Server Error", text=fault.message or "Laminas EmitterException")
    headers = {} if fault.retry_after_s is None else {"Retry-After": str(fault.retry_after_s)}
    return HTMLResponse(usual if fault.body is None else fault.body, status, headers)


async def _redirect(fault: Fault, exchange: Exchange) -> None:
    address = f"https://www.example.com{exchange.scope['path']}"
    await exchange.answer(RedirectResponse(address, fault.status or 301))


async def _warning_only(fault: Fault, exchange: Exchange) -> None:
    text = fault.body or fault.message or "The payment method could not be used."
    await exchange.answer(JSONResponse({"warning": text}))


async def _refuse(fault: Fault, exchange: Exchange) -> None:
    """A business error before anything is done."""
    text = fault.message or "Refused by the sandbox"
    if fault.system == "whmcs":
        await exchange.answer(error_response(text, fault.status or 200, "nvp" if fault.as_text else "json"))
    elif exchange.action.startswith("oauth_"):
        refusal = {"error": fault.error_code or "invalid_grant", "error_description": text}
        await exchange.answer(JSONResponse(refusal, fault.status or 400))
    else:
        error = {"message": text, "errorCode": fault.error_code or "FIELD_CUSTOM_VALIDATION_EXCEPTION"}
        await exchange.answer(JSONResponse([error], fault.status or 400))


def _access(message: str) -> Behaviour:
    """An access error of whmcs-api.md 3.2; `{action}` is the action in lower case."""

    async def deny(fault: Fault, exchange: Exchange) -> None:
        text = fault.message or message.format(action=exchange.action.lower())
        await exchange.answer(error_response(text, fault.status or 403, "nvp" if fault.as_text else "json"))

    return deny


def _salesforce_error(status: int, code: str, message: str) -> Behaviour:
    """An error of salesforce-api.md 2.8, before anything is done."""

    async def fail(fault: Fault, exchange: Exchange) -> None:
        error = {"message": fault.message or message, "errorCode": code}
        await exchange.answer(JSONResponse([error], fault.status or status))

    return fail


_BEHAVIOURS: Mapping[Kind, Behaviour] = {
    "refuse": _refuse,
    "drop": _drop,
    "commit_then_drop": _commit_then_drop,
    "commit_later": _commit_later,
    "answer_late": _answer_late,
    "drip": _drip,
    "hold": _hold,
    "commit_then_hold": _commit_then_hold,
    "html": _page_with(500),
    "html_200": _page_with(200),
    "php_notice": _php_notice,
    "truncated": _truncated,
    "empty": _empty,
    "warning_only": _warning_only,
    "no_result": _no_result,
    "access_ip": _access("Invalid IP 127.0.0.1"),
    "access_credentials": _access("Invalid or missing credentials"),
    "access_role": _access('Invalid Permissions: API action "{action}" is not allowed'),
    "status": _page_with(503),
    "redirect": _redirect,
    "lock_row": _salesforce_error(
        400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records"
    ),
    "request_limit": _salesforce_error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    "invalid_session": _salesforce_error(401, "INVALID_SESSION_ID", "Session expired or invalid"),
    "invalid_auth_header": _salesforce_error(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"),
    "header_too_large": _salesforce_error(431, "REQUEST_HEADER_FIELDS_TOO_LARGE", "The headers are too large."),
    "server_error": _salesforce_error(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred."),
}
