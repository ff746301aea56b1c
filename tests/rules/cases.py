"""Orders, customers and evidence for the tests of the rules: sound as they are, so that a test changes one thing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from console.models.address import Address
from console.models.billing import BillingOrder, Client, Invoice, PayMethod, Service
from console.models.catalogue import BillingCycle, ItemRole, Product, ProductKind
from console.models.check import Check, Result
from console.models.customer import Account, LinkHealth, LinkState
from console.models.money import Money
from console.models.order import Activation, Order, OrderItem, OrderKind, OrderState, SimType, Transfer
from console.models.record import Sentence
from console.models.staff import Role, StaffMember
from console.rules.evidence import Evidence

NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)
TODAY = NOW.date()
INTERNET_PRODUCT = 11
MARKER_FIELD = 500
JAPANESE = Address(street="緑町2丁目1番3号", city="架空市", state="東京都", postal_code="190-0001", country="Japan")
ROMANISED = Address(street="Midoricho 2-1-3", city="Kaku-shi", state="Tokyo", postal_code="190-0001", country="JP")
SUPERVISOR = StaffMember(
    user_id="0055g00000000020AA", name="Yuki Shirai", username="yuki", roles=frozenset({Role.SUPERVISOR})
)
SUPPORT = StaffMember(user_id="0055g00000000060AA", name="Aki Hoshino", username="aki", roles=frozenset({Role.SUPPORT}))


def said(text: str) -> Sentence:
    """Evidence that reads the same in both languages."""
    return Sentence(en=text, ja=text)


LINKED = LinkHealth(state=LinkState.LINKED, code=None, evidence=said("Customer number C-0040001 in both systems."))


def yen(amount: int) -> Money:
    """So many yen."""
    return Money.model_validate(f"{amount} JPY")


def product(kind: ProductKind, role: ItemRole = ItemRole.PLAN, **changes: Any) -> Product:
    """A product that may be sold at 1,000 yen and is set up in billing."""
    values: dict[str, Any] = {
        "id": f"01t-{kind}-{role}",
        "name": f"{kind} {role}",
        "code": f"{kind}-{role}",
        "active": True,
        "sold_online": True,
        "kind": kind,
        "role": role,
        "billing_cycle": BillingCycle.MONTHLY if role is ItemRole.PLAN else BillingCycle.ONETIME,
        "whmcs_product_id": INTERNET_PRODUCT,
        "required_eligibility": "1g" if (kind, role) == (ProductKind.INTERNET, ItemRole.PLAN) else None,
        "price": yen(1000),
    }
    return Product(**values | changes)


def item(what: Product | None, number: int = 1, **changes: Any) -> OrderItem:
    """A line of one piece at 1,000 yen; its id ends in `number`."""
    values: dict[str, Any] = {
        "id": f"8025g000000000{number}AAA",
        "product": what,
        "product_name": what.name if what else "Gone",
        "quantity": 1,
        "unit_price": yen(1000),
    }
    return OrderItem(**values | changes)


PLAN = {kind: product(kind) for kind in ProductKind}
FEE = {kind: product(kind, ItemRole.ACTIVATION_FEE) for kind in ProductKind}
INSTALLATION = product(ProductKind.INTERNET, ItemRole.INSTALLATION)
_ITEMS = {
    OrderKind.INTERNET: (item(PLAN[ProductKind.INTERNET]), item(INSTALLATION, 2)),
    OrderKind.SIM: (item(PLAN[ProductKind.SIM]), item(FEE[ProductKind.SIM], 2)),
    OrderKind.VPN: (item(PLAN[ProductKind.VPN]), item(FEE[ProductKind.VPN], 2)),
}


def order(kind: OrderKind = OrderKind.INTERNET, **changes: Any) -> Order:
    """A complete order in review to which no rule objects."""
    values: dict[str, Any] = {
        "id": "8015g00000000010AA",
        "number": "00010482",
        "account_id": "0015g00000000010AA",
        "state": OrderState.IN_REVIEW,
        "activation": Activation.CREATED,
        "kind": kind,
        "placed_at": NOW - timedelta(hours=3),
        "changed_at": NOW - timedelta(hours=3),
        "created_by": "0055g00000000090AA",
        "captured_by": None,
        "approved_by": None,
        "approved_hash": None,
        "decided_at": None,
        "decision_reason": "",
        "error_code": None,
        "error_message": "",
        "whmcs_order_id": None,
        "customer_status": None,
        "total": yen(2000),
        "items": _ITEMS[kind],
        "installation": JAPANESE,
        "billing_snapshot": ROMANISED,
        "address_changed": False,
        "address_confirmed": True,
        "installation_option": "standard",
        "sim_type": SimType.PHYSICAL,
        "esim_eid": "",
        "transfer": None,
        "vpn_region": "tokyo",
        "payment_risk": False,
        "content_hash": "as reviewed",
    }
    return Order(**values | changes)


def transfer(days_left: int = 12, **changes: Any) -> Transfer:
    """A number transfer with every detail and so many days left."""
    values: dict[str, Any] = {
        "number": "070-5550-0142",
        "donor": "Tori Mobile",
        "donor_holder_name": "佐藤 健二",
        "reservation_number": "1234567890",
        "reserved_until": TODAY + timedelta(days=days_left),
        "holder_name": "佐藤 健二",
        "holder_reading": "サトウ ケンジ",
        "holder_birth_date": date(1980, 4, 1),
        "holder_gender": "male",
    }
    return Transfer(**values | changes)


def card(days_left: int = 400, number: int = 1) -> PayMethod:
    """A card that is valid for so many more days."""
    return PayMethod(
        id=number,
        type="CreditCard",
        description="",
        gateway="stripe",
        card_type="Visa",
        last_four="4242",
        expires=TODAY + timedelta(days=days_left),
    )


def service(
    status: str = "Active", product_id: int = INTERNET_PRODUCT, order_id: int = 9, marker: str = "", number: int = 1
) -> Service:
    """A service of the customer, with a marker where one is given."""
    return Service(
        id=number,
        client_id=5521,
        order_id=order_id,
        product_id=product_id,
        name="Aozora Home 1G",
        group="Internet",
        domain="",
        status=status,
        billing_cycle="Monthly",
        recurring_amount=yen(4980),
        next_due=None,
        registered=None,
        quantity=1,
        custom_fields={MARKER_FIELD: marker} if marker else {},
    )


def invoice(status: str, due_in_days: int | None, *, attempted: bool = False) -> Invoice:
    """An invoice over 4,980 yen."""
    return Invoice(
        id=77,
        number="",
        client_id=5521,
        issued=None,
        due=None if due_in_days is None else TODAY + timedelta(days=due_in_days),
        paid_at=None,
        total=yen(4980),
        status=status,
        payment_method="stripe",
        last_capture_attempt=NOW - timedelta(days=1) if attempted else None,
    )


def billing_order(number: int = 9, status: str = "Active") -> BillingOrder:
    """A WHMCS order."""
    return BillingOrder(
        id=number,
        number="1234567890",
        client_id=5521,
        placed_at=None,
        status=status,
        amount=yen(2000),
        invoice_id=None,
        payment_status="",
        notes="",
        lines=(),
    )


def account(eligibility: str | None = "10g") -> Account:
    """The customer's Salesforce account."""
    return Account(
        id="0015g00000000010AA",
        name="佐藤 健二",
        reading="サトウ ケンジ",
        phone="070-5550-0142",
        email="kenji.sato@example.jp",
        customer_number="C-0040001",
        whmcs_client_id=5521,
        portal_user_id="7f3a0000-0000-4000-8000-000000000001",
        internet_eligibility=eligibility,
        billing=JAPANESE,
        changed_at=NOW,
    )


def client() -> Client:
    """The customer's billing account."""
    return Client(
        id=5521,
        first_name="Kenji",
        last_name="Sato",
        company="",
        email="kenji.sato@example.jp",
        phone="070-5550-0142",
        address=ROMANISED,
        status="Active",
        currency="JPY",
        default_gateway="stripe",
        custom_fields={71: "C-0040001"},
    )


def evidence(about: Order | None = None, **changes: Any) -> Evidence:
    """Everything about one order; every check passes or does not apply."""
    values: dict[str, Any] = {
        "order": about or order(),
        "account": account(),
        "link": LINKED,
        "client": client(),
        "pay_methods": (card(),),
        "services": (),
        "invoices": (),
        "other_orders": (),
        "internet_product_ids": frozenset({INTERNET_PRODUCT}),
        "reviewer": SUPERVISOR,
        "now": NOW,
        "read_at": {},
    }
    return Evidence(**values | changes)


def says(check: Check) -> tuple[Result, str | None]:
    """What a check says, without its words."""
    return check.result, check.code
