"""How the systems answer: since when, how fast, and what is the matter."""

from datetime import datetime, timedelta
from enum import StrEnum

from console.errors import System
from console.models.record import Record, Words

_SLOW_MS = 2000
_SHORT, _ALMOST_ALL = 80, 95
# After a sleep of the machine, say, an old answer tells nothing about now.
_SAYS_NOTHING_AFTER = timedelta(minutes=10)


class ConnectionState(StrEnum):
    """How a system answers at this moment."""

    OK = "ok"
    SLOW = "slow"
    DOWN = "down"
    UNKNOWN = "unknown"


class Spending(StrEnum):
    """What is left of a budget of calls."""

    ENOUGH = "enough"
    SHORT = "short"
    ALMOST_ALL = "almost_all"


class CallBudget(Record):
    """How many API requests the whole org made in the last 24 hours, and how many it may.

    Source: salesforce-api.md 2.9.
    """

    used: int
    allowed: int

    @property
    def percent(self) -> int:
        """The used part, rounded down; over 100 where the org was let go on."""
        return self.used * 100 // self.allowed if self.allowed else 100

    @property
    def spending(self) -> Spending:
        """Whether the rest has to be spared. Source: salesforce-api.md 4, "Adaptive"."""
        if self.percent > _ALMOST_ALL:
            return Spending.ALMOST_ALL
        return Spending.SHORT if self.percent > _SHORT else Spending.ENOUGH


class Connection(Record):
    """What is known of one system's answers.

    answered_at  the last answer of any kind, None before the first; `took_ms` is how long that one took
    down_since   the first failure after the last answer, None where it answered last
    held_since   since when it is spared, None where every request is sent: after several lost answers, or a refusal,
                 only one read at a time tries
    problem      why it is down or refuses us, None where nothing is the matter
    calls        its budget of calls, None where it has none or has not told yet
    """

    system: System
    answered_at: datetime | None = None
    took_ms: int | None = None
    down_since: datetime | None = None
    held_since: datetime | None = None
    problem: Words | None = None
    calls: CallBudget | None = None

    def state(self, now: datetime) -> ConnectionState:
        """How the system answers. A system that refuses us does answer; `problem` tells the rest."""
        if self.down_since:
            return ConnectionState.DOWN
        if self.answered_at is None or self.took_ms is None or now - self.answered_at > _SAYS_NOTHING_AFTER:
            return ConnectionState.UNKNOWN
        return ConnectionState.SLOW if self.took_ms > _SLOW_MS else ConnectionState.OK
