"""How the systems answer: since when, how fast, and what is the matter."""

from datetime import datetime, timedelta
from enum import StrEnum

from console.errors import System
from console.models.record import Record, Words

_SLOW_MS = 2000
# After a sleep of the machine, say, an old answer tells nothing about now.
_SAYS_NOTHING_AFTER = timedelta(minutes=10)


class ConnectionState(StrEnum):
    """How a system answers at this moment."""

    OK = "ok"
    SLOW = "slow"
    DOWN = "down"
    UNKNOWN = "unknown"


class Connection(Record):
    """What is known of one system's answers.

    answered_at  the last answer of any kind, None before the first; `took_ms` is how long that one took
    down_since   the first failure after the last answer, None where it answered last
    problem      why it is down or refuses us, None where nothing is the matter
    """

    system: System
    answered_at: datetime | None = None
    took_ms: int | None = None
    down_since: datetime | None = None
    problem: Words | None = None

    def state(self, now: datetime) -> ConnectionState:
        """How the system answers. A system that refuses us does answer; `problem` tells the rest."""
        if self.down_since:
            return ConnectionState.DOWN
        if self.answered_at is None or self.took_ms is None or now - self.answered_at > _SAYS_NOTHING_AFTER:
            return ConnectionState.UNKNOWN
        return ConnectionState.SLOW if self.took_ms > _SLOW_MS else ConnectionState.OK
