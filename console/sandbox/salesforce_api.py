"""The data API: which resource answers which path, pages of queries, limits. Speaks no HTTP."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from starlette.routing import compile_path

from console.sandbox.clock import Clock
from console.sandbox.salesforce_approvals import Approvals
from console.sandbox.salesforce_batch import Batch
from console.sandbox.salesforce_calls import NOT_MODIFIED, OK, Answer, Call, Handler, refusal, unchanged_since
from console.sandbox.salesforce_changes import Changes
from console.sandbox.salesforce_collections import Collections
from console.sandbox.salesforce_composite import Composite
from console.sandbox.salesforce_describe import basic, describe, describe_global
from console.sandbox.salesforce_email import Email
from console.sandbox.salesforce_errors import SalesforceError, no_such_resource
from console.sandbox.salesforce_locks import RowLocks
from console.sandbox.salesforce_query import Found, QueryRunner
from console.sandbox.salesforce_records import Records
from console.sandbox.salesforce_rows import Rows
from console.sandbox.salesforce_search import Search
from console.sandbox.salesforce_store import SalesforceStore
from console.sandbox.salesforce_switches import OrgSwitches
from console.sandbox.salesforce_times import http_date, parse_datetime, wire_datetime
from console.sandbox.salesforce_tree import Tree
from console.sandbox.salesforce_usage import Usage

# Path below the version → method → name of the action. The first path that matches counts.
_ACTIONS: dict[str, dict[str, str]] = {
    "": {"GET": "resources"},
    "query": {"GET": "query"},
    "queryAll": {"GET": "query_all"},
    "query/{locator}": {"GET": "query_more"},
    "limits": {"GET": "limits"},
    "composite": {"GET": "composites", "POST": "composite"},
    "composite/batch": {"POST": "batch"},
    "composite/graph": {"POST": "graphs"},
    "composite/tree/{sobject}": {"POST": "create_tree"},
    "composite/sobjects": {"POST": "create_many", "PATCH": "update_many", "DELETE": "delete_many"},
    "composite/sobjects/{sobject}": {"GET": "read_many", "POST": "read_many"},
    "search": {"GET": "search"},
    "parameterizedSearch": {"GET": "parameterized_search", "POST": "parameterized_search"},
    "process/approvals": {"GET": "approvals", "POST": "approve"},
    "actions/standard/emailSimple": {"POST": "email"},
    "sobjects": {"GET": "describe_global"},
    "sobjects/{sobject}": {"GET": "basic", "POST": "create"},
    "sobjects/{sobject}/Id": {"POST": "create"},
    "sobjects/{sobject}/describe": {"GET": "describe"},
    "sobjects/{sobject}/updated": {"GET": "updated"},
    "sobjects/{sobject}/deleted": {"GET": "deleted"},
    "sobjects/{sobject}/{record_id}": {"GET": "read", "PATCH": "update", "DELETE": "delete"},
    "sobjects/{sobject}/{field}/{value:path}": {"GET": "read_by_key", "PATCH": "upsert"},
}
_PATHS = [(compile_path("/" + path)[0], methods) for path, methods in _ACTIONS.items()]

_LEAST_PAGE = 200
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

    def __init__(self, store: SalesforceStore, clock: Clock, switches: OrgSwitches) -> None:
        """Serve `store` in an org that is set up as `switches` say."""
        self._store = store
        self._clock = clock
        self._switches = switches
        self._usage = Usage(clock, switches)
        self._opened_ever = 0
        self._described = switches.objects_and_fields
        self._described_at = wire_datetime(clock.now())
        self._cursors: dict[str, _Cursor] = {}
        approvals = Approvals(store, clock, switches)
        self._locks = RowLocks(switches, store.transaction)
        self._records = Records(store, approvals.refuse_locked, self._locks, switches)
        search, changes = Search(store, switches), Changes(store, self._records, clock)
        composite = Composite(store, self._dispatch)
        rows, collections = Rows(self._records), Collections(store, self._records)
        self._handlers: dict[str, Handler] = {
            "resources": self._resources,
            "query": self._query,
            "query_all": self._query_all,
            "query_more": self._query_more,
            "limits": self._limits,
            "composites": _composites,
            "composite": composite.answer,
            "graphs": composite.graphs,
            "batch": Batch(self._dispatch, self._usage.count).answer,
            "create_tree": Tree(store, self._records).create,
            "create_many": collections.create,
            "update_many": collections.update,
            "delete_many": collections.delete,
            "read_many": collections.read,
            "search": search.sosl,
            "parameterized_search": search.by_parameters,
            "approvals": approvals.listed,
            "approve": approvals.act,
            "email": Email(store, clock, self._usage).send,
            "updated": changes.updated,
            "deleted": changes.deleted,
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

    async def answer(self, call: Call) -> Answer:
        """Answer one request: it costs one call, whatever comes of it. Source: salesforce-api.md 2.9.

        A write to a row that another transaction holds waits for it.
        """
        self._usage.count()
        if self._usage.is_exceeded:
            answer = refusal(_no_calls_left())
        else:
            answer = await self._locks.waiting(lambda: self._dispatch(call))
        return replace(answer, headers={**answer.headers, **self._always(call)})

    def _always(self, call: Call) -> dict[str, str]:
        """The headers of every answer."""
        usage = {"Sforce-Limit-Info": self._usage.header}
        if float(call.version) >= self._switches.deprecated_below:
            return usage
        warning = f'299 - "This API version {call.version} is deprecated and will be withdrawn."'
        return {**usage, "Warning": warning}

    def _dispatch(self, call: Call) -> Answer:
        try:
            action, names = match(call.method, call.path)
            return self._handlers[action](replace(call, names=names))
        except SalesforceError as error:
            return refusal(error)

    def _resources(self, call: Call) -> Answer:
        names = (
            *("sobjects", "query", "queryAll", "search", "parameterizedSearch", "limits", "composite", "process"),
            "actions",
        )
        identity = f"/id/{next(iter(self._store.tables['Organization']))}/{call.access.user.id}"
        return Answer(OK, {**{name: f"{call.data_path}/{name}" for name in names}, "identity": identity})

    def _limits(self, _: Call) -> Answer:
        return Answer(OK, self._usage.limits())

    def _query(self, call: Call) -> Answer:
        return self._first_page(call, with_deleted=False)

    def _query_all(self, call: Call) -> Answer:
        return self._first_page(call, with_deleted=True)

    def _first_page(self, call: Call, *, with_deleted: bool) -> Answer:
        asked = _BATCH_SIZE.search(call.headers.get("sforce-query-options", ""))
        most = self._switches.page_rows
        size = min(max(int(asked[1]), _LEAST_PAGE), most) if asked else most

        def first(found: Found) -> dict[str, Any]:
            return self._page(call, _Cursor(found, size, call.access.user.id, self._clock.now()), None, 0)

        runner = QueryRunner(self._store, call.access, call.data_path, with_deleted=with_deleted, page=first)
        found = runner.run(call.params.get("q", ""))
        if found.counted:
            return Answer(OK, {"totalSize": len(found.records), "done": True, "records": []})
        return Answer(OK, first(found))

    def _query_more(self, call: Call) -> Answer:
        locator, _, start = call.names["locator"].rpartition("-")
        cursor = self._cursors.get(locator)
        known = cursor is not None and cursor.user_id == call.access.user.id
        if cursor is None or not known or not start.isdecimal() or self._clock.now() - cursor.opened > _LOCATOR_LIFE:
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return Answer(OK, self._page(call, cursor, locator, int(start)))

    def _page(self, call: Call, cursor: _Cursor, locator: str | None, start: int) -> dict[str, Any]:
        end = start + cursor.size
        records = cursor.found.records
        body: dict[str, Any] = {
            "totalSize": len(records),
            "done": end >= len(records),
            "records": [cursor.found.render(record) for record in records[start:end]],
        }
        if end < len(records):
            locator = locator or self._opened(cursor)
            body["nextRecordsUrl"] = f"{call.data_path}/query/{locator}-{end}"
        return body

    def _opened(self, cursor: _Cursor) -> str:
        oldest = cursor.opened - _LOCATOR_LIFE
        self._cursors = {name: one for name, one in self._cursors.items() if one.opened >= oldest}
        self._opened_ever += 1
        locator = f"01g5g{self._opened_ever:010d}MAAY"
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
        if self._described != self._switches.objects_and_fields:
            self._described = self._switches.objects_and_fields
            self._described_at = wire_datetime(self._clock.now())
        headers = {"Last-Modified": http_date(parse_datetime(self._described_at))}
        if unchanged_since(call, self._described_at):
            return Answer(NOT_MODIFIED, None, headers)
        return Answer(OK, body, headers)


def _composites(call: Call) -> Answer:
    """GET `composite`: the resources below it."""
    names = ("tree", "batch", "sobjects", "graph")
    return Answer(OK, {name: f"{call.data_path}/composite/{name}" for name in names})


def _no_calls_left() -> SalesforceError:
    return SalesforceError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
