"""Spares a WHMCS that does not answer or keeps us out: one read at a time finds out whether it does again.

Repeated refusals can ban an address (whmcs-api.md 3.4), and a server that is down needs no more load.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from console.clocks import elapsed_s
from console.errors import AccessRefused, OutcomeUnknown, SystemFault, Unavailable
from console.integrations.whmcs.access import access_problem
from console.integrations.whmcs.outcome import Call, not_sent
from console.integrations.whmcs.pace import Pacing


class _Hold(NamedTuple):
    """The server is spared: since when, why, until when on the elapsed clock, and how long that pause is.

    `kept_out` tells a refusal from an outage.
    """

    since: datetime
    kept_out: bool
    message: str
    status: int | None
    until_s: float
    pause_s: float

    def fault(self, call: Call) -> SystemFault:
        """Why a call does not go out."""
        if self.kept_out:
            return AccessRefused("whmcs", call.action, self.message, status=self.status, mutating=call.mutating)
        return not_sent(call, f"not asked while WHMCS does not answer: {self.message}")


class Circuit:
    """Closed: calls go out. Open: changes do not, and all reads wait for the next try that one of them makes.

    So a person who tries again always learns how it is now, and the server is asked once in each pause.
    """

    def __init__(
        self,
        pacing: Pacing,
        elapsed: Callable[[], float] = elapsed_s,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Closed at first."""
        self._most_lost = pacing.lost_in_a_row
        self._first_s, self._longest_s = pacing.held_s
        self._elapsed = elapsed
        self._sleep = sleep
        self._lost = 0
        self._hold: _Hold | None = None
        self._try: asyncio.Event | None = None

    @property
    def open_since(self) -> datetime | None:
        """Since when the server is spared; None where calls go out."""
        return self._hold.since if self._hold else None

    def ask_afresh(self) -> None:
        """A person may have mended what kept us out: the next call finds out at once."""
        if self._hold and self._try is None:
            self._hold = self._hold._replace(kept_out=False, until_s=self._elapsed())

    @contextlib.asynccontextmanager
    async def admitted(self, call: Call) -> AsyncIterator[bool]:
        """Yield whether the call inside is the one that tries; a read may wait here for the try of another.

        Where it may not go out: Unavailable, or AccessRefused where WHMCS keeps us out. Nothing was sent then.
        """
        trying = await self._admit(call)
        try:
            yield trying
        finally:
            # Also where the call was given up half way: the next one may try then.
            if trying:
                self._end_try()

    def check(self, call: Call, trying: bool) -> None:
        """Raise where the server came to be spared while this call waited for its turn."""
        if self._hold and not trying:
            raise self._hold.fault(call)

    @contextlib.contextmanager
    def learning(self, trying: bool) -> Iterator[None]:
        """Learn from what becomes of the one call inside."""
        try:
            yield
        except (Unavailable, OutcomeUnknown) as fault:
            self._lost += 1
            if trying or (self._hold is None and self._lost >= self._most_lost):
                self._open(fault)
            raise
        except AccessRefused as fault:
            if access_problem(fault).is_about_one_action:
                self._close()
            elif trying or self._hold is None:
                self._open(fault)
            raise
        except SystemFault:
            self._close()
            raise
        self._close()

    async def _admit(self, call: Call) -> bool:
        while (hold := self._hold) is not None:
            # A change is not what one finds out with: its answer may be lost.
            if call.mutating or (hold.kept_out and self._elapsed() < hold.until_s):
                raise hold.fault(call)
            if self._try is None:
                await self._lead(hold)
                return True
            await self._try.wait()
            if self._hold not in (None, hold):
                raise self._hold.fault(call)
        return False

    async def _lead(self, hold: _Hold) -> None:
        """Wait until a try is due. A wait that is given up leaves it to the next."""
        self._try = asyncio.Event()
        try:
            await self._sleep(max(hold.until_s - self._elapsed(), 0))
        except BaseException:
            self._end_try()
            raise

    def _end_try(self) -> None:
        ended, self._try = self._try, None
        if ended:
            ended.set()

    def _close(self) -> None:
        self._lost, self._hold = 0, None

    def _open(self, fault: SystemFault) -> None:
        before = self._hold
        pause_s = min(before.pause_s * 2, self._longest_s) if before else self._first_s
        since = before.since if before else datetime.now(UTC)
        kept_out = isinstance(fault, AccessRefused)
        self._hold = _Hold(since, kept_out, fault.message, fault.status, self._elapsed() + pause_s, pause_s)
