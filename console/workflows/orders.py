"""Finding an order by what people call it, the queue, and one whole order."""

import re

from console.errors import InvalidInput, NotFound
from console.integrations.portal.directory import Directory
from console.integrations.salesforce.client import SalesforceReader
from console.models.ids import ORDER_PREFIX, padded_order_number, salesforce_id
from console.models.order import Activation, Order, OrderState, OrderSummary
from console.workflows.sync import Sync

_NUMBER = re.compile(r"[0-9]{1,30}")


class Orders:
    """The queue comes from our own database, at once; everything about one order is read live."""

    def __init__(self, reader: SalesforceReader, directory: Directory, sync: Sync) -> None:
        """Names are asked of Salesforce itself: a number that was given a moment ago is found too."""
        self._reader = reader
        self._directory = directory
        self._sync = sync

    async def queue(self, state: OrderState | None = None, activation: Activation | None = None) -> list[OrderSummary]:
        """The orders as the last sync has read them, oldest first. A data folder that was never synced is, first."""
        await self._sync.ensure_orders()
        return await self._directory.orders(state, activation)

    async def refresh(self) -> None:
        """Read what changed in Salesforce into the queue. Raises a `SystemFault`."""
        await self._sync.refresh_orders()

    async def read(self, order_id: str) -> Order:
        """One whole order, live. Raises `NotFound`, also for one that this person may not see, or a `SystemFault`."""
        order = await self._reader.order(order_id)
        if order is None:
            raise NotFound("This order is not there any more, or you may not see it.")
        return order

    async def resolve(self, text: str) -> str:
        """The 18-character id for an order number or a Salesforce order id.

        Raises `InvalidInput` for anything else, before anything is sent, and `NotFound` for an unknown one.
        Leading zeros of a number may be left out.
        """
        text = text.strip()
        if order_id := salesforce_id(text, ORDER_PREFIX):
            if not await self._reader.order_exists(order_id):
                raise NotFound(f"There is no order with the id {text}.")
            return order_id
        if not _NUMBER.fullmatch(text):
            raise InvalidInput(f"{text[:60]!r} is neither an order number nor a Salesforce order id.")
        found = await self._reader.order_id(padded_order_number(text)) or await self._reader.order_id(text)
        if found is None:
            raise NotFound(f"There is no order with the number {text}.")
        return found
