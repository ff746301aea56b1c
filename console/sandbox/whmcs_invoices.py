"""The WHMCS actions that make and change invoices, and charge them. Source: whmcs-api.md 4.5 and 10."""

import re
from collections.abc import Mapping
from decimal import Decimal

from console.sandbox.php import Array
from console.sandbox.whmcs_billing import NO_INVOICE, balance, capture, money, settle
from console.sandbox.whmcs_call import Answer, Call, Handler, Params, Refused, wanted
from console.sandbox.whmcs_credit import apply_credit_to
from console.sandbox.whmcs_messages import record_mail
from console.sandbox.whmcs_store import Client, Invoice, InvoiceItem
from console.sandbox.whmcs_tables import find

_STATUSES = ("Draft", "Unpaid", "Paid", "Cancelled", "Refunded", "Collections", "Payment Pending")
_NUMBERED = re.compile(r"itemdescription([0-9]+)")
# From 9.0 only a draft's lines, dates and amounts can be changed; its state, notes and gateway still can.
_FROZEN = (
    *("itemdescription", "itemamount", "itemtaxed", "newitemdescription", "newitemamount", "newitemtaxed"),
    *("deletelineids", "date", "duedate", "taxrate", "credit"),
)
_CHANGED_ITEM = ("itemdescription", "itemamount", "itemtaxed")


def create_invoice(call: Call) -> Answer:
    """CreateInvoice: lines are numbered from 1 in the names of their parameters."""
    params = call.params
    client = wanted(find(call.books.clients, params.integer("userid")), "Client ID Not Found")
    if params.flag("draft") and params.flag("sendinvoice"):
        refusal = "Cannot create and send a draft invoice in a single API request."
        raise Refused(f"{refusal} Please create and send separately.")
    invoice = _new_invoice(call, client)
    _number_up(invoice)
    call.books.invoices.append(invoice)
    if params.flag("autoapplycredit"):
        apply_credit_to(call, client, invoice, min(Decimal(client.credit), balance(call.server, invoice)))
    if params.flag("sendinvoice"):
        _send(call, invoice)
    return {"invoiceid": str(invoice.id), "status": invoice.status}


def _new_invoice(call: Call, client: Client) -> Invoice:
    params, server = call.params, call.server
    status = "Draft" if params.flag("draft") else params.text("status") or "Unpaid"
    return Invoice(
        id=server.new_id("invoices"),
        userid=client.id,
        date=params.text("date") or server.today(),
        duedate=params.text("duedate") or server.today(),
        subtotal="0.00",
        total="0.00",
        status=_known(status),
        paymentmethod=params.text("paymentmethod") or client.defaultgateway or call.books.gateways[0].module,
        items=[_numbered_item(call, number) for number in _numbers(params)],
        taxrate=f"{params.amount('taxrate') or 0:.3f}",
        notes=params.text("notes"),
        created_at=server.moment(),
        updated_at=server.moment(),
    )


def _known(status: str) -> str:
    if status not in _STATUSES:
        raise Refused(f"Invalid status {status}")
    return status


def _numbers(params: Params) -> list[int]:
    found = (_NUMBERED.fullmatch(name) for name in params.form)
    return sorted(int(match[1]) for match in found if match and params.given(match[0]))


def _numbered_item(call: Call, number: int) -> InvoiceItem:
    amount = call.params.amount(f"itemamount{number}") or Decimal(0)
    text, taxed = call.params.text(f"itemdescription{number}"), call.params.flag(f"itemtaxed{number}")
    return InvoiceItem(call.server.new_item_id(), "", 0, text, money(amount), taxed)


def _number_up(invoice: Invoice) -> None:
    """Sums from the lines: `total` is what is to pay after tax and credit."""
    subtotal = sum((Decimal(item.amount) for item in invoice.items), Decimal(0))
    taxed = sum((Decimal(item.amount) for item in invoice.items if item.taxed), Decimal(0))
    tax = taxed * Decimal(invoice.taxrate) / 100
    invoice.subtotal, invoice.tax = money(subtotal), money(tax)
    invoice.total = money(subtotal + tax - Decimal(invoice.credit))


def _send(call: Call, invoice: Invoice) -> None:
    client = find(call.books.clients, invoice.userid)
    if client:
        record_mail(call.server, client, "Invoice Created", f"<p>Invoice {invoice.id}: {invoice.total}</p>")


def update_invoice(call: Call) -> Answer:
    """UpdateInvoice: changed lines are arrays by their ids, new ones by 0-based numbers."""
    invoice = wanted(find(call.books.invoices, call.params.integer("invoiceid")), NO_INVOICE)
    publishes = call.params.flag("publish") or call.params.flag("publishandsendemail")
    if publishes and invoice.status != "Draft":
        raise Refused("Invoice must be in Draft status to be published")
    status = _known(call.params.text("status") or invoice.status)
    if _may_change(call, invoice):
        _change_lines(call, invoice)
        _change_terms(call, invoice)
    invoice.status = "Unpaid" if publishes else status
    for name in ("paymentmethod", "notes", "datepaid"):
        if call.params.given(name):
            setattr(invoice, name, call.params.text(name))
    invoice.updated_at = call.server.moment()
    if call.params.flag("publishandsendemail"):
        _send(call, invoice)
    return {"invoiceid": str(invoice.id)}


def _may_change(call: Call, invoice: Invoice) -> bool:
    """Whether the amounts of this invoice may be changed, in this version."""
    asked = any(call.params.form.get(name) for name in _FROZEN)
    if not asked or invoice.status == "Draft" or not call.server.switches.since(9, 0):
        return asked
    if call.server.switches.issued_invoices == "refused":
        raise Refused("The invoice has been issued and cannot be changed")
    return False


def _change_lines(call: Call, invoice: Invoice) -> None:
    changed, new = ({name: call.params.array(f"{prefix}{name}") for name in _CHANGED_ITEM} for prefix in ("", "new"))
    if any(set(changed[name]) != set(changed["itemdescription"]) for name in _CHANGED_ITEM):
        names = "itemdescription, itemamount and itemtaxed"
        raise Refused(f"Missing Variables: {names} are required for each item being changed")
    for item in invoice.items:
        if item.id in changed["itemdescription"]:
            item.description, item.amount, item.taxed = _values(changed, item.id)
    gone = {str(line) for line in call.params.array("deletelineids").values()}
    invoice.items[:] = [item for item in invoice.items if str(item.id) not in gone]
    for number in new["itemdescription"]:
        invoice.items.append(InvoiceItem(call.server.new_item_id(), "", 0, *_values(new, number)))


def _values(arrays: Mapping[str, Array], key: int | str) -> tuple[str, str, bool]:
    """Description, amount and whether it is taxed."""
    line = Params({name: array.get(key, "") for name, array in arrays.items()})
    return line.text("itemdescription"), money(line.amount("itemamount") or Decimal(0)), line.flag("itemtaxed")


def _change_terms(call: Call, invoice: Invoice) -> None:
    params = call.params
    invoice.date, invoice.duedate = params.text("date") or invoice.date, params.text("duedate") or invoice.duedate
    rate, credit = params.amount("taxrate"), params.amount("credit")
    invoice.taxrate = invoice.taxrate if rate is None else f"{rate:.3f}"
    invoice.credit = invoice.credit if credit is None else money(credit)
    _number_up(invoice)


def capture_payment(call: Call) -> Answer:
    """CapturePayment: charges the stored method of an Unpaid invoice."""
    invoice = find(call.books.invoices, call.params.integer("invoiceid"))
    if invoice is None or invoice.status != "Unpaid":
        raise Refused("Invoice Not Found or Not Unpaid")
    capture(call.server, invoice)
    settle(call.server, invoice)
    if invoice.status == "Unpaid":
        raise Refused("Payment Attempt Failed")
    return {}


ACTIONS: Mapping[str, Handler] = {
    "CreateInvoice": create_invoice,
    "UpdateInvoice": update_invoice,
    "CapturePayment": capture_payment,
}
