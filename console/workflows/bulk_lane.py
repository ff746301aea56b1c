"""How a run over many orders is paced by the one process that executes: side by side, with pauses, through outages."""

import time
from collections import Counter

from console.models.command import BulkRun, BulkState
from console.models.provisioning import ProvisionOutcome, ProvisionResult

# What an outage does to an order that was not sent yet, or whose answer it took.
_OF_OUTAGES = frozenset({"PRV-01", "PRV-02", "SYN-05"})
# A system that is up and still fails one order must not keep the run for ever.
_MOST_TIMES = 3
_ASK_AGAIN_S = 2.0
_ACTIVE = frozenset({ProvisionOutcome.ACTIVATED, ProvisionOutcome.ALREADY_ACTIVE})


class BulkLane:
    """The orders of one run that are in hand, and what their ends mean for the rest."""

    def __init__(self, run: BulkRun) -> None:
        """Nothing of `run` is in hand."""
        self._run = run
        self.in_hand: set[str] = set()
        self._last_start = -run.pause_s - 1
        self._asked = 0.0
        self._failed_in_a_row = 0
        self._taken_up: Counter[str] = Counter()
        self._stood_still = False

    @property
    def id(self) -> str:
        """The run's."""
        return self._run.id

    def free(self) -> int:
        """How many orders may begin now."""
        if self._run.pause_s and time.monotonic() - self._last_start < self._run.pause_s:
            return 0
        left = self._run.parallel - len(self.in_hand)
        return min(left, 1) if self._run.pause_s else left

    def begins(self, command_id: str) -> None:
        """An order of the run begins."""
        self.in_hand.add(command_id)
        self._last_start = time.monotonic()

    def goes_on(self, state: BulkState) -> None:
        """A run that a person lets go on after too many failures counts them anew."""
        if state is not BulkState.RUNNING:
            self._stood_still = True
        elif self._stood_still:
            self._stood_still, self._failed_in_a_row = False, 0

    def may_ask_again(self) -> bool:
        """Whether it is time to ask again if the systems answer."""
        now = time.monotonic()
        if now - self._asked < _ASK_AGAIN_S:
            return False
        self._asked = now
        return True

    def takes_up_again(self, result: ProvisionResult) -> bool:
        """Whether this end is an outage's, after which the order is taken up again."""
        if not _is_outage(result) or self._taken_up[result.order_id] >= _MOST_TIMES:
            return False
        self._taken_up[result.order_id] += 1
        return True

    def learn(self, result: ProvisionResult, *, again: bool) -> BulkState | None:
        """How the run stands after an end, None for as before. `again`: the order is taken up again."""
        if result.outcome in _ACTIVE:
            self._failed_in_a_row = 0
            return None
        if again:
            self._asked = time.monotonic()
            return BulkState.OUTAGE
        self._failed_in_a_row += 1
        limit = self._run.stop_after
        return BulkState.STOPPED if limit and self._failed_in_a_row >= limit else None

    def ended(self, command_id: str) -> None:
        """An order is in hand no more, or has not begun after all."""
        self.in_hand.discard(command_id)


def _is_outage(result: ProvisionResult) -> bool:
    return result.code in _OF_OUTAGES and result.outcome not in _ACTIVE
