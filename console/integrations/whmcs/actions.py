"""One typed method per WHMCS action that the console uses. Raises only `console.errors`; decides nothing."""

import html
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Literal

from pydantic import SecretStr

from console.errors import Unavailable
from console.integrations.contact import Contact
from console.integrations.whmcs import mapping
from console.integrations.whmcs.paging import Listing, all_rows
from console.integrations.whmcs.php import Param, Params, serialised_map
from console.integrations.whmcs.records import ClientPage, Currency, Gateway, InvoiceWithBalance
from console.integrations.whmcs.shapes import Row
from console.integrations.whmcs.transport import Pacing, Transport
from console.models.billing import (
    AddedOrder,
    BillingItem,
    BillingOrder,
    BillingProduct,
    BillingServer,
    Client,
    ClientSummary,
    Invoice,
    ModuleFailure,
    PayMethod,
    Service,
)

EmailKind = Literal["general", "product", "domain", "invoice", "support", "affiliate"]

_USUAL_PACE = Pacing()
_NO_SMARTY = str.maketrans({"{": "{ldelim}", "}": "{rdelim}"})


class Whmcs:
    """One WHMCS server. Reads are repeated where that is safe; a change is sent once and never repeated.

    Every method raises AccessRefused and Unavailable; every change also Rejected and OutcomeUnknown.
    """

    def __init__(
        self,
        base_url: str,
        identifier: SecretStr,
        secret: SecretStr,
        *,
        access_key: SecretStr | None = None,
        timeout_s: float = 30,
        max_connections: int = 4,
        pacing: Pacing = _USUAL_PACE,
    ) -> None:
        """Open nothing yet. `base_url` is the system URL, which may hold a path.

        `access_key` passes the address list; `timeout_s` bounds one call as a whole.
        SettingsError where `base_url` is not an http(s) address.
        """
        credentials = {"identifier": identifier, "secret": secret}
        if access_key is not None:
            credentials["accesskey"] = access_key
        self._transport = Transport(
            base_url, credentials, timeout_s=timeout_s, max_connections=max_connections, pacing=pacing
        )
        self._currencies: tuple[Currency, ...] = ()

    @property
    def calls(self) -> Counter[str]:
        """How many calls were sent, by action."""
        return self._transport.calls

    @property
    def contact(self) -> Contact:
        """How the server answers."""
        return self._transport.contact

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def whmcs_details(self) -> str:
        """The version of WHMCS; from 8.0 on."""
        return await self._transport.read("WhmcsDetails", {}, mapping.server_version)

    async def admin_details(self) -> BillingServer:
        """The connection test: version, and the admin that the credential belongs to."""
        return await self._transport.read("GetAdminDetails", {}, mapping.server)

    async def get_currencies(self) -> tuple[Currency, ...]:
        """The currencies that clients can have."""
        return await self._transport.read("GetCurrencies", {}, mapping.currencies)

    async def get_payment_methods(self) -> tuple[Gateway, ...]:
        """The payment gateways that are switched on."""
        return await self._transport.read("GetPaymentMethods", {}, mapping.gateways)

    async def get_products(self) -> tuple[BillingProduct, ...]:
        """The whole catalogue, in one reply."""
        return await self._transport.read("GetProducts", {}, mapping.products)

    async def get_clients(
        self, search: str = "", *, limit: int = 25, offset: int = 0, status: str | None = None
    ) -> ClientPage:
        """A page of clients. `search` matches the start of e-mail, first, last, full or company name only."""
        params: Params = {"search": search or None, "status": status, "limitstart": offset, "limitnum": limit}
        return await self._transport.read("GetClients", params, mapping.client_page)

    async def all_clients(self) -> AsyncIterator[ClientSummary]:
        """Every client once, also where rows move between pages while they are read."""
        listing = Listing("GetClients", {"orderby": "id", "sorting": "ASC"}, "clients", "client")
        async for client in all_rows(self._transport, listing, mapping.client_summary):
            yield client

    async def get_client(self, client_id: int | None = None, *, email: str | None = None) -> Client:
        """The client with this id or exactly this e-mail address. Missing where there is none."""
        params: Params = {"clientid": client_id, "email": email, "stats": False}
        return await self._transport.read("GetClientsDetails", params, mapping.client)

    async def get_pay_methods(self, client_id: int) -> tuple[PayMethod, ...]:
        """The payment methods on file. Missing where there is no such client."""
        return await self._transport.read("GetPayMethods", {"clientid": client_id}, mapping.pay_methods)

    async def get_orders(
        self, client_id: int | None = None, *, order_id: int | None = None
    ) -> tuple[BillingOrder, ...]:
        """All orders of a client, or the one with this id, in no particular order."""
        listing = Listing("GetOrders", {"userid": client_id, "id": order_id}, "orders", "order")
        found = [row async for row in all_rows(self._transport, listing, dict)]
        if not all(mapping.order_currency(row, self._currencies) for row in found):
            self._currencies = await self.get_currencies()
        try:
            return tuple(mapping.order(row, self._currencies) for row in found)
        except ValueError as error:
            raise Unavailable("whmcs", "GetOrders", f"an answer that cannot be read: {error}") from error

    async def get_services(
        self, client_id: int | None = None, *, service_id: int | None = None, currency: str
    ) -> tuple[Service, ...]:
        """All services of a client, or the one with this id. `currency` is the client's."""
        params: Params = {"clientid": client_id, "serviceid": service_id}
        listing = Listing("GetClientsProducts", params, "products", "product")
        mapped = partial(mapping.service, currency=currency)
        return tuple([service async for service in all_rows(self._transport, listing, mapped)])

    async def get_invoices(self, client_id: int) -> tuple[Invoice, ...]:
        """All invoices of a client."""
        params: Params = {"userid": client_id, "orderby": "id", "order": "asc"}
        listing = Listing("GetInvoices", params, "invoices", "invoice")
        return tuple([invoice async for invoice in all_rows(self._transport, listing, mapping.invoice)])

    async def get_invoice(self, invoice_id: int, *, currency: str) -> InvoiceWithBalance:
        """One invoice with its balance. Missing where there is none.

        `currency` is the client's: the reply names none.
        """
        mapped = partial(mapping.invoice_with_balance, currency=currency)
        return await self._transport.read("GetInvoice", {"invoiceid": invoice_id}, mapped)

    async def get_module_queue(self, service_id: int | None = None) -> tuple[ModuleFailure, ...]:
        """Failed module actions of services, or of one service, that wait for a person."""
        params: Params = {"serviceType": "service", "relatedId": service_id}
        waiting = await self._transport.read("GetModuleQueue", params, mapping.module_failures)
        # A parameter that a server does not know is ignored without a word (whmcs-api.md 1).
        return tuple(failure for failure in waiting if service_id in (None, failure.service_id))

    async def add_order(
        self,
        client_id: int,
        gateway: str,
        items: Sequence[BillingItem],
        *,
        price_override: bool,
        no_invoice: bool = False,
        send_before: float | None = None,
    ) -> AddedOrder:
        """Create one Pending order. Every call creates another one. Source: whmcs-api.md 7.

        `price_override` sends each item's own price instead of WHMCS's. Quantities need WHMCS 8.12. After
        `send_before`, a time of `clocks.elapsed_s`, nothing is sent any more.
        """
        params: dict[str, Param] = {
            "clientid": client_id,
            "paymentmethod": gateway,
            "pid": [item.product_id for item in items],
            "qty": [item.quantity for item in items],
            "billingcycle": [item.billing_cycle.value for item in items],
            "customfields": [serialised_map(item.custom_fields) for item in items],
            "noinvoice": no_invoice,
        }
        if price_override:
            params["priceoverride"] = [item.price.amount for item in items]
        return await self._transport.change("AddOrder", params, mapping.added_order, send_before=send_before)

    async def accept_order(self, order_id: int, *, autosetup: bool, send_before: float | None = None) -> None:
        """Accept a Pending order; with `autosetup` its services are set up before the answer comes.

        After Rejected, read the order: it may be accepted already, and a module's no can follow partial work.
        """
        params: Params = {"orderid": order_id, "autosetup": autosetup}
        await self._transport.change("AcceptOrder", params, _nothing, send_before=send_before)

    async def module_create(self, service_id: int, *, send_before: float | None = None) -> None:
        """Run a service's set-up. Not repeat-safe: read the service first. Source: whmcs-api.md 8.4."""
        await self._transport.change("ModuleCreate", {"serviceid": service_id}, _nothing, send_before=send_before)

    async def update_client_product(self, service_id: int, custom_fields: Mapping[int, str]) -> None:
        """Set custom fields of a service by field id; the others stay. Changes the record only."""
        params: Params = {"serviceid": service_id, "customfields": serialised_map(custom_fields)}
        await self._transport.change("UpdateClientProduct", params, _nothing)

    async def send_template(self, template: str, related_id: int, variables: Mapping[str, str] | None = None) -> None:
        """Mail a template. `related_id` is the client, service or invoice that the template is about.

        `variables` are plain text and are escaped for the mail's HTML.
        """
        safe = {name: html.escape(value) for name, value in (variables or {}).items()}
        variables_sent = serialised_map(safe) if safe else None
        params: Params = {"messagename": template, "id": related_id, "customvars": variables_sent}
        await self._transport.change("SendEmail", params, _nothing)

    async def send_custom_email(self, kind: EmailKind, related_id: int, *, subject: str, message: str) -> None:
        """Mail plain text: what HTML or Smarty would take for its own is escaped. Source: whmcs-api.md 10."""
        body = html.escape(message).translate(_NO_SMARTY).replace("\n", "<br>\n")
        params: Params = {
            "customtype": kind,
            "customsubject": subject.translate(_NO_SMARTY),
            "custommessage": body,
            "id": related_id,
        }
        await self._transport.change("SendEmail", params, _nothing)

    async def log_activity(self, description: str, client_id: int | None = None) -> None:
        """Write a line to WHMCS's activity log, to a client's part of it where one is named."""
        params: Params = {"description": description, "clientid": client_id}
        await self._transport.change("LogActivity", params, _nothing)


def _nothing(_answer: Row) -> None:
    """For actions whose answer carries nothing but success."""
