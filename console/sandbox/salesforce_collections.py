"""Up to 200 records read, created, changed or deleted in one call, each with its own result.

Source: salesforce-api.md 2.5.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from console.sandbox.salesforce_calls import OK, Answer, Call
from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_ids import long_id, object_of
from console.sandbox.salesforce_query import QueryRunner
from console.sandbox.salesforce_records import Records
from console.sandbox.salesforce_store import SalesforceStore

_MOST_ROWS = 200
_ROW_ROLLED_BACK = "Record rolled back because not all records were valid and the request was using AllOrNone header"

_Save = Callable[[Call, Any], str]


class _RolledBack(Exception):
    """Ends the transaction of a request of which one record failed."""


class Collections:
    """Handlers of `composite/sobjects` and, to read, `composite/sobjects/X`."""

    def __init__(self, store: SalesforceStore, records: Records) -> None:
        """Work on `records`."""
        self._store = store
        self._records = records

    def create(self, call: Call) -> Answer:
        """POST: create records."""
        return self._each(call, _rows(call), self._create_one, all_or_none=_all_or_none(call))

    def update(self, call: Call) -> Answer:
        """PATCH: change records, each with its id in it."""
        return self._each(call, _rows(call), self._update_one, all_or_none=_all_or_none(call))

    def delete(self, call: Call) -> Answer:
        """DELETE with `ids` and `allOrNone` in the query."""
        ids = _limited([one for one in call.params.get("ids", "").split(",") if one])
        return self._each(call, ids, self._delete_one, all_or_none=call.params.get("allOrNone", "").lower() == "true")

    def read(self, call: Call) -> Answer:
        """GET with `ids` and `fields` in the query, or POST with both in the body; null for an id that is not there."""
        asked = call.record_body() if call.method == "POST" else call.params
        ids, fields = (_names(asked.get(name)) for name in ("ids", "fields"))
        if not ids or not fields:
            raise SalesforceError("JSON_PARSER_ERROR", "ids and fields are required")
        described = self._records.object_for(call.names["sobject"], "read", call.access)
        runner = QueryRunner(self._store, call.access, call.data_path)
        found = runner.run(f"SELECT {', '.join(fields)} FROM {described.name}")
        there = {record["Id"]: record for record in found.records}
        rows = [there.get(long_id(one) or "") for one in _limited(ids)]
        return Answer(OK, [None if row is None else found.render(row) for row in rows])

    def _each(self, call: Call, rows: Sequence[Any], save: _Save, *, all_or_none: bool) -> Answer:
        results: list[dict[str, Any]] = []
        try:
            with self._store.transaction():
                results.extend(self._results(call, rows, save))
                if all_or_none and not all(result["success"] for result in results):
                    raise _RolledBack
        except _RolledBack:
            results = [_undone(result) for result in results]
        return Answer(OK, results)

    def _results(self, call: Call, rows: Iterable[Any], save: _Save) -> Iterator[dict[str, Any]]:
        for row in rows:
            try:
                yield {"id": save(call, row), "success": True, "errors": []}
            except SalesforceError as error:
                yield {"success": False, "errors": [error.row_error()]}

    def _create_one(self, call: Call, row: dict[str, Any]) -> str:
        described = self._records.object_for(_type_of(row), "create", call.access)
        return self._records.create(described, row, call.access)

    def _update_one(self, call: Call, row: dict[str, Any]) -> str:
        described = self._records.object_for(_type_of(row), "edit", call.access)
        ids = [str(value) for name, value in row.items() if name.lower() == "id"]
        if not ids:
            raise SalesforceError("MISSING_ARGUMENT", "Id not specified in an update call")
        record = self._records.existing(described, ids[0], for_write=True)
        body = {name: value for name, value in row.items() if name.lower() != "id"}
        self._records.update(described, record["Id"], body, call.access)
        return str(record["Id"])

    def _delete_one(self, call: Call, record_id: str) -> str:
        known = long_id(record_id)
        sobject = object_of(known or "")
        if known is None or sobject is None:
            raise SalesforceError("MALFORMED_ID", f"malformed id {record_id}")
        described = self._records.object_for(sobject, "delete", call.access)
        self._records.delete(described, known, call.access)
        return known


def _rows(call: Call) -> list[dict[str, Any]]:
    rows = call.record_body().get("records")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SalesforceError("JSON_PARSER_ERROR", "records must be a list of objects")
    return _limited(rows)


def _all_or_none(call: Call) -> bool:
    return bool(call.record_body().get("allOrNone", False))


def _limited(rows: list[Any]) -> list[Any]:
    if len(rows) > _MOST_ROWS:
        raise SalesforceError("LIMIT_EXCEEDED", f"A collection has at most {_MOST_ROWS} records")
    return rows


def _names(given: Any) -> list[str]:
    """Names from a list, or from a text with commas."""
    names = given.split(",") if isinstance(given, str) else given
    return [str(one).strip() for one in names] if isinstance(names, list) else []


def _type_of(row: dict[str, Any]) -> str:
    kind = row["attributes"].get("type") if isinstance(row.get("attributes"), dict) else None
    if not isinstance(kind, str):
        raise SalesforceError("INVALID_TYPE", "Each record needs attributes with its type")
    return kind


def _undone(result: dict[str, Any]) -> dict[str, Any]:
    if not result["success"]:
        return result
    error = SalesforceError("ALL_OR_NONE_OPERATION_ROLLED_BACK", _ROW_ROLLED_BACK)
    return {"success": False, "errors": [error.row_error()]}
