"""What the Portal may sell."""

from enum import StrEnum

from console.models.money import Money
from console.models.record import Record


class ProductKind(StrEnum):
    """The three things that the reseller sells."""

    INTERNET = "internet"
    SIM = "sim"
    VPN = "vpn"


class ItemRole(StrEnum):
    """What a product is on an order."""

    PLAN = "plan"
    ACTIVATION_FEE = "activation_fee"
    INSTALLATION = "installation"
    OPTION = "option"


class BillingCycle(StrEnum):
    """WHMCS's own words for how often a product is billed (AddOrder `billingcycle`)."""

    MONTHLY = "monthly"
    ONETIME = "onetime"


class Product(Record):
    """A catalogue entry of Salesforce with its price in the Portal's price book and its WHMCS counterpart.

    `price` is None where no active price book entry exists; `whmcs_product_id` and `billing_cycle` are None where
    the product is not set up in billing yet.
    """

    id: str
    name: str
    code: str
    active: bool
    sold_online: bool
    kind: ProductKind | None
    role: ItemRole | None
    billing_cycle: BillingCycle | None
    whmcs_product_id: int | None
    required_eligibility: str | None
    price: Money | None

    @property
    def sellable(self) -> bool:
        """Approved for online sale and priced."""
        return self.active and self.sold_online and self.price is not None
