"""A WHMCS address on loopback that answers with the bytes a test wants, and keeps what it was sent."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from pydantic import SecretStr

from console.integrations.whmcs.actions import Whmcs
from console.integrations.whmcs.pace import Pacing

Form = dict[str, str]

DROP = b"drop"
HANG = b"hang"


class Wire:
    """What the address was sent: the form of each request, and its head."""

    def __init__(self, answer: Callable[[Form], bytes]) -> None:
        self.answer = answer
        self.forms: list[Form] = []
        self.heads: list[str] = []
        self.connections: set[asyncio.Task[Any]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.connections.add(task)
        try:
            await self._serve(reader, writer)
        except ConnectionError:
            pass  # the client gave up first, as the tests of lost answers want it
        finally:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line[15:]) for line in head.splitlines() if line.lower().startswith("content-length:"))
        form = dict(parse_qsl((await reader.readexactly(length)).decode(), keep_blank_values=True))
        self.heads.append(head)
        self.forms.append(form)
        answer = self.answer(form)
        if answer == HANG:
            await reader.read()
        elif answer != DROP:
            writer.write(answer)
            await writer.drain()
            writer.close()
            await writer.wait_closed()


def http(body: bytes, status: int = 200, *headers: str, length: int | None = None) -> bytes:
    """A whole HTTP answer; `length` announces more than is sent."""
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        f"Content-Length: {len(body) if length is None else length}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def success(**values: Any) -> bytes:
    """An answer that is labelled a success."""
    return http(json.dumps({"result": "success", **values}).encode())


def error(message: str, status: int = 200) -> bytes:
    """An answer that is labelled an error."""
    return http(json.dumps({"result": "error", "message": message}).encode(), status)


@asynccontextmanager
async def connected(answer: Callable[[Form], bytes], **options: Any) -> AsyncIterator[tuple[Whmcs, Wire]]:
    """A client of an address that answers every request with what `answer` makes of its form."""
    wire = Wire(answer)
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    whmcs = client(f"http://127.0.0.1:{port}/billing/", **options)
    try:
        yield whmcs, wire
    finally:
        await whmcs.aclose()
        server.close()
        await server.wait_closed()
        await asyncio.gather(*wire.connections)
        # The loop closes the generators that httpx gives up when an answer cannot be decompressed.
        await asyncio.sleep(0)


def client(base_url: str, **options: Any) -> Whmcs:
    """A client that repeats reads without pausing."""
    options = {"timeout_s": 5, "pacing": Pacing(read_again_after_s=(0, 0)), **options}
    return Whmcs(base_url, SecretStr("example-identifier"), SecretStr("example-secret"), **options)
