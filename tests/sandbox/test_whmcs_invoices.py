"""Invoices that are made, changed, charged and paid from credit in the sandbox WHMCS."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.whmcs_bench import HANAKO, TARO, WhmcsBench

LINES = {"itemdescription1": "Visit", "itemamount1": "5000", "itemdescription2": "Cable", "itemamount2": "800.5"}
CHANGED = "Missing Variables: itemdescription, itemamount and itemtaxed are required for each item being changed"


def made(whmcs: WhmcsBench, client: int = HANAKO, **params: Any) -> int:
    """A new invoice with two lines."""
    return int(whmcs.call("CreateInvoice", userid=client, **{**LINES, **params})["invoiceid"])


def shown(whmcs: WhmcsBench, invoice: int) -> dict[str, Any]:
    """What GetInvoice says."""
    return whmcs.call("GetInvoice", invoiceid=invoice)


def test_an_invoice_has_the_lines_that_were_numbered_from_one(whmcs: WhmcsBench) -> None:
    invoice = shown(whmcs, made(whmcs, notes="thank you"))
    lines = [(line["description"], line["amount"]) for line in invoice["items"]["item"]]
    assert lines == [("Visit", "5000.00"), ("Cable", "800.50")]
    assert (invoice["total"], invoice["status"], invoice["notes"]) == ("5800.50", "Unpaid", "thank you")


def test_only_taxed_lines_are_taxed(whmcs: WhmcsBench) -> None:
    invoice = shown(whmcs, made(whmcs, taxrate="10", itemtaxed1="1"))
    amounts = [invoice[name] for name in ("subtotal", "tax", "total", "taxrate")]
    assert amounts == ["5800.50", "500.00", "6300.50", "10.000"]


def test_a_draft_is_published_once(whmcs: WhmcsBench) -> None:
    invoice = made(whmcs, draft="1")
    assert shown(whmcs, invoice)["status"] == "Draft"
    whmcs.call("UpdateInvoice", invoiceid=invoice, publishandsendemail="1")
    assert shown(whmcs, invoice)["status"] == "Unpaid"
    assert whmcs.books.emails[-1].subject == "Invoice Created"
    message = whmcs.refusal("UpdateInvoice", invoiceid=invoice, publish="1")
    assert message == "Invoice must be in Draft status to be published"


def test_lines_are_changed_by_their_ids_and_new_ones_are_added(whmcs: WhmcsBench) -> None:
    invoice = made(whmcs)
    first, second = (line["id"] for line in shown(whmcs, invoice)["items"]["item"])
    changes = {
        f"itemdescription[{first}]": "Long visit",
        f"itemamount[{first}]": "7000",
        f"itemtaxed[{first}]": "0",
        "newitemdescription[0]": "Plug",
        "newitemamount[0]": "100",
        "newitemtaxed[0]": "0",
        "deletelineids[0]": second,
    }
    whmcs.call("UpdateInvoice", invoiceid=invoice, **changes)
    after = shown(whmcs, invoice)
    assert [line["description"] for line in after["items"]["item"]] == ["Long visit", "Plug"]
    assert after["total"] == "7100.00"


def test_a_new_line_that_is_no_array_has_no_effect(whmcs: WhmcsBench) -> None:
    invoice = made(whmcs)
    whmcs.call("UpdateInvoice", invoiceid=invoice, newitemdescription="Plug", newitemamount="100", newitemtaxed="0")
    assert len(shown(whmcs, invoice)["items"]["item"]) == 2


@pytest.mark.parametrize("way", ["refused", "ignored"])
def test_an_issued_invoice_stays_as_it_is_from_version_nine(whmcs: WhmcsBench, way: str) -> None:
    whmcs.server.switches.version, whmcs.server.switches.issued_invoices = "9.0.4", "refused"
    invoice = made(whmcs)
    whmcs.server.switches = whmcs.server.switches.model_copy(update={"issued_invoices": way})
    answer = whmcs.ask("UpdateInvoice", invoiceid=invoice, duedate="2030-01-01")
    assert answer["result"] == ("error" if way == "refused" else "success")
    assert shown(whmcs, invoice)["duedate"] != "2030-01-01"
    whmcs.call("UpdateInvoice", invoiceid=invoice, status="Cancelled")
    assert shown(whmcs, invoice)["status"] == "Cancelled"


def test_a_draft_can_be_changed_in_every_version(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.version = "9.0.4"
    invoice = made(whmcs, draft="1")
    whmcs.call("UpdateInvoice", invoiceid=invoice, duedate="2030-01-01")
    assert shown(whmcs, invoice)["duedate"] == "2030-01-01"


def test_an_unpaid_invoice_is_charged_to_the_stored_card(whmcs: WhmcsBench) -> None:
    invoice = made(whmcs, paymentmethod="stripe")
    whmcs.call("CapturePayment", invoiceid=invoice)
    assert shown(whmcs, invoice)["status"] == "Paid"
    assert whmcs.refusal("CapturePayment", invoiceid=invoice) == "Invoice Not Found or Not Unpaid"


def test_a_card_that_is_declined_leaves_the_invoice_unpaid(whmcs: WhmcsBench) -> None:
    invoice = made(whmcs, client=TARO, paymentmethod="stripe")
    assert whmcs.refusal("CapturePayment", invoiceid=invoice) == "Payment Attempt Failed"
    assert shown(whmcs, invoice)["balance"] == "5800.50"


def test_credit_is_added_taken_and_listed(whmcs: WhmcsBench) -> None:
    assert whmcs.call("AddCredit", clientid=HANAKO, description="sorry", amount="500")["newbalance"] == "500.00"
    taken = whmcs.call("AddCredit", clientid=HANAKO, description="back", amount="200", type="remove")
    assert taken["newbalance"] == "300.00"
    rows = whmcs.call("GetCredits", clientid=HANAKO)["credits"]["credit"]
    assert [(row["description"], row["amount"]) for row in rows] == [("sorry", "500.00"), ("back", "-200.00")]
    assert whmcs.call("GetClientsDetails", clientid=HANAKO)["client"]["credit"] == "300.00"


def test_credit_pays_an_invoice_in_part_and_in_full(whmcs: WhmcsBench) -> None:
    whmcs.call("AddCredit", clientid=HANAKO, description="gift", amount="10000")
    invoice = made(whmcs)
    part = whmcs.call("ApplyCredit", invoiceid=invoice, amount="800.50")
    assert part == {"result": "success", "invoiceid": str(invoice), "amount": "800.50", "invoicepaid": "false"}
    assert shown(whmcs, invoice)["balance"] == "5000.00"
    assert whmcs.call("ApplyCredit", invoiceid=invoice, amount="full")["invoicepaid"] == "true"
    assert Decimal(whmcs.books.clients[0].credit) == Decimal("4199.50")


def test_credit_can_be_applied_as_an_invoice_is_made(whmcs: WhmcsBench) -> None:
    whmcs.call("AddCredit", clientid=HANAKO, description="gift", amount="10000")
    assert whmcs.call("CreateInvoice", userid=HANAKO, autoapplycredit="1", **LINES)["status"] == "Paid"


def test_a_repeated_payment_is_entered_again(whmcs: WhmcsBench) -> None:
    invoice = made(whmcs)
    for _ in range(2):
        whmcs.call("AddInvoicePayment", invoiceid=invoice, transid="t-1", gateway="stripe", amount="100")
    assert whmcs.call("GetTransactions", transid="t-1")["totalresults"] == 2


@pytest.mark.parametrize(
    ("action", "params", "message"),
    [
        ("CreateInvoice", {"userid": 99}, "Client ID Not Found"),
        (
            "CreateInvoice",
            {"userid": HANAKO, "draft": 1, "sendinvoice": 1},
            "Cannot create and send a draft invoice in a single API request. Please create and send separately.",
        ),
        ("UpdateInvoice", {"invoiceid": 99}, "Invoice ID Not Found"),
        ("UpdateInvoice", {"invoiceid": 1, "status": "Eaten"}, "Invalid status Eaten"),
        ("UpdateInvoice", {"invoiceid": 1, "itemdescription[1]": "x"}, CHANGED),
        ("CapturePayment", {"invoiceid": 99}, "Invoice Not Found or Not Unpaid"),
        ("AddCredit", {"clientid": HANAKO, "type": "lend"}, "Type can only be add or remove"),
        ("AddCredit", {"clientid": 99}, "Client ID Not Found"),
        ("AddCredit", {"clientid": HANAKO, "adminid": 9}, "Admin ID Not Found"),
        ("AddCredit", {"clientid": HANAKO}, "No Amount Provided"),
        ("AddCredit", {"clientid": HANAKO, "amount": "-5"}, "Amount must be in decimal format: ### or ###.##"),
        ("AddCredit", {"clientid": HANAKO, "amount": "5", "date": "5 May"}, "Date Format is not Valid"),
        ("GetCredits", {"clientid": 99}, "Client ID Not Found"),
        ("ApplyCredit", {"invoiceid": 99, "amount": 1}, "Invoice ID Not Found"),
        ("ApplyCredit", {"invoiceid": 1, "amount": 1}, "Amount exceeds customer credit balance"),
        ("AddInvoicePayment", {"invoiceid": 99}, "Invoice ID Not Found"),
        ("AddBillableItem", {"clientid": 99}, "Client ID not Found"),
        ("AddBillableItem", {"clientid": HANAKO}, "You must provide a description"),
        ("AddBillableItem", {"invoiceaction": "never"}, "Invalid Invoice Action"),
        ("AddBillableItem", {"invoiceaction": "recur"}, "Recurring must have a unit, cycle and limit"),
        ("AddBillableItem", {"invoiceaction": "duedate"}, "Due date is required"),
        ("AddBillableItem", {"unit": "days"}, "Invalid Unit, please specify either 'hours' or 'quantity'"),
        ("AddBillableItem", {"duedate": "May"}, "Invalid Date Format - Expected: 'YYYY-mm-dd'"),
    ],
)
def test_what_cannot_be_charged_is_refused_with_the_documented_words(
    whmcs: WhmcsBench, action: str, params: dict[str, Any], message: str
) -> None:
    made(whmcs)
    if action == "AddBillableItem" and "clientid" not in params:
        params = {"clientid": HANAKO, "description": "Visit", **params}
    answer = whmcs.ask(action, **params)
    assert (answer["result"], answer["message"]) == ("error", message)


def test_a_billable_item_is_kept_for_the_next_invoice(whmcs: WhmcsBench) -> None:
    answer = whmcs.ask("AddBillableItem", clientid=HANAKO, description="Visit", amount="5000", unit="hours")
    assert answer == {"status": "success", "billableid": 1}
    assert whmcs.books.billable_items[0].amount == "5000.00"


def test_the_unit_of_a_billable_item_is_unknown_before_8_2(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.version = "8.1.3"
    whmcs.call("AddBillableItem", clientid=HANAKO, description="Visit", amount="1", unit="days")
