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
from console.integrations.whmcs import shapes
from console.integrations.whmcs.mapping import billing, clients, messaging, orders, services, system
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
    page = clients.client_page(answer_of("GetClients"))

    assert page.total == 2
    assert [(client.id, client.first_name) for client in page.clients] == [(2, "Angelica"), (1, "Price")]


def test_the_documented_services_are_read_without_their_passwords() -> None:
    answer = answer_of("GetClientsProducts")
    found = shapes.page(answer, "products", "product")
    read = [services.service(row, "USD") for row in found.rows]

    assert found.total == 2
    assert [(service.id, service.order_id, service.quantity) for service in read] == [
        (1, 1, 1),
        (2, 2, 2),
    ]
    assert str(read[0].recurring_amount) == "12.95 USD"
    assert read[1].next_due == date(2017, 1, 20)
    assert "xxxxxxxx" not in str(answer)


def test_the_documented_catalogue_is_read() -> None:
    [product] = system.products(answer_of("GetProducts"))

    assert (product.id, product.name, product.pay_type) == (1, "Best Hosting Plan", "recurring")
    assert {cycle: str(price) for cycle, price in product.prices["USD"].items()} == {"monthly": "25.99 USD"}


def test_the_documented_invoices_are_read() -> None:
    [row] = shapes.page(answer_of("GetInvoices"), "invoices", "invoice").rows
    invoice = billing.invoice(row)

    assert (invoice.id, str(invoice.total), invoice.due) == (1, "15.95 USD", date(2016, 1, 8))
    assert invoice.paid_at is invoice.last_capture_attempt is None


def test_the_documented_currencies_are_read_from_bracketed_keys() -> None:
    [currency] = system.currencies(answer_of("GetCurrencies"))

    assert (currency.id, currency.code, currency.prefix) == (1, "USD", "$")


def test_the_documented_gateways_are_read() -> None:
    assert [gateway.module for gateway in system.gateways(answer_of("GetPaymentMethods"))] == [
        "paypal",
        "authorize",
    ]


def test_the_documented_added_order_is_read() -> None:
    added = orders.added_order(answer_of("AddOrder"))

    assert (added.order_id, added.service_ids, added.invoice_id) == (1, (1, 2), 1)


@pytest.mark.parametrize(
    ("action", "mapped", "version"),
    [
        ("WhmcsDetails", system.server_version, "8.0.0"),
        ("GetAdminDetails", system.server_version, "7.10.2"),
    ],
)
def test_the_documented_versions_are_read(action: str, mapped: Callable[[dict[str, Any]], str], version: str) -> None:
    assert mapped(answer_of(action)) == version


def test_the_documented_permissions_are_listed_once_each() -> None:
    server = system.server(answer_of("GetAdminDetails"))

    assert server.admin_id == "1"
    assert "API Access" in server.permissions
    assert len(server.permissions) == len(set(server.permissions))


def test_the_documented_contacts_are_read() -> None:
    [row] = shapes.page(answer_of("GetContacts"), "contacts", "contact").rows
    contact = clients.contact(row)

    assert (contact.id, contact.client_id, contact.email) == (1, 1, "contact@example.com")
    assert contact.address.postal_code == "TE5 5ST"


def test_the_documented_add_ons_are_read_from_bracketed_keys() -> None:
    [addon] = services.addons(answer_of("GetClientsAddons"), "USD")

    assert (addon.service_id, addon.order_id, str(addon.recurring_amount)) == (1, None, "15.00 USD")
    assert addon.next_due == date(2016, 10, 3)


def test_the_documented_tickets_are_read_without_the_key_to_their_page() -> None:
    answer = answer_of("GetTickets")
    [row] = shapes.page(answer, "tickets", "ticket").rows
    ticket = messaging.ticket(row)

    assert (ticket.id, ticket.number, ticket.client_id, ticket.status) == (1, "516757", 1, "Answered")
    assert "KPqH7yG3" not in str(answer)
    assert "KPqH7yG3" not in str(answer_of("OpenTicket"))
    assert messaging.opened_ticket(answer_of("OpenTicket")).number == "516757"


def test_the_documented_log_is_read() -> None:
    found = shapes.page(answer_of("GetActivityLog"), "activity", "entry")
    lines = [messaging.log_line(row) for row in found.rows]

    assert [(line.id, line.client_id, line.username) for line in lines] == [(2, None, "admin"), (1, None, "admin")]


def test_the_documented_statuses_are_read() -> None:
    statuses = system.order_statuses(answer_of("GetOrderStatuses"))

    assert {status.title for status in statuses} >= {"Pending", "Active", "Cancelled"}


def test_the_documented_health_without_checks_is_none() -> None:
    assert system.health_checks(answer_of("GetHealthStatus")) == ()


@pytest.mark.parametrize("action", ["AddClient", "UpdateClient"])
def test_the_documented_ids_of_clients_are_read(action: str) -> None:
    assert clients.client_id(answer_of(action)) == 1


def test_the_documented_login_is_read_without_its_hash() -> None:
    answer = answer_of("ValidateLogin")

    assert clients.login_proof(answer).proves_ownership
    assert "passwordhash" not in answer
