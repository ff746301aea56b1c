"""simple-salesforce made fit for us: time-outs on every request, the limit header read, plain http on loopback only."""

import ssl
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

from console.clocks import elapsed_s
from console.integrations.bounded import LONGEST_ANSWER, WHOLE_S, TooLong
from console.integrations.salesforce.session import Access, SalesforceSession
from console.integrations.salesforce.trust import trust

_LOOPBACK = frozenset({"127.0.0.1", "localhost"})


class _Session(requests.Session):
    """Adds what the library leaves out: a time-out where it passes none, and one place that sees every answer."""

    def __init__(self, session: SalesforceSession, timeout: tuple[float, float]) -> None:
        super().__init__()
        self._owner = session
        self._timeout = timeout
        # A netrc entry for the host would otherwise replace the bearer token.
        self.auth = _unchanged

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", self._timeout)
        answer = super().request(*args, **kwargs)
        self._owner.note_answer(answer.headers)
        return answer


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


class _Bounded:
    """The body of an answer that breaks off where it is longer, or takes longer, than any that is asked for."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._ends = elapsed_s() + WHOLE_S
        self._length = 0

    def stream(self, *args: Any, **kwargs: Any) -> Iterator[bytes]:
        for part in self._raw.stream(*args, **kwargs):
            self._length += len(part)
            if self._length > LONGEST_ANSWER:
                raise TooLong
            if elapsed_s() > self._ends:
                raise requests.exceptions.ReadTimeout
            yield part

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


class _BoundedAnswers(HTTPAdapter):
    """The library takes answers of any length."""

    def build_response(self, *args: Any, **kwargs: Any) -> requests.Response:
        answer = super().build_response(*args, **kwargs)
        answer.raw = _Bounded(answer.raw)
        return answer


class _PlainLoopback(_BoundedAnswers):
    """The library insists on https; the sandbox on loopback speaks http."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, *args, **kwargs)


class _SystemTrust(_BoundedAnswers):
    """Believes the operating system's certificates, through a proxy too; the library alone has a list of its own."""

    def __init__(self, trusted: ssl.SSLContext) -> None:
        self._trusted = trusted
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._trusted)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        return super().proxy_manager_for(*args, **kwargs, ssl_context=self._trusted)


def direct_client(session: SalesforceSession, timeout: tuple[float, float], access: Access | None = None) -> Salesforce:
    """A client in direct mode (token and instance given): it signs in nowhere and is used by one thread only.

    It comes with `access`, or where that is left out, with the session's of the moment.
    """
    access = access or session.access
    address = urlsplit(access.instance_url)
    http = _Session(session, timeout)
    http.mount("https://", _BoundedAnswers())
    if isinstance(trusted := trust(access.instance_url), ssl.SSLContext):
        http.mount("https://", _SystemTrust(trusted))
    if address.scheme == "http" and address.hostname in _LOOPBACK:
        http.mount(f"https://{address.netloc}/", _PlainLoopback())
    return Salesforce(
        instance_url=access.instance_url,
        session_id=access.token.get_secret_value() if access.token else "",
        version=session.api_version,
        session=http,
        parse_float=Decimal,
    )
