"""Finding customers and orders by anything that callers can say on the phone."""

import time

from console.errors import Rejected, SystemFault
from console.integrations.portal.directory import Directory
from console.integrations.salesforce.client import SalesforceReader
from console.models.customer import Person
from console.models.order import OrderSummary
from console.models.record import Record
from console.workflows.sync import Sync

# Salesforce searches for nothing shorter. Source: salesforce-api.md 2.3.
_SHORTEST_SEARCH = 2
# What the directory says of those whose name differs from the text by a typing error.
_SIMILAR = "similar"


class Hits(Record):
    """What a search found, best first, and how long the search itself took. `orders` are those of a typed number."""

    query: str
    took_ms: float
    people: tuple[Person, ...]
    orders: tuple[OrderSummary, ...] = ()

    @property
    def names_people(self) -> bool:
        """Whether the text itself names somebody, not only a name that is like it."""
        return any(one.matched_on != _SIMILAR for one in self.people)


class Lookup:
    """Searches the directory; nothing leaves the desk while somebody types."""

    def __init__(self, directory: Directory, sync: Sync, reader: SalesforceReader) -> None:
        """`sync` and then `reader` are asked once where the directory does not know a text."""
        self._directory = directory
        self._sync = sync
        self._reader = reader

    async def find(self, text: str, limit: int = 20) -> Hits:
        """What the text names.

        Where nobody is found, what changed meanwhile is read and the search repeated; at last Salesforce is searched,
        which knows every contact of an account, while the directory holds the first.
        """
        await self._sync.ensure()
        hits = await self.as_you_type(text, limit)
        if not hits.names_people and text.strip():
            await self._read_changes()
            hits = await self.as_you_type(text, limit)
        if not hits.names_people and not hits.orders and len(text.strip()) >= _SHORTEST_SEARCH:
            contacts = await self._of_contacts(text.strip(), limit)
            known = {one.salesforce_account_id for one in contacts}
            similar = tuple(one for one in hits.people if one.salesforce_account_id not in known)
            hits = hits.model_copy(update={"people": (*contacts, *similar)})
        return hits

    async def _read_changes(self) -> None:
        """Have what changed read: here, or by the process that may. Without WHMCS Salesforce's part is as good."""
        if not self._sync.may_read:
            await self._sync.ask()
            return
        try:
            await self._sync.run()
        except SystemFault as fault:
            if fault.system != "whmcs":
                raise

    async def _of_contacts(self, text: str, limit: int) -> tuple[Person, ...]:
        try:
            account_ids = await self._reader.account_ids_matching(text, limit)
        except Rejected:
            # Signs with a meaning of their own in a search: nobody is called so.
            return ()
        people = [await self._directory.person(account_id) for account_id in account_ids]
        return tuple(person.model_copy(update={"matched_on": "contact"}) for person in people if person)

    async def as_you_type(self, text: str, limit: int = 20) -> Hits:
        """What the text names among what the directory holds; no system is asked."""
        started = time.perf_counter()
        people = await self._directory.search(text, limit)
        orders = await self._directory.orders_matching(text, limit)
        took_ms = round((time.perf_counter() - started) * 1000, 2)
        return Hits(query=text, took_ms=took_ms, people=tuple(people), orders=tuple(orders))
