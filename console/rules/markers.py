"""The marker: which order item a WHMCS service was made for, and which WHMCS order is therefore ours."""

import re
from collections.abc import Collection, Iterable, Sequence

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


def services_by_item(order: Order, services: Sequence[Service]) -> dict[str, list[Service]]:
    """As `services_of`; what carries no marker at all goes to the items of its product that lack pieces, in order.

    A WHMCS order that a person adopted may have been made without the marker.
    """
    found = services_of(order, services)
    unmarked = [service for service in services if marked_item(service) is None]
    for item in order.items:
        lacking = item.quantity - sum(max(1, one.quantity) for one in found[item.id])
        for service in list(unmarked):
            if lacking > 0 and item.product and service.product_id == item.product.whmcs_product_id:
                unmarked.remove(service)
                found[item.id].append(service)
                lacking -= max(1, service.quantity)
    return found


def our_billing_order(
    order: Order,
    billing_orders: Sequence[BillingOrder],
    services: Sequence[Service],
    set_aside: Collection[int] = (),
) -> BillingOrder | Failure | None:
    """The WHMCS order that provisions this order: the one to adopt, why to stop (PRV-07, PRV-08), or None.

    Live orders count first; a recorded WHMCS order id that is gone counts as dead. Several services of one WHMCS order
    are one order. A dead one that a supervisor has `set_aside` stops nothing any more; should it live again, it counts
    like any other. Source: architecture.md, "the marker".
    """
    known = {billing_order.id: billing_order for billing_order in billing_orders}
    ours = _ids(order, services)
    dead = dead_billing_orders(order, billing_orders, services)
    live = sorted(ours & known.keys() - dead)
    if len(live) == 1:
        return known[live[0]]
    if live:
        names = " and ".join(map(str, live))
        return Failure(code="PRV-07", detail=f"WHMCS orders {names} carry the marker of this order.")
    if stopping := sorted(dead - set(set_aside)):
        states = ", ".join(f"{one} is {known[one].status if one in known else 'gone'}" for one in stopping)
        return Failure(code="PRV-08", detail=f"The WHMCS order of this order cannot be used: {states}.")
    return None


def dead_billing_orders(order: Order, billing_orders: Sequence[BillingOrder], services: Sequence[Service]) -> set[int]:
    """Ids of WHMCS orders of this order that are gone, or of which nothing lives any more."""
    marked = _marked(order, services)
    live = {one.id for one in billing_orders if one.status not in _DEAD_ORDER and not _all_ended(one, marked)}
    return _ids(order, services) - live


def living_billing_orders(
    order: Order, billing_orders: Sequence[BillingOrder], services: Sequence[Service]
) -> set[int]:
    """Ids of WHMCS orders of this order of which anything lives, be it one service of a cancelled one."""
    ours = _ids(order, services)
    live = ours & {one.id for one in billing_orders} - dead_billing_orders(order, billing_orders, services)
    return live | {one.order_id for one in services if one.order_id in ours and one.status not in _DEAD_SERVICE}


def unexplained(
    order: Order, watermark: int, billing_orders: Sequence[BillingOrder], services: Sequence[Service]
) -> list[int]:
    """Ids of WHMCS orders above the watermark, live or not, that no other order's marker explains.

    Source: architecture.md, "the rule for sending again".
    """
    own = {item.id for item in order.items}
    explained = {one.order_id for one in services if (item := marked_item(one)) and item not in own}
    return [one.id for one in billing_orders if one.id > watermark and one.id not in explained]


def _marked(order: Order, services: Sequence[Service]) -> list[Service]:
    return [service for found in services_of(order, services).values() for service in found]


def _ids(order: Order, services: Sequence[Service]) -> set[int]:
    """WHMCS orders that carry a marker of the order, and the recorded one."""
    recorded = {order.whmcs_order_id} if order.whmcs_order_id else set()
    return {service.order_id for service in _marked(order, services)} | recorded


def _all_ended(billing_order: BillingOrder, marked: Sequence[Service]) -> bool:
    states = [service.status for service in marked if service.order_id == billing_order.id]
    return bool(states) and all(state in _DEAD_SERVICE for state in states)
