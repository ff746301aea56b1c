"""Changes of services and new products in the sandbox WHMCS."""

from typing import Any

import pytest

from console.sandbox.whmcs_store import ServiceAddon
from tests.sandbox.whmcs_bench import HANAKO, INTERNET, SIM, WhmcsBench

ASKED = {"serviceid": 1, "paymentmethod": "stripe", "type": "product", "newproductid": INTERNET}


def a_service(whmcs: WhmcsBench, days_left: int = 15) -> None:
    """An active SIM that is due in so many days."""
    whmcs.call("AcceptOrder", orderid=whmcs.order()["orderid"], autosetup="1")
    today = whmcs.server.clock.now().date().toordinal()
    whmcs.books.services[0].nextduedate = (
        type(whmcs.server.clock.now().date()).fromordinal(today + days_left).isoformat()
    )


def test_only_calculating_makes_no_order(whmcs: WhmcsBench) -> None:
    a_service(whmcs)
    before = len(whmcs.books.orders)
    answer = whmcs.call("UpgradeProduct", **ASKED, calconly="1")
    assert answer["oldproductname"] == "SIM Plan 3GB"
    assert answer["newproductname"] == "Home 1G"
    assert "orderid" not in answer
    assert len(whmcs.books.orders) == before


def test_an_upgrade_makes_an_order_with_an_invoice_for_the_days_that_are_left(whmcs: WhmcsBench) -> None:
    a_service(whmcs)
    answer = whmcs.call("UpgradeProduct", **ASKED)
    invoice = whmcs.call("GetInvoice", invoiceid=answer["invoiceid"])
    assert answer["price"] == f"¥{invoice['total']} JPY"
    assert invoice["items"]["item"][0]["type"] == "Upgrade"
    message = whmcs.refusal("UpgradeProduct", **ASKED)
    assert message == "Unable to accept upgrade order. Previous upgrade invoice for service is still unpaid."


def test_a_downgrade_has_its_sign_inside_and_no_invoice(whmcs: WhmcsBench) -> None:
    whmcs.call("AcceptOrder", orderid=whmcs.order(product=INTERNET)["orderid"])
    whmcs.books.services[0].nextduedate = "2199-01-01"
    answer = whmcs.call("UpgradeProduct", **{**ASKED, "newproductid": SIM})
    assert answer["price"].startswith("¥-")
    assert answer["invoiceid"] is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"serviceid": 99}, "Service ID Not Found"),
        ({"type": "colour"}, "Invalid Upgrade Type"),
        ({"paymentmethod": "cash"}, "Invalid Payment Method. Valid options include stripe,mailin"),
    ],
)
def test_an_upgrade_that_cannot_be_is_refused(whmcs: WhmcsBench, changes: dict[str, Any], message: str) -> None:
    a_service(whmcs)
    assert whmcs.refusal("UpgradeProduct", **{**ASKED, **changes}) == message


def test_extras_are_found_by_several_services(whmcs: WhmcsBench) -> None:
    for number in (1, 2, 3):
        row = (HANAKO, 0, number, 9, "Voicemail", "330.00", "Active", "2026-01-01", "2026-02-01", "stripe")
        whmcs.books.addons.append(ServiceAddon(number, *row))
    found = whmcs.call("GetClientsAddons", serviceid="1,3")["addons"]["addon"]
    assert [(row["id"], row["paymentmethodname"]) for row in found] == [("1", "Credit Card"), ("3", "Credit Card")]
    assert whmcs.call("GetClientsAddons", clientid=HANAKO)["totalresults"] == "3"


def test_every_call_makes_another_product(whmcs: WhmcsBench) -> None:
    sent = {"name": "Tea", "gid": 1, "type": "other", "pricing[1][monthly]": "300.00"}
    numbers = [whmcs.call("AddProduct", **sent)["pid"] for _ in range(2)]
    (product,) = whmcs.call("GetProducts", pid=numbers[1])["products"]["product"]
    assert numbers == [4, 5]
    assert (product["name"], product["pricing"]["JPY"]["monthly"]) == ("Tea", "300.00")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "You must supply a name for the product"),
        ({"gid": 99}, "You must supply a valid Product Group ID"),
        ({"welcomeemail": 99}, "You must supply a valid welcome email ID"),
        (
            {"type": "tea"},
            'Invalid product type. Must be one of "hostingaccount", "reselleraccount", "server" or "other"',
        ),
        ({"paytype": "later"}, 'Invalid pay type. Must be one of "free", "onetime" or "recurring"'),
        ({"autosetup": "maybe"}, 'Invalid autosetup value. Must be one of "", "on", "order" or "payment"'),
        ({"color": "tea"}, "The color must be a valid hexadecimal value."),
        (
            {"recommendations[0][id]": 99},
            "The recommendation product ID is invalid. This must be an existing product ID.",
        ),
    ],
)
def test_a_product_that_cannot_be_is_refused(whmcs: WhmcsBench, changes: dict[str, Any], message: str) -> None:
    assert whmcs.refusal("AddProduct", **{"name": "Tea", "gid": 1, **changes}) == message
