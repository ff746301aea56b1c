"""Serves web applications on 127.0.0.1, in a background thread or in the foreground until a signal.

Knows none of them. Binds loopback only, refuses any other host name; `Date` follows the clock given.
"""

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.utils import format_datetime
from types import FrameType

import uvicorn
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.sandbox.clock import Clock
from console.sandbox.faults import ABORT

LOOPBACK = "127.0.0.1"

_HOSTS = (LOOPBACK, "localhost")
_START_S = 20
# How long connections may take to finish when the sandbox ends.
_STOP_S = 1


@contextlib.contextmanager
def serving(apps: Sequence[tuple[ASGIApp, int]], clock: Clock) -> Iterator[list[int]]:
    """Serve applications on their ports from a background thread; gives the ports that they got.

    OSError where a port is taken; TimeoutError where the thread does not get ready.
    """
    ready = threading.Event()
    with _bound(apps) as sockets:
        server = _server(apps, sockets, clock, ready.set)
        thread = threading.Thread(target=_serve, args=(server, sockets), name="sandbox", daemon=True)
        thread.start()
        try:
            if not ready.wait(_START_S):
                raise TimeoutError(f"the sandbox did not start within {_START_S} s")
            yield _ports(sockets)
        finally:
            server.should_exit = True
            thread.join()


def serve_until_signal(
    apps: Sequence[tuple[ASGIApp, int]], clock: Clock, on_ready: Callable[[list[int]], None]
) -> None:
    """Serve applications in the main thread until Ctrl+C or SIGTERM. OSError where a port is taken."""
    with _bound(apps) as sockets:
        server = _server(apps, sockets, clock, lambda: on_ready(_ports(sockets)))

        def stop(_signal: int, _frame: FrameType | None) -> None:
            server.should_exit = True

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            _serve(server, sockets)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextlib.contextmanager
def _bound(apps: Sequence[tuple[ASGIApp, int]]) -> Iterator[list[socket.socket]]:
    """One listening socket for each application, bound before anything is served."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(_listening(port)) for _, port in apps]


def _listening(port: int) -> socket.socket:
    # With the protocol named, asyncio switches Nagle's delay off; without it every answer would take 40 ms.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((LOOPBACK, port))
        bound.listen()
    except OSError:
        bound.close()
        raise
    return bound


def _ports(sockets: Sequence[socket.socket]) -> list[int]:
    return [int(bound.getsockname()[1]) for bound in sockets]


def _serve(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
    # A selector loop by name: the policy's own loop could be Qt's where a window runs in this process.
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(server.serve(sockets=sockets))


def _server(
    apps: Sequence[tuple[ASGIApp, int]],
    sockets: Sequence[socket.socket],
    clock: Clock,
    on_ready: Callable[[], None],
) -> uvicorn.Server:
    by_port = dict(zip(_ports(sockets), (app for app, _ in apps), strict=True))
    config = uvicorn.Config(
        TrustedHostMiddleware(_Front(by_port, clock), allowed_hosts=_HOSTS),
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=_STOP_S,
    )
    return _Server(config, on_ready)


class _Server(uvicorn.Server):
    """Says when it is ready, and leaves signals to whoever started it."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Front:
    """Picks the application by port, adds the sandbox's `Date`, and offers a way to cut the connection."""

    def __init__(self, by_port: Mapping[int, ASGIApp], clock: Clock) -> None:
        self._by_port = by_port
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        date = format_datetime(self._clock.now(), usegmt=True).encode()

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"date", date)]}
            await send(message)

        extensions = {**scope.get("extensions", {}), ABORT: _abort_of(send)}
        await self._by_port[scope["server"][1]]({**scope, "extensions": extensions}, receive, dated)


def _abort_of(send: Send) -> Callable[[], None]:
    """How to cut the connection of a request.

    ASGI has no word for it. uvicorn's `send` is a method of the object that holds the request's transport;
    aborting that closes the socket at once, whatever was not sent yet.
    """

    def abort() -> None:
        transport: asyncio.Transport = send.__self__.transport  # type: ignore[attr-defined]
        transport.abort()

    return abort
