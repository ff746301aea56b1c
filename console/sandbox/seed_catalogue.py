"""What is sold: the Salesforce catalogue and its counterpart in WHMCS, with a product for every way to go wrong."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from console.sandbox.salesforce_ids import new_id
from console.sandbox.whmcs_store import Product, ProductField, SetupBehaviour

STANDARD_BOOK, PORTAL_BOOK = new_id("Pricebook2", 1), new_id("Pricebook2", 2)
MARKER_FIELD = "Order Marker"
_FIRST_MARKER_FIELD = 500
_NOT_OFFERED = "-1.00"


@dataclass(frozen=True)
class Item:
    """One product of both systems. `whmcs_id` 0 means that billing does not know it."""

    code: str
    name: str
    kind: str
    role: str
    price: int
    whmcs_id: int
    onetime: bool = False
    eligibility: str | None = None
    sold: bool = True
    setup: SetupBehaviour = "ok"
    setup_message: str = ""
    setup_fails: int | None = None

    @cached_property
    def product_id(self) -> str:
        """The Product2 id."""
        return new_id("Product2", _NUMBERS[self.code])

    @cached_property
    def entry_id(self) -> str:
        """The id of its entry in the Portal's price book."""
        return new_id("PricebookEntry", 1000 + _NUMBERS[self.code])


_PLAN, _FEE, _INSTALLATION, _OPTION = "Service Plan", "Activation Fee", "Installation", "Option"

ITEMS = (
    Item("INT-1G", "Aozora Home 1G", "Internet", _PLAN, 4980, 11, eligibility="1G"),
    Item("INT-10G", "Aozora Home 10G", "Internet", _PLAN, 6980, 12, eligibility="10G"),
    Item("INT-SET", "Installation, standard", "Internet", _INSTALLATION, 22000, 13, onetime=True),
    Item("INT-SETW", "Installation, weekend", "Internet", _INSTALLATION, 25000, 14, onetime=True),
    Item("SIM-S", "Kumo SIM 3 GB", "SIM", _PLAN, 1980, 21),
    Item("SIM-M", "Kumo SIM 10 GB", "SIM", _PLAN, 2980, 22),
    Item("SIM-L", "Kumo SIM 30 GB", "SIM", _PLAN, 4480, 23),
    Item("SIM-ACT", "SIM activation fee", "SIM", _FEE, 3300, 24, onetime=True),
    Item("SIM-VM", "Voicemail", "SIM", _OPTION, 330, 25),
    Item("SIM-CW", "Call waiting", "SIM", _OPTION, 220, 26),
    Item("VPN-P", "Hashi VPN Personal", "VPN", _PLAN, 1280, 31),
    Item("VPN-T", "Hashi VPN Team", "VPN", _PLAN, 3980, 32),
    Item("VPN-ACT", "VPN activation fee", "VPN", _FEE, 1100, 33, onetime=True),
    Item("INT-OLD", "Aozora Home 100M", "Internet", _PLAN, 3980, 15, eligibility="1G", sold=False),
    Item("VPN-NEW", "Hashi VPN Studio", "VPN", _PLAN, 5980, 0),
    Item("VPN-RELAY", "Hashi VPN Relay", "VPN", _PLAN, 2480, 34, setup="fail",
         setup_message="Node unreachable: relay-3", setup_fails=1),
    Item("SIM-DATA", "Kumo Data SIM", "SIM", _PLAN, 1480, 27, setup="pending"),
    Item("VPN-EDGE", "Hashi VPN Edge", "VPN", _PLAN, 2980, 35, setup="refuse", setup_message="Edge quota exceeded"),
)  # fmt: skip
BY_CODE = {item.code: item for item in ITEMS}
_NUMBERS = {item.code: number for number, item in enumerate(ITEMS, start=1)}
BY_PRODUCT = {item.product_id: item for item in ITEMS}


def salesforce_catalogue() -> dict[str, list[dict[str, Any]]]:
    """Products, both price books and their entries."""
    books = [
        {"Id": STANDARD_BOOK, "Name": "Standard Price Book", "IsStandard": True, "IsActive": True},
        {"Id": PORTAL_BOOK, "Name": "Portal", "IsStandard": False, "IsActive": True},
    ]
    products = [
        {
            "Id": item.product_id,
            "Name": item.name,
            "ProductCode": item.code,
            "IsActive": True,
            "Sold_Online__c": item.sold,
            "Product_Kind__c": item.kind,
            "Item_Role__c": item.role,
            "Billing_Cycle__c": "One-time" if item.onetime else "Monthly",
            "Whmcs_Product_Id__c": str(item.whmcs_id) if item.whmcs_id else None,
            "Required_Eligibility__c": item.eligibility,
        }
        for item in ITEMS
    ]
    entries = [
        {"Id": entry_id, "Pricebook2Id": book, "Product2Id": item.product_id, "UnitPrice": item.price, "IsActive": True}
        for item in ITEMS
        for entry_id, book in (
            (new_id("PricebookEntry", _NUMBERS[item.code]), STANDARD_BOOK),
            (item.entry_id, PORTAL_BOOK),
        )
    ]
    return {"Pricebook2": books, "Product2": products, "PricebookEntry": entries}


def marker_field_id(whmcs_id: int) -> int:
    """The id of a WHMCS product's marker field."""
    return _FIRST_MARKER_FIELD + whmcs_id


def whmcs_products() -> list[Product]:
    """Every product that billing knows, each with its admin-only marker field."""
    return [_whmcs_product(item) for item in ITEMS if item.whmcs_id]


def _whmcs_product(item: Item) -> Product:
    cycles = ("monthly", "quarterly", "semiannually", "annually", "biennially", "triennially")
    prices = dict.fromkeys(cycles, _NOT_OFFERED) | {"monthly": f"{item.price}.00"}
    setup_fees = dict.fromkeys(("msetupfee", "qsetupfee", "ssetupfee", "asetupfee", "bsetupfee", "tsetupfee"), "0.00")
    return Product(
        id=item.whmcs_id,
        gid=item.whmcs_id // 10,
        groupname=item.kind,
        name=item.name,
        pricing={"JPY": setup_fees | prices},
        paytype="onetime" if item.onetime else "recurring",
        customfields=[ProductField(marker_field_id(item.whmcs_id), MARKER_FIELD, admin_only=True)],
        setup=item.setup,
        setup_message=item.setup_message,
        setup_fails=item.setup_fails,
    )
