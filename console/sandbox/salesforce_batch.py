"""Independent calls in one request, each with its own result. Source: salesforce-api.md 2.5."""

import re
from collections.abc import Callable
from typing import Any

from console.sandbox.salesforce_calls import FIRST_ERROR, OK, Answer, Call, Handler, refusal, split_url
from console.sandbox.salesforce_errors import SalesforceError

_MOST = 25
_URL = re.compile(r"/?(?:services/data/)?v(\d\d\.0)/(.*)")
_TARGET = re.compile(r"sobjects(/.+)?|query(All)?|query/.+|search|parameterizedSearch|limits")


class Batch:
    """Handler of `composite/batch`."""

    def __init__(self, dispatch: Handler, count: Callable[[], None]) -> None:
        """Send each sub-request to `dispatch`, after `count`: each costs a call."""
        self._dispatch = dispatch
        self._count = count

    def answer(self, call: Call) -> Answer:
        """POST: 200 with the results in order; with `haltOnError` nothing is done after the first failure."""
        body = call.record_body()
        given = body.get("batchRequests")
        if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
            raise SalesforceError("JSON_PARSER_ERROR", "batchRequests must be a list of sub-requests")
        if len(given) > _MOST:
            raise SalesforceError("LIMIT_EXCEEDED", f"A batch has at most {_MOST} sub-requests")
        results: list[Answer] = []
        for one in given:
            halted = bool(body.get("haltOnError")) and any(result.status >= FIRST_ERROR for result in results)
            results.append(_HALTED if halted else self._result(call, one))
        failed = any(result.status >= FIRST_ERROR for result in results)
        rows = [{"statusCode": result.status, "result": result.body} for result in results]
        return Answer(OK, {"hasErrors": failed, "results": rows})

    def _result(self, call: Call, given: dict[str, Any]) -> Answer:
        self._count()
        try:
            return self._dispatch(_sub_call(call, given))
        except SalesforceError as error:
            return refusal(error)


_HALTED = refusal(SalesforceError("BATCH_PROCESSING_HALTED", "Batch processing halted per request", status=412))


def _sub_call(call: Call, given: dict[str, Any]) -> Call:
    path_asked, params = split_url(str(given.get("url", "")))
    found = _URL.fullmatch(path_asked)
    path = found[2].strip("/") if found else ""
    if found is None or not _TARGET.fullmatch(path) or float(found[1]) > float(call.version):
        raise SalesforceError("INVALID_INPUT", f"{given.get('url')} is no target of a batch")
    return Call(str(given.get("method", "")).upper(), found[1], path, params, {}, given.get("richInput"), call.access)
