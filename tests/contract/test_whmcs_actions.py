"""Every function of the WHMCS client: which action it calls, and how often where no answer comes.

The table is complete: a function that stands in no row fails the last test.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest
from pydantic import SecretStr

from console.errors import OutcomeUnknown, SystemFault, Unavailable
from console.integrations.whmcs.actions import Whmcs
from console.integrations.whmcs.paging import Place
from console.integrations.whmcs.php import serialised_map
from console.models.billing import BillingItem
from console.models.billing_people import ClientArea, ClientDetails
from console.models.catalogue import BillingCycle
from console.models.money import Money
from tests.integrations.whmcs.wire import DROP, Form, connected

Act = Callable[[Whmcs], Awaitable[object]]

_ITEM = BillingItem(
    product_id=21,
    billing_cycle=BillingCycle.MONTHLY,
    quantity=1,
    price=Money.model_validate("4980 JPY"),
    custom_fields={501: "802000000000001AAA.1"},
)
_CHANGED = ClientDetails(postal_code="100-0001", address1="1-2-3 Reibun", custom_fields={1: "C-0000007"})


class Row(NamedTuple):
    """A function, its action, what of the form it fills in, and how often it is sent in vain."""

    act: Act
    action: str
    sent: Form
    times: int


def read(act: Act, action: str, **sent: str) -> Row:
    """A function that only reads: asked three times."""
    return Row(act, action, sent, 3)


def asked(act: Act, action: str, **sent: str) -> Row:
    """A function that changes nothing of weight, and that a person repeats: asked once."""
    return Row(act, action, sent, 1)


def change(act: Act, action: str, **sent: str) -> Row:
    """A function that changes something: sent once, and never again."""
    return Row(act, action, sent, 1)


async def _all(whmcs: Whmcs) -> object:
    return [part async for part in whmcs.client_parts(Place())]


async def _invoices(whmcs: Whmcs) -> object:
    return [part async for part in whmcs.invoice_parts(Place())]


_PAGED = {"limitstart": "0", "limitnum": "100"}
_TABLE: dict[str, Row] = {
    "whmcs_details": read(lambda whmcs: whmcs.whmcs_details(), "WhmcsDetails"),
    "admin_details": read(lambda whmcs: whmcs.admin_details(), "GetAdminDetails"),
    "health_status": read(lambda whmcs: whmcs.health_status(), "GetHealthStatus"),
    "get_currencies": read(lambda whmcs: whmcs.get_currencies(), "GetCurrencies"),
    "get_payment_methods": read(lambda whmcs: whmcs.get_payment_methods(), "GetPaymentMethods"),
    "get_order_statuses": read(lambda whmcs: whmcs.get_order_statuses(), "GetOrderStatuses"),
    "get_products": read(lambda whmcs: whmcs.get_products(), "GetProducts"),
    "get_clients": read(
        lambda whmcs: whmcs.get_clients("Hana", limit=5, offset=10),
        "GetClients",
        search="Hana",
        limitstart="10",
        limitnum="5",
    ),
    "client_parts": read(_all, "GetClients", orderby="id", sorting="ASC", limitstart="0", limitnum="500"),
    "invoice_parts": read(_invoices, "GetInvoices", orderby="id", order="asc", limitstart="0", limitnum="500"),
    "get_client": read(lambda whmcs: whmcs.get_client(7), "GetClientsDetails", clientid="7", stats="0"),
    "add_client": change(
        lambda whmcs: whmcs.add_client(_CHANGED, owner_user_id=3),
        "AddClient",
        postcode="100-0001",
        address1="1-2-3 Reibun",
        customfields=serialised_map({1: "C-0000007"}),
        owner_user_id="3",
        noemail="1",
    ),
    "update_client": change(
        lambda whmcs: whmcs.update_client(7, ClientDetails(company="Example", phone="+81.312345678")),
        "UpdateClient",
        clientid="7",
        companyname="Example",
        phonenumber="+81.312345678",
    ),
    "get_contacts": read(lambda whmcs: whmcs.get_contacts(7), "GetContacts", userid="7", **_PAGED),
    "get_users": read(lambda whmcs: whmcs.get_users("hanako@"), "GetUsers", search="hanako@", sorting="ASC", **_PAGED),
    "validate_login": asked(
        lambda whmcs: whmcs.validate_login("hanako@example.jp", SecretStr("p")),
        "ValidateLogin",
        email="hanako@example.jp",
        password2="p",
    ),
    "reset_password": change(lambda whmcs: whmcs.reset_password(3), "ResetPassword", id="3"),
    "create_sso_token": asked(
        lambda whmcs: whmcs.create_sso_token(7, ClientArea.BILLING_INFO),
        "CreateSsoToken",
        client_id="7",
        destination="clientarea:billing_info",
    ),
    "get_orders": read(lambda whmcs: whmcs.get_orders(7), "GetOrders", userid="7", **_PAGED),
    "add_order": change(
        lambda whmcs: whmcs.add_order(7, "cards", [_ITEM], price_override=True),
        "AddOrder",
        **{
            "clientid": "7",
            "paymentmethod": "cards",
            "pid[0]": "21",
            "qty[0]": "1",
            "billingcycle[0]": "monthly",
            "customfields[0]": serialised_map({501: "802000000000001AAA.1"}),
            "priceoverride[0]": "4980",
            "noinvoice": "0",
        },
    ),
    "accept_order": change(
        lambda whmcs: whmcs.accept_order(41, autosetup=True), "AcceptOrder", orderid="41", autosetup="1"
    ),
    "cancel_order": change(
        lambda whmcs: whmcs.cancel_order(41, notify=False), "CancelOrder", orderid="41", cancelsub="0", noemail="1"
    ),
    "get_services": read(
        lambda whmcs: whmcs.get_services(7, currency="JPY"), "GetClientsProducts", clientid="7", **_PAGED
    ),
    "get_addons": read(lambda whmcs: whmcs.get_addons(7, currency="JPY"), "GetClientsAddons", clientid="7"),
    "get_module_queue": read(
        lambda whmcs: whmcs.get_module_queue(91), "GetModuleQueue", serviceType="service", relatedId="91"
    ),
    "module_create": change(lambda whmcs: whmcs.module_create(91), "ModuleCreate", serviceid="91"),
    "module_suspend": change(
        lambda whmcs: whmcs.module_suspend(91, "Unpaid"), "ModuleSuspend", serviceid="91", suspendreason="Unpaid"
    ),
    "module_unsuspend": change(lambda whmcs: whmcs.module_unsuspend(91), "ModuleUnsuspend", serviceid="91"),
    "update_client_product": change(
        lambda whmcs: whmcs.update_client_product(91, {501: "a.1"}),
        "UpdateClientProduct",
        serviceid="91",
        customfields=serialised_map({501: "a.1"}),
    ),
    "get_pay_methods": read(lambda whmcs: whmcs.get_pay_methods(7), "GetPayMethods", clientid="7"),
    "get_invoices": read(
        lambda whmcs: whmcs.get_invoices(7), "GetInvoices", userid="7", orderby="id", order="asc", **_PAGED
    ),
    "get_invoice": read(lambda whmcs: whmcs.get_invoice(3, currency="JPY"), "GetInvoice", invoiceid="3"),
    "get_transactions": read(lambda whmcs: whmcs.get_transactions(7, currency="JPY"), "GetTransactions", clientid="7"),
    "get_tickets": read(
        lambda whmcs: whmcs.get_tickets(7), "GetTickets", clientid="7", ignore_dept_assignments="1", **_PAGED
    ),
    "open_ticket": change(
        lambda whmcs: whmcs.open_ticket(7, 2, subject="Line", message="It is slow.", priority="High"),
        "OpenTicket",
        clientid="7",
        deptid="2",
        subject="Line",
        message="It is slow.",
        priority="High",
        admin="1",
    ),
    "get_emails": read(lambda whmcs: whmcs.get_emails(7), "GetEmails", clientid="7", **_PAGED),
    "send_template": change(
        lambda whmcs: whmcs.send_template("Invoice Reminder", 3, {"note": "1 < 2"}),
        "SendEmail",
        messagename="Invoice Reminder",
        id="3",
        customvars=serialised_map({"note": "1 &lt; 2"}),
    ),
    "send_custom_email": change(
        lambda whmcs: whmcs.send_custom_email("general", 7, subject="Hello", message="a < b"),
        "SendEmail",
        customtype="general",
        customsubject="Hello",
        custommessage="a &lt; b",
        id="7",
    ),
    "log_activity": change(
        lambda whmcs: whmcs.log_activity("checked", 7), "LogActivity", description="checked", clientid="7"
    ),
    "get_activity_log": read(
        lambda whmcs: whmcs.get_activity_log(description="claimed", limit=10),
        "GetActivityLog",
        description="claimed",
        limitnum="10",
    ),
}
_ALWAYS = {"identifier": "example-identifier", "secret": "example-secret", "responsetype": "json"}


@pytest.mark.parametrize("name", _TABLE)
def test_each_function_calls_its_action_and_repeats_it_only_where_that_is_safe(name: str) -> None:
    act, action, sent, times = _TABLE[name]

    async def attempt() -> tuple[SystemFault, list[Form]]:
        async with connected(lambda _: DROP) as (whmcs, wire):
            with pytest.raises(SystemFault) as caught:
                await act(whmcs)
            return caught.value, wire.forms

    fault, forms = asyncio.run(attempt())

    assert forms == [{**sent, **_ALWAYS, "action": action}] * times
    assert type(fault) is (OutcomeUnknown if fault.mutating else Unavailable)


def test_no_function_is_left_out() -> None:
    functions = {
        name
        for name, member in inspect.getmembers(Whmcs)
        if not name.startswith("_") and (inspect.iscoroutinefunction(member) or inspect.isasyncgenfunction(member))
    }

    # may_call asks for every action in turn, in a table of its own: tests/integrations/whmcs/test_rights.py.
    assert functions - {"aclose", "may_call"} == set(_TABLE)
