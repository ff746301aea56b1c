"""Which items and choices each kind of order needs."""

from console.models.catalogue import ItemRole, ProductKind
from console.models.check import Check, Source
from console.models.order import Order
from console.rules.evidence import Evidence

_ITEMS, _CHOICES = "required_items", "choices"

_REQUIRED = {
    ProductKind.INTERNET: (ItemRole.PLAN,),
    ProductKind.SIM: (ItemRole.PLAN, ItemRole.ACTIVATION_FEE),
    ProductKind.VPN: (ItemRole.PLAN, ItemRole.ACTIVATION_FEE),
}
_ROLE_WORDS = {ItemRole.PLAN: "service plan", ItemRole.ACTIVATION_FEE: "activation fee"}


def kinds(order: Order) -> set[ProductKind]:
    """What the order's lines are, whatever its own kind field says."""
    return {item.product.kind for item in order.items if item.product and item.product.kind}


def required_items(evidence: Evidence) -> Check:
    """Internet needs a service plan; SIM and VPN need their plan and the one-time activation fee. CAT-04.

    Source: product.md, "The words of the business".
    """
    there = {(item.product.kind, item.product.role) for item in evidence.order.items if item.product}
    ordered = kinds(evidence.order)
    if not ordered:
        return evidence.stops(_ITEMS, "CAT-04", "The order has no service plan.", Source.RULE)
    missing = [
        f"{kind.value} {_ROLE_WORDS[role]}"
        for kind in sorted(ordered)
        for role in _REQUIRED[kind]
        if (kind, role) not in there
    ]
    if missing:
        return evidence.stops(_ITEMS, "CAT-04", f"Missing: {', '.join(missing)}.", Source.RULE)
    return evidence.passes(_ITEMS, "Every required item is there.", Source.RULE)


def choices(evidence: Evidence) -> Check:
    """The VPN region and the Internet installation option are chosen, and the SIM type of a SIM. CAT-05.

    Source: product.md, "region chosen up front", "installation options shown".
    """
    order = evidence.order
    chosen = {
        ProductKind.INTERNET: ("installation option", order.installation_option),
        ProductKind.SIM: ("SIM type", order.sim_type),
        ProductKind.VPN: ("VPN region", order.vpn_region),
    }
    wanted = [chosen[kind] for kind in sorted(kinds(order))]
    missing = [name for name, value in wanted if not value]
    if missing:
        return evidence.stops(_CHOICES, "CAT-05", f"Not chosen: {', '.join(missing)}.", Source.RULE)
    return evidence.passes(
        _CHOICES, ", ".join(f"{name} {value}" for name, value in wanted) or "None needed.", Source.RULE
    )
