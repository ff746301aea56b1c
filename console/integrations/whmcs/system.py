"""Actions on the installation and its catalogue, and what is learnt of the server there. Source: whmcs-api.md 5."""

from datetime import UTC, datetime, timedelta

from console.integrations.whmcs.mapping import system as mapping
from console.integrations.whmcs.records import Currency, Gateway
from console.integrations.whmcs.transport import Transport
from console.integrations.whmcs.versions import version_numbers
from console.models.billing import BillingProduct, BillingServer, HealthCheck, OrderStatus


class SystemActions:
    """The installation. What it tells of itself is kept for the other actions."""

    def __init__(self, transport: Transport) -> None:
        """Nothing is known of the server yet."""
        self._transport = transport
        self._server: BillingServer | None = None
        self._currencies: tuple[Currency, ...] = ()

    @property
    def server(self) -> BillingServer | None:
        """What the server told of itself last; None until it was asked."""
        return self._server

    async def whmcs_details(self) -> str:
        """The version of WHMCS."""
        return await self._transport.read("WhmcsDetails", {}, mapping.server_version)

    async def admin_details(self) -> BillingServer:
        """The connection test: version, the admin that the credential belongs to, and the server's clock."""
        told = await self._transport.read("GetAdminDetails", {}, mapping.server)
        self._server = told.model_copy(update={"utc_offset": self._offset(told)})
        return self._server

    def _offset(self, told: BillingServer) -> timedelta | None:
        try:
            return mapping.utc_offset(told.wall_clock, self._transport.clock.now()) if told.wall_clock else None
        except OverflowError:
            # The server's Date is at the end of time.
            return None

    async def health_status(self) -> tuple[HealthCheck, ...]:
        """WHMCS's own checks of itself."""
        return await self._transport.read("GetHealthStatus", {}, mapping.health_checks)

    async def get_currencies(self) -> tuple[Currency, ...]:
        """The currencies that clients can have."""
        self._currencies = await self._transport.read("GetCurrencies", {}, mapping.currencies)
        return self._currencies

    async def get_payment_methods(self) -> tuple[Gateway, ...]:
        """The payment gateways that are switched on."""
        return await self._transport.read("GetPaymentMethods", {}, mapping.gateways)

    async def get_order_statuses(self) -> tuple[OrderStatus, ...]:
        """The statuses that orders can have: administrators can add to WHMCS's own."""
        return await self._transport.read("GetOrderStatuses", {}, mapping.order_statuses)

    async def get_products(self) -> tuple[BillingProduct, ...]:
        """The whole catalogue, in one reply."""
        return await self._transport.read("GetProducts", {}, mapping.products)

    def in_utc(self, wall_clock: datetime) -> datetime | None:
        """A time that the server wrote without zone, in UTC; None until its zone is learnt.

        The offset is today's: over a change to summer time it can be an hour off.
        """
        if self._server is None or self._server.utc_offset is None:
            return None
        try:
            return (wall_clock - self._server.utc_offset).replace(tzinfo=UTC)
        except OverflowError:
            return None

    async def _offers(self, wanted: tuple[int, int]) -> bool:
        """Whether the server is of this version or newer; asked once."""
        server = self._server or await self.admin_details()
        return version_numbers(server.version) >= wanted
