"""No second active Internet service for one account, and not the same order twice."""

from collections import Counter
from datetime import timedelta

from console.models.billing import Service
from console.models.catalogue import ItemRole, ProductKind
from console.models.check import Check, Source
from console.models.order import Activation, Order
from console.rules.address import same_place
from console.rules.evidence import Evidence
from console.rules.items import kinds
from console.rules.markers import marked_item

_SERVICE, _ORDER = "no_duplicate_service", "no_duplicate_order"
_LIVE = frozenset({"Active", "Pending", "Suspended"})


def no_duplicate_service(evidence: Evidence) -> Check:
    """One line per account: no live Internet service, no earlier open Internet order, one plan on this order. DUP-01.

    Services that carry this order's own marker are not duplicates; what an activated order gave shows in the services.
    Source: product.md; architecture.md, step 4.
    """
    order = evidence.order
    if ProductKind.INTERNET not in kinds(order):
        return evidence.not_applicable(_SERVICE, "Not an Internet order.")
    if (plans := _internet_plans(order)) > 1:
        return evidence.stops(_SERVICE, "DUP-01", f"The order itself asks for {plans} Internet plans.", Source.RULE)
    if evidence.services is None:
        return evidence.unread(_SERVICE, Source.WHMCS)
    if evidence.other_orders is None:
        return evidence.unread(_SERVICE, Source.SALESFORCE)
    own = {item.id for item in order.items}
    internet = [one for one in evidence.services if one.product_id in evidence.internet_product_ids]
    live = [one for one in internet if one.status in _LIVE and marked_item(one) not in own]
    if live:
        return evidence.stops(_SERVICE, "DUP-01", f"Already there: {_names(live)}.", Source.WHMCS)
    others = [other.number for other in evidence.other_orders if _internet_comes_first(other, order)]
    if others:
        numbers = ", ".join(others)
        return evidence.stops(_SERVICE, "DUP-01", f"Another open Internet order: {numbers}.", Source.SALESFORCE)
    ended = f"; {len(internet)} ended" if internet else ""
    return evidence.passes(_SERVICE, f"0 active Internet on the account{ended}.", Source.WHMCS)


def no_duplicate_order(evidence: Evidence) -> Check:
    """Not the same items to the same address as another open order within a day. DUP-02."""
    if evidence.other_orders is None:
        return evidence.unread(_ORDER, Source.SALESFORCE)
    order, window = evidence.order, timedelta(hours=evidence.limits.duplicate_window_hours)
    same = [
        other.number
        for other in evidence.other_orders
        if abs(other.placed_at - order.placed_at) <= window
        and _products(other) == _products(order)
        and same_place(other.installation, order.installation)
    ]
    if same:
        return evidence.stops(_ORDER, "DUP-02", f"The same as order {', '.join(same)}.", Source.SALESFORCE)
    return evidence.passes(_ORDER, "No other order like it.", Source.SALESFORCE)


def _internet_comes_first(other: Order, order: Order) -> bool:
    """Of two open orders only the later one is a duplicate; ids settle orders of the same second."""
    open_internet = other.activation is not Activation.ACTIVATED and _internet_plans(other) > 0
    return open_internet and (other.placed_at, other.id) < (order.placed_at, order.id)


def _internet_plans(order: Order) -> int:
    return sum(
        item.quantity
        for item in order.items
        if item.product and (item.product.kind, item.product.role) == (ProductKind.INTERNET, ItemRole.PLAN)
    )


def _products(order: Order) -> Counter[str]:
    counted: Counter[str] = Counter()
    for item in order.items:
        counted[item.product.id if item.product else item.product_name] += item.quantity
    return counted


def _names(services: list[Service]) -> str:
    return ", ".join(f"{service.name} ({service.status})" for service in services)
