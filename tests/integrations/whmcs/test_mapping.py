"""Answers as the reference describes them, turned into records; what cannot be read is refused."""

from typing import Any

import pytest

from console.integrations.whmcs.mapping import billing, clients, orders, services, system
from console.integrations.whmcs.records import Currency
from console.integrations.whmcs.shapes import ShapeError

_CLIENT = {
    "client_id": 7,
    "firstname": "Hanako",
    "lastname": "O&#039;Hara",
    "email": "hanako@example.jp",
    "address1": "1-2-3 Reibun",
    "address2": "",
    "city": "Minato-ku",
    "fullstate": "Tokyo",
    "state": "TK",
    "postcode": "100-0001",
    "countrycode": "JP",
    "status": "Active",
    "currency_code": "JPY",
    "defaultgateway": "cards",
    "customfields": [{"id": "1", "value": "C-0000007"}, {"id": 2, "value": None}],
}
_ORDER = {
    "id": 41,
    "ordernum": 4155310192,
    "userid": 7,
    "date": "2026-11-23 09:15:00",
    "status": "Pending",
    "amount": "8280.00",
    "invoiceid": 0,
    "paymentstatus": None,
    "currencyprefix": "¥",
    "currencysuffix": " JPY",
    "lineitems": {"lineitem": [{"type": "product", "relid": "91", "product": "Internet - Line", "status": "Pending"}]},
}
_SERVICE = {"id": "91", "clientid": "7", "orderid": "41", "pid": "21", "recurringamount": "4980.00"}
_YEN = Currency.model_validate({"id": 1, "code": "JPY", "prefix": "¥", "suffix": "", "rate": 1})


@pytest.mark.parametrize("answer", [{"client": _CLIENT}, _CLIENT, {"client": _CLIENT, "client_id": 99}])
def test_a_client_is_read_from_its_own_part_and_else_from_the_root(answer: dict[str, Any]) -> None:
    client = clients.client(answer)

    assert (client.id, client.last_name) == (7, "O'Hara")
    assert client.address.street == "1-2-3 Reibun"
    assert client.address.state == "Tokyo"
    assert client.custom_fields == {1: "C-0000007", 2: ""}


def test_an_order_keeps_its_number_as_text_and_its_time_without_zone() -> None:
    order = orders.order(_ORDER)

    assert order.number == "4155310192"
    assert order.placed_at is not None
    assert order.placed_at.isoformat() == "2026-11-23T09:15:00"
    assert order.invoice_id is None
    assert order.payment_status == ""
    assert [(line.service_id, line.product) for line in order.lines] == [(91, "Internet - Line")]


def test_an_order_written_with_a_sign_only_takes_the_currency_that_is_written_so() -> None:
    signed = {**_ORDER, "currencysuffix": ""}

    assert str(orders.order(signed, [_YEN]).amount) == "8280 JPY"
    with pytest.raises(ShapeError, match="currency of order 41"):
        orders.order({**signed, "currencyprefix": "$"}, [_YEN])


@pytest.mark.parametrize("name", ["id", "orderid", "clientid", "pid", "recurringamount"])
def test_a_service_without_what_identifies_it_is_refused(name: str) -> None:
    with pytest.raises(ShapeError):
        services.service({key: value for key, value in _SERVICE.items() if key != name}, "JPY")


def test_a_service_of_an_older_server_has_quantity_one() -> None:
    assert services.service(_SERVICE, "JPY").quantity == 1


def test_a_bank_account_is_named_by_its_bank_and_does_not_expire() -> None:
    [method] = billing.pay_methods(
        {"paymethods": [{"id": 5, "type": "BankAccount", "description": "", "bank_name": "Example Bank"}]}
    )

    assert method.words() == "Example Bank"


@pytest.mark.parametrize(
    ("answer", "services", "invoice"),
    [
        ({"orderid": "1", "serviceids": "1,2", "invoiceid": "1"}, (1, 2), 1),
        ({"orderid": 1, "serviceids": "", "invoiceid": 0}, (), None),
        ({"orderid": 1, "productids": "3"}, (3,), None),
        ({"orderid": 1, "serviceids": 4, "invoiceid": None}, (4,), None),
    ],
)
def test_an_added_order_is_read_in_all_its_forms(
    answer: dict[str, Any], services: tuple[int, ...], invoice: int | None
) -> None:
    added = orders.added_order(answer)

    assert (added.order_id, added.service_ids, added.invoice_id) == (1, services, invoice)


def test_only_the_queue_entries_of_services_count() -> None:
    entry = {"id": "1", "serviceType": "service", "serviceId": "91", "moduleAction": "CreateAccount"}

    failures = services.module_failures({"queue": [entry, {**entry, "serviceType": "domain"}]})

    assert [(failure.service_id, failure.last_attempt) for failure in failures] == [(91, None)]


def test_a_free_product_has_no_price_and_an_empty_price_list_is_none() -> None:
    free = {"pid": 1, "gid": 1, "paytype": "free", "pricing": {"JPY": {"monthly": "0.00"}}}
    unpriced = {"pid": 2, "gid": 1, "paytype": "recurring", "pricing": []}

    assert [product.prices for product in system.products({"products": {"product": [free, unpriced]}})] == [
        {"JPY": {}},
        {},
    ]


def test_an_invoice_tells_its_balance_and_its_last_capture_attempt() -> None:
    invoice = billing.invoice_details(
        {
            "invoiceid": 3,
            "userid": 7,
            "date": "2026-11-01",
            "datepaid": "0000-00-00 00:00:00",
            "lastcaptureattempt": "2026-11-02 03:00:00",
            "total": "4980.00",
            "balance": "1980.00",
            "status": "Unpaid",
            "transactions": "",
        },
        "JPY",
    )

    assert str(invoice.balance) == "1980 JPY"
    assert invoice.paid_at is None
    assert invoice.last_capture_attempt is not None
