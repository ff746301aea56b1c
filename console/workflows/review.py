"""Reviewing one order: every check with its evidence, and what the customer sees now and will see."""

from console.errors import NotFound
from console.integrations.salesforce.client import SalesforceReader
from console.models.check import Review
from console.models.staff import StaffMember
from console.rules.review import run_checks, verdict
from console.rules.status import StatusWords
from console.workflows.evidence import EvidenceGatherer


class Reviewing:
    """Runs reviews for one signed-in person."""

    def __init__(self, reader: SalesforceReader, evidence: EvidenceGatherer, words: StatusWords) -> None:
        """The order is read live; so is everything around it."""
        self._reader = reader
        self._evidence = evidence
        self._words = words

    async def review(self, order_id: str, me: StaffMember) -> Review:
        """Every check of the order as it is now. Raises `NotFound`, or a `SystemFault` if too little can be read."""
        order = await self._reader.order(order_id)
        if order is None:
            raise NotFound(f"There is no order {order_id}.")
        gathered = await self._evidence.gather(order, me)
        checks = run_checks(gathered.evidence)
        return Review(
            order_id=order.id,
            verdict=verdict(checks),
            checks=checks,
            content_hash=order.content_hash,
            customer_sees=self._words.of_order(order),
            customer_will_see=self._words.approved,
        )
