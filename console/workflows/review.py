"""Reviewing one order: every check with its evidence, and what the customer sees now and will see."""

from console.models.check import Review
from console.models.order import Order
from console.models.staff import StaffMember
from console.rules.review import run_checks, verdict
from console.rules.status import StatusWords
from console.workflows.evidence import EvidenceGatherer
from console.workflows.orders import Orders


class Reviewing:
    """Runs reviews for one signed-in person."""

    def __init__(self, orders: Orders, evidence: EvidenceGatherer, words: StatusWords) -> None:
        """The order is read live; so is everything around it."""
        self._orders = orders
        self._evidence = evidence
        self._words = words

    async def review(self, order_id: str, me: StaffMember) -> Review:
        """Every check of the order as it is now. Raises `NotFound`, or a `SystemFault` if too little can be read."""
        _, review = await self.examine(order_id, me)
        return review

    async def examine(self, order_id: str, me: StaffMember) -> tuple[Order, Review]:
        """The order as it is now with the review of just this version. Raises as `review` does."""
        order = await self._orders.read(order_id)
        gathered = await self._evidence.gather(order, me)
        checks = run_checks(gathered.evidence)
        return order, Review(
            order_id=order.id,
            verdict=verdict(checks),
            checks=checks,
            content_hash=order.content_hash,
            customer_sees=self._words.of_order(order),
            customer_will_see=self._words.after(order, checks),
        )
