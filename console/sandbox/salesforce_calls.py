"""A call of the data API and its answer, apart from any web framework: composite makes calls too."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from console.sandbox.salesforce_access import Access
from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_store import Record
from console.sandbox.salesforce_times import parse_datetime, parse_http_date

OK, CREATED, NO_CONTENT, MULTIPLE, NOT_MODIFIED = 200, 201, 204, 300, 304
FIRST_ERROR = 400
_CONDITIONS = ("if-modified-since", "if-unmodified-since")


@dataclass(frozen=True)
class Call:
    """A request below `/services/data/vXX.0`. `path` has no outer slashes; headers are lower case."""

    method: str
    version: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    access: Access
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def data_path(self) -> str:
        """What the urls of this API version begin with."""
        return f"/services/data/v{self.version}"

    def record_body(self) -> dict[str, Any]:
        """The body as one object. Raises JSON_PARSER_ERROR."""
        if not isinstance(self.body, dict):
            raise SalesforceError("JSON_PARSER_ERROR", "The HTTP entity body is required, and must be an object")
        return self.body


@dataclass(frozen=True)
class Answer:
    """Status, JSON body (None for none) and headers."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Answer]


def refusal(error: SalesforceError) -> Answer:
    """The answer that an error makes."""
    return Answer(error.status, error.body())


def split_url(url: str) -> tuple[str, dict[str, str]]:
    """The path and the parameters of a sub-request. Raises INVALID_INPUT."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise SalesforceError("INVALID_INPUT", f"{url} is no URL") from error
    return unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True))


def json_body(content: bytes) -> Any:
    """The JSON of a request body, None for an empty one. Raises JSON_PARSER_ERROR."""
    if not content:
        return None
    try:
        return json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise SalesforceError("JSON_PARSER_ERROR", f"Unexpected character in the body: {error}") from error


def _no_number(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def refuse_changed(call: Call, record: Record) -> None:
    """Refuse what comes with If-Unmodified-Since where the record is newer. Source: salesforce-api.md 2.6.

    Raises PRECONDITION_FAILED (412). A read is refused the same way.
    """
    since = _date_of(call, "if-unmodified-since")
    if since is not None and parse_datetime(record["LastModifiedDate"]) > since:
        raise SalesforceError("PRECONDITION_FAILED", "The record was modified since the given date.")


def refuse_unreadable_dates(call: Call) -> None:
    """Refuse a write whose conditions are no dates. Raises INVALID_HEADER."""
    for name in _CONDITIONS:
        if name in call.headers and _date_of(call, name) is None:
            raise SalesforceError("INVALID_HEADER", f"{name} is not a date: {call.headers[name]}")


def unchanged_since(call: Call, last_modified: str) -> bool:
    """Whether a read with If-Modified-Since needs no body."""
    since = _date_of(call, "if-modified-since")
    return since is not None and parse_datetime(last_modified) <= since


def _date_of(call: Call, header: str) -> datetime | None:
    """The date in a header; None where there is none that can be read."""
    try:
        return parse_http_date(call.headers[header])
    except (KeyError, ValueError):
        return None
