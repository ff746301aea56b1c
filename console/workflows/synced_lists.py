"""The lists that the sync reads: each whole, part by part, and what is new of it.

Source: salesforce-api.md 4; whmcs-api.md 4.8 and 6.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from console.integrations.portal.books import Books
from console.integrations.salesforce.org import Salesforce
from console.integrations.whmcs.actions import Whmcs
from console.integrations.whmcs.paging import Place
from console.models.sync import SyncMark

# Stamps are set when a record is saved and seen when its transaction ends, which can be later (salesforce-api.md 4).
_OVERLAP = timedelta(seconds=120)


class Part(NamedTuple):
    """What was read and put into the books: how many people or orders changed, how many rows, and where to go on."""

    changed: int
    rows: int
    position: str
    total: int | None = None


class News(NamedTuple):
    """What is new in a list: how many people or orders changed, how many rows, and the mark from which to ask next.

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
        async for part in self._lists.changed_accounts(since):
            changed += await self._books.put_accounts(part.rows, part.gone, mark.round)
            newest, rows = max(newest, part.newest), rows + len(part.rows) + len(part.gone)
        contacts = await self._lists.changed_contacts(since)
        account_ids = {one.account_id for one in contacts if one.account_id}
        account_ids |= await self._books.accounts_with_contacts([one.contact_id for one in contacts])
        accounts = await self._lists.accounts_with_ids(account_ids)
        gone = account_ids - {one.id for one in accounts}
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


class ClientList:
    """WHMCS's clients. Who is new comes last; who is gone is seen as others move up."""

    name = "clients"

    def __init__(self, whmcs: Whmcs, books: Books) -> None:
        """Read through `whmcs` into `books`."""
        self._whmcs, self._books = whmcs, books
        self.now = whmcs.clock.now

    async def count(self) -> int | None:
        """Each page tells."""
        return None

    async def whole(self, mark: SyncMark) -> AsyncIterator[Part]:
        """In the order of the ids."""
        async for part in self._whmcs.client_parts(_place(mark)):
            changed = await self._books.put_clients(part.rows, mark.round)
            yield Part(changed, len(part.rows), _position(part.place), part.total)

    async def news(self, mark: SyncMark) -> News:
        """Those who came after the last one."""
        changed, rows, moved = 0, 0, False
        async for part in self._whmcs.client_parts(_place(mark)):
            changed += await self._books.put_clients(part.rows, mark.round)
            rows, moved = rows + len(part.rows), moved or part.moved
            mark = mark.model_copy(update={"position": _position(part.place), "cursor": self.now()})
        return News(changed, rows, mark, moved)


class InvoiceList:
    """The numbers of WHMCS's invoices."""

    name = "invoices"

    def __init__(self, whmcs: Whmcs, books: Books) -> None:
        """Read through `whmcs` into `books`."""
        self._whmcs, self._books = whmcs, books
        self.now = whmcs.clock.now

    async def count(self) -> int | None:
        """Each page tells."""
        return None

    async def whole(self, mark: SyncMark) -> AsyncIterator[Part]:
        """In the order of the ids."""
        async for part in self._whmcs.invoice_parts(_place(mark)):
            await self._books.put_invoices(part.rows, mark.round)
            yield Part(0, len(part.rows), _position(part.place), part.total)

    async def news(self, mark: SyncMark) -> News:
        """Those that came after the last one."""
        rows, moved = 0, False
        async for part in self._whmcs.invoice_parts(_place(mark)):
            await self._books.put_invoices(part.rows, mark.round)
            rows, moved = rows + len(part.rows), moved or part.moved
            mark = mark.model_copy(update={"position": _position(part.place), "cursor": self.now()})
        return News(0, rows, mark, moved)


def _since(mark: SyncMark) -> datetime:
    if mark.cursor is None:
        raise ValueError(f"{mark.name} was never read as a whole")
    return mark.cursor - _OVERLAP


def _place(mark: SyncMark) -> Place:
    offset, _, last_id = mark.position.partition(":")
    return Place(int(offset), int(last_id)) if last_id else Place()


def _position(place: Place) -> str:
    return f"{place.offset}:{place.last_id}"
