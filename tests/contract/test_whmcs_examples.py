"""The vendor's documented examples go through our reading of answers: each is classed, and mapped if used.

The examples are not part of this repository; STAFF_CONSOLE_WHMCS_EXAMPLES names their folder.
"""

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from console.errors import OutcomeUnknown, Rejected
from console.integrations.whmcs import mapping, shapes
from console.integrations.whmcs.outcome import Call, classify

# Read while tests are collected: a test itself sees no setting of this machine.
_FOLDER = Path(
    os.environ.get("STAFF_CONSOLE_WHMCS_EXAMPLES") or Path(__file__).parents[3] / "shared" / "data" / "whmcs-examples"
)
_RESPONSES = {path.name.partition(".")[0]: path for path in sorted(_FOLDER.glob("*.response.json"))}
_ERRORS = [
    (path.name.partition(".")[0], line)
    for path in sorted(_FOLDER.glob("*.errors.txt"))
    for line in path.read_text(encoding="utf-8").splitlines()
    if line.strip()
]

pytestmark = pytest.mark.skipif(not _RESPONSES, reason="the vendor's documented examples are not on this machine")


def answer_of(action: str) -> dict[str, Any]:
    """The documented answer of an action, as a change that is read most strictly."""
    return classify(Call(action, mutating=True), 200, _RESPONSES[action].read_bytes())


@pytest.mark.parametrize("action", _RESPONSES)
def test_every_documented_answer_is_a_success(action: str) -> None:
    assert answer_of(action)


@pytest.mark.parametrize("action", _RESPONSES)
def test_no_documented_answer_is_a_success_when_its_end_is_missing(action: str) -> None:
    body = _RESPONSES[action].read_bytes().rstrip()

    with pytest.raises(OutcomeUnknown):
        classify(Call(action, mutating=True), 200, body[:-1])


@pytest.mark.parametrize(("action", "message"), _ERRORS)
def test_every_documented_error_is_a_rejection(action: str, message: str) -> None:
    body = json.dumps({"result": "error", "message": message}).encode()

    with pytest.raises(Rejected) as caught:
        classify(Call(action, mutating=True), 200, body)
    assert caught.value.message == message


def test_the_documented_clients_are_read() -> None:
    page = mapping.client_page(answer_of("GetClients"))

    assert page.total == 2
    assert [(client.id, client.first_name) for client in page.clients] == [(2, "Angelica"), (1, "Price")]


def test_the_documented_services_are_read_without_their_passwords() -> None:
    answer = answer_of("GetClientsProducts")
    found = shapes.page(answer, "products", "product")
    services = [mapping.service(row, "USD") for row in found.rows]

    assert found.total == 2
    assert [(service.id, service.order_id, service.quantity) for service in services] == [
        (1, 1, 1),
        (2, 2, 2),
    ]
    assert str(services[0].recurring_amount) == "12.95 USD"
    assert services[1].next_due == date(2017, 1, 20)
    assert "xxxxxxxx" not in str(answer)


def test_the_documented_catalogue_is_read() -> None:
    [product] = mapping.products(answer_of("GetProducts"))

    assert (product.id, product.name, product.pay_type) == (1, "Best Hosting Plan", "recurring")
    assert {cycle: str(price) for cycle, price in product.prices["USD"].items()} == {"monthly": "25.99 USD"}


def test_the_documented_invoices_are_read() -> None:
    [row] = shapes.page(answer_of("GetInvoices"), "invoices", "invoice").rows
    invoice = mapping.invoice(row)

    assert (invoice.id, str(invoice.total), invoice.due) == (1, "15.95 USD", date(2016, 1, 8))
    assert invoice.paid_at is invoice.last_capture_attempt is None


def test_the_documented_currencies_are_read_from_bracketed_keys() -> None:
    [currency] = mapping.currencies(answer_of("GetCurrencies"))

    assert (currency.id, currency.code, currency.prefix) == (1, "USD", "$")


def test_the_documented_gateways_are_read() -> None:
    assert [gateway.module for gateway in mapping.gateways(answer_of("GetPaymentMethods"))] == [
        "paypal",
        "authorize",
    ]


def test_the_documented_added_order_is_read() -> None:
    added = mapping.added_order(answer_of("AddOrder"))

    assert (added.order_id, added.service_ids, added.invoice_id) == (1, (1, 2), 1)


@pytest.mark.parametrize(
    ("action", "mapped", "version"),
    [
        ("WhmcsDetails", mapping.server_version, "8.0.0"),
        ("GetAdminDetails", mapping.server_version, "7.10.2"),
    ],
)
def test_the_documented_versions_are_read(action: str, mapped: Callable[[dict[str, Any]], str], version: str) -> None:
    assert mapped(answer_of(action)) == version


def test_the_documented_permissions_are_listed_once_each() -> None:
    server = mapping.server(answer_of("GetAdminDetails"))

    assert server.admin_id == "1"
    assert "API Access" in server.permissions
    assert len(server.permissions) == len(set(server.permissions))
