"""The time that both sandboxes live in: real time plus an offset that tests move. Never goes backwards."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus an offset."""

    def __init__(self, offset_s: float = 0.0) -> None:
        """Start `offset_s` seconds away from real time."""
        self._offset = timedelta(seconds=offset_s)

    def now(self) -> datetime:
        """The sandbox's time, in UTC."""
        return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> None:
        """Move the sandbox's time forward. Raises ValueError for a negative number."""
        if seconds < 0:
            raise ValueError("the sandbox's clock only moves forward")
        self._offset += timedelta(seconds=seconds)

    def advance_to(self, moment: datetime) -> None:
        """Move the sandbox's time to a moment with its offset. Raises ValueError for one that is past."""
        self.advance((moment - self.now()).total_seconds())
