"""Several calls in one request. Each sub-request is an ordinary call.

Source: salesforce-api.md 2.5.
"""

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from console.sandbox.salesforce_calls import FIRST_ERROR, OK, Answer, Call, Handler, split_url
from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_store import SalesforceStore

_MOST_STEPS, _MOST_QUERIES = 25, 5
_MOST_GRAPHS, _MOST_NODES = 75, 500
_REFERENCE = re.compile(r"@\{([A-Za-z0-9_]+)\.([^}]+)\}")
_NAME = re.compile(r"[A-Za-z0-9_]+")
_DATA_URL = re.compile(r"/services/data/v(\d\d\.0)/(.*)")
_TARGET = re.compile(r"sobjects/.+|query(All)?|query/.+|composite/sobjects")
_COUNTED_AS_QUERY = re.compile(r"query.*|composite/sobjects")
_FORBIDDEN_HEADERS = frozenset({"accept", "authorization", "content-type"})
_ROLLED_BACK = "The transaction was rolled back since another operation in the same transaction failed."


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
        steps = _steps(body, _MOST_STEPS)
        results: dict[str, Answer] = {}
        if body.get("allOrNone", False):
            self._all_or_none(call, steps, self._order(body, steps), results)
        else:
            for step in self._order(body, steps):
                results[step.reference] = self._result(call, step, results)
        return Answer(OK, _entries(steps, results))

    def graphs(self, call: Call) -> Answer:
        """200 with one result for each graph, of which each happens whole or not at all."""
        given = call.record_body().get("graphs")
        if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
            raise SalesforceError("JSON_PARSER_ERROR", "graphs must be a list of graphs")
        if len(given) > _MOST_GRAPHS:
            raise SalesforceError("LIMIT_EXCEEDED", f"A request has at most {_MOST_GRAPHS} graphs")
        graphs = [(str(one.get("graphId", "")), _unconditional(_steps(one, _MOST_NODES))) for one in given]
        if len({name for name, _ in graphs}) != len(graphs):
            raise SalesforceError("INVALID_INPUT", "Each graph needs a graphId of its own")
        if sum(len(steps) for _, steps in graphs) > _MOST_NODES:
            raise SalesforceError("LIMIT_EXCEEDED", f"A request has at most {_MOST_NODES} nodes")
        return Answer(OK, {"graphs": [self._graph(call, name, steps) for name, steps in graphs]})

    def _graph(self, call: Call, name: str, steps: list[_Step]) -> dict[str, Any]:
        results: dict[str, Answer] = {}
        self._all_or_none(call, steps, steps, results)
        whole = all(result.status < FIRST_ERROR for result in results.values())
        return {"graphId": name, "graphResponse": _entries(steps, results), "isSuccessful": whole}

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


def _steps(body: dict[str, Any], most: int) -> list[_Step]:
    """The sub-requests, `most` at the most. Raises what refuses the whole request."""
    given = body.get("compositeRequest")
    if not isinstance(given, list) or not given:
        raise SalesforceError("JSON_PARSER_ERROR", "compositeRequest must be a list of sub-requests")
    if len(given) > most:
        raise SalesforceError("LIMIT_EXCEEDED", f"A composite request has at most {most} sub-requests")
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


def _unconditional(steps: list[_Step]) -> list[_Step]:
    """The steps of a graph, for which there are no conditional requests. Source: salesforce-api.md 2.6."""
    return [replace(step, headers={}) for step in steps]


def _step(given: Any) -> _Step:
    texts = [given.get(name) for name in ("referenceId", "method", "url")] if isinstance(given, dict) else []
    if len(texts) != len([one for one in texts if isinstance(one, str)]) or not texts:
        raise SalesforceError("JSON_PARSER_ERROR", "A sub-request needs referenceId, method and url")
    reference, method, url = map(str, texts)
    if not _NAME.fullmatch(reference):
        raise SalesforceError("INVALID_INPUT", f"Reference id {reference} may hold letters, digits and _ only")
    if not isinstance(given.get("httpHeaders") or {}, dict):
        raise SalesforceError("JSON_PARSER_ERROR", "httpHeaders must be an object")
    headers = {str(name).lower(): str(value) for name, value in (given.get("httpHeaders") or {}).items()}
    forbidden = _FORBIDDEN_HEADERS & headers.keys()
    if forbidden:
        raise SalesforceError("INVALID_INPUT", f"Header {', '.join(sorted(forbidden))} is not allowed in a sub-request")
    return _Step(reference, method.upper(), url, given.get("body"), headers)


def _counts_as_query(step: _Step) -> bool:
    found = _DATA_URL.match(split_url(step.url)[0])
    return found is not None and _COUNTED_AS_QUERY.fullmatch(found[2].strip("/")) is not None


def _sub_call(call: Call, step: _Step, results: Mapping[str, Answer]) -> Call:
    path_asked, params = split_url(str(_filled(step.url, results)))
    found = _DATA_URL.fullmatch(path_asked)
    path = found[2].strip("/") if found else ""
    if not found or not _TARGET.fullmatch(path):
        raise SalesforceError("INVALID_INPUT", f"{step.url} is no target of a composite request")
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


def _entries(steps: list[_Step], results: Mapping[str, Answer]) -> dict[str, Any]:
    return {"compositeResponse": [_entry(step, results[step.reference]) for step in steps]}


def _entry(step: _Step, answer: Answer) -> dict[str, Any]:
    return {
        "body": answer.body,
        "httpHeaders": dict(answer.headers),
        "httpStatusCode": answer.status,
        "referenceId": step.reference,
    }
