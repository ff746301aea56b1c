"""Credit of clients and items to be charged later, in the sandbox WHMCS. Source: whmcs-api.md 8.4 and 10."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from console.sandbox.whmcs_billing import NO_INVOICE, balance, money, settle
from console.sandbox.whmcs_call import Answer, Call, Handler, Params, Refused, wanted
from console.sandbox.whmcs_store import BillableItem, Client, CreditEntry, Invoice
from console.sandbox.whmcs_tables import find, where

_AMOUNT = re.compile(r"[0-9]+(\.[0-9]{1,2})?")
_INVOICE_ACTIONS = ("noinvoice", "nextcron", "nextinvoice", "duedate", "recur")


def add_credit(call: Call) -> Answer:
    """AddCredit: adds to a client's credit or with `type=remove` takes from it."""
    params = call.params
    kind = params.text("type") or "add"
    if kind not in ("add", "remove"):
        raise Refused("Type can only be add or remove")
    client = wanted(find(call.books.clients, params.integer("clientid")), "Client ID Not Found")
    if params.given("adminid") and params.integer("adminid") != 1:
        raise Refused("Admin ID Not Found")
    if not params.given("amount"):
        raise Refused("No Amount Provided")
    if not _AMOUNT.fullmatch(params.text("amount")):
        raise Refused("Amount must be in decimal format: ### or ###.##")
    if params.given("date") and not _is_date(params.text("date")):
        raise Refused("Date Format is not Valid")
    amount = Decimal(params.text("amount"))
    _enter(call, client, amount if kind == "add" else -amount, params.text("description"))
    return {"newbalance": client.credit}


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _enter(call: Call, client: Client, amount: Decimal, description: str, relid: int = 0) -> None:
    """Change a client's credit and note it."""
    day = call.params.text("date") or call.server.today()
    number = call.server.new_id("credits")
    call.books.credits.append(CreditEntry(number, client.id, day, description, money(amount), relid))
    client.credit = money(Decimal(client.credit) + amount)


def get_credits(call: Call) -> Answer:
    """GetCredits: what a client was given and what was taken."""
    client = wanted(find(call.books.clients, call.params.integer("clientid")), "Client ID Not Found")
    rows = [
        {
            "id": str(entry.id),
            "date": entry.date,
            "description": entry.description,
            "amount": entry.amount,
            "relid": str(entry.relid),
        }
        for entry in where(call.books.credits, "clientid", client.id)
    ]
    return {"totalresults": len(rows), "clientid": client.id, "credits": {"credit": rows}}


def apply_credit(call: Call) -> Answer:
    """ApplyCredit: an amount, or with `full` as much as there is and is needed."""
    invoice = wanted(find(call.books.invoices, call.params.integer("invoiceid")), NO_INVOICE)
    if invoice.status != "Unpaid":
        raise Refused("Invoice Not in Unpaid Status")
    client = wanted(find(call.books.clients, invoice.userid), "Client ID Not Found")
    due, held = balance(call.server, invoice), Decimal(client.credit)
    amount = min(due, held) if call.params.text("amount") == "full" else call.params.amount("amount")
    if not amount or amount < 0:
        raise Refused("Amount must be in decimal format: ### or ###.##")
    if amount > held:
        raise Refused("Amount exceeds customer credit balance")
    if amount > due:
        raise Refused("Amount Exceeds Invoice Balance")
    apply_credit_to(call, client, invoice, amount)
    paid = "true" if invoice.status == "Paid" else "false"
    return {"invoiceid": str(invoice.id), "amount": money(amount), "invoicepaid": paid}


def apply_credit_to(call: Call, client: Client, invoice: Invoice, amount: Decimal) -> None:
    """Pay so much of an invoice from the client's credit; nothing where the amount is 0."""
    if amount <= 0:
        return
    _enter(call, client, -amount, f"Credit Applied to Invoice #{invoice.id}", invoice.id)
    invoice.credit = money(Decimal(invoice.credit) + amount)
    invoice.total = money(Decimal(invoice.total) - amount)
    settle(call.server, invoice)


def add_billable_item(call: Call) -> Answer:
    """AddBillableItem: its success says `status`, not `result` (whmcs-api.md 3.1)."""
    params = call.params
    client = wanted(find(call.books.clients, params.integer("clientid")), "Client ID not Found")
    if not params.given("description"):
        raise Refused("You must provide a description")
    _check_terms(call, params)
    item = BillableItem(
        id=call.server.new_id("billable_items"),
        clientid=client.id,
        description=params.text("description"),
        amount=money(params.amount("amount") or Decimal(0)),
        quantity=params.text("quantity") or "1",
        unit=params.text("unit"),
        invoiceaction=params.text("invoiceaction") or "noinvoice",
    )
    call.books.billable_items.append(item)
    return {"billableid": item.id}


def _check_terms(call: Call, params: Params) -> None:
    action = params.text("invoiceaction") or "noinvoice"
    if action not in _INVOICE_ACTIONS:
        raise Refused("Invalid Invoice Action")
    if action == "recur" and not all(params.given(name) for name in ("recur", "recurcycle", "recurfor")):
        raise Refused("Recurring must have a unit, cycle and limit")
    if action == "duedate" and not params.given("duedate"):
        raise Refused("Due date is required")
    if call.server.switches.since(8, 2) and params.text("unit") not in ("", "hours", "quantity"):
        raise Refused("Invalid Unit, please specify either 'hours' or 'quantity'")
    if params.given("duedate") and not _is_date(params.text("duedate")):
        raise Refused("Invalid Date Format - Expected: 'YYYY-mm-dd'")


ACTIONS: Mapping[str, Handler] = {
    "AddCredit": add_credit,
    "GetCredits": get_credits,
    "ApplyCredit": apply_credit,
    "AddBillableItem": add_billable_item,
}
