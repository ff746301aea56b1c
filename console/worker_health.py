"""How the worker is doing, told on this machine only: `GET /health` on 127.0.0.1. No customer data, no secrets."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Literal

from pydantic import ValidationError

from console.errors import System, Unavailable
from console.models.record import Record
from console.tasks import Tasks

HERE = "127.0.0.1"
WorkerState = Literal["executing", "in reserve", "stopping"]

_PATIENCE_S = 2.0
_LONGEST_HEAD = 4096
_LONGEST_ANSWER = 65_536
_AT_ONCE = 16
_END_OF_HEAD = b"\r\n\r\n"


class Executor(Record):
    """The process that executes commands for everyone. `name` is the person at that desk, or the worker."""

    name: str
    machine: str
    pid: int


class WorkerHealth(Record):
    """How a worker is doing.

    state           only the one that is "executing" carries commands out; one "in reserve" takes over when it ends
    holder          who executes, None where nobody does
    waiting, running   commands in the database, of everyone
    done, failed    commands of everyone that have ended since this worker began
    last_sync_age_s how long ago this worker has read the queue, None where it has not yet, as in reserve
    not_answering   the systems whose last call got no answer
    """

    state: WorkerState
    holder: Executor | None
    pid: int
    protocol: int
    version: str
    waiting: int
    running: int
    done: int
    failed: int
    last_sync_age_s: float | None
    not_answering: tuple[System, ...]


class _Refused(Exception):
    """The request gets no health; the text is the status line's."""


class HealthServer:
    """Answers one request for each connection. Nothing that comes in is more than compared."""

    def __init__(self, health: Callable[[], WorkerHealth]) -> None:
        """`health` is asked for each answer; it must be at hand, as it is not awaited."""
        self.port = 0
        self._health = health
        self._tasks = Tasks()
        self._at_once = 0

    @contextlib.asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator["HealthServer"]:
        """Listen on the port, on any free one where it is 0 or taken; `self.port` tells which."""
        server = await self._listen(port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await self._tasks.aclose()
            await server.wait_closed()

    async def _listen(self, port: int) -> asyncio.Server:
        try:
            return await asyncio.start_server(self._connected, HERE, port, limit=_LONGEST_HEAD)
        except OSError:
            if not port:
                raise
            return await asyncio.start_server(self._connected, HERE, 0, limit=_LONGEST_HEAD)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._at_once >= _AT_ONCE:
            writer.transport.abort()
            return
        self._at_once += 1
        self._tasks.spawn(self._serve(reader, writer), "health request")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                writer.write(self._answer(await reader.readuntil(_END_OF_HEAD)))
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            # Too slow, too long, or gone: whoever it is has to ask properly.
            pass
        finally:
            self._at_once -= 1
            writer.transport.abort()

    def _answer(self, head: bytes) -> bytes:
        try:
            _require_question(head, self.port)
        except _Refused as refused:
            return _response(str(refused), b"{}")
        return _response("200 OK", self._health().model_dump_json().encode())


def _require_question(head: bytes, port: int) -> None:
    """Raises `_Refused` for all but `GET /health`, asked of this machine under its own name.

    A page in a browser that points a name of its own at this machine sends that name as Host.
    """
    question, *fields = head.decode("latin-1").split("\r\n")
    hosts = [value.strip().lower() for name, _, value in (field.partition(":") for field in fields)
             if name.lower() == "host"]  # fmt: skip
    if len(hosts) != 1 or hosts[0] not in (f"{HERE}:{port}", f"localhost:{port}"):
        raise _Refused("403 Forbidden")
    if question not in ("GET /health HTTP/1.1", "GET /health HTTP/1.0"):
        raise _Refused("404 Not Found")


def _response(status: str, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


async def read_health(port: int) -> WorkerHealth:
    """How the worker behind this port of this machine is doing.

    Raises `Unavailable` where none answers in time, or something else does.
    """
    try:
        async with asyncio.timeout(_PATIENCE_S):
            answer = await _asked(port)
        head, _, body = answer.partition(_END_OF_HEAD)
        if not head.startswith(b"HTTP/1.1 200 "):
            raise Unavailable("portal", "worker health", "something else than the worker answers there")
        return WorkerHealth.model_validate_json(body)
    except ValidationError as error:
        raise Unavailable("portal", "worker health", "something else than this worker answers there") from error
    except (OSError, TimeoutError, OverflowError) as error:
        raise Unavailable("portal", "worker health", "the worker does not answer") from error


async def _asked(port: int) -> bytes:
    reader, writer = await asyncio.open_connection(HERE, port)
    try:
        writer.write(f"GET /health HTTP/1.1\r\nHost: {HERE}:{port}\r\n\r\n".encode())
        answer = b""
        while len(answer) <= _LONGEST_ANSWER and (more := await reader.read(_LONGEST_ANSWER)):
            answer += more
        return answer
    finally:
        writer.transport.abort()
