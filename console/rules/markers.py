"""The marker: which order item a WHMCS service was made for, and which WHMCS order is therefore ours."""

import re
from collections.abc import Iterable, Sequence

from console.models.billing import BillingOrder, Service
from console.models.failure import Failure
from console.models.order import Order

_MARKER = re.compile(r"([0-9A-Za-z]{18})\.(\d+)")
_DEAD_ORDER = frozenset({"Cancelled", "Fraud"})
_DEAD_SERVICE = frozenset({"Cancelled", "Fraud", "Terminated"})


def marker(item_id: str, attempt: int) -> str:
    """`<OrderItem id>.<k>`: goes into the admin-only field of each service. Source: architecture.md, "the marker"."""
    return f"{item_id}.{attempt}"


def marked_item(service: Service) -> str | None:
    """The order item that a service carries the marker of, or None."""
    for value in service.custom_fields.values():
        if found := _MARKER.fullmatch(value.strip()):
            return found[1]
    return None


def services_of(order: Order, services: Iterable[Service]) -> dict[str, list[Service]]:
    """Services that carry the marker of one of the order's items, by item id."""
    ours: dict[str, list[Service]] = {item.id: [] for item in order.items}
    for service in services:
        item_id = marked_item(service)
        if item_id in ours:
            ours[item_id].append(service)
    return ours


def our_billing_order(
    order: Order, billing_orders: Sequence[BillingOrder], services: Sequence[Service]
) -> BillingOrder | Failure | None:
    """The WHMCS order that provisions this order: the one to adopt, why to stop (PRV-07, PRV-08), or None.

    Live orders count first; a recorded WHMCS order id that is gone counts as dead. Several services of one WHMCS order
    are one order. Source: architecture.md, "the marker".
    """
    marked = [service for found in services_of(order, services).values() for service in found]
    ids = {service.order_id for service in marked} | ({order.whmcs_order_id} - {None})
    known = {billing_order.id: billing_order for billing_order in billing_orders if billing_order.id in ids}
    live = [one for one in known.values() if one.status not in _DEAD_ORDER and not _all_ended(one, marked)]
    if len(live) == 1:
        return live[0]
    if live:
        names = " and ".join(str(one.id) for one in sorted(live, key=lambda one: one.id))
        return Failure(code="PRV-07", detail=f"WHMCS orders {names} carry the marker of this order.")
    if ids:
        states = ", ".join(
            f"{one} is {known[one].status if one in known else 'gone'}" for one in sorted(filter(None, ids))
        )
        return Failure(code="PRV-08", detail=f"The WHMCS order of this order cannot be used: {states}.")
    return None


def unexplained(
    order: Order, watermark: int, billing_orders: Sequence[BillingOrder], services: Sequence[Service]
) -> list[int]:
    """Ids of WHMCS orders above the watermark, live or not, that no other order's marker explains.

    Source: architecture.md, "the rule for sending again".
    """
    own = {item.id for item in order.items}
    explained = {one.order_id for one in services if (item := marked_item(one)) and item not in own}
    return [one.id for one in billing_orders if one.id > watermark and one.id not in explained]


def _all_ended(billing_order: BillingOrder, marked: Sequence[Service]) -> bool:
    states = [service.status for service in marked if service.order_id == billing_order.id]
    return bool(states) and all(state in _DEAD_SERVICE for state in states)
