"""Whether Salesforce and WHMCS say the same of an order. Source: failure-codes.md SYN-04, PRV-07, PRV-08."""

from collections.abc import Sequence

from console.models.billing import BillingOrder, Service
from console.models.failure import Failure
from console.models.order import Activation, Order
from console.rules.markers import our_billing_order

# A suspended service is billing's daily business; the order was activated all the same.
_SET_UP = frozenset({"Active", "Suspended"})


def status_difference(
    order: Order, billing_orders: Sequence[BillingOrder], services: Sequence[Service]
) -> Failure | None:
    """What differs, or None. `billing_orders` and `services` are all of the client's.

    PRV-07 where two live WHMCS orders carry the marker; SYN-04 where an Activated order is not active in WHMCS, or a
    Paused one is active there as a whole.
    """
    found = our_billing_order(order, billing_orders, services)
    if isinstance(found, Failure) and found.code == "PRV-07":
        return found
    if order.activation is Activation.ACTIVATED:
        if isinstance(found, Failure):
            return Failure(code="SYN-04", detail=f"Activated in Salesforce. {found.detail}")
        return _not_active(order, found, services)
    if isinstance(found, BillingOrder) and _is_active(found, services):
        state = order.activation.value.capitalize()
        return Failure(code="SYN-04", detail=f"{state} in Salesforce, but WHMCS order {found.id} is active.")
    return None


def _not_active(order: Order, found: BillingOrder | None, services: Sequence[Service]) -> Failure | None:
    if found is None:
        return Failure(code="SYN-04", detail="Activated in Salesforce, but WHMCS has no order of it.")
    if _is_active(found, services):
        return None
    ended = [f"{one.name} is {one.status}" for one in _of(found, services) if one.status not in _SET_UP]
    told = ", ".join(ended) or f"WHMCS order {found.id} is {found.status}"
    return Failure(code="SYN-04", detail=f"Activated in Salesforce, but {told}.")


def _is_active(billing_order: BillingOrder, services: Sequence[Service]) -> bool:
    ours = _of(billing_order, services)
    return billing_order.status == "Active" and bool(ours) and all(one.status in _SET_UP for one in ours)


def _of(billing_order: BillingOrder, services: Sequence[Service]) -> list[Service]:
    return [service for service in services if service.order_id == billing_order.id]
