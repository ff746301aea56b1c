"""How requests reach Salesforce: simple-salesforce on worker threads, httpx for composite. Knows no records."""

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import httpx

from console.errors import SystemFault
from console.integrations.salesforce.faults import fault, no_answer
from console.integrations.salesforce.session import SalesforceSession
from console.models.record import Record

if TYPE_CHECKING:
    from simple_salesforce.api import Salesforce as SimpleSalesforce

T = TypeVar("T")

_THREADS = 4
# The read time-out must outlast the ten seconds that Salesforce waits for a row lock (salesforce-api.md 1.5).
_CONNECT_S, _READ_S = 5.0, 40.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_HTTP_ERRORS = 400


class Step(Record):
    """One sub-request of a composite call. `path` follows the data path; references are written `@{name.id}`."""

    name: str
    method: str
    path: str
    body: dict[str, Any] | None = None


class Transport:
    """Sends requests of one session. Every failure is raised as one of our errors."""

    def __init__(self, session: SalesforceSession) -> None:
        """Open nothing yet: threads and connections come with the first request."""
        self.session = session
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="salesforce")
        self._thread = threading.local()
        timeout = httpx.Timeout(_READ_S, connect=_CONNECT_S)
        self._http = httpx.AsyncClient(
            base_url=session.instance_url, timeout=timeout, verify=_trust(session.instance_url)
        )

    async def query(self, soql: str) -> list[dict[str, Any]]:
        """All rows of a query, page by page. Each page is one call."""
        page = await self._on_thread("query", lambda api: _page(api.query(soql)))
        rows = page.rows
        while page.following:
            page = await self._next_page(page.following)
            rows += page.rows
        return rows

    async def _next_page(self, url: str) -> "_Page":
        return await self._on_thread("query_more", lambda api: _page(api.query_more(url, identifier_is_url=True)))

    async def userinfo(self) -> dict[str, Any]:
        """The signed-in person as OpenID tells it. Source: salesforce-api.md 1.4."""
        document = partial(_document, action="userinfo", kind=dict)
        return dict(await self._send("userinfo", "GET", "/services/oauth2/userinfo", None, document))

    async def reachable(self) -> list[dict[str, str]]:
        """The API versions of the org: needs no sign-in and costs no call."""
        document = partial(_document, action="versions", kind=list)
        return list(await self._send("versions", "GET", "/services/data/", None, document))

    async def composite(self, steps: Sequence[Step], *, all_or_none: bool = True) -> dict[str, Any]:
        """Run up to 25 sub-requests in order as one call, all or none unless told otherwise; the answers by step name.

        Raises the error of the step that failed; that of its siblings says nothing. Source: salesforce-api.md 2.5.
        """
        mutating = any(step.method != "GET" for step in steps)
        payload = {
            "allOrNone": all_or_none,
            "collateSubrequests": False,
            "compositeRequest": [self._request(step) for step in steps],
        }
        path = f"{self.session.data_path}/composite"
        parts = partial(_parts, mutating=mutating)
        results = await self._send("composite", "POST", path, payload, parts, mutating=mutating)
        _raise_failed(steps, results, mutating=mutating)
        return {name: body for name, (_, body) in results.items()}

    async def aclose(self) -> None:
        """Close connections; a thread in the middle of a request ends with its time-out."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        await self._http.aclose()

    def _request(self, step: Step) -> dict[str, Any]:
        request: dict[str, Any] = {
            "method": step.method,
            "url": f"{self.session.data_path}/{step.path}",
            "referenceId": step.name,
        }
        if step.body is not None:
            request["body"] = step.body
        return request

    async def _send(
        self,
        action: str,
        method: str,
        path: str,
        body: Any,
        read: Callable[[httpx.Response], T],
        *,
        mutating: bool = False,
    ) -> T:
        """Send one request and `read` its answer, which raises where that is none."""
        self.session.calls[action] += 1
        headers = {"Authorization": f"Bearer {self.session.access_token.get_secret_value()}"}
        content = None if body is None else json.dumps(body, default=_plain_number)
        if content is not None:
            headers["Content-Type"] = "application/json"
        with self.session.contact.watched():
            try:
                answer = await self._http.request(method, path, content=content, headers=headers)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
                raise no_answer(action, "not reached", mutating=mutating, sent=False) from error
            except httpx.HTTPError as error:
                raise no_answer(action, type(error).__name__, mutating=mutating, sent=True) from error
            self.session.note_answer(answer.headers)
            if answer.status_code >= _HTTP_ERRORS:
                raise fault(action, answer.status_code, _parsed(answer.text), mutating=mutating)
            return read(answer)

    async def _on_thread(self, action: str, call: Callable[["SimpleSalesforce"], T]) -> T:
        """Run a read on a worker thread with that thread's own client."""
        self.session.calls[action] += 1
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._read, action, call)

    def _read(self, action: str, call: Callable[["SimpleSalesforce"], T]) -> T:
        # Imported on first use: together they take as long to load as the rest of the program.
        import requests  # noqa: PLC0415
        from simple_salesforce.exceptions import SalesforceError

        client = self._client()
        with self.session.contact.watched():
            try:
                return call(client)
            except SalesforceError as error:
                raise fault(action, int(error.status), error.content, mutating=False) from None
            except (requests.exceptions.RequestException, ValueError) as error:
                raise no_answer(action, type(error).__name__, mutating=False, sent=True) from error

    def _client(self) -> "SimpleSalesforce":
        """This thread's client with the token of the moment."""
        from console.integrations.salesforce.requests_session import direct_client  # noqa: PLC0415

        token = self.session.access_token.get_secret_value()
        client: SimpleSalesforce | None = getattr(self._thread, "client", None)
        if client is None or client.session_id != token:
            client = direct_client(self.session, timeout=(_CONNECT_S, _READ_S))
            self._thread.client = client
        return client


def _raise_failed(steps: Sequence[Step], results: dict[str, tuple[int, Any]], *, mutating: bool) -> None:
    """Raise the error of the one step that made all others halt."""
    failed: list[SystemFault] = []
    for step in steps:
        status, body = results.get(step.name, (200, None))
        if status >= _HTTP_ERRORS:
            failed.append(fault(f"composite {step.name}", status, body, mutating=mutating))
    causes = [error for error in failed if error.error_code != "PROCESSING_HALTED"]
    if failed:
        raise (causes or failed)[0]


class _Page(NamedTuple):
    """The records of one page of a query, and where the next page is."""

    rows: list[dict[str, Any]]
    following: str | None


def _page(answer: Any) -> _Page:
    """The page that a query's answer is. Raises `Unavailable` for what is not a page."""
    records = answer.get("records") if isinstance(answer, dict) else None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise no_answer("query", "an answer that is not a page of records", mutating=False, sent=True)
    return _Page(list(records), None if answer.get("done", True) else answer.get("nextRecordsUrl"))


def _parts(answer: httpx.Response, *, mutating: bool) -> dict[str, tuple[int, Any]]:
    """Status and body of each sub-request by its name."""
    try:
        parts = json.loads(answer.text, parse_float=Decimal)["compositeResponse"]
        return {part["referenceId"]: (part["httpStatusCode"], part["body"]) for part in parts}
    except (ValueError, KeyError, TypeError) as error:
        raise no_answer("composite", "unreadable answer", mutating=mutating, sent=True) from error


def _document(answer: httpx.Response, action: str, kind: type[T]) -> T:
    """The JSON of a read's answer. Raises `Unavailable` where it is something else, as a proxy's page is."""
    found = _parsed(answer.text)
    if not isinstance(found, kind):
        raise no_answer(action, "an answer that is not what was asked for", mutating=False, sent=True)
    return found


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _plain_number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} in a request body")


def _trust(url: str) -> Any:
    """The operating system's certificates; nothing to verify on loopback without TLS."""
    if urlsplit(url).hostname in _LOOPBACK:
        return True
    import ssl  # noqa: PLC0415

    import truststore  # noqa: PLC0415

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
