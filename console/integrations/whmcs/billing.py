"""Actions on invoices, payments and payment methods; they only read. Source: whmcs-api.md 10."""

from collections.abc import AsyncIterator
from functools import partial

from console.errors import Unavailable
from console.integrations.whmcs.mapping import billing as mapping
from console.integrations.whmcs.paging import Listing, ListPart, Place, all_rows, parts_after
from console.integrations.whmcs.php import Params
from console.integrations.whmcs.system import SystemActions
from console.models.billing import Invoice, InvoiceDetails, InvoiceNumber, PayMethod, Transaction


class BillingActions(SystemActions):
    """What a client owes, has paid, and can pay with."""

    async def get_pay_methods(self, client_id: int) -> tuple[PayMethod, ...]:
        """The payment methods on file. Missing where there is no such client."""
        return await self._transport.read("GetPayMethods", {"clientid": client_id}, mapping.pay_methods)

    async def get_invoices(self, client_id: int) -> tuple[Invoice, ...]:
        """All invoices of a client."""
        params: Params = {"userid": client_id, "orderby": "id", "order": "asc"}
        listing = Listing("GetInvoices", params, "invoices", "invoice")
        found = all_rows(self._transport, listing, mapping.invoice)
        # A parameter that a server does not know is ignored without a word (whmcs-api.md 1).
        return tuple([invoice async for invoice in found if invoice.client_id == client_id])

    async def invoice_parts(self, place: Place) -> AsyncIterator[ListPart[InvoiceNumber]]:
        """The numbers of all clients' invoices after a place of the list."""
        listing = Listing("GetInvoices", {"orderby": "id", "order": "asc"}, "invoices", "invoice")
        async for part in parts_after(self._transport, listing, mapping.invoice_number, place):
            yield part

    async def get_invoice(self, invoice_id: int, *, currency: str) -> InvoiceDetails:
        """One invoice with its balance, lines and payments. Missing where there is none.

        `currency` is the client's: the reply names none.
        """
        mapped = partial(mapping.invoice_details, currency=currency)
        invoice = await self._transport.read("GetInvoice", {"invoiceid": invoice_id}, mapped)
        if invoice.id != invoice_id:
            raise Unavailable("whmcs", "GetInvoice", "an answer about another invoice")
        return invoice

    async def get_transactions(self, client_id: int, *, currency: str) -> tuple[Transaction, ...]:
        """All payments and refunds of a client. `currency` is the client's."""
        rows = await self._transport.read("GetTransactions", {"clientid": client_id}, mapping.transaction_rows)
        if not self._currencies:
            await self.get_currencies()
        try:
            found = [mapping.transaction(row, currency, self._currencies) for row in rows]
        except ValueError as error:
            raise Unavailable("whmcs", "GetTransactions", f"an answer that cannot be read: {error}") from error
        return tuple(transaction for transaction in found if transaction.client_id == client_id)
