"""Captures, invoices and payments of the sandbox WHMCS."""

import pytest

from tests.sandbox.whmcs_bench import HANAKO, INTERNET, TARO, WhmcsBench

_NEVER = "0000-00-00 00:00:00"


def _accepted(whmcs: WhmcsBench, client: int, **params: str) -> None:
    whmcs.call("AcceptOrder", orderid=whmcs.order(client=client, **params)["orderid"])


def test_a_declined_card_leaves_the_invoice_unpaid_with_the_attempt_noted(whmcs: WhmcsBench) -> None:
    _accepted(whmcs, TARO)
    (invoice,) = whmcs.call("GetInvoices", userid=TARO)["invoices"]["invoice"]
    assert invoice["status"] == "Unpaid"
    assert invoice["last_capture_attempt"] > _NEVER
    assert whmcs.call("GetTransactions", clientid=TARO)["totalresults"] == 0


@pytest.mark.parametrize("way", ["no method", "gateway that does not charge"])
def test_where_nothing_can_be_charged_no_attempt_is_noted(whmcs: WhmcsBench, way: str) -> None:
    if way == "no method":
        whmcs.books.paymethods.clear()
        _accepted(whmcs, HANAKO)
    else:
        _accepted(whmcs, HANAKO, paymentmethod="mailin")
    invoice = whmcs.call("GetInvoice", invoiceid=1)
    assert (invoice["status"], invoice["lastcaptureattempt"]) == ("Unpaid", _NEVER)


def test_a_second_card_that_works_pays(whmcs: WhmcsBench) -> None:
    whmcs.books.paymethods[0].clientid = TARO
    _accepted(whmcs, TARO)
    assert whmcs.call("GetInvoice", invoiceid=1)["status"] == "Paid"


def test_capture_can_happen_when_the_order_is_added(whmcs: WhmcsBench) -> None:
    whmcs.order()
    whmcs.server.switches.capture_at = "AddOrder"
    whmcs.order()
    assert [invoice.status for invoice in whmcs.books.invoices] == ["Unpaid", "Paid"]


def test_a_payment_moves_the_service_on_by_its_cycle(whmcs: WhmcsBench) -> None:
    whmcs.order(product=INTERNET)
    whmcs.books.services[0].nextduedate = "2026-01-31"
    whmcs.call("AddInvoicePayment", invoiceid=1, transid="t1", gateway="stripe", date="2026-01-31 10:00:00")
    assert whmcs.books.services[0].nextduedate == "2026-02-28"


def test_part_of_a_payment_leaves_a_balance(whmcs: WhmcsBench) -> None:
    whmcs.order(product=INTERNET)
    whmcs.call("AddInvoicePayment", invoiceid=1, transid="t1", gateway="stripe", amount="1000")
    invoice = whmcs.call("GetInvoice", invoiceid=1)
    assert (invoice["status"], invoice["balance"]) == ("Unpaid", "3980.00")
    whmcs.call("AddInvoicePayment", invoiceid=1, transid="t2", gateway="stripe")
    invoice = whmcs.call("GetInvoice", invoiceid=1)
    assert (invoice["status"], invoice["balance"]) == ("Paid", "0.00")
    amounts = [row["amountin"] for row in invoice["transactions"]["transaction"]]
    assert amounts == ["1000.00", "3980.00"]
    (found,) = whmcs.call("GetTransactions", transid="t2")["transactions"]["transaction"]
    assert found["invoiceid"] == "1"


def test_payments_need_an_invoice_that_is_not_cancelled(whmcs: WhmcsBench) -> None:
    assert whmcs.refusal("AddInvoicePayment", invoiceid=5, transid="t") == "Invoice ID Not Found"
    assert whmcs.refusal("GetInvoice", invoiceid=5) == "Invoice ID Not Found"
    whmcs.call("CancelOrder", orderid=whmcs.order()["orderid"])
    message = whmcs.refusal("AddInvoicePayment", invoiceid=1, transid="t")
    assert message == "It is not possible to add a payment to an invoice that is Cancelled"


def test_invoices_are_sorted_and_filtered_by_overdue(whmcs: WhmcsBench) -> None:
    whmcs.order()
    whmcs.order(product=INTERNET)
    whmcs.books.invoices[0].duedate = "2020-01-01"
    rows = whmcs.call("GetInvoices", orderby="total", order="desc")["invoices"]["invoice"]
    assert [row["id"] for row in rows] == [2, 1]
    overdue = whmcs.call("GetInvoices", status="Overdue")["invoices"]["invoice"]
    assert [row["id"] for row in overdue] == [1]
