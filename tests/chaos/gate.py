"""A gate in front of WHMCS: a request for one action stands there, in the middle, for as long as a test needs."""

import asyncio
import threading

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PATIENCE_S = 300


class Gate:
    """Lets everything through until it is shut; then the next AddOrder stands, before or after WHMCS has done it.

    Used from the test's thread, and by the sandbox in its own.
    """

    def __init__(self) -> None:
        """Open."""
        self._shut: bool | None = None
        self._arrived = threading.Event()
        self._standing: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def shut(self, *, after: bool) -> None:
        """Stop the next request, `after` what it asks for was done or before."""
        self._arrived.clear()
        self._shut = after

    def wait(self) -> None:
        """Until a request stands there."""
        if not self._arrived.wait(_PATIENCE_S):
            raise TimeoutError("no request came to the gate")

    def open(self) -> None:
        """Let the request go on."""
        if self._standing:
            loop, opened = self._standing
            loop.call_soon_threadsafe(opened.set)

    def before(self, app: ASGIApp) -> ASGIApp:
        """The application behind the gate."""

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            body, receive = await _read(receive)
            if self._shut is None or b"action=AddOrder" not in body:
                await app(scope, receive, send)
                return
            after, self._shut = self._shut, None

            async def answer(message: Message) -> None:
                if after and message["type"] == "http.response.start":
                    await self._stand()
                await send(message)

            if not after:
                await self._stand()
            await app(scope, receive, answer)

        return guarded

    async def _stand(self) -> None:
        opened = asyncio.Event()
        self._standing = asyncio.get_running_loop(), opened
        self._arrived.set()
        await opened.wait()


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    """The body of a request, and a way to read it again."""
    message = await receive()
    unread = [message]

    async def again() -> Message:
        return unread.pop() if unread else await receive()

    return message.get("body", b""), again
