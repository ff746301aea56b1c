"""The books of the sandbox WHMCS: its tables as plain rows. Knows no wire format and no rule.

Money is text with two decimals ("4980.00"), dates are "YYYY-MM-DD" and moments "YYYY-MM-DD HH:MM:SS" in the
server's zone, with zero dates for "none", as WHMCS keeps them (whmcs-api.md 4.4).
"""

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from console.sandbox.whmcs_tables import Table

ZERO_DATE = "0000-00-00"
ZERO_MOMENT = "0000-00-00 00:00:00"

SetupBehaviour = Literal["ok", "fail", "pending", "refuse"]


@dataclass(slots=True)
class ProductField:
    """A custom field of a product; `admin_only` fields are not shown on the order form."""

    id: int
    name: str
    description: str = ""
    required: bool = False
    admin_only: bool = False


@dataclass(slots=True)
class Product:
    """A product; `pricing` is currency → "monthly", "msetupfee" … → money, "-1.00" for a cycle not offered.

    A one-time price stands under "monthly", as in WHMCS. `setup` says what its module does when an order is
    accepted, `setup_fails` how many attempts of a service fail before one works (None: all of them).
    """

    id: int
    gid: int
    groupname: str
    name: str
    pricing: dict[str, dict[str, str]]
    type: str = "other"
    description: str = ""
    module: str = "autorelease"
    paytype: str = "recurring"
    customfields: list[ProductField] = field(default_factory=list)
    setup: SetupBehaviour = "ok"
    setup_message: str = ""
    setup_fails: int | None = None


@dataclass(slots=True)
class ClientField:
    """A custom field of every client."""

    id: int
    name: str
    admin_only: bool = False
    required: bool = False


@dataclass(slots=True)
class Client:
    """A billing account."""

    id: int
    uuid: str
    firstname: str
    lastname: str
    email: str
    companyname: str = ""
    address1: str = ""
    address2: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = "JP"
    phonenumber: str = ""
    currency: int = 1
    status: str = "Active"
    datecreated: str = ZERO_DATE
    groupid: int = 0
    notes: str = ""
    customfields: dict[int, str] = field(default_factory=dict)
    allow_sso: bool = True
    password: str = ""
    two_factor: bool = False
    language: str = "english"
    defaultgateway: str = ""
    owner_user_id: int = 0
    credit: str = "0.00"
    lastlogin: str = "No Login Logged"


@dataclass(slots=True)
class User:
    """A login; `client_ids` are the billing accounts that it may see, `owned_client_ids` those it owns."""

    id: int
    firstname: str
    lastname: str
    email: str
    datecreated: str = ZERO_MOMENT
    client_ids: list[int] = field(default_factory=list)
    owned_client_ids: list[int] = field(default_factory=list)


@dataclass(slots=True)
class PayMethod:
    """A stored way to pay; one that `declines` refuses every capture."""

    id: int
    clientid: int
    type: str = "RemoteCreditCard"
    description: str = ""
    gateway_name: str = ""
    card_last_four: str = ""
    card_type: str = ""
    expiry: str = ""
    bank_name: str = ""
    remote_token: str = ""
    declines: bool = False
    last_updated: str = ""


@dataclass(slots=True)
class Order:
    """An order; its services point to it with `orderid`."""

    id: int
    ordernum: str
    userid: int
    date: str
    status: str
    paymentmethod: str
    amount: str
    invoiceid: int = 0
    notes: str = ""
    ipaddress: str = ""


@dataclass(slots=True)
class Service:
    """A product that a client has; `billingcycle` is the display form ("Monthly").

    `setup_attempts` and `setups_done` count module creations, so that one that ran twice shows in the books.
    """

    id: int
    clientid: int
    orderid: int
    pid: int
    regdate: str
    firstpaymentamount: str
    recurringamount: str
    paymentmethod: str
    billingcycle: str
    nextduedate: str
    status: str
    qty: int = 1
    domain: str = ""
    username: str = ""
    password: str = ""
    customfields: dict[int, str] = field(default_factory=dict)
    notes: str = ""
    suspensionreason: str = ""
    setup_attempts: int = 0
    setups_done: int = 0


@dataclass(slots=True)
class InvoiceItem:
    """A line of an invoice; `relid` is the service that it charges for."""

    id: int
    type: str
    relid: int
    description: str
    amount: str
    taxed: bool = False


@dataclass(slots=True)
class Invoice:
    """An invoice with its lines; `total` is what is to pay after tax and credit."""

    id: int
    userid: int
    date: str
    duedate: str
    subtotal: str
    total: str
    status: str
    paymentmethod: str
    items: list[InvoiceItem] = field(default_factory=list)
    invoicenum: str = ""
    datepaid: str = ZERO_MOMENT
    last_capture_attempt: str = ZERO_MOMENT
    date_refunded: str = ZERO_MOMENT
    date_cancelled: str = ZERO_MOMENT
    credit: str = "0.00"
    tax: str = "0.00"
    taxrate: str = "0.000"
    notes: str = ""
    created_at: str = ZERO_MOMENT
    updated_at: str = ZERO_MOMENT


@dataclass(slots=True)
class Transaction:
    """Money received for an invoice or paid back."""

    id: int
    userid: int
    invoiceid: int
    gateway: str
    date: str
    transid: str
    amountin: str = "0.00"
    amountout: str = "0.00"
    fees: str = "0.00"
    description: str = ""
    refundid: int = 0


@dataclass(slots=True)
class Email:
    """A mail that was sent to a client; `message` is HTML."""

    id: int
    userid: int
    subject: str
    message: str
    date: str
    to: str


@dataclass(slots=True)
class Contact:
    """Another person of a client; `emails` are the kinds of mail that this person gets too."""

    id: int
    userid: int
    firstname: str = ""
    lastname: str = ""
    companyname: str = ""
    email: str = ""
    address1: str = ""
    address2: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""
    phonenumber: str = ""
    emails: frozenset[str] = frozenset()
    created_at: str = ZERO_MOMENT
    updated_at: str = ZERO_MOMENT


@dataclass(slots=True)
class CreditEntry:
    """Credit that a client was given, or that was taken (negative)."""

    id: int
    clientid: int
    date: str
    description: str
    amount: str
    relid: int = 0


@dataclass(slots=True)
class BillableItem:
    """Something to charge for later; no action reads it (whmcs-api.md 8.4)."""

    id: int
    clientid: int
    description: str
    amount: str
    quantity: str
    unit: str
    invoiceaction: str


@dataclass(slots=True)
class Note:
    """A note about a client; no action reads it (whmcs-api.md 8.4)."""

    id: int
    userid: int
    text: str
    sticky: bool
    date: str


@dataclass(slots=True)
class ServiceAddon:
    """An extra of a service."""

    id: int
    userid: int
    orderid: int
    serviceid: int
    addonid: int
    name: str
    recurring: str
    status: str
    regdate: str
    nextduedate: str
    paymentmethod: str
    billingcycle: str = "Monthly"
    setupfee: str = "0.00"
    notes: str = ""


@dataclass(slots=True)
class Department:
    """A department of support; one that is not `own` is not the API administrator's."""

    id: int
    name: str
    own: bool = True


@dataclass(slots=True)
class Ticket:
    """A request to support; `by_admin` tells who opened it."""

    id: int
    tid: str
    c: str
    deptid: int
    userid: int
    name: str
    email: str
    date: str
    subject: str
    message: str
    status: str = "Open"
    priority: str = "Medium"
    by_admin: bool = False
    service: str = ""


@dataclass(slots=True)
class QueueEntry:
    """A failed module action that waits for a person (whmcs-api.md 9)."""

    id: int
    serviceid: int
    modulename: str
    moduleaction: str
    lastattempt: str
    lastattempterror: str


@dataclass(slots=True)
class Activity:
    """A line of the activity log."""

    id: int
    clientid: int
    date: str
    description: str
    username: str = "staff-console"
    ipaddress: str = "127.0.0.1"


@dataclass(slots=True)
class Gateway:
    """A gateway; `module` is its system name. One that `captures` charges a stored method by itself."""

    module: str
    displayname: str
    captures: bool = True


@dataclass(slots=True)
class Currency:
    """A currency of the installation."""

    id: int = 1
    code: str = "JPY"
    prefix: str = "¥"
    suffix: str = ""
    format: int = 4
    rate: str = "1.00000"


@dataclass(slots=True)
class EmailTemplate:
    """A mail template; `type` says what the related id of a mail is: general (client), product or invoice."""

    name: str
    type: Literal["general", "product", "invoice"]
    subject: str
    message: str
    disabled: bool = False


def shipped_templates() -> list[EmailTemplate]:
    """The templates of a new installation that the console mails."""
    return [
        EmailTemplate("Invoice Created", "invoice", "Your invoice", "<p>A new invoice has been made.</p>"),
        EmailTemplate("Invoice Payment Reminder", "invoice", "Payment reminder", "<p>Please pay the invoice.</p>"),
        EmailTemplate("Credit Card Invoice Created", "invoice", "Your invoice", "<p>We will charge your card.</p>"),
        EmailTemplate("Expiring Credit Card", "general", "Card about to expire", "<p>Please update your card.</p>"),
        EmailTemplate("Order Confirmation", "general", "Your order", "<p>Thank you for your order.</p>"),
        EmailTemplate("Other Product/Service Welcome Email", "product", "Your service", "<p>It is ready.</p>"),
    ]


@dataclass(slots=True)
class WhmcsBooks:
    """Every table of the sandbox WHMCS. The seed fills it; all rows but gateways and templates have an id."""

    products: list[Product] = field(default_factory=list)
    client_fields: list[ClientField] = field(default_factory=list)
    gateways: list[Gateway] = field(default_factory=list)
    currencies: list[Currency] = field(default_factory=lambda: [Currency()])
    email_templates: list[EmailTemplate] = field(default_factory=shipped_templates)
    clients: list[Client] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    paymethods: list[PayMethod] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    emails: list[Email] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    credits: list[CreditEntry] = field(default_factory=list)
    billable_items: list[BillableItem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    addons: list[ServiceAddon] = field(default_factory=list)
    departments: list[Department] = field(
        default_factory=lambda: [Department(1, "Support"), Department(2, "Sales", own=False)]
    )
    tickets: list[Ticket] = field(default_factory=list)
    module_queue: list[QueueEntry] = field(default_factory=list)
    activity_log: list[Activity] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make tables of the lists."""
        for column in fields(self):
            setattr(self, column.name, Table(getattr(self, column.name)))

    def changed(self, *tables: str) -> None:
        """Say that rows of these tables have other values in columns that rows are looked up by."""
        for name in tables:
            getattr(self, name).changed()

    def table(self, name: str) -> list[Any]:
        """The rows of one table. KeyError when there is no such table."""
        if name not in {column.name for column in fields(self)}:
            raise KeyError(name)
        rows: list[Any] = getattr(self, name)
        return rows

    def as_json(self, table: str | None = None) -> dict[str, Any]:
        """All tables (or one) as plain data. KeyError when there is no such table."""
        chosen = [column.name for column in fields(self)] if table is None else [table]
        return {name: [asdict(row) for row in self.table(name)] for name in chosen}
