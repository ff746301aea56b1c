"""Invoices, captures and payments of the sandbox WHMCS. Source: whmcs-api.md 10."""

import calendar
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from console.sandbox.whmcs_call import Answer, Call, Handler, Refused, WhmcsServer, page, wanted
from console.sandbox.whmcs_store import Invoice, InvoiceItem, Order, Service, Transaction
from console.sandbox.whmcs_tables import find, where

_MONTHS: Mapping[str, int] = {
    "Monthly": 1,
    "Quarterly": 3,
    "Semi-Annually": 6,
    "Annually": 12,
    "Biennially": 24,
    "Triennially": 36,
}
_SORTABLE = ("id", "invoicenumber", "date", "duedate", "total", "status")
NO_INVOICE = "Invoice ID Not Found"


def money(amount: Decimal) -> str:
    """An amount as WHMCS writes it."""
    return f"{amount:.2f}"


def charge(server: WhmcsServer, order: Order, services: Sequence[Service]) -> Invoice:
    """A new Unpaid invoice with one line for each service."""
    now, today = server.moment(), server.today()
    total = money(sum((Decimal(service.firstpaymentamount) for service in services), Decimal(0)))
    items = [_item(server, service) for service in services]
    invoice = Invoice(
        id=server.new_id("invoices"),
        userid=order.userid,
        date=today,
        duedate=today,
        subtotal=total,
        total=total,
        status="Unpaid",
        paymentmethod=order.paymentmethod,
        items=items,
        created_at=now,
        updated_at=now,
    )
    server.books.invoices.append(invoice)
    return invoice


def _item(server: WhmcsServer, service: Service) -> InvoiceItem:
    product = find(server.books.products, service.pid)
    name = f"{product.groupname} - {product.name}" if product else ""
    text = f"{name} ({service.regdate})"
    return InvoiceItem(server.new_item_id(), "Hosting", service.id, text, service.firstpaymentamount)


def capture(server: WhmcsServer, invoice: Invoice) -> None:
    """Charge an Unpaid invoice to a stored method: Paid, or Unpaid with the attempt noted where all decline.

    Nothing is attempted where the gateway does not charge by itself or the client has no method.
    """
    gateway = server.gateway(invoice.paymentmethod)
    methods = where(server.books.paymethods, "clientid", invoice.userid)
    if invoice.status != "Unpaid" or not methods or not (gateway and gateway.captures):
        return
    invoice.last_capture_attempt = invoice.updated_at = server.moment()
    if not all(method.declines for method in methods):
        transid = f"ch_{server.chance.getrandbits(64):016x}"
        pay(server, invoice, Decimal(invoice.total), transid=transid, gateway=invoice.paymentmethod)


def pay(
    server: WhmcsServer,
    invoice: Invoice,
    amount: Decimal,
    *,
    transid: str,
    gateway: str,
    fees: str = "0.00",
) -> None:
    """Record a payment; an invoice with nothing left to pay becomes Paid and its services run on."""
    payment = Transaction(
        id=server.new_id("transactions"),
        userid=invoice.userid,
        invoiceid=invoice.id,
        gateway=gateway,
        date=server.moment(),
        transid=transid,
        amountin=money(amount),
        fees=fees,
        description="Invoice Payment",
    )
    server.books.transactions.append(payment)
    settle(server, invoice)


def settle(server: WhmcsServer, invoice: Invoice) -> None:
    """An Unpaid invoice with nothing left to pay becomes Paid, and its services run on."""
    if invoice.status == "Unpaid" and balance(server, invoice) <= 0:
        invoice.status, invoice.datepaid = "Paid", server.moment()
        for item in invoice.items:
            service = find(server.books.services, item.relid) if item.type == "Hosting" else None
            if service:
                service.nextduedate = _next_due(service)
    invoice.updated_at = server.moment()


def _next_due(service: Service) -> str:
    months = _MONTHS.get(service.billingcycle, 0)
    due = date.fromisoformat(service.nextduedate)
    year, month = divmod(due.month - 1 + months, 12)
    year, month = due.year + year, month + 1
    return date(year, month, min(due.day, calendar.monthrange(year, month)[1])).isoformat()


def balance(server: WhmcsServer, invoice: Invoice) -> Decimal:
    """What is still to pay."""
    paid = sum((Decimal(row.amountin) - Decimal(row.amountout) for row in _payments(server, invoice)), Decimal(0))
    return Decimal(invoice.total) - paid


def _payments(server: WhmcsServer, invoice: Invoice) -> Sequence[Transaction]:
    return where(server.books.transactions, "invoiceid", invoice.id)


def get_invoices(call: Call) -> Answer:
    """GetInvoices: filters `userid` and `status` (Overdue too), `orderby` and `order` honoured."""
    client, status = call.params.integer("userid"), call.params.text("status")
    today = call.server.today()
    kept = where(call.books.invoices, "userid", client) if client else call.books.invoices
    found = [invoice for invoice in kept if _has_status(invoice, status, today)]
    orderby = call.params.text("orderby")
    _sort(found, orderby if orderby in _SORTABLE else "id", call.params.text("order").lower() == "desc")
    paging, shown = page(call, found)
    return {**paging, "invoices": {"invoice": [_summary(call, invoice) for invoice in shown]}}


def _has_status(invoice: Invoice, status: str, today: str) -> bool:
    if status == "Overdue":
        return invoice.status == "Unpaid" and invoice.duedate < today
    return status in ("", invoice.status)


def _sort(invoices: list[Invoice], column: str, backwards: bool) -> None:
    def key(invoice: Invoice) -> tuple[Any, int]:
        if column == "total":
            return Decimal(invoice.total), invoice.id
        name = "invoicenum" if column == "invoicenumber" else column
        return getattr(invoice, name), invoice.id

    invoices.sort(key=key, reverse=backwards)


def _summary(call: Call, invoice: Invoice) -> Answer:
    client = find(call.books.clients, invoice.userid)
    currency = call.server.currency_of(client) if client else call.books.currencies[0]
    return {
        "id": invoice.id,
        "userid": invoice.userid,
        "firstname": client.firstname if client else "",
        "lastname": client.lastname if client else "",
        "companyname": client.companyname if client else "",
        "invoicenum": invoice.invoicenum,
        "date": invoice.date,
        "duedate": invoice.duedate,
        "datepaid": invoice.datepaid,
        "last_capture_attempt": invoice.last_capture_attempt,
        "date_refunded": invoice.date_refunded,
        "date_cancelled": invoice.date_cancelled,
        **_amounts(invoice),
        "status": invoice.status,
        "paymentmethod": invoice.paymentmethod,
        "paymethodid": None,
        "notes": invoice.notes,
        "created_at": invoice.created_at,
        "updated_at": invoice.updated_at,
        "currencycode": currency.code,
        "currencyprefix": currency.prefix,
        "currencysuffix": currency.suffix,
    }


def _amounts(invoice: Invoice) -> dict[str, str]:
    return {
        "subtotal": invoice.subtotal,
        "credit": invoice.credit,
        "tax": invoice.tax,
        "tax2": "0.00",
        "total": invoice.total,
        "taxrate": invoice.taxrate,
        "taxrate2": "0.000",
    }


def get_invoice(call: Call) -> Answer:
    """GetInvoice: flat; `transactions` is "" where there are none."""
    invoice = wanted(find(call.books.invoices, call.params.integer("invoiceid")), NO_INVOICE)
    payments = _payments(call.server, invoice)
    gateway = call.server.gateway(invoice.paymentmethod)
    return {
        "invoiceid": invoice.id,
        "invoicenum": invoice.invoicenum,
        "userid": invoice.userid,
        "date": invoice.date,
        "duedate": invoice.duedate,
        "datepaid": invoice.datepaid,
        "lastcaptureattempt": invoice.last_capture_attempt,
        **_amounts(invoice),
        "balance": money(balance(call.server, invoice)),
        "status": invoice.status,
        "paymentmethod": invoice.paymentmethod,
        "notes": invoice.notes,
        "ccgateway": bool(gateway and gateway.captures),
        "items": {"item": [_shown_item(item) for item in invoice.items]},
        "transactions": {"transaction": [_transaction(row) for row in payments]} if payments else "",
    }


def _shown_item(item: InvoiceItem) -> Answer:
    return {
        "id": item.id,
        "type": item.type,
        "relid": item.relid,
        "description": item.description,
        "amount": item.amount,
        "taxed": int(item.taxed),
    }


def _transaction(row: Transaction) -> dict[str, str]:
    return {
        "id": str(row.id),
        "userid": str(row.userid),
        "currency": "0",
        "gateway": row.gateway,
        "date": row.date,
        "description": row.description,
        "amountin": row.amountin,
        "fees": row.fees,
        "amountout": row.amountout,
        "rate": "1.00000",
        "transid": row.transid,
        "invoiceid": str(row.invoiceid),
        "refundid": str(row.refundid),
    }


def add_invoice_payment(call: Call) -> Answer:
    """AddInvoicePayment: the full balance unless an amount is given; a repeated `transid` is not refused."""
    invoice = wanted(find(call.books.invoices, call.params.integer("invoiceid")), NO_INVOICE)
    if invoice.status == "Cancelled":
        raise Refused("It is not possible to add a payment to an invoice that is Cancelled")
    try:
        amount = Decimal(call.params.text("amount"))
    except InvalidOperation:
        amount = balance(call.server, invoice)
    pay(
        call.server,
        invoice,
        amount,
        transid=call.params.text("transid"),
        gateway=call.params.text("gateway") or invoice.paymentmethod,
        fees=call.params.text("fees") or "0.00",
    )
    return {}


def get_transactions(call: Call) -> Answer:
    """GetTransactions: filters `invoiceid`, `clientid`, `transid`; never paged."""
    invoice, client = call.params.integer("invoiceid"), call.params.integer("clientid")
    transid = call.params.text("transid")
    rows = [
        _transaction(row)
        for row in call.books.transactions
        if invoice in (0, row.invoiceid) and client in (0, row.userid) and transid in ("", row.transid)
    ]
    return {
        "totalresults": len(rows),
        "startnumber": 0,
        "numreturned": len(rows),
        "transactions": {"transaction": rows},
    }


ACTIONS: Mapping[str, Handler] = {
    "GetInvoices": get_invoices,
    "GetInvoice": get_invoice,
    "AddInvoicePayment": add_invoice_payment,
    "GetTransactions": get_transactions,
}
