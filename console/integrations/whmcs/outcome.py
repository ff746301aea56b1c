"""What an answer of WHMCS means: the answer itself, or one of our errors. Sends nothing and knows no model.

Source: whmcs-api.md 3.1 to 3.4. A change is done only where a whole, labelled JSON answer says so.
"""

import json
import re
from decimal import Decimal
from http import HTTPStatus
from typing import Any, NamedTuple

from pydantic import SecretStr

from console.errors import AccessRefused, Missing, OutcomeUnknown, Rejected, SystemFault, Unavailable
from console.integrations.whmcs.access import is_access
from console.integrations.whmcs.shapes import Row, unflatten

# Live credentials that some answers carry are dropped while parsing: of services, logins, payment methods, domains,
# and the key to a ticket's page. Source: whmcs-api.md 6, 7, 9, 10.
_SECRETS = frozenset({"password", "password2", "passwordhash", "remote_token", "transfersecret", "eppcode", "c"})
# A way into the client area is needed once, so it is kept covered. Source: whmcs-api.md 6, CreateSsoToken.
_COVERED = frozenset({"access_token", "redirect_url"})

_ACCESS_STATUSES = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_MISSING_TEXT = re.compile(r"(client|user|contact|order|service|invoice)( id)? not found\.?", re.IGNORECASE)

# GetInvoice was seen without `result` (whmcs-api.md 3.1); its `status` is the invoice's own.
_UNLABELLED_READS = {"GetInvoice": "invoiceid"}

# The texts of server modules can be long; what comes after this tells nobody anything.
_LONGEST_TEXT = 2000
_NVP_ERROR = re.compile(r"\s*(?P<label>result=error\s*[;&\n]\s*)?message=(?P<message>[^;\n]*)", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(?P<title>[^<]{1,200})", re.IGNORECASE)


class Call(NamedTuple):
    """Which action was called, and whether it would change something."""

    action: str
    mutating: bool

    @property
    def relays_module_text(self) -> bool:
        """Whether an error may be a server module's text, whose `Access denied` is about something else."""
        return self.action == "AcceptOrder" or self.action.startswith("Module")


def classify(call: Call, status: int, body: bytes) -> Row:
    """Return the answer of a call that succeeded; its bracketed keys nested, its secrets dropped.

    Rejected, Missing   WHMCS said no (AcceptOrder and Module*: a server module's no can follow partial work)
    AccessRefused       credential, role, address list, or an address that redirects; stop, do not retry
    Unavailable         a read without a usable answer
    OutcomeUnknown      a change without a usable answer
    """
    if HTTPStatus(300) <= status < HTTPStatus.BAD_REQUEST:
        raise _redirected(call, status)
    text = _decoded(body)
    answer = _json_object(text)
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise unusable(call, f"HTTP {status}, {_described(text)}", status)
    if answer is None:
        raise _text_error(call, status, text) or unusable(call, f"HTTP {status}, {_described(text)}", status)
    return _labelled(call, status, answer)


def _labelled(call: Call, status: int, answer: Row) -> Row:
    label = _text(answer.get("result", answer.get("status"))).lower()
    if label == "error":
        raise refused(call, status, _text(answer.get("message")))
    named_by = _UNLABELLED_READS.get(call.action)
    unlabelled = "result" not in answer and named_by is not None and named_by in answer
    if status >= HTTPStatus.BAD_REQUEST or not (label == "success" or unlabelled):
        warning = _text(answer.get("warning"))
        raise unusable(call, warning or f"HTTP {status}, an answer without a result", status)
    return unflatten(answer)


def refused(call: Call, status: int, message: str) -> SystemFault:
    """The error for an answer that is labelled as one. Source: whmcs-api.md 3.2, 3.4."""
    ours_to_read = status >= HTTPStatus.BAD_REQUEST or not call.relays_module_text
    if status in _ACCESS_STATUSES or (ours_to_read and is_access(message)):
        return _fault(AccessRefused, call, message, status)
    kind = Missing if _MISSING_TEXT.fullmatch(message.strip()) else Rejected
    return _fault(kind, call, message or "no reason given", status)


def unusable(call: Call, why: str, status: int | None = None) -> SystemFault:
    """The error for a call that was sent and brought no usable answer: a change may have happened."""
    return _fault(OutcomeUnknown if call.mutating else Unavailable, call, why, status)


def not_sent(call: Call, why: str) -> Unavailable:
    """The error for a call that never left: name, connection or TLS failed before it."""
    return Unavailable("whmcs", call.action, why, mutating=call.mutating)


def _redirected(call: Call, status: int) -> SystemFault:
    """A redirect is a wrong address in the settings; yet a change may have run before its page was moved."""
    why = f"HTTP {status}: the address redirects; set the billing address to where it leads"
    return unusable(call, why, status) if call.mutating else _fault(AccessRefused, call, why, status)


def _text_error(call: Call, status: int, text: str | None) -> SystemFault | None:
    """The error in a `result=error;message=…` body, as 7.x servers write them. Source: whmcs-api.md 3.3."""
    match = _NVP_ERROR.match(text or "")
    if not match or not (match["label"] or is_access(match["message"])):
        return None
    return refused(call, status, _text(match["message"].strip()))


def _fault(kind: type[SystemFault], call: Call, message: str, status: int | None) -> SystemFault:
    return kind("whmcs", call.action, message, status=status, mutating=call.mutating)


def _text(value: object) -> str:
    """A text as it can be written anywhere: of bounded length, and without halves of characters."""
    return value[:_LONGEST_TEXT].encode(errors="replace").decode() if isinstance(value, str) else ""


def _decoded(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _json_object(text: str | None) -> Row | None:
    try:
        parsed = json.loads(
            text or "", parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_without_secrets
        )
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _without_secrets(pairs: list[tuple[str, Any]]) -> Row:
    """An object of the answer, also where its keys are flattened: `products[product][0][password]`."""
    named = [(key, key.rpartition("[")[2].rstrip("]").lower(), value) for key, value in pairs]
    return {key: _covered(value, name) for key, name, value in named if name not in _SECRETS}


def _covered(value: Any, name: str) -> Any:
    return SecretStr(value) if name in _COVERED and isinstance(value, str) else value


def _described(text: str | None) -> str:
    """What a body is, in words. It is not quoted, since it may hold a customer's data."""
    if text is None:
        return "not text"
    if not text.strip():
        return "an empty answer"
    title = _TITLE.search(text)
    if title:
        return f"a page titled {title['title'].strip()!r}"
    return f"{len(text)} characters that are not a JSON object"
