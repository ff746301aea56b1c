"""The queues that orders are listed in, and how a list is narrowed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from console.models.order import Activation, OrderKind, OrderState, OrderSummary
from console.models.staff import Right, StaffMember
from console.views.order_words import kind_words

_WAITING = frozenset({Activation.NONE, Activation.CREATED})


class Queue(StrEnum):
    """Which orders are listed."""

    MINE = "mine"
    REVIEW = "review"
    APPROVED = "approved"
    ACTIVATING = "activating"
    PAUSED = "paused"
    ACTIVE = "active"
    REJECTED = "rejected"
    ALL = "all"


QUEUE_WORDS = {
    Queue.MINE: "Waiting for me",
    Queue.REVIEW: "In review",
    Queue.APPROVED: "Approved, to provision",
    Queue.ACTIVATING: "Activating",
    Queue.PAUSED: "Paused",
    Queue.ACTIVE: "Active",
    Queue.REJECTED: "Rejected or cancelled",
    Queue.ALL: "All orders",
}
_BELONGS: dict[Queue, Callable[[OrderSummary], bool]] = {
    Queue.REVIEW: lambda order: order.state is OrderState.IN_REVIEW,
    Queue.APPROVED: lambda order: order.state is OrderState.APPROVED and order.activation in _WAITING,
    Queue.ACTIVATING: lambda order: order.activation is Activation.ACTIVATING,
    Queue.PAUSED: lambda order: order.activation is Activation.PAUSED and order.state is OrderState.APPROVED,
    Queue.ACTIVE: lambda order: order.activation is Activation.ACTIVATED,
    Queue.REJECTED: lambda order: order.state in (OrderState.REJECTED, OrderState.CANCELLED),
    Queue.ALL: lambda order: True,
}
# What waits for somebody is what that person may do next.
_NEEDS = {Queue.REVIEW: Right.APPROVE, Queue.APPROVED: Right.PROVISION}


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed to."""

    queue: Queue = Queue.MINE
    kind: OrderKind | None = None
    over_hours: int | None = None
    text: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether the queue is narrowed at all."""
        return bool(self.text or self.kind or self.over_hours)

    def keeps(self, order: OrderSummary, now: datetime) -> bool:
        """Whether an order of the queue is listed."""
        if self.kind not in (None, order.kind):
            return False
        if self.over_hours is not None and now - order.placed_at < timedelta(hours=self.over_hours):
            return False
        if not self.text:
            return True
        spoken = f"{order.customer} {order.order_number} {kind_words(order.kind)} {order.error_code or ''}".casefold()
        return all(word in spoken for word in self.text.casefold().split())


def orders_in(queue: Queue, orders: Iterable[OrderSummary], me: StaffMember) -> list[OrderSummary]:
    """The orders of a queue, as they come."""
    if queue is not Queue.MINE:
        return [order for order in orders if _BELONGS[queue](order)]
    mine = [_BELONGS[part] for part, right in _NEEDS.items() if me.may(right)]
    return [order for order in orders if any(belongs(order) for belongs in mine)]
