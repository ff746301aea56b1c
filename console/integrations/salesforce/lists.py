"""Whole lists of Salesforce, part by part, and what changed in them: what the sync reads.

A whole list is read in the order of its ids, so that it can go on after any of them. Changes are asked for by
SystemModstamp, with what is in the recycle bin. Source: salesforce-api.md 4.
Pages become records on a thread: they are long, and the window has other things to do.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from console.integrations.salesforce import soql
from console.integrations.salesforce.client import SalesforceReader
from console.integrations.salesforce.field_map import FieldMap
from console.integrations.salesforce.mapping import Mapper, Row, each
from console.integrations.salesforce.transport import Transport
from console.models.customer import Account
from console.models.order import OrderSummary

T = TypeVar("T")

# A page may have 2,000 (salesforce-api.md 2.2); to read so many at once would let the window stand still.
_PAGE = 400
# Ids in one condition: far below the longest query.
_SOME = 300


class Changes(NamedTuple, Generic[T]):
    """A part of what changed: rows as they are now, ids of those that are deleted, and the newest stamp of both."""

    rows: list[T]
    gone: list[str]
    newest: datetime


class ContactChange(NamedTuple):
    """A contact that was changed or deleted, and the account that it belongs to now."""

    contact_id: str
    account_id: str | None
    changed_at: datetime


class SalesforceLists:
    """Reads lists of one org as the signed-in person sees them. All calls raise `SystemFault` subclasses."""

    def __init__(self, transport: Transport, fields: FieldMap, mapper: Mapper, reader: SalesforceReader) -> None:
        """Work through `transport`; the queries of single records are `reader`'s."""
        self._transport = transport
        self._fields = fields
        self._mapper = mapper
        self._reader = reader

    async def count_accounts(self) -> int:
        """How many accounts `accounts` gives."""
        return await self._count("account", [self._numbered()])

    async def count_orders(self) -> int:
        """How many orders `orders` gives."""
        return await self._count("order", [])

    async def accounts(self, after_id: str = "") -> AsyncIterator[list[Account]]:
        """All accounts that have a customer number, each with its first contact, from the one after an id on."""
        while True:
            where = [self._numbered(), *self._after("account", after_id)]
            rows = await self._transport.poll(self._reader.accounts_query(where, "Id", _PAGE))
            found = await asyncio.to_thread(each, rows, self._mapper.account)
            yield found
            if len(found) < _PAGE:
                return
            after_id = found[-1].id

    async def orders(self, after_id: str = "") -> AsyncIterator[list[OrderSummary]]:
        """Queue rows of all orders, from the one after an id on."""
        while True:
            rows = await self._transport.poll(self._reader.summaries_query(self._after("order", after_id), "Id", _PAGE))
            found = await asyncio.to_thread(each, rows, self._mapper.order_summary)
            yield found
            if len(found) < _PAGE:
                return
            after_id = found[-1].order_id

    async def changed_accounts(self, since: datetime) -> AsyncIterator[Changes[Account]]:
        """Accounts that changed since, with or without a customer number; not those whose contacts alone changed."""
        query = self._reader.accounts_query(*self._changed("account", since))
        async for rows in self._transport.pages(query, with_deleted=True, batch=_PAGE):
            if rows:
                yield await asyncio.to_thread(self._changes, "account", rows, self._mapper.account)

    async def changed_orders(self, since: datetime) -> AsyncIterator[Changes[OrderSummary]]:
        """Queue rows of orders that changed since."""
        query = self._reader.summaries_query(*self._changed("order", since))
        async for rows in self._transport.pages(query, with_deleted=True, batch=_PAGE):
            if rows:
                yield await asyncio.to_thread(self._changes, "order", rows, self._mapper.order_summary)

    async def changed_contacts(self, since: datetime) -> list[ContactChange]:
        """Contacts that changed since; deleted ones too."""
        names = self._fields.names("contact", ["id", "account_id", "changed_at"])
        query = soql.select(names, self._fields.objects["contact"], *self._changed("contact", since))
        pages = self._transport.pages(query, with_deleted=True, batch=_PAGE)
        return [one async for rows in pages for one in await asyncio.to_thread(each, rows, self._contact_change)]

    async def accounts_with_ids(self, account_ids: Collection[str]) -> AsyncIterator[tuple[list[Account], set[str]]]:
        """Some accounts as they are now; gone are those that are not there or have no customer number."""
        name, ids = self._fields.name("account", "id"), sorted(account_ids)
        for start in range(0, len(ids), _SOME):
            some = ids[start : start + _SOME]
            where = [self._numbered(), soql.one_of(name, some)]
            rows = await self._transport.poll(self._reader.accounts_query(where))
            found = await asyncio.to_thread(each, rows, self._mapper.account)
            yield found, set(some) - {one.id for one in found}

    async def _count(self, record: str, where: list[str]) -> int:
        return await self._transport.count(soql.select(["COUNT()"], self._fields.objects[record], where))

    def _numbered(self) -> str:
        return f"{self._fields.name('account', 'customer_number')} != null"

    def _after(self, record: str, after_id: str) -> list[str]:
        return [soql.after(self._fields.name(record, "id"), after_id)] if after_id else []

    def _changed(self, record: str, since: datetime) -> tuple[list[str], str]:
        """Condition and order of a query for what changed."""
        stamp = self._fields.name(record, "changed_at")
        return [soql.at_least(stamp, since)], f"{stamp}, {self._fields.name(record, 'id')}"

    def _changes(self, record: str, rows: Iterable[Row], mapped: Callable[[Row], T]) -> Changes[T]:
        told = each(rows, lambda row: (self._fields.read(record, row), row))
        gone = [str(known["id"]) for known, _ in told if known["deleted"]]
        kept = [row for known, row in told if not known["deleted"]]
        return Changes(each(kept, mapped), gone, max(each([known for known, _ in told], _stamp)))

    def _contact_change(self, row: Row) -> ContactChange:
        known = self._fields.read("contact", row)
        return ContactChange(str(known["id"]), known["account_id"], _stamp(known))


def _stamp(known: Any) -> datetime:
    return datetime.fromisoformat(known["changed_at"])
