"""No second active Internet service for one account, and not the same order twice."""

from collections import Counter
from datetime import timedelta

from console.models.billing import Service
from console.models.catalogue import ItemRole, ProductKind
from console.models.check import Check, Source
from console.models.order import Order
from console.rules.address import same_place
from console.rules.evidence import Evidence
from console.rules.items import kinds
from console.rules.markers import marked_item

_SERVICE, _ORDER = "no_duplicate_service", "no_duplicate_order"
_LIVE = frozenset({"Active", "Pending", "Suspended"})


def no_duplicate_service(evidence: Evidence) -> Check:
    """One line per account: no live Internet service and no other open Internet order. DUP-01.

    Services that carry this order's own marker are not duplicates. Source: product.md; architecture.md, step 4.
    """
    order = evidence.order
    if ProductKind.INTERNET not in kinds(order):
        return evidence.not_applicable(_SERVICE, "Not an Internet order.")
    if evidence.services is None:
        return evidence.unread(_SERVICE, Source.WHMCS)
    if evidence.other_orders is None:
        return evidence.unread(_SERVICE, Source.SALESFORCE)
    own = {item.id for item in order.items}
    internet = [one for one in evidence.services if one.product_id in evidence.internet_product_ids]
    live = [one for one in internet if one.status in _LIVE and marked_item(one) not in own]
    if live:
        return evidence.stops(_SERVICE, "DUP-01", f"Already there: {_names(live)}.", Source.WHMCS)
    others = [other for other in evidence.other_orders if _orders_internet(other) and other.placed_at < order.placed_at]
    if others:
        numbers = ", ".join(other.number for other in others)
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


def _orders_internet(order: Order) -> bool:
    return any(
        item.product and item.product.kind is ProductKind.INTERNET and item.product.role is ItemRole.PLAN
        for item in order.items
    )


def _products(order: Order) -> Counter[str]:
    return Counter({item.product.id if item.product else item.product_name: item.quantity for item in order.items})


def _names(services: list[Service]) -> str:
    return ", ".join(f"{service.name} ({service.status})" for service in services)
