"""When a system answered last, how long it took, and since when it does not. Fed by the wires, from any thread."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from console.clocks import elapsed_s
from console.errors import AccessRefused, OutcomeUnknown, SystemFault, Unavailable


class Seen(NamedTuple):
    """What was seen of a system up to now. `fault` is why it is down, or how its last answer refused us.

    `held_since` is since when it is spared: after several lost answers, or a refusal, only one read at a time tries.
    """

    answered_at: datetime | None = None
    took_ms: int | None = None
    down_since: datetime | None = None
    fault: SystemFault | None = None
    # On `clocks.elapsed_s`.
    answered_s: float | None = None
    held_since: datetime | None = None


class Contact:
    """Watches the calls to one system."""

    def __init__(self, elapsed: Callable[[], float] = elapsed_s) -> None:
        """Nothing was seen yet."""
        self._elapsed = elapsed
        self._writing = threading.Lock()
        self._seen = Seen()

    @property
    def seen(self) -> Seen:
        """What was seen up to now."""
        return self._seen

    def is_fresh(self, within_s: float) -> bool:
        """Whether the system's last sign was an answer, and not longer ago than that."""
        seen = self._seen
        return seen.down_since is None and seen.answered_s is not None and self._elapsed() - seen.answered_s <= within_s

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Note what becomes of the one call inside: every answer, also a no, and every failure to answer."""
        started = self._elapsed()
        try:
            yield
        except (Unavailable, OutcomeUnknown) as fault:
            self._failed(fault)
            raise
        except SystemFault as fault:
            self._answered(started, fault if isinstance(fault, AccessRefused) else None)
            raise
        self._answered(started, None)

    def heard(self, answered_at: datetime) -> None:
        """Another process had an answer then; one that is newer than what was seen here is as good as an own one."""
        with self._writing:
            seen = self._seen
            if seen.answered_at is None or answered_at > seen.answered_at:
                age_s = max(0.0, (datetime.now(UTC) - answered_at).total_seconds())
                took_ms = seen.took_ms or 0
                self._seen = Seen(answered_at, took_ms, None, None, self._elapsed() - age_s, seen.held_since)

    def hold(self, since: datetime | None) -> None:
        """Note since when the system is spared; None where it is asked."""
        with self._writing:
            self._seen = self._seen._replace(held_since=since)

    def _answered(self, started: float, fault: SystemFault | None) -> None:
        now = self._elapsed()
        with self._writing:
            self._seen = Seen(datetime.now(UTC), round((now - started) * 1000), None, _bare(fault), now)

    def _failed(self, fault: SystemFault) -> None:
        with self._writing:
            since = self._seen.down_since or datetime.now(UTC)
            self._seen = self._seen._replace(down_since=since, fault=_bare(fault))


def _bare(fault: SystemFault | None) -> SystemFault | None:
    """The fault without its trace, which would keep whole answers in memory for as long as the fault is known."""
    if fault is None:
        return None
    return type(fault)(
        fault.system,
        fault.action,
        fault.message,
        status=fault.status,
        error_code=fault.error_code,
        mutating=fault.mutating,
    )
