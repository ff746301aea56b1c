"""What Salesforce answers when it does not do as asked, turned into our errors: one mapper for both HTTP libraries."""

import re
from typing import Any

from console import errors
from console.integrations.reach import obstacle

_HELD_BY = re.compile(r"record with id: ([0-9A-Za-z]{15,18})")
_ACCESS = ("INSUFFICIENT_ACCESS", "INVALID_SESSION_ID", "INVALID_AUTH_HEADER", "API_DISABLED", "API_CURRENTLY_DISABLED",
           "FUNCTIONALITY_NOT_ENABLED")  # fmt: skip
_BY_CODE: dict[str | None, type[errors.SystemFault]] = {
    "DUPLICATE_VALUE": errors.Conflict,
    "NOT_FOUND": errors.Missing,
    "ENTITY_IS_DELETED": errors.Missing,
    # Refused before anything was done, whatever the status that comes with it.
    "UNABLE_TO_LOCK_ROW": errors.Rejected,
    "REQUEST_LIMIT_EXCEEDED": errors.Unavailable,
}
_BY_STATUS: dict[int, type[errors.SystemFault]] = {
    300: errors.Rejected,
    401: errors.AccessRefused,
    403: errors.AccessRefused,
    404: errors.Missing,
    412: errors.Stale,
}
_LONGEST_MESSAGE, _LONGEST_PAGE = 2000, 500
_SERVER_ERRORS = 500
# 420: the edge has no route to the instance (salesforce-api.md 2.8).
_NO_ROUTE = 420


def fault(action: str, status: int, body: Any, *, mutating: bool) -> errors.SystemFault:
    """The error for an answer with a failing status. `body` is parsed JSON, or text where it was not JSON.

    Decided on status and errorCode, never on prose. Source: salesforce-api.md 2.6 and 2.8.
    """
    code, message = _first(body)
    kind = _kind(status, code, mutating=mutating)
    raised = kind("salesforce", action, message, status=status, error_code=code, mutating=mutating)
    if isinstance(raised, errors.Conflict) and (held := _HELD_BY.search(message)):
        raised.holder_id = held[1]
    return raised


def not_reached(action: str, error: Exception, *, mutating: bool) -> errors.Unavailable:
    """The error for a request that never left, as no connection was made; `error` is the HTTP library's."""
    found = obstacle(error)
    words = f"not reached ({found}): {_told(error)[:_LONGEST_PAGE]}"
    return errors.Unavailable("salesforce", action, words, mutating=mutating).because(found)


def no_answer(action: str, message: str, *, mutating: bool, sent: bool) -> errors.SystemFault:
    """The error for a request without any answer; `sent` tells whether it may have reached Salesforce."""
    kind = errors.OutcomeUnknown if mutating and sent else errors.Unavailable
    return kind("salesforce", action, message, mutating=mutating)


def _first(body: Any) -> tuple[str | None, str]:
    first = body[0] if isinstance(body, list) and body else body
    if isinstance(first, dict):
        code = first.get("errorCode") or first.get("statusCode") or first.get("error")
        return (_told(code) if code else None), _told(first.get("message") or first.get("error_description") or code)
    return None, _told(first)[:_LONGEST_PAGE]


def _told(value: Any) -> str:
    """A text as it can be written anywhere: of bounded length, and without halves of characters."""
    return str(value)[:_LONGEST_MESSAGE].encode("utf-8", "replace").decode()


def _kind(status: int, code: str | None, *, mutating: bool) -> type[errors.SystemFault]:
    if code in _BY_CODE:
        return _BY_CODE[code]
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= _SERVER_ERRORS or status == _NO_ROUTE or code is None:
        return errors.OutcomeUnknown if mutating else errors.Unavailable
    return errors.AccessRefused if code.startswith(_ACCESS) else errors.Rejected
