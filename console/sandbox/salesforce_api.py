"""The data API: which resource answers which path, pages of queries, limits. Speaks no HTTP."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from starlette.routing import compile_path

from console.sandbox.clock import Clock
from console.sandbox.salesforce_calls import NOT_MODIFIED, OK, Answer, Call, Handler, refusal, unchanged_since
from console.sandbox.salesforce_composite import Collections, Composite
from console.sandbox.salesforce_describe import basic, describe, describe_global
from console.sandbox.salesforce_errors import SalesforceError, no_such_resource
from console.sandbox.salesforce_query import Found, QueryRunner
from console.sandbox.salesforce_records import Records
from console.sandbox.salesforce_rows import Rows
from console.sandbox.salesforce_store import SalesforceStore
from console.sandbox.salesforce_times import http_date, parse_datetime, wire_datetime

# Path below the version → method → name of the action. The first path that matches counts.
_ACTIONS: dict[str, dict[str, str]] = {
    "": {"GET": "resources"},
    "query": {"GET": "query"},
    "queryAll": {"GET": "query_all"},
    "query/{locator}": {"GET": "query_more"},
    "limits": {"GET": "limits"},
    "composite": {"POST": "composite"},
    "composite/sobjects": {"POST": "create_many", "PATCH": "update_many"},
    "sobjects": {"GET": "describe_global"},
    "sobjects/{sobject}": {"GET": "basic", "POST": "create"},
    "sobjects/{sobject}/Id": {"POST": "create"},
    "sobjects/{sobject}/describe": {"GET": "describe"},
    "sobjects/{sobject}/{record_id}": {"GET": "read", "PATCH": "update", "DELETE": "delete"},
    "sobjects/{sobject}/{field}/{value:path}": {"GET": "read_by_key", "PATCH": "upsert"},
}
_PATHS = [(compile_path("/" + path)[0], methods) for path, methods in _ACTIONS.items()]

_PAGE, _LEAST_PAGE = 2000, 200
_LOCATOR_LIFE = timedelta(days=2)
_BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d{1,6})", re.IGNORECASE)


def match(method: str, path: str) -> tuple[str, Mapping[str, str]]:
    """The action that a path asks for, and the names in it. Raises NOT_FOUND or METHOD_NOT_ALLOWED."""
    for pattern, methods in _PATHS:
        found = pattern.fullmatch("/" + path)
        if found:
            if method not in methods:
                raise SalesforceError("METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed.")
            return methods[method], found.groupdict()
    raise no_such_resource()


@dataclass(frozen=True)
class _Cursor:
    found: Found
    size: int
    user_id: str
    opened: datetime


class DataApi:
    """Answers calls one after the other; each changes all it has to change, or nothing."""

    def __init__(self, store: SalesforceStore, clock: Clock, daily_calls: int) -> None:
        """Serve `store`; `daily_calls` is what the limits tell."""
        self._store = store
        self._clock = clock
        self._daily_calls = daily_calls
        self._used = 0
        self._described_at = wire_datetime(clock.now())
        self._cursors: dict[str, _Cursor] = {}
        self._records = Records(store)
        rows, collections = Rows(self._records), Collections(store, self._records)
        self._handlers: dict[str, Handler] = {
            "resources": self._resources,
            "query": self._query,
            "query_all": self._query_all,
            "query_more": self._query_more,
            "limits": self._limits,
            "composite": Composite(store, self._dispatch).answer,
            "create_many": collections.create,
            "update_many": collections.update,
            "describe_global": self._describe_global,
            "basic": self._basic,
            "describe": self._describe,
            "create": rows.create,
            "read": rows.read,
            "update": rows.update,
            "delete": rows.delete,
            "read_by_key": rows.read_by_key,
            "upsert": rows.upsert,
        }

    def answer(self, call: Call) -> Answer:
        """Answer one request: it costs one call, whatever comes of it. Source: salesforce-api.md 2.9."""
        self._used += 1
        answer = self._dispatch(call)
        usage = f"api-usage={self._used}/{self._daily_calls}"
        return replace(answer, headers={**answer.headers, "Sforce-Limit-Info": usage})

    def _dispatch(self, call: Call) -> Answer:
        try:
            action, names = match(call.method, call.path)
            return self._handlers[action](replace(call, names=names))
        except SalesforceError as error:
            return refusal(error)

    def _resources(self, call: Call) -> Answer:
        names = ("sobjects", "query", "queryAll", "limits", "composite")
        identity = f"/id/{next(iter(self._store.tables['Organization']))}/{call.access.user.id}"
        return Answer(OK, {**{name: f"{call.data_path}/{name}" for name in names}, "identity": identity})

    def _limits(self, _: Call) -> Answer:
        remaining = max(self._daily_calls - self._used, 0)
        return Answer(OK, {"DailyApiRequests": {"Max": self._daily_calls, "Remaining": remaining}})

    def _query(self, call: Call) -> Answer:
        return self._first_page(call, with_deleted=False)

    def _query_all(self, call: Call) -> Answer:
        return self._first_page(call, with_deleted=True)

    def _first_page(self, call: Call, *, with_deleted: bool) -> Answer:
        runner = QueryRunner(self._store, call.access, call.data_path, with_deleted=with_deleted)
        found = runner.run(call.params.get("q", ""))
        if found.counted:
            return Answer(OK, {"totalSize": len(found.records), "done": True, "records": []})
        asked = _BATCH_SIZE.search(call.headers.get("sforce-query-options", ""))
        size = min(max(int(asked[1]), _LEAST_PAGE), _PAGE) if asked else _PAGE
        return self._page(call, _Cursor(found, size, call.access.user.id, self._clock.now()), None, 0)

    def _query_more(self, call: Call) -> Answer:
        locator, _, start = call.names["locator"].rpartition("-")
        cursor = self._cursors.get(locator)
        known = cursor is not None and cursor.user_id == call.access.user.id
        if cursor is None or not known or not start.isdecimal() or self._clock.now() - cursor.opened > _LOCATOR_LIFE:
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(call, cursor, locator, int(start))

    def _page(self, call: Call, cursor: _Cursor, locator: str | None, start: int) -> Answer:
        end = start + cursor.size
        records = cursor.found.records
        body = {
            "totalSize": len(records),
            "done": end >= len(records),
            "records": [cursor.found.render(record) for record in records[start:end]],
        }
        if end < len(records):
            locator = locator or self._opened(cursor)
            body["nextRecordsUrl"] = f"{call.data_path}/query/{locator}-{end}"
        return Answer(OK, body)

    def _opened(self, cursor: _Cursor) -> str:
        oldest = cursor.opened - _LOCATOR_LIFE
        self._cursors = {name: one for name, one in self._cursors.items() if one.opened >= oldest}
        locator = f"01g5g{self._used:010d}MAAY"
        self._cursors[locator] = cursor
        return locator

    def _describe_global(self, call: Call) -> Answer:
        return self._cached(call, describe_global(self._store.schema, call.access, call.data_path))

    def _basic(self, call: Call) -> Answer:
        described = self._records.object_for(call.names["sobject"], "read", call.access)
        return Answer(OK, basic(described, call.access, call.data_path))

    def _describe(self, call: Call) -> Answer:
        described = self._records.object_for(call.names["sobject"], "read", call.access)
        return self._cached(call, describe(self._store.schema, described, call.access, call.data_path))

    def _cached(self, call: Call, body: object) -> Answer:
        headers = {"Last-Modified": http_date(parse_datetime(self._described_at))}
        if unchanged_since(call, self._described_at):
            return Answer(NOT_MODIFIED, None, headers)
        return Answer(OK, body, headers)
