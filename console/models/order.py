"""Orders as Salesforce keeps them: the queue row, the whole order, and the claims on it."""

from datetime import date, datetime
from enum import StrEnum

from console.models.address import Address
from console.models.catalogue import Product
from console.models.money import Money
from console.models.record import Record


class OrderState(StrEnum):
    """Where the decision stands."""

    IN_REVIEW = "in_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    PROCESSED = "processed"
    CANCELLED = "cancelled"


class Activation(StrEnum):
    """Where provisioning stands."""

    NONE = "none"
    CREATED = "created"
    ACTIVATING = "activating"
    ACTIVATED = "activated"
    PAUSED = "paused"


class OrderKind(StrEnum):
    """What is ordered."""

    INTERNET = "internet"
    SIM = "sim"
    VPN = "vpn"
    MIXED = "mixed"


class SimType(StrEnum):
    """Which SIM is wanted."""

    ESIM = "esim"
    PHYSICAL = "physical"


class OrderSummary(Record):
    """One row of the queue. `mnp_number` is the telephone number that is brought along, "" where none is."""

    order_id: str
    order_number: str
    account_id: str
    customer: str
    state: OrderState
    activation: Activation
    error_code: str | None
    kind: OrderKind
    placed_at: datetime
    changed_at: datetime
    total: Money
    mnp_number: str = ""


class OrderItem(Record):
    """One line. `product` is None where the line's product cannot be read any more."""

    id: str
    product: Product | None
    product_name: str
    quantity: int
    unit_price: Money
    whmcs_service_ids: tuple[int, ...] = ()


class Transfer(Record):
    """Number transfer (MNP) from another carrier, as the customer entered it.

    `donor_holder_name` is the contract holder's name as the old carrier reported it, where it did.
    """

    number: str = ""
    donor: str = ""
    donor_holder_name: str = ""
    reservation_number: str = ""
    reserved_until: date | None = None
    holder_name: str = ""
    holder_reading: str = ""
    holder_birth_date: date | None = None
    holder_gender: str = ""


class CustomerStatus(Record):
    """What the Portal shows to the customer: a fixed slug and its words."""

    slug: str
    en: str
    ja: str


class Order(Record):
    """A whole order with its items. `content_hash` is the hash of everything that an approval signs.

    activation_date  the day before which it is not provisioned, None where it may be at once
    """

    id: str
    number: str
    account_id: str
    state: OrderState
    activation: Activation
    kind: OrderKind
    placed_at: datetime
    changed_at: datetime
    created_by: str
    captured_by: str | None
    approved_by: str | None
    approved_hash: str | None
    decided_at: datetime | None
    decision_reason: str
    error_code: str | None
    error_message: str
    whmcs_order_id: int | None
    customer_status: CustomerStatus | None
    total: Money
    items: tuple[OrderItem, ...]
    installation: Address
    billing_snapshot: Address
    address_changed: bool
    address_confirmed: bool
    installation_option: str | None
    sim_type: SimType | None
    esim_eid: str
    transfer: Transfer | None
    vpn_region: str | None
    payment_risk: bool
    content_hash: str
    activation_date: date | None = None


class Claim(Record):
    """A row of Order_Claim__c: insert-only; the unique key decides who holds the purpose.

    `key` is `<purpose>:<order id>:<number>`; times are Salesforce's. Source: architecture.md, "Safety and liveness".
    """

    id: str
    key: str
    order_id: str
    holder: str
    person: str
    watermark: int | None
    hash: str
    closed_at: datetime | None
    outcome: str
    detail: str
    created_at: datetime
    created_by: str
    changed_at: datetime

    @property
    def purpose(self) -> str:
        """`work`, `send`, `accept` or `decide`."""
        return self.key.split(":", 1)[0]

    @property
    def number(self) -> int:
        """The generation of the claim, counted from 1."""
        return int(self.key.rsplit(":", 1)[1])
