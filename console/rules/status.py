"""What the customer sees at each point of an order's life."""

from collections.abc import Mapping

from console.models.failure import FailureCatalogue
from console.models.order import Activation, CustomerStatus, Order, OrderState


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
