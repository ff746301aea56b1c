"""Several calls in one request: composite and collections. Each sub-request is an ordinary call.

Source: salesforce-api.md 2.5.
"""

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from console.sandbox.salesforce_calls import FIRST_ERROR, OK, Answer, Call, Handler
from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_records import Records
from console.sandbox.salesforce_store import SalesforceStore

_MOST_STEPS, _MOST_QUERIES, _MOST_ROWS = 25, 5, 200
_REFERENCE = re.compile(r"@\{([A-Za-z0-9_]+)\.([^}]+)\}")
_NAME = re.compile(r"[A-Za-z0-9_]+")
_DATA_URL = re.compile(r"/services/data/v(\d\d\.0)/(.*)")
_TARGET = re.compile(r"sobjects/.+|query(All)?|query/.+|composite/sobjects")
_COUNTED_AS_QUERY = re.compile(r"query.*|composite/sobjects")
_FORBIDDEN_HEADERS = frozenset({"accept", "authorization", "content-type"})
_ROLLED_BACK = "The transaction was rolled back since another operation in the same transaction failed."
_ROW_ROLLED_BACK = "Record rolled back because not all records were valid and the request was using AllOrNone header"


_Save = Callable[[Call, dict[str, Any]], str]


@dataclass(frozen=True)
class _Step:
    """One sub-request as it came, references still in it."""

    reference: str
    method: str
    url: str
    body: Any
    headers: Mapping[str, str]

    @property
    def needs(self) -> set[str]:
        """Names of the sub-requests whose results it uses."""
        return {name for name, _ in _REFERENCE.findall(self.url + json.dumps(self.body))}


class _RolledBack(Exception):
    """Ends the transaction of a composite request that failed."""


class Composite:
    """Handler of `composite`."""

    def __init__(self, store: SalesforceStore, dispatch: Handler) -> None:
        """Send each sub-request to `dispatch`."""
        self._store = store
        self._dispatch = dispatch
        self._random = random.Random(store.seed)

    def answer(self, call: Call) -> Answer:
        """200 with one result for each sub-request, in the order in which they were given."""
        body = call.record_body()
        steps = _steps(body)
        results: dict[str, Answer] = {}
        if body.get("allOrNone", False):
            self._all_or_none(call, steps, self._order(body, steps), results)
        else:
            for step in self._order(body, steps):
                results[step.reference] = self._result(call, step, results)
        return Answer(OK, {"compositeResponse": [_entry(step, results[step.reference]) for step in steps]})

    def _all_or_none(self, call: Call, steps: list[_Step], order: list[_Step], results: dict[str, Answer]) -> None:
        try:
            with self._store.transaction():
                for step in order:
                    results[step.reference] = self._result(call, step, results)
                    if results[step.reference].status >= FIRST_ERROR:
                        raise _RolledBack(step.reference)
        except _RolledBack as failed:
            halted = Answer(FIRST_ERROR, SalesforceError("PROCESSING_HALTED", _ROLLED_BACK).body())
            results.update({step.reference: halted for step in steps if step.reference != str(failed)})

    def _order(self, body: dict[str, Any], steps: list[_Step]) -> list[_Step]:
        """As given, or where sub-requests may be collated any order in which references can be answered."""
        if not body.get("collateSubrequests", True) or any(step.headers for step in steps):
            return steps
        order: list[_Step] = []
        left = list(steps)
        while left:
            done = {step.reference for step in order}
            chosen = self._random.choice([step for step in left if step.needs <= done])
            left.remove(chosen)
            order.append(chosen)
        return order

    def _result(self, call: Call, step: _Step, results: Mapping[str, Answer]) -> Answer:
        try:
            sub = _sub_call(call, step, results)
        except SalesforceError as error:
            return Answer(error.status, error.body())
        return self._dispatch(sub)


def _steps(body: dict[str, Any]) -> list[_Step]:
    """The sub-requests. Raises what refuses the whole request."""
    given = body.get("compositeRequest")
    if not isinstance(given, list) or not given:
        raise SalesforceError("JSON_PARSER_ERROR", "compositeRequest must be a list of sub-requests")
    if len(given) > _MOST_STEPS:
        raise SalesforceError("LIMIT_EXCEEDED", f"A composite request has at most {_MOST_STEPS} sub-requests")
    steps: list[_Step] = []
    for one in given:
        step = _step(one)
        known = {earlier.reference for earlier in steps}
        if step.reference in known:
            raise SalesforceError("INVALID_INPUT", f"Reference id {step.reference} is used twice")
        unknown = step.needs - known
        if unknown:
            raise SalesforceError("INVALID_INPUT", f"Invalid reference specified: {', '.join(sorted(unknown))}")
        steps.append(step)
    if sum(_counts_as_query(step) for step in steps) > _MOST_QUERIES:
        raise SalesforceError("LIMIT_EXCEEDED", f"At most {_MOST_QUERIES} sub-requests may be queries or collections")
    return steps


def _step(given: Any) -> _Step:
    texts = [given.get(name) for name in ("referenceId", "method", "url")] if isinstance(given, dict) else []
    if len(texts) != len([one for one in texts if isinstance(one, str)]) or not texts:
        raise SalesforceError("JSON_PARSER_ERROR", "A sub-request needs referenceId, method and url")
    reference, method, url = map(str, texts)
    if not _NAME.fullmatch(reference):
        raise SalesforceError("INVALID_INPUT", f"Reference id {reference} may hold letters, digits and _ only")
    headers = {str(name).lower(): str(value) for name, value in (given.get("httpHeaders") or {}).items()}
    forbidden = _FORBIDDEN_HEADERS & headers.keys()
    if forbidden:
        raise SalesforceError("INVALID_INPUT", f"Header {', '.join(sorted(forbidden))} is not allowed in a sub-request")
    return _Step(reference, method.upper(), url, given.get("body"), headers)


def _counts_as_query(step: _Step) -> bool:
    found = _DATA_URL.match(urlsplit(step.url).path)
    return found is not None and _COUNTED_AS_QUERY.fullmatch(found[2].strip("/")) is not None


def _sub_call(call: Call, step: _Step, results: Mapping[str, Answer]) -> Call:
    url = urlsplit(_filled(step.url, results))
    found = _DATA_URL.fullmatch(unquote(url.path))
    path = found[2].strip("/") if found else ""
    if not found or not _TARGET.fullmatch(path):
        raise SalesforceError("INVALID_INPUT", f"{step.url} is no target of a composite request")
    params = dict(parse_qsl(url.query, keep_blank_values=True))
    return Call(step.method, found[1], path, params, step.headers, _filled(step.body, results), call.access)


def _filled(value: Any, results: Mapping[str, Answer]) -> Any:
    """`value` with every `@{name.path}` replaced; a text that is nothing else becomes the value itself."""
    if isinstance(value, dict):
        return {key: _filled(one, results) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, results) for one in value]
    if not isinstance(value, str):
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return _looked_up(whole, results)
    return _REFERENCE.sub(lambda found: str(_looked_up(found, results)), value)


def _looked_up(found: re.Match[str], results: Mapping[str, Answer]) -> Any:
    name, path = found.groups()
    value = results[name].body
    for key, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        try:
            value = value[int(index)] if index else value[key]
        except (LookupError, TypeError) as error:
            message = f"Invalid reference specified. No value for {name}.{path} found in {name}"
            raise SalesforceError("PROCESSING_HALTED", message) from error
    return value


def _entry(step: _Step, answer: Answer) -> dict[str, Any]:
    return {
        "body": answer.body,
        "httpHeaders": dict(answer.headers),
        "httpStatusCode": answer.status,
        "referenceId": step.reference,
    }


class Collections:
    """Handlers of `composite/sobjects`: up to 200 records created or changed, each with its own result."""

    def __init__(self, store: SalesforceStore, records: Records) -> None:
        """Work on `records`."""
        self._store = store
        self._records = records

    def create(self, call: Call) -> Answer:
        """POST: create records."""
        return self._each(call, self._create_one)

    def update(self, call: Call) -> Answer:
        """PATCH: change records, each with its id in it."""
        return self._each(call, self._update_one)

    def _each(self, call: Call, save: _Save) -> Answer:
        body = call.record_body()
        rows = body.get("records")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise SalesforceError("JSON_PARSER_ERROR", "records must be a list of objects")
        if len(rows) > _MOST_ROWS:
            raise SalesforceError("LIMIT_EXCEEDED", f"A collection has at most {_MOST_ROWS} records")
        results: list[dict[str, Any]] = []
        try:
            with self._store.transaction():
                results.extend(self._results(call, rows, save))
                if body.get("allOrNone", False) and not all(result["success"] for result in results):
                    raise _RolledBack
        except _RolledBack:
            results = [_undone(result) for result in results]
        return Answer(OK, results)

    def _results(self, call: Call, rows: list[dict[str, Any]], save: _Save) -> Iterator[dict[str, Any]]:
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
