"""Finding an order by what people call it, and the queue."""

import re

from console.errors import InvalidInput, NotFound
from console.integrations.salesforce.client import SalesforceReader
from console.models.ids import ORDER_PREFIX, salesforce_id

_NUMBER = re.compile(r"[0-9]{1,30}")


class Orders:
    """Resolves order numbers and ids."""

    def __init__(self, reader: SalesforceReader) -> None:
        """Ask Salesforce itself: a number that was given a moment ago is found too."""
        self._reader = reader

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
        found = await self._reader.order_id(text.zfill(8)) or await self._reader.order_id(text)
        if found is None:
            raise NotFound(f"There is no order with the number {text}.")
        return found
