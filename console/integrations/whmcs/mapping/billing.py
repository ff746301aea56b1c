"""Invoices, payments and payment methods. Source: whmcs-api.md 10."""

from collections.abc import Sequence
from typing import Any

from console.integrations.whmcs.mapping.parts import money
from console.integrations.whmcs.records import Currency
from console.integrations.whmcs.shapes import (
    Row,
    ShapeError,
    card_expiry,
    day,
    integer,
    moment,
    optional_id,
    rows,
    text,
    whole_list,
)
from console.models.billing import Invoice, InvoiceDetails, InvoiceItem, InvoiceNumber, PayMethod, Transaction

# An item's `relid` is a service only for these types.
_ABOUT_SERVICES = frozenset({"Hosting", "Setup", "Upgrade"})


def pay_methods(answer: Row) -> tuple[PayMethod, ...]:
    """Type, last four and expiry; nothing that could be used to pay."""
    return tuple(
        PayMethod(
            id=integer(row.get("id")),
            type=text(row, "type"),
            description=text(row, "description") or text(row, "bank_name"),
            gateway=text(row, "gateway_name"),
            card_type=text(row, "card_type"),
            last_four=text(row, "card_last_four")[-4:],
            expires=card_expiry(row.get("expiry_date")),
        )
        for row in rows(answer, "paymethods", "paymethod")
    )


def invoice(row: Row) -> Invoice:
    """One row of GetInvoices."""
    return Invoice(**_invoice_fields(row, "id", "last_capture_attempt", text(row, "currencycode")))


def invoice_details(answer: Row, currency: str) -> InvoiceDetails:
    """GetInvoice's answer, which names no currency: it is the client's."""
    fields = _invoice_fields(answer, "invoiceid", "lastcaptureattempt", currency)
    return InvoiceDetails(
        **fields,
        balance=money(answer.get("balance"), currency),
        items=tuple(_item(row, currency) for row in rows(answer, "items", "item")),
        transactions=tuple(transaction(row, currency) for row in rows(answer, "transactions", "transaction")),
    )


def _invoice_fields(row: Row, id_name: str, capture_name: str, currency: str) -> dict[str, Any]:
    return {
        "id": integer(row.get(id_name)),
        "number": text(row, "invoicenum"),
        "client_id": integer(row.get("userid")),
        "issued": day(row.get("date")),
        "due": day(row.get("duedate")),
        "paid_at": moment(row.get("datepaid")),
        "total": money(row.get("total"), currency),
        "status": text(row, "status"),
        "payment_method": text(row, "paymentmethod"),
        "last_capture_attempt": moment(row.get(capture_name)),
    }


def _item(row: Row, currency: str) -> InvoiceItem:
    about_service = text(row, "type") in _ABOUT_SERVICES
    return InvoiceItem(
        id=integer(row.get("id")),
        service_id=optional_id(row.get("relid")) if about_service else None,
        description=text(row, "description"),
        amount=money(row.get("amount"), currency),
    )


def invoice_number(row: Row) -> InvoiceNumber:
    """One row of GetInvoices, as far as callers name it."""
    invoice_id = integer(row.get("id"))
    return InvoiceNumber(
        id=invoice_id, number=text(row, "invoicenum") or str(invoice_id), client_id=integer(row.get("userid"))
    )


def transaction_rows(answer: Row) -> list[Row]:
    """The rows of GetTransactions, which is not paged."""
    return whole_list(answer, "transactions", "transaction")


def transaction(row: Row, currency: str, known: Sequence[Currency] = ()) -> Transaction:
    """One row of GetTransactions or GetInvoice; currency "0" is the client's."""
    used = _currency(row, currency, known)
    return Transaction(
        id=integer(row.get("id")),
        client_id=optional_id(row.get("userid")),
        invoice_id=optional_id(row.get("invoiceid")),
        gateway=text(row, "gateway"),
        at=moment(row.get("date")),
        description=text(row, "description"),
        amount_in=money(row.get("amountin"), used),
        amount_out=money(row.get("amountout"), used),
        fees=money(row.get("fees"), used),
        reference=text(row, "transid"),
    )


def _currency(row: Row, clients: str, known: Sequence[Currency]) -> str:
    number = optional_id(row.get("currency"))
    if number is None:
        return clients
    code = next((one.code for one in known if one.id == number), None)
    if code is None:
        raise ShapeError(f"the currency of transaction {text(row, 'id')} is not known")
    return code
