"""What a review would say of the orders in the queue: counted one after the other and remembered for a while."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from console.clocks import elapsed_s
from console.models.check import Result, Review, Verdict
from console.models.failure import UNCLASSIFIED
from console.models.order import OrderSummary
from console.models.record import Record
from console.models.staff import StaffMember
from console.workflows.review import Reviewing

_REMEMBERED_S = 600
_MOST = 1000
# No rule of the business stops with these: a source could not be read, and the next moment it can be.
UNREAD = ("ACC-", "PRV-", "SYN-", "UNK-")
"""How the codes of a source that could not be read begin."""


class Counted(Record):
    """How many checks of an order stop and how many want a look, and what they say together.

    codes  those of the checks that stop, in the review's order
    """

    stops: int
    looks: int
    verdict: Verdict
    codes: tuple[str, ...]
    checked_at: datetime


class _Remembered(NamedTuple):
    """What was counted for one version of an order, and until when on the clock it counts."""

    changed_at: datetime
    counted: Counted
    until: float


class Prechecks:
    """Counts and remembers for the person at this desk."""

    def __init__(self, reviewing: Reviewing, elapsed: Callable[[], float] = elapsed_s) -> None:
        """One review runs at a time, so that a long queue never floods the systems."""
        self._reviewing = reviewing
        self._elapsed = elapsed
        self._one_runs = asyncio.Lock()
        # The one that was remembered first stands first.
        self._remembered: dict[str, _Remembered] = {}
        self._forgets = 0

    async def of(self, order: OrderSummary, me: StaffMember) -> Counted:
        """The count of this version of the order, from memory or from a review now.

        Raises as the review does. Where a source could not be read, the count is not remembered.
        """
        if found := self.known(order):
            return found
        async with self._one_runs:
            if found := self.known(order):
                return found
            forgets = self._forgets
            review = await self._reviewing.review(order.order_id, me)
            counted = _count(review)
            if forgets == self._forgets and _is_whole(review):
                self._remember(order, counted)
            return counted

    def known(self, order: OrderSummary) -> Counted | None:
        """The count of this version of the order where it is remembered."""
        found = self._remembered.get(order.order_id)
        if found and found.changed_at == order.changed_at and self._elapsed() < found.until:
            return found.counted
        return None

    def note(self, order: OrderSummary, review: Review) -> None:
        """Remember what a review that somebody had run anyway says of this version of the order."""
        if _is_whole(review):
            self._remember(order, _count(review))

    def forget(self, order_id: str) -> None:
        """Count this order anew when it is asked for next; a review that is under way does not count any more."""
        self._forgets += 1
        self._remembered.pop(order_id, None)

    def _remember(self, order: OrderSummary, counted: Counted) -> None:
        self._remembered.pop(order.order_id, None)
        self._remembered[order.order_id] = _Remembered(order.changed_at, counted, self._elapsed() + _REMEMBERED_S)
        if len(self._remembered) > _MOST:
            del self._remembered[next(iter(self._remembered))]


def stop_codes(review: Review) -> tuple[str, ...]:
    """The codes of the checks that stop."""
    return tuple(check.code or UNCLASSIFIED for check in review.checks if check.result is Result.STOP)


def _count(review: Review) -> Counted:
    results = [check.result for check in review.checks]
    return Counted(
        stops=results.count(Result.STOP),
        looks=results.count(Result.LOOK),
        verdict=review.verdict,
        codes=stop_codes(review),
        checked_at=datetime.now(UTC),
    )


def _is_whole(review: Review) -> bool:
    return not any(code.startswith(UNREAD) for code in stop_codes(review))
