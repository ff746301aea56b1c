"""Which WHMCS orders may be the one that nobody got an answer for. Source: architecture.md, "the marker"."""

from collections import Counter
from collections.abc import Sequence

from console.models.billing import BillingOrder, Service
from console.models.order import Order
from console.models.provisioning import Candidate
from console.rules.markers import dead_billing_orders, marked_item

_LIVE = ("Pending", "Active")


def candidates(
    order: Order, watermark: int, billing_orders: Sequence[BillingOrder], services: Sequence[Service]
) -> list[Candidate]:
    """The client's WHMCS orders above the watermark, lowest id first, each with what speaks for and against it."""
    return [
        _candidate(order, one, [service for service in services if service.order_id == one.id])
        for one in sorted(billing_orders, key=lambda one: one.id)
        if one.id > watermark
    ]


def _candidate(order: Order, billing_order: BillingOrder, services: Sequence[Service]) -> Candidate:
    return Candidate(
        billing_order=billing_order,
        services=tuple(service.name for service in services for _ in range(max(1, service.quantity))),
        alike=_pieces(services) == _wanted(order),
        why_not=_why_not(order, billing_order, services),
    )


def _why_not(order: Order, billing_order: BillingOrder, services: Sequence[Service]) -> str:
    own = {item.id for item in order.items}
    if any(item and item not in own for item in map(marked_item, services)):
        return "It carries the marker of another order."
    if billing_order.status not in _LIVE or billing_order.id in dead_billing_orders(order, [billing_order], services):
        return f"It is {billing_order.status}."
    return ""


def _wanted(order: Order) -> Counter[int | None]:
    wanted: Counter[int | None] = Counter()
    for item in order.items:
        wanted[item.product.whmcs_product_id if item.product else None] += item.quantity
    return wanted


def _pieces(services: Sequence[Service]) -> Counter[int | None]:
    pieces: Counter[int | None] = Counter()
    for service in services:
        pieces[service.product_id] += max(1, service.quantity)
    return pieces
