"""What the customer sees at each point of an order's life."""

from collections.abc import Iterable, Mapping

from console.models.check import Check, Result
from console.models.failure import FailureCatalogue
from console.models.order import Activation, CustomerStatus, Order, OrderState

_OPEN = frozenset({OrderState.IN_REVIEW, OrderState.APPROVED})
# Codes about the decision itself say nothing of an order that is decided.
_DECISION = "APR-"


class StatusWords:
    """The customer's words from the two catalogues in `resources/`."""

    def __init__(self, statuses: Mapping[str, CustomerStatus], catalogue: FailureCatalogue) -> None:
        """`statuses` by slug. Raises KeyError where one that every order passes through is missing."""
        self.in_review = statuses["in_review"]
        self.approved = statuses["approved"]
        self.activating = statuses["activating"]
        self.active = statuses["active"]
        self.rejected = statuses["rejected"]
        self.cancelled = statuses["cancelled"]
        self._catalogue = catalogue

    def of_failure(self, code: str) -> CustomerStatus | None:
        """The words for a failure; None where the customer goes on seeing the last status."""
        return self._catalogue[code].customer

    def of_order(self, order: Order) -> CustomerStatus:
        """What the customer sees now: what is written on the order, else what its state means."""
        if order.customer_status:
            return order.customer_status
        by_activation = {Activation.ACTIVATING: self.activating, Activation.ACTIVATED: self.active}
        by_state = {
            OrderState.IN_REVIEW: self.in_review,
            OrderState.APPROVED: self.approved,
            OrderState.REJECTED: self.rejected,
            OrderState.PROCESSED: self.active,
            OrderState.CANCELLED: self.cancelled,
        }
        return by_activation.get(order.activation) or by_state[order.state]

    def after(self, order: Order, checks: Iterable[Check]) -> CustomerStatus:
        """What the customer will see once staff have done the next thing: approve in review, provision once approved.

        A stop shows its own words, or leaves what the customer sees; so does an order that nothing more is done to.
        Source: product.md, "Order review"; resources/failure_codes.toml, `customer_status`.
        """
        if order.state not in _OPEN or order.activation is Activation.ACTIVATED:
            return self.of_order(order)
        stops = [check.code or "" for check in checks if check.result is Result.STOP]
        if order.state is OrderState.APPROVED:
            stops = [code for code in stops if not code.startswith(_DECISION)]
        if stops:
            return (self.of_failure(stops[0]) if stops[0] else None) or self.of_order(order)
        return self.approved if order.state is OrderState.IN_REVIEW else self.active
