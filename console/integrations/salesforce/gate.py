"""Where work in hand waits while nobody is signed in, until a person has signed in again or gives up."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future

from console.errors import AccessRefused


class SignInGate:
    """Shut while a sign-in is needed. May be opened from any thread.

    attended   whether somebody can sign in here; where nobody can, nothing waits
    needed     why a sign-in is needed, None while the gate is open
    on_change  called, on the thread that changes it, when `needed` has changed
    """

    def __init__(self) -> None:
        """Open, with nobody there."""
        self.attended = False
        self.needed: AccessRefused | None = None
        self.on_change: Callable[[], None] = _nobody
        self._turn = threading.Lock()
        self._waiting: Future[None] | None = None

    async def passed(self, refused: AccessRefused) -> None:
        """Wait until somebody has signed in. Raises `refused` where nobody can, or whoever was asked gave up."""
        if not self.attended:
            raise refused
        with self._turn:
            waiting = self._waiting
            if waiting is None:
                waiting = self._waiting = Future()
                # From now on nobody who waits can cancel it for the others.
                waiting.set_running_or_notify_cancel()
                self.needed = refused
                is_new = True
            else:
                is_new = False
        if is_new:
            self.on_change()
        await asyncio.wrap_future(waiting)

    def open(self) -> None:
        """Somebody has signed in: what waits goes on."""
        waiting = self._take()
        if waiting:
            waiting.set_result(None)
            self.on_change()

    def give_up(self) -> None:
        """Nobody will sign in now: what waits ends with the reason. What asks later waits anew."""
        refused = self.needed
        waiting = self._take()
        if waiting and refused:
            waiting.set_exception(refused)
            self.on_change()

    def _take(self) -> Future[None] | None:
        with self._turn:
            waiting, self._waiting, self.needed = self._waiting, None, None
        return waiting


def _nobody() -> None:
    """Nobody wants to know."""
