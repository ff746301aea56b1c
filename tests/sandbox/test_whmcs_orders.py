"""The life of an order in the sandbox WHMCS."""

from typing import Any

import pytest

from tests.sandbox.whmcs_bench import FEE, HANAKO, INTERNET, MARKER, NOTE, SIM, TARO, WhmcsBench, serialised


def _order_row(whmcs: WhmcsBench, order_id: Any) -> dict[str, Any]:
    (row,) = whmcs.call("GetOrders", id=order_id)["orders"]["order"]
    return dict(row)


def _service_rows(whmcs: WhmcsBench, **filters: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = whmcs.call("GetClientsProducts", **filters)["products"]["product"]
    return rows


def test_an_order_is_pending_with_pending_services_and_an_unpaid_invoice(whmcs: WhmcsBench) -> None:
    added = whmcs.order()
    order = _order_row(whmcs, added["orderid"])
    assert (order["status"], order["amount"], order["paymentstatus"]) == ("Pending", "4280.00", "Unpaid")
    assert len(str(order["ordernum"])) == 10
    (line,) = order["lineitems"]["lineitem"]
    assert (line["relid"], line["product"], line["status"]) == (1, "SIM - SIM Plan 3GB", "Pending")
    (service,) = _service_rows(whmcs, clientid=HANAKO)
    assert (service["id"], service["orderid"], service["status"]) == ("1", added["orderid"], "Pending")
    invoice = whmcs.call("GetInvoice", invoiceid=added["invoiceid"])
    assert (invoice["total"], invoice["balance"], invoice["transactions"]) == ("4280.00", "4280.00", "")


def test_the_same_order_twice_is_two_orders(whmcs: WhmcsBench) -> None:
    first, second = whmcs.order(), whmcs.order()
    assert first["orderid"] != second["orderid"]
    assert whmcs.call("GetOrders", userid=HANAKO)["totalresults"] == 2


def test_custom_fields_come_back_on_the_service_by_item(whmcs: WhmcsBench) -> None:
    whmcs.order(
        **{
            "pid[1]": INTERNET,
            "billingcycle[1]": "monthly",
            "customfields[0]": serialised({MARKER: "802xx.1", NOTE: "玄関", 999: "unknown"}),
            "customfields[1]": serialised({MARKER: "of another product"}),
        }
    )
    sim, internet = _service_rows(whmcs)
    values = {field["id"]: field["value"] for field in sim["customfields"]["customfield"]}
    assert values == {str(MARKER): "802xx.1", str(NOTE): "玄関"}
    assert internet["customfields"]["customfield"] == []


def test_an_admin_only_field_is_dropped_when_the_switch_says_so(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.admin_only_field_ignored = True
    whmcs.order(**{"customfields[0]": serialised({MARKER: "m", NOTE: "n"})})
    assert whmcs.books.services[0].customfields == {NOTE: "n"}


def test_custom_fields_that_cannot_be_read_are_ignored(whmcs: WhmcsBench) -> None:
    whmcs.order(**{"customfields[0]": "not serialised"})
    assert whmcs.books.services[0].customfields == {}


@pytest.mark.parametrize(("ignored", "kept"), [(False, "a note"), (True, "")])
def test_notes_are_kept_or_ignored(whmcs: WhmcsBench, ignored: bool, kept: str) -> None:
    whmcs.server.switches.notes_ignored = ignored
    assert _order_row(whmcs, whmcs.order(notes="a note")["orderid"])["notes"] == kept


def test_a_quantity_makes_as_many_services_in_one_order(whmcs: WhmcsBench) -> None:
    added = whmcs.order(**{"qty[0]": "3"})
    assert added["serviceids"] == "1,2,3"
    assert _order_row(whmcs, added["orderid"])["amount"] == "12840.00"


def test_before_8_12_quantities_are_unknown(whmcs: WhmcsBench) -> None:
    whmcs.server.switches.version = "8.1.3"
    assert whmcs.order(**{"qty[0]": "3"})["serviceids"] == "1"
    assert "qty" not in _service_rows(whmcs)[0]


def test_prices_can_be_overridden_and_one_time_products_do_not_recur(whmcs: WhmcsBench) -> None:
    whmcs.order(product=INTERNET, **{"priceoverride[0]": "4500", "pid[1]": FEE, "billingcycle[1]": "onetime"})
    internet, fee = whmcs.books.services
    assert (internet.firstpaymentamount, internet.recurringamount) == ("4500.00", "4500.00")
    assert (fee.firstpaymentamount, fee.recurringamount, fee.billingcycle) == ("22800.00", "0.00", "One-Time")


@pytest.mark.parametrize("params", [{"noinvoice": "1"}, {"priceoverride[0]": "0"}])
def test_without_invoice_or_anything_to_pay_there_is_no_invoice(whmcs: WhmcsBench, params: dict[str, str]) -> None:
    assert whmcs.order(**params)["invoiceid"] == 0
    assert whmcs.books.invoices == []


def test_mails_are_recorded_unless_switched_off(whmcs: WhmcsBench) -> None:
    whmcs.order(noemail="1", noinvoiceemail="1")
    assert whmcs.books.emails == []
    whmcs.order()
    assert [mail.subject for mail in whmcs.books.emails] == ["Invoice Created", "Order Confirmation"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"clientid": 99}, "Client ID Not Found"),
        ({"paymentmethod": "cash"}, "Invalid Payment Method. Valid options include stripe,mailin"),
        ({"pid[0]": 99}, "No items added to cart so order cannot proceed"),
        ({"billingcycle[0]": "annually"}, "No items added to cart so order cannot proceed"),
        ({"billingcycle[0]": "fortnightly"}, "No items added to cart so order cannot proceed"),
        ({"pid[0]": ""}, "No items added to cart so order cannot proceed"),
        ({"customfields": "YTowOnt9"}, "Expecting parameter 'customfields' to be an array"),
    ],
)
def test_an_order_that_cannot_be_is_refused_and_leaves_nothing(
    whmcs: WhmcsBench, params: dict[str, Any], message: str
) -> None:
    good = {"clientid": HANAKO, "paymentmethod": "stripe", "pid[0]": SIM, "billingcycle[0]": "monthly"}
    assert whmcs.refusal("AddOrder", **{**good, **params}) == message
    assert whmcs.ordered == 0


def test_a_scalar_for_an_array_is_refused_from_8_6_on(whmcs: WhmcsBench) -> None:
    sent = {"clientid": HANAKO, "paymentmethod": "stripe", "pid": SIM, "billingcycle": "monthly"}
    assert whmcs.refusal("AddOrder", **sent) == "Expecting parameter 'pid' to be an array"
    whmcs.server.switches.version = "8.1.0"
    assert whmcs.call("AddOrder", **sent)["serviceids"] == "1"


def test_a_closed_client_orders_nothing(whmcs: WhmcsBench) -> None:
    whmcs.books.clients[0].status = "Closed"
    message = whmcs.refusal("AddOrder", clientid=HANAKO, paymentmethod="stripe", **{"pid[0]": SIM})
    assert message == "Unable to add order when client status is Closed"


def test_accepting_sets_up_and_charges_and_works_once(whmcs: WhmcsBench) -> None:
    added = whmcs.order()
    whmcs.call("AcceptOrder", orderid=added["orderid"], autosetup="1")
    order = _order_row(whmcs, added["orderid"])
    assert (order["status"], order["paymentstatus"]) == ("Active", "Paid")
    assert order["lineitems"]["lineitem"][0]["status"] == "Active"
    again = whmcs.refusal("AcceptOrder", orderid=added["orderid"], autosetup="1")
    assert again == "Order ID not found or Status not Pending"
    assert whmcs.books.services[0].setups_done == 1


def test_accepting_without_set_up_leaves_the_services_pending(whmcs: WhmcsBench) -> None:
    added = whmcs.order()
    whmcs.call("AcceptOrder", orderid=added["orderid"])
    assert _order_row(whmcs, added["orderid"])["lineitems"]["lineitem"][0]["status"] == "Pending"


def test_a_failing_module_leaves_an_active_order_and_an_entry_in_the_queue(whmcs: WhmcsBench) -> None:
    product = whmcs.books.products[0]
    product.setup, product.setup_message, product.setup_fails = "fail", "No SIM in stock", 2
    whmcs.call("AcceptOrder", orderid=whmcs.order()["orderid"], autosetup="1")
    assert (whmcs.books.orders[0].status, whmcs.books.services[0].status) == ("Active", "Pending")
    (entry,) = whmcs.call("GetModuleQueue", relatedId=1, serviceType="service")["queue"]
    assert (entry["serviceId"], entry["moduleAction"]) == ("1", "CreateAccount")
    assert entry["lastAttemptError"] == "No SIM in stock"

    assert whmcs.refusal("ModuleCreate", serviceid=1) == "No SIM in stock"
    assert whmcs.call("GetModuleQueue")["count"] == 1
    whmcs.call("ModuleCreate", serviceid=1)
    assert whmcs.books.services[0].status == "Active"
    assert whmcs.call("GetModuleQueue")["count"] == 0


def test_a_module_that_stays_broken_never_works(whmcs: WhmcsBench) -> None:
    whmcs.books.products[0].setup = "fail"
    whmcs.order()
    assert len({whmcs.refusal("ModuleCreate", serviceid=1) for _ in range(4)}) == 1


def test_a_pending_set_up_is_accepted_with_nothing_in_the_queue(whmcs: WhmcsBench) -> None:
    whmcs.books.products[0].setup = "pending"
    whmcs.call("AcceptOrder", orderid=whmcs.order()["orderid"], autosetup="1")
    assert (whmcs.books.orders[0].status, whmcs.books.services[0].status) == ("Active", "Pending")
    assert whmcs.books.module_queue == []
    whmcs.call("ModuleCreate", serviceid=1)
    assert whmcs.books.services[0].status == "Active"


def test_a_refusing_module_ends_the_call_after_partial_work(whmcs: WhmcsBench) -> None:
    internet = whmcs.books.products[1]
    internet.setup, internet.setup_message = "refuse", "Line not ready"
    added = whmcs.order(**{"pid[1]": internet.id, "billingcycle[1]": "monthly"})
    assert whmcs.refusal("AcceptOrder", orderid=added["orderid"], autosetup="1") == "Line not ready"
    assert [service.status for service in whmcs.books.services] == ["Active", "Pending"]
    assert whmcs.books.orders[0].status == "Pending"
    internet.setup = "ok"
    whmcs.call("AcceptOrder", orderid=added["orderid"], autosetup="1")
    assert [service.setups_done for service in whmcs.books.services] == [1, 1]


def test_module_create_on_an_active_service_sets_up_twice(whmcs: WhmcsBench) -> None:
    whmcs.order()
    whmcs.call("ModuleCreate", serviceid=1)
    whmcs.call("ModuleCreate", serviceid=1)
    assert whmcs.books.services[0].setups_done == 2


def test_modules_suspend_unsuspend_and_terminate(whmcs: WhmcsBench) -> None:
    whmcs.order()
    whmcs.call("ModuleCreate", serviceid=1)
    states = []
    for action in ("ModuleSuspend", "ModuleUnsuspend", "ModuleTerminate"):
        whmcs.call(action, serviceid=1, suspendreason="unpaid")
        states.append(_service_rows(whmcs)[0]["status"])
    assert states == ["Suspended", "Active", "Terminated"]


@pytest.mark.parametrize(
    ("params", "message"),
    [({}, "Service ID is required"), ({"serviceid": "9"}, "Service ID not found")],
)
def test_a_module_needs_a_service(whmcs: WhmcsBench, params: dict[str, str], message: str) -> None:
    assert whmcs.refusal("ModuleCreate", **params) == message


def test_a_service_without_module_has_nothing_to_run(whmcs: WhmcsBench) -> None:
    whmcs.books.products[0].module = ""
    whmcs.order()
    assert whmcs.refusal("ModuleSuspend", serviceid=1) == "Service not assigned to a module"


@pytest.mark.parametrize(("action", "status"), [("CancelOrder", "Cancelled"), ("FraudOrder", "Fraud")])
def test_an_order_that_ends_takes_its_services_and_invoice_along(whmcs: WhmcsBench, action: str, status: str) -> None:
    order_id = whmcs.order()["orderid"]
    whmcs.call(action, orderid=order_id)
    order = _order_row(whmcs, order_id)
    assert (order["status"], order["paymentstatus"]) == (status, "Cancelled")
    assert order["lineitems"]["lineitem"][0]["status"] == status


def test_cancelling_is_for_pending_orders_only(whmcs: WhmcsBench) -> None:
    order_id = whmcs.order()["orderid"]
    whmcs.call("AcceptOrder", orderid=order_id)
    assert whmcs.refusal("CancelOrder", orderid=order_id) == "Order ID not found or Status not Pending"
    whmcs.call("PendingOrder", orderid=order_id)
    whmcs.call("CancelOrder", orderid=order_id)


def test_a_deleted_order_is_gone_and_its_ids_never_come_back(whmcs: WhmcsBench) -> None:
    first = whmcs.order()
    message = whmcs.refusal("DeleteOrder", orderid=first["orderid"])
    assert message == "The order status must be in Cancelled or Fraud to be deleted"
    whmcs.call("CancelOrder", orderid=first["orderid"])
    whmcs.call("DeleteOrder", orderid=first["orderid"])
    assert whmcs.ordered == 0
    second = whmcs.order()
    assert [second[name] for name in ("orderid", "serviceids", "invoiceid")] == ["2", "2", "2"]


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("PendingOrder", "Order ID Not Found"),
        ("FraudOrder", "Order ID Not Found"),
        ("DeleteOrder", "Order ID not found"),
        ("CancelOrder", "Order ID not found or Status not Pending"),
        ("AcceptOrder", "Order ID not found or Status not Pending"),
    ],
)
def test_an_unknown_order_is_refused_in_the_words_of_each_action(whmcs: WhmcsBench, action: str, message: str) -> None:
    assert whmcs.refusal(action, orderid="77") == message


def test_orders_are_filtered_by_client_and_status(whmcs: WhmcsBench) -> None:
    whmcs.order()
    whmcs.call("CancelOrder", orderid=whmcs.order(client=TARO)["orderid"])
    assert whmcs.call("GetOrders", status="Cancelled")["orders"]["order"][0]["userid"] == TARO
    assert whmcs.call("GetOrders", userid=TARO, status="Pending")["totalresults"] == 0
    counts = {row["title"]: row["count"] for row in whmcs.call("GetOrderStatuses")["statuses"]["status"]}
    assert counts == {"Pending": 1, "Active": 0, "Fraud": 0, "Cancelled": 1}


def test_services_are_filtered_and_the_filters_echoed(whmcs: WhmcsBench) -> None:
    whmcs.order(**{"domain[0]": "line-7"})
    whmcs.order(client=TARO)
    answer = whmcs.call("GetClientsProducts", domain="line-7")
    assert (answer["totalresults"], answer["domain"], answer["clientid"]) == ("1", "line-7", None)
    assert [row["clientid"] for row in _service_rows(whmcs, serviceid=2)] == [str(TARO)]


def test_a_service_is_changed_by_one_serialised_string_and_an_array_goes_unread(whmcs: WhmcsBench) -> None:
    whmcs.order()
    whmcs.call("UpdateClientProduct", serviceid=1, customfields=serialised({MARKER: "new"}), notes="n")
    whmcs.call("UpdateClientProduct", serviceid=1, **{"customfields[0]": serialised({MARKER: "lost"})})
    assert (whmcs.books.services[0].customfields[MARKER], whmcs.books.services[0].notes) == ("new", "n")
    whmcs.call("UpdateClientProduct", serviceid=1, **{"unset[0]": "notes"})
    assert whmcs.books.services[0].notes == ""
    assert whmcs.refusal("UpdateClientProduct", serviceid=9) == "Service ID Not Found"
