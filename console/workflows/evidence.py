"""Gathering everything that a review or the last look before provisioning needs, side by side, live."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from console.errors import SystemFault
from console.integrations.salesforce.org import Salesforce
from console.integrations.whmcs.actions import Whmcs
from console.models.billing import Client, Service
from console.models.catalogue import ItemRole, ProductKind
from console.models.check import Source
from console.models.failure import Failure
from console.models.order import Order
from console.models.staff import StaffMember
from console.rules.evidence import Evidence, Limits
from console.settings import ReviewSettings
from console.workflows.diagnosis import Diagnosis
from console.workflows.linking import Linking, LiveLink
from console.workflows.stops import Stopped

T = TypeVar("T")


class Gathered(NamedTuple):
    """The evidence for the rules, and the link that it was read by."""

    evidence: Evidence
    link: LiveLink

    def linked_client(self) -> Client:
        """The WHMCS client that bills this order. Raises `Stopped` with the link's break where there is none."""
        health, client = self.link.health, self.link.client
        if client is None or (health.code and health.code != "LNK-06"):
            raise Stopped(Failure(code=health.code or "LNK-01", detail=health.evidence.en))
        return client


class EvidenceGatherer:
    """Reads Salesforce, WHMCS and the Portal database for one order."""

    def __init__(
        self,
        salesforce: Salesforce,
        whmcs: Whmcs,
        linking: Linking,
        diagnosis: Diagnosis,
        settings: ReviewSettings,
    ) -> None:
        """`settings` say from when on a check looks or stops."""
        self._reader = salesforce.reads
        self._whmcs = whmcs
        self._linking = linking
        self._diagnosis = diagnosis
        self._limits = Limits(**settings.model_dump(exclude={"time_zone"}))
        self._zone = ZoneInfo(settings.time_zone)

    def today(self) -> date:
        """The calendar day that counts for expiries, due dates and activation dates."""
        return datetime.now(self._zone).date()

    async def gather(self, order: Order, person: StaffMember, *, with_services: bool = True) -> Gathered:
        """Everything about one order. A source that cannot be read leaves its part open and its code noted.

        Without services their part is left open for whoever reads them anyway. Raises a `SystemFault` only where not
        even the link can be read.
        """
        link, others, internet = await asyncio.gather(
            self._linking.of_customer(order.account_id),
            self._reader.open_orders_of(order.account_id),
            self._reader.whmcs_product_ids(ProductKind.INTERNET, ItemRole.PLAN),
        )
        await self._linking.write_missing_row(link, person.name)
        unreadable: dict[Source, str] = {}
        client = link.client
        pay_methods, services, invoices = (None, None, None)
        if client:
            pay_methods, services, invoices = await asyncio.gather(
                self._read(lambda: self._whmcs.get_pay_methods(client.id), Source.WHMCS, unreadable),
                self._services(client, unreadable) if with_services else _nothing(),
                self._read(lambda: self._whmcs.get_invoices(client.id), Source.WHMCS, unreadable),
            )
        else:
            unreadable[Source.WHMCS] = link.health.code or "LNK-01"
        now = datetime.now(self._zone)
        evidence = Evidence(
            order=order,
            account=link.account,
            link=link.health,
            client=client,
            pay_methods=pay_methods,
            services=services,
            invoices=invoices,
            other_orders=tuple(other for other in others if other.id != order.id),
            internet_product_ids=internet,
            reviewer=person,
            now=now,
            read_at=dict.fromkeys(Source, now),
            unreadable=unreadable,
            limits=self._limits,
        )
        return Gathered(evidence, link)

    async def _services(self, client: Client, unreadable: dict[Source, str]) -> tuple[Service, ...] | None:
        return await self._read(
            lambda: self._whmcs.get_services(client.id, currency=client.currency), Source.WHMCS, unreadable
        )

    async def _read(self, call: Callable[[], Awaitable[T]], source: Source, unreadable: dict[Source, str]) -> T | None:
        try:
            return await call()
        except SystemFault as fault:
            unreadable[source] = self._diagnosis.failure(fault).code
            return None


async def _nothing() -> None:
    """What is not read."""
