"""The lists that the sync reads: each whole, part by part, and what is new of it.

Source: salesforce-api.md 4; whmcs-api.md 4.8 and 6.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Generic, NamedTuple, Protocol, TypeVar

from console.integrations.portal.books import Books
from console.integrations.salesforce.org import Salesforce
from console.integrations.whmcs.actions import Whmcs
from console.integrations.whmcs.paging import ListPart, Place
from console.models.billing import ClientSummary, InvoiceNumber
from console.models.sync import SyncMark

T = TypeVar("T")

# Stamps are set when a record is saved and seen when its transaction ends, which can be later (salesforce-api.md 4).
_OVERLAP = timedelta(seconds=120)


class Part(NamedTuple):
    """What was read and put into the books: how many rows of ours changed, how many were read, and where to go on."""

    changed: int
    rows: int
    position: str
    total: int | None = None


class News(NamedTuple):
    """What is new in a list: how many rows of ours changed, how many were read, and the mark from which to ask next.

    `moved` where rows are gone that nothing tells of: the list has to be read as a whole. `accounts` are those that
    changed orders name.
    """

    changed: int
    rows: int
    mark: SyncMark
    moved: bool = False
    accounts: frozenset[str] = frozenset()


class SyncedList(Protocol):
    """One list of a system."""

    name: str

    def now(self) -> datetime:
        """The system's own time."""

    async def count(self) -> int | None:
        """How many rows the whole list has, None where reading it tells."""

    def whole(self, mark: SyncMark) -> AsyncIterator[Part]:
        """Read the list from the mark's position to its end into the books."""

    async def news(self, mark: SyncMark) -> News:
        """Read what is new since the mark into the books. The list was read as a whole before."""


class AccountList:
    """Salesforce's accounts, each with its first contact."""

    name = "accounts"

    def __init__(self, salesforce: Salesforce, books: Books) -> None:
        """Read through `salesforce` into `books`."""
        self._lists, self._books = salesforce.lists, books
        self.now = salesforce.reads.server_now

    async def count(self) -> int | None:
        """How many accounts have a customer number."""
        return await self._lists.count_accounts()

    async def whole(self, mark: SyncMark) -> AsyncIterator[Part]:
        """In the order of the ids."""
        async for accounts in self._lists.accounts(mark.position):
            changed = await self._books.put_accounts(accounts, (), mark.round)
            yield Part(changed, len(accounts), accounts[-1].id if accounts else mark.position)

    async def news(self, mark: SyncMark) -> News:
        """Accounts that changed, and those of contacts that did."""
        since, read_at = _since(mark), self.now()
        newest, changed, rows = read_at, 0, 0
        known: set[str] = set()
        async for part in self._lists.changed_accounts(since):
            known.update(part.gone, (one.id for one in part.rows))
            changed += await self._books.put_accounts(part.rows, part.gone, mark.round)
            newest, rows = max(newest, part.newest), rows + len(part.rows) + len(part.gone)
        contacts = await self._lists.changed_contacts(since)
        account_ids = {one.account_id for one in contacts if one.account_id}
        account_ids |= await self._books.accounts_with_contacts([one.contact_id for one in contacts])
        # Those were read a moment ago; a contact that changed since shows in the next look as well.
        async for accounts, gone in self._lists.accounts_with_ids(account_ids - known):
            changed += await self._books.put_accounts(accounts, gone, mark.round)
        newest = max([newest, *[one.changed_at for one in contacts]])
        return News(changed, rows + len(contacts), mark.model_copy(update={"cursor": newest}))


class OrderList:
    """Salesforce's orders, as rows of the queue."""

    name = "orders"

    def __init__(self, salesforce: Salesforce, books: Books) -> None:
        """Read through `salesforce` into `books`."""
        self._lists, self._books = salesforce.lists, books
        self.now = salesforce.reads.server_now

    async def count(self) -> int | None:
        """How many orders there are."""
        return await self._lists.count_orders()

    async def whole(self, mark: SyncMark) -> AsyncIterator[Part]:
        """In the order of the ids."""
        async for orders in self._lists.orders(mark.position):
            changed = await self._books.put_orders(orders, (), mark.round)
            yield Part(changed, len(orders), orders[-1].order_id if orders else mark.position)

    async def news(self, mark: SyncMark) -> News:
        """Orders that changed."""
        newest, changed, rows = self.now(), 0, 0
        accounts: set[str] = set()
        async for part in self._lists.changed_orders(_since(mark)):
            changed += await self._books.put_orders(part.rows, part.gone, mark.round)
            newest, rows = max(newest, part.newest), rows + len(part.rows) + len(part.gone)
            accounts |= {one.account_id for one in part.rows}
        return News(changed, rows, mark.model_copy(update={"cursor": newest}), accounts=frozenset(accounts))


class BillingList(Generic[T]):
    """A list of WHMCS that is sorted by its ids. What is new comes last; what is gone shows as the rest moves up."""

    def __init__(
        self,
        name: str,
        parts: Callable[[Place], AsyncIterator[ListPart[T]]],
        put: Callable[[Sequence[T], int], Awaitable[int]],
        now: Callable[[], datetime],
    ) -> None:
        """`parts` reads what comes after a place, `put` keeps rows for a round and tells how many changed."""
        self.name, self.now = name, now
        self._parts, self._put = parts, put

    async def count(self) -> int | None:
        """Each page tells."""
        return None

    async def whole(self, mark: SyncMark) -> AsyncIterator[Part]:
        """In the order of the ids."""
        async for part in self._parts(_place(mark)):
            changed = await self._put(part.rows, mark.round)
            yield Part(changed, len(part.rows), _position(part.place), part.total)

    async def news(self, mark: SyncMark) -> News:
        """What came after the last one."""
        changed, rows, moved = 0, 0, False
        async for part in self._parts(_place(mark)):
            changed += await self._put(part.rows, mark.round)
            rows, moved = rows + len(part.rows), moved or part.moved
            mark = mark.model_copy(update={"position": _position(part.place), "cursor": self.now()})
        return News(changed, rows, mark, moved)


def client_list(whmcs: Whmcs, books: Books) -> BillingList[ClientSummary]:
    """WHMCS's clients."""
    return BillingList("clients", whmcs.client_parts, books.put_clients, whmcs.clock.now)


def invoice_list(whmcs: Whmcs, books: Books) -> BillingList[InvoiceNumber]:
    """The numbers of WHMCS's invoices."""
    return BillingList("invoices", whmcs.invoice_parts, books.put_invoices, whmcs.clock.now)


def _since(mark: SyncMark) -> datetime:
    if mark.cursor is None:
        raise ValueError(f"{mark.name} was never read as a whole")
    return mark.cursor - _OVERLAP


def _place(mark: SyncMark) -> Place:
    offset, _, last_id = mark.position.partition(":")
    return Place(int(offset), int(last_id)) if last_id else Place()


def _position(place: Place) -> str:
    return f"{place.offset}:{place.last_id}"
