"""One customer on one page: three sources, every block filling by itself, one dead system not blanking the rest."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from console.errors import AccessRefused, InvalidInput, NotFound, SystemFault
from console.integrations.portal.portal import Portal
from console.integrations.salesforce.org import Salesforce
from console.integrations.whmcs.actions import Whmcs
from console.models.address import Address
from console.models.billing import Client, Invoice, PayMethod, Service
from console.models.case import AuditEntry
from console.models.check import Source
from console.models.customer import LinkHealth, Person
from console.models.order import OrderSummary
from console.models.page import Block, BlockState
from console.models.record import Record
from console.workflows.diagnosis import Diagnosis
from console.workflows.linking import Linking, LiveLink
from console.workflows.sync import Sync


class Addresses(Record):
    """The billing address as WHMCS has it, and as Salesforce has it; the scripts may differ."""

    whmcs: Address | None
    salesforce: Address | None


class CustomerPage(Record):
    """Everything about one customer."""

    identity: Block[Person]
    link: Block[LinkHealth]
    orders: Block[tuple[OrderSummary, ...]]
    services: Block[tuple[Service, ...]]
    invoices: Block[tuple[Invoice, ...]]
    payment_methods: Block[tuple[PayMethod, ...]]
    addresses: Block[Addresses]
    timeline: Block[tuple[AuditEntry, ...]]


class CustomerPages:
    """Builds customer pages."""

    def __init__(
        self,
        salesforce: Salesforce,
        whmcs: Whmcs,
        portal: Portal,
        sync: Sync,
        linking: Linking,
        diagnosis: Diagnosis,
    ) -> None:
        """The directory names the customer; everything on the page is then read live."""
        self._directory = portal.directory
        self._journal = portal.journal
        self._sync = sync
        self._reader = salesforce.reads
        self._whmcs = whmcs
        self._linking = linking
        self._diagnosis = diagnosis

    async def page(self, customer: str) -> CustomerPage:
        """The page of the customer with this id (any of the three) or customer number.

        Raises `InvalidInput` for an empty text and `NotFound` where nobody, or more than one person, has it.
        """
        if not customer.strip():
            raise InvalidInput("Name a customer by one of the three ids or the customer number.")
        await self._sync.ensure()
        person = await self._directory.person(customer)
        if person is None:
            raise NotFound(f"No single customer has the id or customer number {customer[:60]!r}.")
        live = await self._live_link(person)
        client = live.data.client if live.data else None
        orders, services, invoices, methods, timeline = await asyncio.gather(
            self._block(Source.SALESFORCE, lambda: self._orders(person)),
            self._of_client(client, live, self._services),
            self._of_client(client, live, lambda one: self._whmcs.get_invoices(one.id)),
            self._of_client(client, live, lambda one: self._whmcs.get_pay_methods(one.id)),
            self._block(Source.PORTAL, lambda: self._timeline(person)),
        )
        return CustomerPage(
            identity=_ok(Source.PORTAL, person),
            link=_link_block(live),
            orders=orders,
            services=services,
            invoices=invoices,
            payment_methods=methods,
            addresses=_addresses(live),
            timeline=timeline,
        )

    async def _live_link(self, person: Person) -> Block[LiveLink]:
        async def read() -> LiveLink:
            return await self._linking.of_customer(person.salesforce_account_id, person.whmcs_client_id)

        return await self._block(Source.SALESFORCE, read)

    async def _orders(self, person: Person) -> tuple[OrderSummary, ...]:
        if not person.salesforce_account_id:
            return ()
        return tuple(await self._reader.order_summaries(account_id=person.salesforce_account_id))

    async def _services(self, client: Client) -> tuple[Service, ...]:
        return await self._whmcs.get_services(client.id, currency=client.currency)

    async def _timeline(self, person: Person) -> tuple[AuditEntry, ...]:
        subjects = [person.salesforce_account_id] if person.salesforce_account_id else []
        subjects += [row.order_id for row in await self._directory.orders(account_id=subjects[0])] if subjects else []
        entries = [entry for subject in subjects for entry in await self._journal.audited(subject)]
        return tuple(sorted(entries, key=lambda entry: entry.at))

    async def _of_client(
        self, client: Client | None, live: Block[LiveLink], read: Callable[[Client], Awaitable[Sequence[Any]]]
    ) -> Block[Any]:
        """A block that WHMCS fills for the linked client; without a client it is empty, or as failed as the link."""
        if live.data and live.data.unread:
            failure = live.data.unread
            state = BlockState.REFUSED if failure.code == "ACC-01" else BlockState.FAILED
            message = f"{failure.code}: {failure.detail}"
            return Block(source=Source.WHMCS, fetched_at=live.fetched_at, state=state, message=message)
        if client is None:
            nothing = BlockState.EMPTY if live.state is BlockState.OK else live.state
            return _with(live, Source.WHMCS, None).model_copy(update={"state": nothing})
        return await self._block(Source.WHMCS, lambda: read(client))

    async def _block(self, source: Source, read: Callable[[], Awaitable[Any]]) -> Block[Any]:
        try:
            data = await read()
        except SystemFault as fault:
            state = BlockState.REFUSED if isinstance(fault, AccessRefused) else BlockState.FAILED
            failure = self._diagnosis.failure(fault)
            return Block(
                source=source, fetched_at=datetime.now(UTC), state=state, message=f"{failure.code}: {failure.detail}"
            )
        return _ok(source, data)


def _ok(source: Source, data: Any) -> Block[Any]:
    empty = data is None or data == ()
    return Block(
        source=source,
        fetched_at=datetime.now(UTC),
        state=BlockState.EMPTY if empty else BlockState.OK,
        data=data,
    )


def _link_block(live: Block[LiveLink]) -> Block[LinkHealth]:
    return _with(live, Source.PORTAL, live.data.health if live.data else None)


def _addresses(live: Block[LiveLink]) -> Block[Addresses]:
    if live.data is None:
        return _with(live, Source.WHMCS, None)
    client, account = live.data.client, live.data.account
    both = Addresses(whmcs=client.address if client else None, salesforce=account.billing if account else None)
    return _ok(Source.WHMCS, both if client or account else None)


def _with(block: Block[Any], source: Source, data: Any) -> Block[Any]:
    """The fate of one block for another that was read with it."""
    return Block(source=source, fetched_at=block.fetched_at, state=block.state, data=data, message=block.message)
