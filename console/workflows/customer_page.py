"""One customer on one page: three sources, every block filling by itself, one dead system not blanking the rest."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from console.errors import InvalidInput, Missing, NotFound, SystemFault
from console.integrations.portal.portal import Portal
from console.integrations.salesforce.org import Salesforce
from console.integrations.whmcs.actions import Whmcs
from console.models.activity import ActivityEntry
from console.models.address import Address
from console.models.billing import Client, Invoice, PayMethod, Service
from console.models.check import Source
from console.models.customer import LinkHealth, Person
from console.models.order import OrderSummary
from console.models.page import Block, BlockState
from console.models.record import Record
from console.rules.address import same_place
from console.workflows.diagnosis import Diagnosis
from console.workflows.linking import Linking, LiveLink
from console.workflows.sync import Sync

OnBlock = Callable[[str, Block[Any]], None]


class Addresses(Record):
    """The billing address as WHMCS has it, and as Salesforce has it; the scripts may differ."""

    whmcs: Address | None
    salesforce: Address | None

    @property
    def mean_one_place(self) -> bool | None:
        """Whether both mean the same place, None while one of them is missing."""
        return same_place(self.whmcs, self.salesforce) if self.whmcs and self.salesforce else None


class CustomerPage(Record):
    """Everything about one customer."""

    identity: Block[Person]
    link: Block[LinkHealth]
    orders: Block[tuple[OrderSummary, ...]]
    services: Block[tuple[Service, ...]]
    invoices: Block[tuple[Invoice, ...]]
    payment_methods: Block[tuple[PayMethod, ...]]
    addresses: Block[Addresses]
    timeline: Block[tuple[ActivityEntry, ...]]


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

    async def open(self, customer: str) -> Person:
        """The customer with this id (any of the three) or customer number, as the directory knows it.

        Raises `InvalidInput` for an empty text and `NotFound` where nobody, or more than one person, has it.
        """
        if not customer.strip():
            raise InvalidInput("Name a customer by one of the three ids or the customer number.")
        await self._sync.ensure()
        person = await self._directory.person(customer)
        if person is None:
            raise NotFound(f"No single customer has the id or customer number {customer[:60]!r}.")
        return person

    async def page(self, customer: str) -> CustomerPage:
        """The whole page of the customer that `open` finds. Raises as `open` does."""
        person = await self.open(customer)
        blocks: dict[str, Block[Any]] = {}
        await self.fill(person, blocks.__setitem__)
        return CustomerPage(identity=_ok(Source.PORTAL, person), **blocks)

    async def fill(self, person: Person, on_block: OnBlock) -> None:
        """Read everything live and hand over each block, by its name in `CustomerPage`, as soon as it is there.

        No system waits for another: what WHMCS tells comes by the client id that the directory knows. Blocks of WHMCS
        come a second time where the link turns out to lead to another client, and the addresses with each half.
        """
        addresses = _AddressHalves(on_block)
        live, *_ = await asyncio.gather(
            self._link(person, addresses, on_block),
            self._known_billing(person, addresses, on_block),
            self._hand_over("orders", Source.SALESFORCE, lambda: self._orders(person), on_block),
            self._hand_over("timeline", Source.PORTAL, lambda: self._timeline(person), on_block),
        )
        linked = _linked_client(live)
        if person.whmcs_client_id is None or _leads_elsewhere(linked, person.whmcs_client_id):
            await self._billing(linked, addresses, on_block)

    async def _link(self, person: Person, addresses: "_AddressHalves", on_block: OnBlock) -> Block[LiveLink]:
        live = await self._block(
            Source.SALESFORCE,
            lambda: self._linking.of_customer(person.salesforce_account_id, person.whmcs_client_id),
        )
        on_block("link", _with(live, Source.PORTAL, live.data.health if live.data else None))
        addresses.take_link(live)
        return live

    async def _known_billing(self, person: Person, addresses: "_AddressHalves", on_block: OnBlock) -> None:
        """What WHMCS tells of the client that the directory knows, if it knows one."""
        if person.whmcs_client_id is not None:
            client = await self._block(Source.WHMCS, lambda: self._client(person.whmcs_client_id))
            await self._billing(client, addresses, on_block)

    async def _billing(self, client: Block[Client], addresses: "_AddressHalves", on_block: OnBlock) -> None:
        """The blocks of a client; without one they are as empty or as failed as the client itself."""
        addresses.take_client(client)
        if client.data is None:
            for name in ("services", "invoices", "payment_methods"):
                on_block(name, client)
            return
        client_id, currency = client.data.id, client.data.currency
        await asyncio.gather(
            self._hand_over(
                "services", Source.WHMCS, lambda: self._whmcs.get_services(client_id, currency=currency), on_block
            ),
            self._hand_over("invoices", Source.WHMCS, lambda: self._whmcs.get_invoices(client_id), on_block),
            self._hand_over("payment_methods", Source.WHMCS, lambda: self._whmcs.get_pay_methods(client_id), on_block),
        )

    async def _client(self, client_id: int | None) -> Client | None:
        try:
            return await self._whmcs.get_client(client_id)
        except Missing:
            return None

    async def _orders(self, person: Person) -> tuple[OrderSummary, ...]:
        if not person.salesforce_account_id:
            return ()
        return tuple(await self._reader.order_summaries(account_id=person.salesforce_account_id))

    async def _timeline(self, person: Person) -> tuple[ActivityEntry, ...]:
        if not person.salesforce_account_id:
            return ()
        return tuple(await self._journal.of_account(person.salesforce_account_id))

    async def _hand_over(
        self, name: str, source: Source, read: Callable[[], Awaitable[Any]], on_block: OnBlock
    ) -> None:
        on_block(name, await self._block(source, read))

    async def _block(self, source: Source, read: Callable[[], Awaitable[Any]]) -> Block[Any]:
        try:
            data = await read()
        except SystemFault as fault:
            problem = self._diagnosis.explain(fault)
            return Block(
                source=source,
                fetched_at=datetime.now(UTC),
                state=problem.state,
                message=f"{problem.code}: {problem.meaning.en}",
            )
        return _ok(source, data)


class _AddressHalves:
    """The addresses as they come, from the client of WHMCS and from the account of Salesforce."""

    def __init__(self, on_block: OnBlock) -> None:
        self._on_block = on_block
        self._client: Block[Client] | None = None
        self._live: Block[LiveLink] | None = None

    def take_client(self, client: Block[Client]) -> None:
        """Hand the block over with what WHMCS tells."""
        self._client = client
        self._hand_over()

    def take_link(self, live: Block[LiveLink]) -> None:
        """Hand the block over with what Salesforce tells."""
        self._live = live
        self._hand_over()

    def _hand_over(self) -> None:
        halves = [half for half in (self._client, self._live) if half]
        client = self._client.data if self._client else None
        account = self._live.data.account if self._live and self._live.data else None
        both = Addresses(whmcs=client.address if client else None, salesforce=account.billing if account else None)
        failed = next((half for half in halves if half.message), None)
        if client or account:
            message = failed.message if failed else ""
            self._on_block("addresses", _ok(Source.WHMCS, both).model_copy(update={"message": message}))
        elif self._client and self._live:
            self._on_block("addresses", _with(failed or self._client, Source.WHMCS, None))


def _linked_client(live: Block[LiveLink]) -> Block[Client]:
    """The client that the live link leads to, with the fate of the link where it could not be read."""
    if live.data is None:
        return _with(live, Source.WHMCS, None)
    if unread := live.data.unread:
        state = BlockState.REFUSED if unread.code == "ACC-01" else BlockState.FAILED
        message = f"{unread.code}: Billing could not be asked."
        return Block(source=Source.WHMCS, fetched_at=live.fetched_at, state=state, message=message)
    return _ok(Source.WHMCS, live.data.client)


def _leads_elsewhere(linked: Block[Client], known_id: int) -> bool:
    """Whether the live link was read and names another client than the directory, or none."""
    if linked.state not in (BlockState.OK, BlockState.EMPTY):
        return False
    return linked.data is None or linked.data.id != known_id


def _ok(source: Source, data: Any) -> Block[Any]:
    empty = data is None or data == ()
    return Block(
        source=source,
        fetched_at=datetime.now(UTC),
        state=BlockState.EMPTY if empty else BlockState.OK,
        data=data,
    )


def _with(block: Block[Any], source: Source, data: Any) -> Block[Any]:
    """The fate of one block for another that was read with it."""
    return Block(source=source, fetched_at=block.fetched_at, state=block.state, data=data, message=block.message)
