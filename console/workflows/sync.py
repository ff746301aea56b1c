"""Bringing the directory and the queue up to date from Salesforce and WHMCS."""

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from console.clocks import elapsed_s
from console.integrations.portal.portal import Portal
from console.integrations.salesforce.org import Salesforce
from console.integrations.whmcs.actions import Whmcs
from console.models.billing import ClientSummary
from console.models.customer import Account, Link, LinkState, Person
from console.models.order import OrderSummary
from console.models.record import Record

_PEOPLE, _ORDERS = "people", "orders"
# Stamps are set when a record is saved and seen when its transaction ends, which can be later (salesforce-api.md 4).
_OVERLAP = timedelta(seconds=120)
_PEOPLE_EVERY_S = 300
# So many changed orders are not looked up one by one: the people are read with them.
_MANY = 500


class SyncReport(Record):
    """What a sync did: rows now held, rows changed, rows gone."""

    people: int
    orders: int
    changed: int
    removed: int
    took_ms: int


class Sync:
    """Reads both systems' lists. One process does it at a time for everyone."""

    def __init__(
        self,
        salesforce: Salesforce,
        whmcs: Whmcs,
        portal: Portal,
        elapsed: Callable[[], float] = elapsed_s,
    ) -> None:
        """Read through both wires, write to the Portal database."""
        self._elapsed = elapsed
        self._people_read = elapsed()
        self._reader = salesforce.reads
        self._whmcs = whmcs
        self._directory = portal.directory
        self._links = portal.links
        # Pages ask for it by themselves, several at once when the desk opens.
        self._one_reads = asyncio.Lock()

    async def ensure(self) -> None:
        """Bring a data folder up that was never synced; do nothing for others."""
        if await self._is_new():
            async with self._one_reads:
                if await self._is_new():
                    await self._run(full=True)

    async def run(self, *, full: bool = False) -> SyncReport:
        """Read what changed since the last time, or everything.

        Changes are asked of Salesforce: WHMCS clients without an account, and deleted records, need a full sync.
        """
        async with self._one_reads:
            return await self._run(full=full)

    async def refresh(self) -> int:
        """Bring the queue up to date, and the people where that is due; tells how many orders were read.

        People change seldom, so they are asked for less often, and at once where an order names an unknown account.
        """
        await self.ensure()
        async with self._one_reads:
            rows = await self._changed_orders()
            due = len(rows) > _MANY or self._elapsed() - self._people_read >= _PEOPLE_EVERY_S
            if due or not await self._directory.has_accounts(row.account_id for row in rows):
                await self._people(await self._directory.cursor(_PEOPLE))
            return len(rows)

    async def _is_new(self) -> bool:
        return await self._directory.cursor(_PEOPLE) is None

    async def _run(self, *, full: bool) -> SyncReport:
        started = time.monotonic()
        since = None if full else await self._directory.cursor(_PEOPLE)
        changed_people, removed = await self._people(since)
        changed_orders = len(await self._changed_orders(full=full))
        return SyncReport(
            people=await self._directory.count(),
            orders=await self._directory.count_orders(),
            changed=changed_people + changed_orders,
            removed=removed,
            took_ms=round((time.monotonic() - started) * 1000),
        )

    async def _changed_orders(self, *, full: bool = False) -> list[OrderSummary]:
        since = None if full else await self._directory.cursor(_ORDERS)
        read_at = self._reader.server_now()
        rows = await self._reader.order_summaries(changed_since=since - _OVERLAP if since else None)
        await self._directory.put_orders(rows, all_of_them=since is None)
        await self._directory.set_cursor(_ORDERS, max([row.changed_at for row in rows], default=since or read_at))
        return rows

    async def _people(self, since: datetime | None) -> tuple[int, int]:
        accounts = await self._reader.accounts(changed_since=since - _OVERLAP if since else None)
        self._people_read = self._elapsed()
        links = {row.salesforce_account_id: row for row in await self._links.all()}
        held = await self._directory.count()
        if since is None:
            clients = {client.id: client async for client in self._whmcs.all_clients()}
            people = _everyone(accounts, clients, links)
            await self._directory.replace(people)
        else:
            people = [await self._refreshed(account, links.get(account.id)) for account in accounts]
            await self._directory.update(people)
        newest = max([account.changed_at for account in accounts], default=since or datetime.now(UTC))
        await self._directory.set_cursor(_PEOPLE, newest)
        return len(people), max(0, held - len(people)) if since is None else 0

    async def _refreshed(self, account: Account, link: Link | None) -> Person:
        return _kept(_person(account, None, link), await self._directory.person(account.id))


def _kept(person: Person, before: Person | None) -> Person:
    """A changed account's person with what only WHMCS had told, which the account does not bring along."""
    if before is None or before.whmcs_client_id != person.whmcs_client_id:
        return person
    told = {word: getattr(person, word) or getattr(before, word) for word in ("company", "reading", "email")}
    return person.model_copy(update=told)


def _everyone(accounts: Iterable[Account], clients: dict[int, ClientSummary], links: dict[str, Link]) -> list[Person]:
    """One person per account, and one per WHMCS client that no account names."""
    people = []
    unclaimed = dict(clients)
    for account in accounts:
        client = unclaimed.pop(account.whmcs_client_id, None) if account.whmcs_client_id else None
        people.append(_person(account, client, links.get(account.id)))
    return people + [_billing_only(client) for client in unclaimed.values()]


def _person(account: Account, client: ClientSummary | None, link: Link | None) -> Person:
    return Person(
        portal_user_id=account.portal_user_id or (link.portal_user_id if link else None),
        whmcs_client_id=account.whmcs_client_id or (link.whmcs_client_id if link else None),
        salesforce_account_id=account.id,
        customer_number=account.customer_number,
        name=account.name,
        reading=account.reading or (f"{client.first_name} {client.last_name}" if client else ""),
        company=client.company if client else "",
        email=account.email or (client.email if client else ""),
        phone=account.phone,
        link=_listed_link(account, link),
    )


def _listed_link(account: Account, link: Link | None) -> LinkState:
    """The link as far as lists tell; the customer page checks it live."""
    told = (account.whmcs_client_id, account.portal_user_id)
    if link and any(
        one and one != other for one, other in zip(told, (link.whmcs_client_id, link.portal_user_id), strict=True)
    ):
        return LinkState.CONFLICT
    return LinkState.LINKED if all(told) else LinkState.PARTIAL


def _billing_only(client: ClientSummary) -> Person:
    return Person(
        portal_user_id=None,
        whmcs_client_id=client.id,
        salesforce_account_id=None,
        customer_number="",
        name=f"{client.first_name} {client.last_name}".strip(),
        reading="",
        company=client.company,
        email=client.email,
        phone="",
        link=LinkState.PARTIAL,
    )
