"""Every error row of the WHMCS reference (sections 3.2, 6, 7, 9 and 10), caused in the sandbox, row by row.

Each arrives as the right exception and, where it has one, under the right failure code.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NamedTuple

import pytest
from pydantic import SecretStr

from console.errors import AccessRefused, Missing, OutcomeUnknown, Rejected, SystemFault, Unavailable
from console.failure_catalogue import load_catalogue, load_rules
from console.integrations.whmcs.access import AccessCause, access_problem, what_to_do
from console.integrations.whmcs.actions import Whmcs
from console.integrations.whmcs.shapes import nothing
from console.models.billing import BillingItem
from console.models.billing_people import ClientDetails
from console.models.catalogue import BillingCycle
from console.models.failure import UNCLASSIFIED, FailureRules
from console.models.money import Money
from console.rules.failures import classify, report_of
from tests.integrations.whmcs.office import BROKEN, CLIENT, CLOSED, GATEWAY, MARKER, PLAN, Office, open_office

Act = Callable[[Whmcs], Awaitable[object]]

_NEW = ClientDetails(
    first_name="Jiro",
    last_name="Mori",
    email="jiro.mori@example.jp",
    phone="+81.312345678",
    address1="1-2-3 Reibun",
    city="Minato-ku",
    state="Tokyo",
    postal_code="100-0001",
    country="JP",
)


def item(product_id: int = PLAN) -> BillingItem:
    """One item to order."""
    price = Money.model_validate("4980 JPY")
    fields = {MARKER + product_id - PLAN: "802000000000001AAA.1"}
    return BillingItem(
        product_id=product_id, billing_cycle=BillingCycle.MONTHLY, quantity=1, price=price, custom_fields=fields
    )


def ordered(client_id: int = CLIENT, gateway: str = GATEWAY, product_id: int = PLAN) -> Act:
    """An order of one item."""
    return lambda whmcs: whmcs.add_order(client_id, gateway, [item(product_id)], price_override=False)


def raw(action: str, mutating: bool = True, **params: Any) -> Act:
    """An action that the console does not use, sent by the same transport."""

    def send(whmcs: Whmcs) -> Awaitable[object]:
        transport = whmcs._transport
        return transport.change(action, params, nothing) if mutating else transport.read(action, params, nothing)

    return send


_CALLS: dict[str, Act] = {
    "GetClients": lambda whmcs: whmcs.get_clients(),
    "GetClientsDetails": lambda whmcs: whmcs.get_client(CLIENT),
    "AddClient": lambda whmcs: whmcs.add_client(_NEW),
    "UpdateClient": lambda whmcs: whmcs.update_client(CLIENT, ClientDetails(city="Osaka")),
    "ValidateLogin": lambda whmcs: whmcs.validate_login("hanako@example.jp", SecretStr("wrong")),
    "ResetPassword": lambda whmcs: whmcs.reset_password(1),
    "CreateSsoToken": lambda whmcs: whmcs.create_sso_token(CLIENT),
    "AddOrder": ordered(),
    "AcceptOrder": lambda whmcs: whmcs.accept_order(1, autosetup=True),
    "CancelOrder": lambda whmcs: whmcs.cancel_order(1, notify=False),
    "UpdateClientProduct": lambda whmcs: whmcs.update_client_product(1, {MARKER: "a.1"}),
    "ModuleCreate": lambda whmcs: whmcs.module_create(1),
    "ModuleSuspend": lambda whmcs: whmcs.module_suspend(1, "unpaid"),
    "ModuleUnsuspend": lambda whmcs: whmcs.module_unsuspend(1),
    "GetInvoice": lambda whmcs: whmcs.get_invoice(1, currency="JPY"),
    "GetPayMethods": lambda whmcs: whmcs.get_pay_methods(CLIENT),
    "OpenTicket": lambda whmcs: whmcs.open_ticket(CLIENT, 1, subject="Line", message="It is slow."),
    "SendEmail": lambda whmcs: whmcs.send_template("Order Confirmation", CLIENT),
    "GetEmails": lambda whmcs: whmcs.get_emails(CLIENT),
}


class Row(NamedTuple):
    """One row: the action, what WHMCS says, what that is for us, and its failure code where it has one."""

    action: str
    message: str
    kind: type[SystemFault] = Rejected
    code: str = UNCLASSIFIED


_ACCESS = [
    (403, "Invalid IP 192.0.2.7", AccessCause.ADDRESS, "192.0.2.7"),
    (403, "Invalid IP 2001:db8::7", AccessCause.ADDRESS, "IPv6"),
    (400, "Invalid IP 192.0.2.7", AccessCause.ADDRESS, "192.0.2.7"),
    (403, "Authentication Failed", AccessCause.CREDENTIAL, "identifier and secret"),
    (403, "Invalid or missing credentials", AccessCause.CREDENTIAL, "identifier and secret"),
    (403, 'Invalid Permissions: API action "x" is not allowed', AccessCause.ACTION, "lacks the action"),
    (403, "Administrator Account Disabled", AccessCause.ADMIN, "disabled"),
    (403, "Access Denied", AccessCause.ADMIN, "API Access"),
    (400, "Invalid password provided", AccessCause.CREDENTIAL, "identifier and secret"),
    (200, "API Command Restricted to Internal API", AccessCause.INTERNAL, "nobody from outside"),
]

# 3.2, the rows without a message: what a read and a change become.
_NO_ANSWER = [
    ("html", {"status": 500}),
    ("html_200", {}),
    ("php_notice", {}),
    ("status", {"status": 403}),
    ("status", {"status": 429}),
    ("status", {"status": 502}),
    ("status", {"status": 503}),
    ("status", {"status": 504}),
    ("drop", {}),
    ("truncated", {}),
    ("empty", {}),
    ("warning_only", {}),
    ("no_result", {}),
]

_SECTION_6 = [
    Row("GetClientsDetails", "Either clientid Or email Is Required", code="LNK-01"),
    Row("GetClientsDetails", "Client Not Found", Missing, "LNK-01"),
    *(
        Row("AddClient", message, code="PRV-05")
        for message in (
            "You did not enter your first name",
            "You did not enter your last name",
            "You did not enter your email address",
            "You did not enter your  address line 1",
            "You did not enter your city",
            "You did not enter your state",
            "You did not enter your postcode",
            "You did not enter your phone number",
            "The email address you entered was not valid",
            "Valid country required",
            "Invalid telephone phone number",
            "You did not provide required custom field value for Customer Number",
            "The email address entered is not available for use.",
            "A user already exists with that email address",
            "Invalid Owner User ID",
        )
    ),
    Row("UpdateClient", "Client ID Not Found", Missing, "LNK-01"),
    Row("UpdateClient", "Duplicate Email Address", code="PRV-05"),
    Row("UpdateClient", "The email address entered is not valid", code="PRV-05"),
    Row("GetUserPermissions", "Invalid user id"),
    Row("GetUserPermissions", "Invalid client id"),
    Row("GetUserPermissions", "User is not associated with client"),
    Row("ValidateLogin", "Email or Password Invalid"),
    Row("ResetPassword", "Please provide a valid email address"),
    Row("ResetPassword", "User Not Found", Missing),
    Row("ResetPassword", "Please enter the email address or provide the id"),
    Row("CreateSsoToken", "Invalid client_id", code="LNK-01"),
    Row("CreateSsoToken", "Invalid user_id"),
    Row("CreateSsoToken", "Invalid user_id for client", code="LNK-03"),
    Row("CreateSsoToken", "A valid client_id or user_id is required", code="LNK-01"),
    Row("CreateSsoToken", "Invalid destination"),
    Row("CreateSsoToken", "Token could not be provisioned: invalid_client. client credentials are required"),
    Row("CreateSsoToken", "SSO authentication blocked for client 7"),
]
_SECTION_7 = [
    Row("AddOrder", "Client ID Not Found", Missing, "LNK-01"),
    Row("AddOrder", "Unable to add order when client status is Closed", code="LNK-05"),
    Row("AddOrder", "Invalid Payment Method. Valid options include cards", code="PRV-05"),
    Row("AddOrder", "Addon ID invalid", code="CAT-03"),
    Row("AddOrder", "Service ID not owned by Client ID provided", code="LNK-03"),
    Row("AddOrder", "Domain status is set to 'Expired' and cannot be renewed", code="PRV-05"),
    Row("AddOrder", "Domain not owned by Client ID provided", code="LNK-03"),
    Row("AddOrder", "No items added to cart so order cannot proceed", code="CAT-03"),
    Row("AddOrder", "Expecting parameter 'pid' to be an array", code="PRV-05"),
    Row("AddOrder", "Service ID 4 can not be renewed at this time.", code="PRV-05"),
    Row("AcceptOrder", "Order ID not found or Status not Pending", code="PRV-01"),
    Row("AcceptOrder", "The switch in Chiyoda does not answer", code="PRV-03"),
    Row("AcceptOrder", "Access denied for user 'provision'", code="PRV-03"),
    Row("PendingOrder", "Order ID Not Found", Missing, "PRV-08"),
    Row("CancelOrder", "Order ID not found or Status not Pending", code="PRV-01"),
    Row("CancelOrder", "Subscription Cancellation Failed - the gateway said no"),
    Row("FraudOrder", "Order ID Not Found", Missing, "PRV-08"),
    Row("FraudOrder", "Subscription Cancellation Failed - the gateway said no"),
    Row("DeleteOrder", "Order ID not found", Missing, "PRV-08"),
    Row("DeleteOrder", "The order status must be in Cancelled or Fraud to be deleted"),
]
_SECTION_9 = [
    Row("UpdateClientProduct", "Service ID Not Found", Missing, "PRV-08"),
    Row("UpgradeProduct", "Service ID Not Found", Missing, "PRV-08"),
    Row(
        "UpgradeProduct",
        "Unable to accept upgrade order. Previous upgrade invoice for service is still unpaid.",
        code="PRV-05",
    ),
    Row("UpgradeProduct", "Invalid Payment Method. Valid options include cards", code="PRV-05"),
    Row("UpgradeProduct", "Invalid Upgrade Type", code="PRV-05"),
    *(
        row
        for action in ("ModuleCreate", "ModuleSuspend", "ModuleUnsuspend", "ModuleTerminate")
        for row in (
            Row(action, "Service ID is required", code="PRV-03"),
            Row(action, "Service ID not found", Missing, "PRV-08"),
            Row(action, "Service not assigned to a module", code="CAT-03"),
            Row(action, "The switch in Chiyoda does not answer", code="PRV-03"),
        )
    ),
]
_SECTION_10 = [
    Row("GetInvoice", "Invoice ID Not Found", Missing),
    Row("GetPayMethods", "Client ID Is Required", code="LNK-01"),
    Row("GetPayMethods", "Invalid Pay Method Type. Type should be one of 'BankAccount' or 'CreditCard'"),
    Row("GetPayMethods", "Client Not Found", Missing, "LNK-01"),
    Row("SendEmail", "You must provide either an existing email template name or a custom message type"),
    Row("SendEmail", "Invalid message type provided"),
    Row("SendEmail", "A subject is required for a custom message"),
    Row("SendEmail", "The custom variables you provided are invalid."),
    Row("SendEmail", "A related ID is required"),
    Row("SendEmail", "Email Template not found"),
    Row("SendEmail", "Email Template is disabled"),
    Row("SendEmail", "Sending Failed. Please see documentation."),
]
_ROWS = [*_SECTION_6, *_SECTION_7, *_SECTION_9, *_SECTION_10]


@pytest.fixture(scope="module")
def running() -> Iterator[Office]:
    with open_office() as opened:
        yield opened


@pytest.fixture
def office(running: Office) -> Iterator[Office]:
    """The office without a fault, with its address list switched off."""
    running.board.remove()
    running.server.switches.ip_allowed = True
    running.server.switches.access_as_nvp = False
    running.server.switches.disabled_actions = frozenset()
    yield running
    running.server.switches.ip_allowed = True
    running.server.switches.disabled_actions = frozenset()


@pytest.fixture(scope="module")
def rules() -> FailureRules:
    return load_rules()


def fault_of(office: Office, act: Act) -> SystemFault:
    with pytest.raises(SystemFault) as caught:
        office.run(act)
    return caught.value


def code_of(fault: SystemFault, rules: FailureRules) -> str:
    return classify(report_of(fault), rules)


def _id(row: Row) -> str:
    return f"{row.action}-{row.message[:40]}"


@pytest.mark.parametrize("row", _ROWS, ids=_id)
def test_each_row_arrives_as_its_exception_with_its_code(office: Office, rules: FailureRules, row: Row) -> None:
    office.break_next(row.action, "refuse", message=row.message)

    fault = fault_of(office, _CALLS.get(row.action, raw(row.action)))

    assert type(fault) is row.kind
    assert (fault.action, fault.message, fault.status, fault.outcome) == (row.action, row.message, 200, "rejected")
    assert code_of(fault, rules) == row.code


def test_every_code_of_the_table_is_in_the_catalogue() -> None:
    assert {row.code for row in _ROWS} <= set(load_catalogue())


# With 200 the words of a server module are the module's own.
_ACCESS_CALLS = [
    (action, *row)
    for action in ("GetClients", "AddOrder", "ModuleCreate")
    for row in _ACCESS
    if (action, row[0]) != ("ModuleCreate", 200)
]


@pytest.mark.parametrize(("action", "status", "message", "cause", "told"), _ACCESS_CALLS)
def test_each_access_row_stops_at_once_and_says_what_to_do(
    office: Office, rules: FailureRules, action: str, status: int, message: str, cause: AccessCause, told: str
) -> None:
    office.break_next(action, "refuse", status=status, message=message)
    before = office.board.calls["whmcs", action]

    fault = fault_of(office, _CALLS[action])

    assert isinstance(fault, AccessRefused)
    assert (fault.message, fault.status, fault.outcome) == (message, status, "access")
    assert code_of(fault, rules) == "ACC-01"
    assert access_problem(fault).cause is cause
    assert told in what_to_do(fault).en
    assert office.board.calls["whmcs", action] == before + 1


@pytest.mark.parametrize("as_text", [False, True])
def test_an_address_that_is_not_listed_is_named(office: Office, rules: FailureRules, as_text: bool) -> None:
    office.server.switches.ip_allowed = False
    office.server.switches.access_as_nvp = as_text

    fault = fault_of(office, _CALLS["GetClients"])

    assert isinstance(fault, AccessRefused)
    assert "WHMCS saw us as 127.0.0.1" in what_to_do(fault).en
    assert code_of(fault, rules) == "ACC-01"


def test_an_action_that_the_role_lacks_is_named(office: Office, rules: FailureRules) -> None:
    office.server.switches.disabled_actions = frozenset({"GetModuleQueue"})

    fault = fault_of(office, lambda whmcs: whmcs.get_module_queue())

    assert isinstance(fault, AccessRefused)
    assert "lacks the action GetModuleQueue" in what_to_do(fault).en
    assert code_of(fault, rules) == "ACC-01"


def test_an_unknown_action_is_one_that_no_role_allows(office: Office, rules: FailureRules) -> None:
    fault = fault_of(office, raw("GetNothing", mutating=False))

    assert type(fault) is AccessRefused
    assert code_of(fault, rules) == "ACC-01"


def test_an_empty_action_is_a_defect_of_ours(office: Office, rules: FailureRules) -> None:
    fault = fault_of(office, raw("", mutating=False))

    assert (type(fault), fault.message, fault.status) == (Rejected, "Empty action request", 400)
    assert code_of(fault, rules) == UNCLASSIFIED


@pytest.mark.parametrize(("kind", "options"), _NO_ANSWER)
def test_no_usable_answer_is_an_outage_for_a_read_and_unknown_for_a_change(
    office: Office, rules: FailureRules, kind: str, options: dict[str, object]
) -> None:
    office.break_next("GetClients", kind, **options)
    office.break_next("AddOrder", kind, **options)

    read, change = fault_of(office, _CALLS["GetClients"]), fault_of(office, _CALLS["AddOrder"])

    assert (type(read), code_of(read, rules)) == (Unavailable, "PRV-02")
    assert (type(change), code_of(change, rules)) == (OutcomeUnknown, "PRV-01")


def test_a_redirect_is_an_address_to_correct(office: Office, rules: FailureRules) -> None:
    office.break_next("GetClients", "redirect")
    office.break_next("AddOrder", "redirect")

    read, change = fault_of(office, _CALLS["GetClients"]), fault_of(office, _CALLS["AddOrder"])

    assert isinstance(read, AccessRefused)
    assert "leads on to another" in what_to_do(read).en
    assert code_of(read, rules) == "ACC-01"
    assert (type(change), code_of(change, rules)) == (OutcomeUnknown, "PRV-01")


def twice(whmcs: Whmcs) -> Awaitable[object]:
    """Accept one order two times."""

    async def accept() -> None:
        added = await whmcs.add_order(CLIENT, GATEWAY, [item()], price_override=False)
        await whmcs.accept_order(added.order_id, autosetup=False)
        await whmcs.accept_order(added.order_id, autosetup=False)

    return accept()


def broken_set_up(whmcs: Whmcs) -> Awaitable[object]:
    """Set a service up whose module says no."""

    async def set_up() -> None:
        added = await whmcs.add_order(CLIENT, GATEWAY, [item(BROKEN)], price_override=False)
        await whmcs.module_create(added.service_ids[0])

    return set_up()


# The same rows by their real cause, as far as the sandbox's WHMCS has it.
_CAUSED: dict[str, tuple[Act, Row]] = {
    "no such client": (lambda whmcs: whmcs.get_client(999), Row("GetClientsDetails", "Client Not Found", Missing)),
    "no client named": (lambda whmcs: whmcs.get_client(), Row("GetClientsDetails", "Either clientid Or email Is")),
    "no first name": (
        lambda whmcs: whmcs.add_client(_NEW.model_copy(update={"first_name": None})),
        Row("AddClient", "You did not enter your first name"),
    ),
    "an address that is none": (
        lambda whmcs: whmcs.add_client(_NEW.model_copy(update={"email": "jiro"})),
        Row("AddClient", "The email address you entered was not valid"),
    ),
    "an address that is taken": (
        lambda whmcs: whmcs.add_client(_NEW.model_copy(update={"email": "hanako@example.jp"})),
        Row("AddClient", "The email address entered is not available for use."),
    ),
    "no such owner": (
        lambda whmcs: whmcs.add_client(_NEW, owner_user_id=999),
        Row("AddClient", "Invalid Owner User ID"),
    ),
    "a change of nobody": (
        lambda whmcs: whmcs.update_client(999, ClientDetails(city="Osaka")),
        Row("UpdateClient", "Client ID Not Found", Missing),
    ),
    "a change to a taken address": (
        lambda whmcs: whmcs.update_client(CLIENT, ClientDetails(email="taro@example.jp")),
        Row("UpdateClient", "Duplicate Email Address"),
    ),
    "a wrong password": (_CALLS["ValidateLogin"], Row("ValidateLogin", "Email or Password Invalid")),
    "a way in for nobody": (lambda whmcs: whmcs.create_sso_token(999), Row("CreateSsoToken", "Invalid client_id")),
    "a way in for a closed client": (
        lambda whmcs: whmcs.create_sso_token(CLOSED),
        Row("CreateSsoToken", "SSO authentication blocked"),
    ),
    "an order of nobody": (ordered(999), Row("AddOrder", "Client ID Not Found", Missing)),
    "an order of a closed client": (ordered(CLOSED), Row("AddOrder", "Unable to add order when client status")),
    "an unknown gateway": (ordered(gateway="cash"), Row("AddOrder", "Invalid Payment Method.")),
    "an unknown product": (ordered(product_id=999), Row("AddOrder", "No items added to cart")),
    "an order accepted twice": (twice, Row("AcceptOrder", "Order ID not found or Status not Pending")),
    "an order that is not there": (
        lambda whmcs: whmcs.cancel_order(999, notify=False),
        Row("CancelOrder", "Order ID not found or Status not Pending"),
    ),
    "a service that is not there": (
        lambda whmcs: whmcs.update_client_product(999, {MARKER: "a.1"}),
        Row("UpdateClientProduct", "Service ID Not Found", Missing),
    ),
    "a set-up of no service": (
        lambda whmcs: whmcs.module_create(999),
        Row("ModuleCreate", "Service ID not found", Missing),
    ),
    "a module that says no": (broken_set_up, Row("ModuleCreate", "Switch busy")),
    "an invoice that is not there": (
        lambda whmcs: whmcs.get_invoice(999, currency="JPY"),
        Row("GetInvoice", "Invoice ID Not Found", Missing),
    ),
    "payment methods of nobody": (
        lambda whmcs: whmcs.get_pay_methods(999),
        Row("GetPayMethods", "Client Not Found", Missing),
    ),
    "an unknown template": (
        lambda whmcs: whmcs.send_template("No such", CLIENT),
        Row("SendEmail", "Email Template not found"),
    ),
    "a mail to nobody": (
        lambda whmcs: whmcs.send_custom_email("general", 999, subject="Hello", message="Hello"),
        Row("SendEmail", "Sending Failed."),
    ),
    "mails of nobody": (lambda whmcs: whmcs.get_emails(999), Row("GetEmails", "Client ID Not Found", Missing)),
}


@pytest.mark.parametrize("cause", _CAUSED)
def test_each_row_that_the_sandbox_can_bring_about_arrives_the_same_way(office: Office, cause: str) -> None:
    act, row = _CAUSED[cause]

    fault = fault_of(office, act)

    assert (type(fault), fault.action, fault.status) == (row.kind, row.action, 200)
    assert fault.message.startswith(row.message)
