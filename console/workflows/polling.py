"""When the desk reads the systems next by itself."""

from collections.abc import Callable

from console.clocks import elapsed_s
from console.errors import ConsoleError, SystemFault
from console.integrations.salesforce.session import SalesforceSession
from console.models.connection import Spending

# Source: salesforce-api.md 4, "Adaptive".
_REST_S = 15 * 60
_SLOWED_BY = 2
_LIMIT, _AT_ONCE = "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests"


class Polling:
    """Keeps the pace of the readings of one session."""

    def __init__(self, session: SalesforceSession, usual_s: float, elapsed: Callable[[], float] = elapsed_s) -> None:
        """`usual_s` is the pause between two readings while there are calls enough."""
        self._session = session
        self._usual_s = usual_s
        self._elapsed = elapsed
        self._rests_until: float | None = None

    def note(self, error: ConsoleError | None) -> None:
        """What became of a reading: where the org's calls are used up, the next waits a quarter of an hour."""
        self._rests_until = self._elapsed() + _REST_S if _is_used_up(error) else None

    @property
    def has_calls_enough(self) -> bool:
        """Whether there are calls to spare for what nobody waits for."""
        return self.pause_s() == self._usual_s

    def pause_s(self) -> float | None:
        """Seconds until the next reading, or None where only people read: nothing is sent by itself."""
        if self._rests_until is not None:
            return max(self._rests_until - self._elapsed(), self._usual_s)
        calls = self._session.calls_of_the_org
        match calls.spending if calls else Spending.ENOUGH:
            case Spending.ENOUGH:
                return self._usual_s
            case Spending.SHORT:
                return self._usual_s * _SLOWED_BY
            case Spending.ALMOST_ALL:
                return None


def _is_used_up(error: ConsoleError | None) -> bool:
    """Whether the day's calls are gone; too many at the same time is over in seconds. Source: salesforce-api.md 2.8."""
    refused = isinstance(error, SystemFault) and error.error_code == _LIMIT
    return refused and not str(error).partition(": ")[2].startswith(_AT_ONCE)
