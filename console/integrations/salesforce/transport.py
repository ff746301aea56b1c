"""How requests reach Salesforce: simple-salesforce on worker threads, httpx for composite. Knows no records."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from email.utils import format_datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import quote

import httpx

from console.errors import AccessRefused, SystemFault
from console.integrations.bounded import WHOLE_S, TooLong, whole
from console.integrations.salesforce import answers
from console.integrations.salesforce.answers import Page
from console.integrations.salesforce.faults import fault, no_answer, not_reached
from console.integrations.salesforce.session import Access, SalesforceSession
from console.integrations.salesforce.trust import trust
from console.models.record import Record

if TYPE_CHECKING:
    from simple_salesforce.api import Salesforce as SimpleSalesforce

T = TypeVar("T")

# Threads come as they are needed. Fewer than orders are provisioned at once make those wait for one another.
_THREADS = 16
# The read time-out must outlast the ten seconds that Salesforce waits for a row lock (salesforce-api.md 1.5).
_CONNECT_S, _READ_S = 5.0, 40.0
# 300: several records have one external id. Nothing that we ask leads elsewhere.
_FIRST_FAILURE = 300
_UNAUTHORIZED = 401


class Step(Record):
    """One sub-request of a composite call. `path` follows the data path; references are written `@{name.id}`.

    `unmodified_since` is the stamp of the record as it was read: a change of one that is newer raises `Stale`. Stamps
    show whole seconds, so it cannot tell two changes within one. Source: salesforce-api.md 2.6.
    """

    name: str
    method: str
    path: str
    body: dict[str, Any] | None = None
    unmodified_since: datetime | None = None


class _Request(NamedTuple):
    """One HTTP request below the instance's address."""

    action: str
    method: str
    path: str
    content: str | None = None
    mutating: bool = False
    batch: int | None = None


class Transport:
    """Sends requests of one session. Every failure is raised as one of our errors.

    An access token that has ended is replaced and the request sent once more: Salesforce looks at the token before it
    does anything, so nothing is done twice.
    """

    def __init__(self, session: SalesforceSession) -> None:
        """Open nothing yet: threads and connections come with the first request."""
        self.session = session
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="salesforce")
        self._thread = threading.local()
        timeout = httpx.Timeout(_READ_S, connect=_CONNECT_S)
        self._http = httpx.AsyncClient(timeout=timeout, verify=trust(session.instance_url))

    async def query(self, soql: str) -> list[dict[str, Any]]:
        """All rows of a query, page by page. Each page is one call."""
        page = await self._on_thread("query", lambda api: answers.page(api.query(soql)))
        rows = page.rows
        while page.following:
            page = await self._next_page(page.following)
            rows += page.rows
        return rows

    async def poll(self, soql: str) -> list[dict[str, Any]]:
        """As `query`, for what the desk asks by itself: no thread waits, and a desk that only looks loads no library.

        Source: architecture.md, "An idle desk loads neither DBOS nor simple_salesforce".
        """
        return [row async for page in self.pages(soql) for row in page]

    async def pages(
        self, soql: str, *, with_deleted: bool = False, batch: int | None = None
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """As `poll`, a page at a time; `with_deleted` also rows in the recycle bin.

        `batch` is how many rows a page may have, from 200 to 2,000, the usual. Source: salesforce-api.md 2.2.
        """
        resource = "queryAll" if with_deleted else "query"
        path: str | None = f"{self.session.data_path}/{resource}/?q={quote(soql)}"
        while path:
            page = await self._send(_Request("poll", "GET", path, batch=batch), answers.polled)
            yield page.rows
            path = page.following

    async def count(self, soql: str) -> int:
        """The number that a `SELECT COUNT()` tells."""
        path = f"{self.session.data_path}/query/?q={quote(soql)}"
        return await self._send(_Request("poll", "GET", path), answers.counted)

    async def search(self, text: str, sobjects: Sequence[dict[str, Any]], most: int) -> list[dict[str, Any]]:
        """At most `most` records of these objects whose name, e-mail address or telephone number matches a plain text.

        `sobjects` are as parameterizedSearch takes them. Just saved records may be missing: the index lags.
        Source: salesforce-api.md 2.3.
        """
        asked = {"q": text, "in": "ALL", "sobjects": list(sobjects), "overallLimit": most, "spellCorrection": False}
        path = f"{self.session.data_path}/parameterizedSearch/"
        return await self._send(_Request("search", "POST", path, json.dumps(asked)), answers.hits)

    async def _next_page(self, url: str) -> Page:
        return await self._on_thread(
            "query_more", lambda api: answers.page(api.query_more(url, identifier_is_url=True))
        )

    async def userinfo(self) -> dict[str, Any]:
        """The signed-in person as OpenID tells it. Source: salesforce-api.md 1.4."""
        document = partial(answers.document, action="userinfo", kind=dict)
        return dict(await self._send(_Request("userinfo", "GET", "/services/oauth2/userinfo"), document))

    async def reachable(self) -> list[dict[str, str]]:
        """The API versions of the org: needs no sign-in and costs no call."""
        document = partial(answers.document, action="versions", kind=list)
        request = _Request("versions", "GET", answers.DATA)
        return list(await self._exchange(request, self.session.access, document))

    async def describe(self, sobject: str) -> dict[str, Any]:
        """An object's description, as field-level security shows it to this person. Raises `Missing` where it hides it.

        Source: salesforce-api.md 3.6.
        """
        document = partial(answers.document, action=f"describe:{sobject}", kind=dict)
        path = f"{self.session.data_path}/sobjects/{sobject}/describe"
        return dict(await self._send(_Request(f"describe:{sobject}", "GET", path), document))

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
        content = json.dumps(payload, default=_plain_number)
        request = _Request("composite", "POST", f"{self.session.data_path}/composite", content, mutating)
        results = await self._send(
            request, partial(answers.parts, names=[step.name for step in steps], mutating=mutating)
        )
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
        if step.unmodified_since is not None:
            request["httpHeaders"] = {"If-Unmodified-Since": format_datetime(step.unmodified_since, usegmt=True)}
        return request

    async def _signed(self, send: Callable[[Access], Awaitable[T]]) -> T:
        """Send with the access of the moment, and once more with a new one where that has ended."""
        access = await self.session.usable()
        try:
            return await send(access)
        except AccessRefused as refused:
            if not (self.session.can_renew and _has_ended(refused)):
                raise
        return await send(await self.session.renewed(access))

    async def _send(self, request: _Request, read: Callable[[str], T]) -> T:
        """Send one request and `read` its answer, which raises where that is none."""
        return await self._signed(lambda access: self._exchange(request, access, read))

    async def _exchange(self, request: _Request, access: Access, read: Callable[[str], T]) -> T:
        action, mutating = request.action, request.mutating
        self.session.calls[action] += 1
        with self.session.contact.watched():
            try:
                status, text = await self._answer(request, access)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
                raise not_reached(action, error, mutating=mutating) from error
            except (httpx.HTTPError, TimeoutError) as error:
                raise no_answer(action, type(error).__name__, mutating=mutating, sent=True) from error
            except TooLong as error:
                raise no_answer(action, str(error), mutating=mutating, sent=True) from error
            if status >= _FIRST_FAILURE:
                raise fault(action, status, answers.parsed(text), mutating=mutating)
            return read(text)

    async def _answer(self, request: _Request, access: Access) -> tuple[int, str]:
        """Status and text of the answer."""
        url, headers = f"{access.instance_url}{request.path}", _headers(request, access)
        async with (
            asyncio.timeout(WHOLE_S),
            self._http.stream(request.method, url, content=request.content, headers=headers) as answer,
        ):
            self.session.note_answer(answer.headers)
            return answer.status_code, (await whole(answer)).decode("utf-8", "replace")

    async def _on_thread(self, action: str, call: Callable[["SimpleSalesforce"], T]) -> T:
        """Run a read on a worker thread with that thread's own client."""
        loop = asyncio.get_running_loop()

        async def send(access: Access) -> T:
            self.session.calls[action] += 1
            return await loop.run_in_executor(self._pool, self._read, action, call, access)

        return await self._signed(send)

    def _read(self, action: str, call: Callable[["SimpleSalesforce"], T], access: Access) -> T:
        # Imported on first use: together they take as long to load as the rest of the program.
        import requests  # noqa: PLC0415
        from simple_salesforce.exceptions import SalesforceError

        client = self._client(access)
        with self.session.contact.watched():
            try:
                return call(client)
            except SalesforceError as error:
                raise fault(action, int(error.status), error.content, mutating=False) from None
            except requests.exceptions.ConnectionError as error:
                raise not_reached(action, error, mutating=False) from error
            except TooLong as error:
                raise no_answer(action, str(error), mutating=False, sent=True) from error
            except (requests.exceptions.RequestException, ValueError, RecursionError) as error:
                raise no_answer(action, type(error).__name__, mutating=False, sent=True) from error

    def _client(self, access: Access) -> "SimpleSalesforce":
        """This thread's client with this access."""
        from console.integrations.salesforce.requests_session import direct_client  # noqa: PLC0415

        kept: tuple[Access, SimpleSalesforce] | None = getattr(self._thread, "kept", None)
        if kept and kept[0] == access:
            return kept[1]
        if kept:
            kept[1].session.close()
        client = direct_client(self.session, (_CONNECT_S, _READ_S), access)
        self._thread.kept = (access, client)
        return client


def _has_ended(refused: AccessRefused) -> bool:
    """Whether the access token is not taken any more. Source: salesforce-api.md 1.4 and 2.8."""
    if refused.action == "userinfo":
        return refused.message.startswith("Bad_OAuth_Token")
    return refused.status == _UNAUTHORIZED and refused.error_code != "INVALID_AUTH_HEADER"


def _headers(request: _Request, access: Access) -> dict[str, str]:
    headers = {}
    if access.token:
        headers["Authorization"] = f"Bearer {access.token.get_secret_value()}"
    if request.content is not None:
        headers["Content-Type"] = "application/json"
    if request.batch is not None:
        headers["Sforce-Query-Options"] = f"batchSize={request.batch}"
    return headers


def _raise_failed(steps: Sequence[Step], results: dict[str, tuple[int, Any]], *, mutating: bool) -> None:
    """Raise the error of the one step that made all others halt."""
    failed: list[SystemFault] = []
    for step in steps:
        status, body = results[step.name]
        if status >= _FIRST_FAILURE:
            failed.append(fault(f"composite {step.name}", status, body, mutating=mutating))
    causes = [error for error in failed if error.error_code != "PROCESSING_HALTED"]
    if failed:
        raise (causes or failed)[0]


def _plain_number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} in a request body")
