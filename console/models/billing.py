"""What WHMCS holds: clients, payment methods, orders, services, invoices. Live credentials are never part of it."""

from datetime import date, datetime, timedelta

from console.models.address import Address
from console.models.catalogue import BillingCycle
from console.models.money import Money
from console.models.record import Record


class ClientSummary(Record):
    """A row of WHMCS's client list (GetClients)."""

    id: int
    first_name: str
    last_name: str
    company: str
    email: str
    status: str

    @property
    def is_open(self) -> bool:
        """Whether WHMCS takes orders for this client."""
        return self.status == "Active"


class KnownClient(ClientSummary):
    """A row of the client list with what a reading of the client told, and when that was; None where there was none."""

    phone: str = ""
    customer_number: str = ""
    details_at: datetime | None = None


class InvoiceNumber(Record):
    """An invoice as callers name it: by its number, which is its id where WHMCS numbers none."""

    id: int
    number: str
    client_id: int


class Client(Record):
    """A billing account (GetClientsDetails). `custom_fields` maps field id to value.

    address1, address2  the two lines that `address` joins, for who edits them
    owner_user_id       the login that owns the account, None where WHMCS names none
    """

    id: int
    first_name: str
    last_name: str
    company: str
    email: str
    phone: str
    address: Address
    status: str
    currency: str
    default_gateway: str
    custom_fields: dict[int, str]
    address1: str = ""
    address2: str = ""
    owner_user_id: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether WHMCS takes orders for this client."""
        return self.status == "Active"


class PayMethod(Record):
    """A payment method on file: type, last four digits and expiry; nothing that could be used to pay.

    `expires` is the last day on which a card is valid, None for a bank account or an unreadable expiry.
    """

    id: int
    type: str
    description: str
    gateway: str
    card_type: str
    last_four: str
    expires: date | None

    def words(self) -> str:
        """What staff say on the phone: `Visa ending 4242, valid to 11/27`."""
        name = self.card_type or self.description or self.type
        ending = f" ending {self.last_four}" if self.last_four else ""
        expiry = f", valid to {self.expires:%m/%y}" if self.expires else ""
        return f"{name}{ending}{expiry}"


class BillingLine(Record):
    """One line of a WHMCS order: `service_id` leads to the service, `status` is the item's own."""

    type: str
    service_id: int
    product: str
    status: str


class BillingOrder(Record):
    """A WHMCS order (GetOrders). `placed_at` has no zone: it is the billing server's wall clock."""

    id: int
    number: str
    client_id: int
    placed_at: datetime | None
    status: str
    amount: Money
    invoice_id: int | None
    payment_status: str
    notes: str
    lines: tuple[BillingLine, ...]


class Service(Record):
    """A service of a client (GetClientsProducts). `custom_fields` maps field id to value; the password is dropped."""

    id: int
    client_id: int
    order_id: int
    product_id: int
    name: str
    group: str
    domain: str
    status: str
    billing_cycle: str
    recurring_amount: Money
    next_due: date | None
    registered: date | None
    quantity: int
    custom_fields: dict[int, str]


class Addon(Record):
    """An add-on of a service (GetClientsAddons)."""

    id: int
    client_id: int
    order_id: int | None
    service_id: int
    name: str
    status: str
    billing_cycle: str
    recurring_amount: Money
    next_due: date | None


class Invoice(Record):
    """An invoice of a client (GetInvoices)."""

    id: int
    number: str
    client_id: int
    issued: date | None
    due: date | None
    paid_at: datetime | None
    total: Money
    status: str
    payment_method: str
    last_capture_attempt: datetime | None


class InvoiceItem(Record):
    """A line of an invoice; `service_id` where it is about a service."""

    id: int
    service_id: int | None
    description: str
    amount: Money


class Transaction(Record):
    """Money that came in or went out (GetTransactions). `reference` is the gateway's own number."""

    id: int
    client_id: int | None
    invoice_id: int | None
    gateway: str
    at: datetime | None
    description: str
    amount_in: Money
    amount_out: Money
    fees: Money
    reference: str


class InvoiceDetails(Invoice):
    """One invoice with what is still to be paid, its lines and its payments (GetInvoice)."""

    balance: Money
    items: tuple[InvoiceItem, ...]
    transactions: tuple[Transaction, ...]


class BillingItem(Record):
    """One item to order in WHMCS. `custom_fields` maps field id to value and carries the marker."""

    product_id: int
    billing_cycle: BillingCycle
    quantity: int
    price: Money
    custom_fields: dict[int, str]


class AddedOrder(Record):
    """AddOrder's answer."""

    order_id: int
    service_ids: tuple[int, ...]
    invoice_id: int | None


class ModuleFailure(Record):
    """A failed module action that waits for a person (GetModuleQueue)."""

    id: int
    service_id: int
    action: str
    last_attempt: datetime | None
    error: str


class BillingProduct(Record):
    """A product of WHMCS (GetProducts). `prices` is by currency and cycle; a cycle not offered is absent."""

    id: int
    name: str
    group: str
    pay_type: str
    prices: dict[str, dict[str, Money]]


class BillingServer(Record):
    """What the connection test tells (GetAdminDetails).

    wall_clock  the server's time without zone, None where it tells none
    utc_offset  what its zone is ahead of UTC today, None where it cannot be learnt
    """

    version: str
    admin_id: str
    permissions: tuple[str, ...]
    wall_clock: datetime | None = None
    utc_offset: timedelta | None = None


class HealthCheck(Record):
    """One of WHMCS's own checks (GetHealthStatus). `severity` is success, notice, warning or error."""

    name: str
    severity: str
    text: str


class OrderStatus(Record):
    """A status that orders can have there, and how many have it (GetOrderStatuses)."""

    title: str
    count: int
