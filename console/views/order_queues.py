"""The queues that orders are listed in, and how a list is narrowed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import product

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
_BELONGS: dict[Queue, Callable[[OrderState, Activation], bool]] = {
    Queue.REVIEW: lambda state, activation: state is OrderState.IN_REVIEW,
    Queue.APPROVED: lambda state, activation: state is OrderState.APPROVED and activation in _WAITING,
    Queue.ACTIVATING: lambda state, activation: activation is Activation.ACTIVATING,
    Queue.PAUSED: lambda state, activation: activation is Activation.PAUSED and state is OrderState.APPROVED,
    Queue.ACTIVE: lambda state, activation: activation is Activation.ACTIVATED,
    Queue.REJECTED: lambda state, activation: state in (OrderState.REJECTED, OrderState.CANCELLED),
    Queue.ALL: lambda state, activation: True,
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

    def kept(
        self, orders: Sequence[OrderSummary], now: datetime, spoken: Callable[[OrderSummary], str]
    ) -> Sequence[OrderSummary]:
        """The orders of the queue that are listed; `spoken` gives an order's words, as `Spoken` does."""
        if self.kind:
            orders = [order for order in orders if order.kind is self.kind]
        if self.over_hours:
            latest = now - timedelta(hours=self.over_hours)
            orders = [order for order in orders if order.placed_at <= latest]
        for word in self.text.casefold().split():
            orders = [order for order in orders if word in spoken(order)]
        return orders


class Spoken:
    """The words by which orders are filtered, folded once for each version of an order."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[str, tuple[OrderSummary, str]] = {}

    def learn(self, orders: Iterable[OrderSummary]) -> None:
        """Make the words of these orders ready. May run on any thread: what is missing is made when it is asked for."""
        for order in orders:
            self(order)

    def __call__(self, order: OrderSummary) -> str:
        """Customer, number, kind and code, in small letters."""
        known = self._known.get(order.order_id)
        if known is None or known[0] is not order:
            words = f"{order.customer} {order.order_number} {kind_words(order.kind)} {order.error_code or ''}"
            known = self._known[order.order_id] = order, words.casefold()
        return known[1]


def orders_in(queue: Queue, orders: Iterable[OrderSummary], me: StaffMember) -> list[OrderSummary]:
    """The orders of a queue, as they come."""
    parts = [queue] if queue is not Queue.MINE else [part for part, right in _NEEDS.items() if me.may(right)]
    # Looked up instead of asked one by one: a queue can be long, and it is listed anew with every change.
    wanted = {
        (state, activation)
        for state, activation in product(OrderState, Activation)
        if any(_BELONGS[part](state, activation) for part in parts)
    }
    return [order for order in orders if (order.state, order.activation) in wanted]
