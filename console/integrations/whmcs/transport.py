"""How a call reaches WHMCS: one POST, bounded in time and number. Repeats no change, logs no body."""

import asyncio
import contextlib
import logging
import random
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import NamedTuple, TypeVar

import httpx
from pydantic import SecretStr

from console.clocks import ServerClock, elapsed_s
from console.errors import SettingsError, SystemFault, Unavailable
from console.integrations.bounded import TooLong, whole
from console.integrations.contact import Contact
from console.integrations.reach import obstacle
from console.integrations.whmcs.circuit import Circuit
from console.integrations.whmcs.outcome import Call, classify, not_sent, unusable
from console.integrations.whmcs.pace import Pacing, Turns
from console.integrations.whmcs.php import Params, form
from console.integrations.whmcs.shapes import Row

T = TypeVar("T")

_log = logging.getLogger(__name__)

_CONNECT_S = 10.0
# Web servers close idle connections after about five seconds; a change sent into a closing one would be
# of unknown outcome for no reason.
_KEEP_ALIVE_S = 2.0
_LONGEST_WARNING = 200
_JITTER = 0.25
_BEFORE_SENDING = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


class _Answer(NamedTuple):
    """An HTTP answer as it arrived: its status and the whole of its body, decompressed."""

    status: int
    body: bytes


class Transport:
    """Sends calls to one WHMCS.

    `calls` counts what was sent, by action; `contact` tells how it answers; `clock` is the server's.
    """

    def __init__(
        self,
        base_url: str,
        credentials: dict[str, SecretStr],
        *,
        timeout_s: float,
        max_connections: int,
        pacing: Pacing,
    ) -> None:
        """Open nothing yet. SettingsError where `base_url` is not the http(s) address of a system URL."""
        self._url = _api_url(base_url)
        self._credentials = credentials
        self._timeout_s = timeout_s
        self._pacing = pacing
        self._free = asyncio.Semaphore(max_connections)
        self._turns = Turns(pacing)
        self._circuit = Circuit(pacing)
        self._http = httpx.AsyncClient(
            verify=_trust(self._url),
            timeout=httpx.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s)),
            limits=httpx.Limits(max_connections=max_connections, keepalive_expiry=_KEEP_ALIVE_S),
            follow_redirects=False,
            # PHP makes calls of one session wait for each other, so no session is kept.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )
        self.calls: Counter[str] = Counter()
        self.contact = Contact()
        self.clock = ServerClock()

    @property
    def url(self) -> str:
        """The one address of this WHMCS that is called."""
        return self._url

    async def read(self, action: str, params: Params, mapped: Callable[[Row], T]) -> T:
        """Call a reading action and map its answer; repeated after a pause where it was `Unavailable`."""
        for pause in self._pacing.read_again_after_s:
            try:
                return await self.ask(action, params, mapped)
            except Unavailable as fault:
                if self._circuit.open_since:
                    raise
                pause_s = pause * random.uniform(1 - _JITTER, 1 + _JITTER)
                _log.info("%s; reading again in %.1f s", fault, pause_s)
                await asyncio.sleep(pause_s)
        return await self.ask(action, params, mapped)

    async def ask(self, action: str, params: Params, mapped: Callable[[Row], T]) -> T:
        """Call an action once that changes nothing of weight, and map its answer; a person asks again."""
        return await self._call(Call(action, mutating=False), params, mapped)

    async def change(
        self, action: str, params: Params, mapped: Callable[[Row], T], *, send_before: float | None = None
    ) -> T:
        """Call a changing action once and map its answer; whatever happens, it is not repeated.

        `send_before` is a time of `clocks.elapsed_s`: a request that could not leave until then is `Unavailable`.
        """
        return await self._call(Call(action, mutating=True), params, mapped, send_before)

    def ask_afresh(self) -> None:
        """Let the next read go out although the server is spared: a person asks how it is now."""
        self._circuit.ask_afresh()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _call(
        self, call: Call, params: Params, mapped: Callable[[Row], T], send_before: float | None = None
    ) -> T:
        status, reply = await self._send(call, params, send_before)
        if "warning" in reply:
            _log.warning("whmcs %s warns: %.*r", call.action, _LONGEST_WARNING, reply["warning"])
        try:
            return mapped(reply)
        except ValueError as error:
            raise unusable(call, f"an answer that cannot be read: {_first_line(error)}", status) from error

    async def _send(self, call: Call, params: Params, send_before: float | None) -> tuple[int, Row]:
        async with self._circuit.admitted(call) as trying, self._free:
            self._circuit.check(call, trying)
            await self._turns.take()
            if send_before is not None and elapsed_s() > send_before:
                raise not_sent(call, "waited too long for its turn to be sent safely")
            with self._circuit_told(), self._circuit.learning(trying):
                self.calls[call.action] += 1
                with self.contact.watched():
                    answer = await self._post(call, params)
                    return answer.status, classify(call, answer.status, answer.body)

    @contextlib.contextmanager
    def _circuit_told(self) -> Iterator[None]:
        """Whoever looks at the connection sees since when it is spared."""
        try:
            yield
        finally:
            self.contact.hold(self._circuit.open_since)

    async def _post(self, call: Call, params: Params) -> _Answer:
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                self._http.stream("POST", self._url, data=self._body(call, params)) as response,
            ):
                self.clock.note(response.headers.get("date", ""))
                return _Answer(response.status_code, await whole(response))
        except (TimeoutError, httpx.HTTPError, TooLong) as error:
            fault = self._no_answer(call, error)
        # Raised outside the handler: the library's exception holds the request, and that holds the secret.
        raise fault

    def _body(self, call: Call, params: Params) -> dict[str, str]:
        secrets = {name: secret.get_secret_value() for name, secret in self._credentials.items()}
        return {**form(params), **secrets, "action": call.action, "responsetype": "json"}

    def _no_answer(self, call: Call, error: Exception) -> SystemFault:
        if isinstance(error, _BEFORE_SENDING):
            return not_sent(call, f"not reached: {error or type(error).__name__}").because(obstacle(error))
        if isinstance(error, (TimeoutError, httpx.TimeoutException)):
            return unusable(call, f"no answer within {self._timeout_s:g} s")
        if isinstance(error, TooLong):
            return unusable(call, str(error))
        return unusable(call, f"the connection broke: {error or type(error).__name__}")


def _api_url(base_url: str) -> str:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise SettingsError(f"The WHMCS address {base_url!r} is not an address: {error}") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise SettingsError(f"The WHMCS address {base_url!r} must start with https:// and name a server.")
    return f"{base_url.rstrip('/')}/includes/api.php"


def _trust(url: str) -> ssl.SSLContext:
    """The operating system's own trust, so that a company's certificates count."""
    if not url.startswith("https://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    import truststore  # noqa: PLC0415 - loaded only where TLS is spoken

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _first_line(error: ValueError) -> str:
    return str(error).partition("\n")[0]
