"""Finding customers and orders by anything that callers can say on the phone."""

import time

from console.integrations.portal.directory import Directory
from console.models.customer import Person
from console.models.order import OrderSummary
from console.models.record import Record
from console.workflows.sync import Sync


class Hits(Record):
    """What a search found, best first, and how long the search itself took. `orders` are those of a typed number."""

    query: str
    took_ms: float
    people: tuple[Person, ...]
    orders: tuple[OrderSummary, ...] = ()


class Lookup:
    """Searches the directory; nothing leaves the desk while somebody types."""

    def __init__(self, directory: Directory, sync: Sync) -> None:
        """`sync` is asked once where the directory does not know a text."""
        self._directory = directory
        self._sync = sync

    async def find(self, text: str, limit: int = 20) -> Hits:
        """What the text names. Where nobody is found, what changed meanwhile is read and the search repeated."""
        await self._sync.ensure()
        hits = await self.as_you_type(text, limit)
        if not hits.people and text.strip():
            await self._sync.run()
            hits = await self.as_you_type(text, limit)
        return hits

    async def as_you_type(self, text: str, limit: int = 20) -> Hits:
        """What the text names among what the directory holds; no system is asked."""
        started = time.perf_counter()
        people = await self._directory.search(text, limit)
        orders = await self._directory.orders_matching(text, limit)
        took_ms = round((time.perf_counter() - started) * 1000, 2)
        return Hits(query=text, took_ms=took_ms, people=tuple(people), orders=tuple(orders))
