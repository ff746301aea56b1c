"""Time that can be trusted for leases: a clock that counts sleep, and a system's own clock seen through it."""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def elapsed_s() -> float:
    """Seconds on a clock that never jumps and goes on while the machine sleeps (only differences mean something)."""
    clock = sleepless_clock(sys.platform)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def sleepless_clock(platform: str) -> int | None:
    """The id of the clock that counts sleep, None where `time.monotonic` already does (Windows).

    On macOS `time.monotonic` stands still in sleep but CLOCK_MONOTONIC does not; on Linux it is CLOCK_BOOTTIME.
    """
    names = {"linux": "CLOCK_BOOTTIME", "darwin": "CLOCK_MONOTONIC"}
    return getattr(time, names.get(platform, ""), None)


class ServerClock:
    """What a server's clock shows now: its last `Date` header plus the time since; the desk's clock does not matter."""

    def __init__(self, elapsed: Callable[[], float] = elapsed_s) -> None:
        """Until the first answer the desk's own clock stands in."""
        self._elapsed = elapsed
        # One value, so that another thread never sees a new time with an old moment.
        self._seen = (datetime.now(UTC), elapsed())
        self.is_known = False

    def note(self, date_header: str) -> None:
        """Take over the time of an answer; an unreadable header is ignored."""
        try:
            shown = parsedate_to_datetime(date_header)
        except (ValueError, OverflowError):
            return
        self.is_known = True
        self._seen = (shown if shown.tzinfo else shown.replace(tzinfo=UTC), self._elapsed())

    def now(self) -> datetime:
        """The server's time, in UTC, to about a second."""
        shown, seen_at = self._seen
        return shown + timedelta(seconds=self._elapsed() - seen_at)
