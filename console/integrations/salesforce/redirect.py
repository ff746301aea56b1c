"""The one request with which the browser comes back after a sign-in: its listener on this machine, and its reader.

Source: salesforce-api.md 1.3.
"""

import asyncio
import contextlib
import errno
import hmac
import re
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from pydantic import SecretStr

from console.errors import AccessRefused, SettingsError, Unavailable
from console.tasks import Tasks

PATH = "/staff-console/sign-in"
"""Registered with the External Client App as http://localhost:PORT/staff-console/sign-in, once for each port."""

_LARGEST = 16 * 1024
# Safari holds sockets open without a word.
_PATIENCE_S = 5.0
_CODE = re.compile(r"[\x21-\x7e]{1,4096}")
_PLAIN = re.compile(r"[^\w .,:;/()'-]", re.ASCII)
_NO_SUCH_ADDRESS = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Staff Console</title>
<style>body{{font:18px system-ui;margin:15vh auto;max-width:32rem;text-align:center}}</style></head>
<body><p>{en}</p><p lang="ja">{ja}</p></body></html>"""
_BACK = _PAGE.format(
    en="You can close this page and go back to Staff Console.",
    ja="このページを閉じて、Staff Consoleに戻ってください。",
)
_NOT_SIGNED_IN = _PAGE.format(
    en="You were not signed in. Staff Console says why.",
    ja="サインインできませんでした。理由はStaff Consoleに表示されます。",
)
_NOTHING_HERE = _PAGE.format(en="There is nothing here.", ja="ここには何もありません。")
_HEADERS = (
    "Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
    "X-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
    "Connection: close\r\n"
)


class Expected(NamedTuple):
    """The request that is waited for. `origin` is that of the page it comes from, for the browser's question."""

    port: int
    state: str
    origin: str


class Answered(NamedTuple):
    """What a request is answered with, and what it brought: a code, an error, or neither where it is not ours."""

    status: str
    page: str = ""
    headers: str = ""
    code: SecretStr | None = None
    error: tuple[str, str] | None = None


def read_redirect(head: bytes, expected: Expected) -> Answered:
    """What to make of a request, given from its first line to the empty line. Never raises.

    Only a GET of our path for our host, with our state once and a code or an error once, is the one waited for.
    """
    lines = head.decode("latin-1").split("\r\n")
    method, _, rest = lines[0].partition(" ")
    target, _, version = rest.partition(" ")
    hosts = [value.strip().lower() for name, _, value in (line.partition(":") for line in lines[1:])
             if name.lower() == "host"]  # fmt: skip
    if not version.startswith("HTTP/1.") or not target.startswith("/") or hosts != [f"localhost:{expected.port}"]:
        return Answered("400 Bad Request", _NOTHING_HERE)
    try:
        path, query = urlsplit(target).path, urlsplit(target).query
        words = parse_qsl(query, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return Answered("400 Bad Request", _NOTHING_HERE)
    if path != PATH:
        return Answered("404 Not Found", _NOTHING_HERE)
    if method == "OPTIONS":
        return Answered("204 No Content", headers=_preflight(expected))
    if method != "GET":
        return Answered("405 Method Not Allowed", _NOTHING_HERE, "Allow: GET\r\n")
    return _brought(words, expected)


def _brought(words: list[tuple[str, str]], expected: Expected) -> Answered:
    found = dict(words)
    once = len(found) == len(words)
    same_state = hmac.compare_digest(found.get("state", "").encode(), expected.state.encode())
    if not once or not same_state or ("code" in found) == ("error" in found):
        return Answered("400 Bad Request", _NOTHING_HERE)
    if "error" in found:
        described = found.get("error_description") or found["error"]
        return Answered("200 OK", _NOT_SIGNED_IN, error=(_plain(found["error"])[:60], _plain(described)[:200]))
    if not _CODE.fullmatch(found["code"]):
        return Answered("400 Bad Request", _NOTHING_HERE)
    return Answered("200 OK", _BACK, code=SecretStr(found["code"]))


def _plain(text: str) -> str:
    return _PLAIN.sub(" ", text)


def _preflight(expected: Expected) -> str:
    """Chrome asks before a public page may go to an address of this machine."""
    return (
        f"Access-Control-Allow-Origin: {expected.origin}\r\nAccess-Control-Allow-Methods: GET\r\n"
        "Access-Control-Allow-Private-Network: true\r\n"
    )


class RedirectListener:
    """Waits on one port of this machine until the browser comes back."""

    def __init__(self, expected: Expected) -> None:
        """Nothing came yet."""
        self._expected = expected
        self._found: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._tasks = Tasks()

    @property
    def redirect_uri(self) -> str:
        """Where the browser is sent back to; exactly one of the registered ones."""
        return f"http://localhost:{self._expected.port}{PATH}"

    async def code(self, within_s: float) -> SecretStr:
        """The code. Raises `AccessRefused` with the error that came instead, `Unavailable` when the time is over."""
        try:
            found = await asyncio.wait_for(self._found, within_s)
        except TimeoutError:
            raise Unavailable("salesforce", "sign_in", "nobody finished the sign-in in the browser") from None
        if found.code is None:
            error, description = found.error or ("invalid_request", "")
            raise AccessRefused("salesforce", "sign_in", description, error_code=error)
        return found.code

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A browser, or whatever else it is, has connected."""
        self._tasks.spawn(self._serve(reader, writer), "the browser's way back")

    async def aclose(self) -> None:
        """Drop what is still connected."""
        await self._tasks.aclose()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A connection that breaks or says nothing in time is not ours.
        with contextlib.closing(writer), contextlib.suppress(OSError, EOFError, ValueError, TimeoutError):
            async with asyncio.timeout(_PATIENCE_S):
                head = await _head(reader)
                answered = read_redirect(head, self._expected)
                content = answered.page.encode()
                lines = f"HTTP/1.1 {answered.status}\r\n{_HEADERS}{answered.headers}Content-Length: {len(content)}\r\n"
                writer.write(f"{lines}\r\n".encode() + content)
                await writer.drain()
                writer.close()
                await writer.wait_closed()
            if (answered.code or answered.error) and not self._found.done():
                self._found.set_result(answered)


async def _head(reader: asyncio.StreamReader) -> bytes:
    """Everything up to the empty line. Raises ValueError for what is too long."""
    try:
        return (await reader.readuntil(b"\r\n\r\n")).removesuffix(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise ValueError("a request without an end") from None


@contextlib.asynccontextmanager
async def listening(ports: Sequence[int], state: str, origin: str) -> AsyncIterator[RedirectListener]:
    """Listen on the first of the ports that is free, until the block ends.

    Raises `SettingsError` where all are taken: others would not be registered with Salesforce.
    """
    port, sockets = _bound(ports)
    listener = RedirectListener(Expected(port, state, origin))
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(listener.aclose)
        for bound in sockets:
            server = await asyncio.start_server(listener.connected, sock=bound, limit=_LARGEST)
            stack.callback(server.close)
        yield listener


def _bound(ports: Sequence[int]) -> tuple[int, list[socket.socket]]:
    """The first port that is free for both forms of `localhost`, with its sockets."""
    for port in ports:
        sockets: list[socket.socket] = []
        try:
            sockets.append(_socket(socket.AF_INET, "127.0.0.1", port))
            with _unless_missing():
                sockets.append(_socket(socket.AF_INET6, "::1", port))
        except OSError:
            for one in sockets:
                one.close()
        else:
            return port, sockets
    numbers = ", ".join(str(port) for port in ports)
    raise SettingsError(f"Other programs use all ports that a sign-in can come back to ({numbers}). Close one of them.")


@contextlib.contextmanager
def _unless_missing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_SUCH_ADDRESS:
            raise


def _socket(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            # On Windows another program could otherwise listen on the same port.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(16)
        bound.setblocking(False)
    except OSError:
        bound.close()
        raise
    return bound
