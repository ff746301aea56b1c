"""Whether what was provisioned is really active, and what stands in the way where it is not."""

from collections.abc import Sequence
from datetime import date

from console.models.billing import BillingItem, BillingOrder, Invoice, ModuleFailure, Service
from console.models.failure import Failure
from console.models.order import Order
from console.rules.markers import marker, services_of


def waits_until(order: Order, today: date) -> date | None:
    """The day on which an approved order may be provisioned, None where that is today or was before.

    `today` is that of the setting `review.time_zone`.
    """
    day = order.activation_date
    return day if day and day > today else None


def items_to_order(order: Order, attempt: int, marker_fields: dict[int, int]) -> list[BillingItem] | Failure:
    """The order's items as WHMCS wants them, each with its marker, or CAT-03 where one is not set up in billing."""
    items = []
    for item in order.items:
        product = item.product
        if not product or not product.whmcs_product_id or not product.billing_cycle:
            return Failure(code="CAT-03", detail=f"{item.product_name} has no WHMCS product or billing cycle.")
        field_id = marker_fields.get(product.whmcs_product_id)
        if field_id is None:
            return Failure(
                code="CAT-03",
                detail=f"WHMCS product {product.whmcs_product_id} has no marker field in the settings.",
            )
        items.append(
            BillingItem(
                product_id=product.whmcs_product_id,
                billing_cycle=product.billing_cycle,
                quantity=item.quantity,
                price=item.unit_price,
                custom_fields={field_id: marker(item.id, attempt)},
            )
        )
    return items


def missing_items(order: Order, services: Sequence[Service]) -> list[str]:
    """Names of the order's items that the WHMCS order has no or too few services for.

    WHMCS leaves out what it cannot order and still says success. Where it stored no marker at all, the number of
    services is all that can be compared. Source: architecture.md, step 7; failure-codes.md PRV-04.
    """
    ours = services_of(order, services)
    if not any(ours.values()) and _pieces(services) >= sum(item.quantity for item in order.items):
        return []
    return [item.product_name for item in order.items if _pieces(ours[item.id]) < item.quantity]


def _pieces(services: Sequence[Service]) -> int:
    return sum(max(1, service.quantity) for service in services)


def what_stops_activation(
    billing_order: BillingOrder,
    services: Sequence[Service],
    queue: Sequence[ModuleFailure],
    invoice: Invoice | None,
    refusal: str,
) -> Failure | None:
    """Why the accepted order is not active, or None: order Active, each service Active, nothing in the module queue.

    `services` are those of the order, `refusal` is the text with which AcceptOrder or a set-up was refused, if any.
    Source: architecture.md, step 7; failure-codes.md PAY-03, PRV-03, PRV-04.
    """
    if invoice and invoice.status == "Unpaid" and invoice.last_capture_attempt:
        return Failure(code="PAY-03", detail=f"Invoice {invoice.id} is unpaid after a capture attempt.")
    ids = {service.id for service in services}
    failed = [entry for entry in queue if entry.service_id in ids]
    waiting = [service for service in services if service.status != "Active"]
    if failed:
        names = ", ".join(f"service {entry.service_id}: {entry.error}" for entry in failed)
        return Failure(code="PRV-03", detail=f"Set-up failed for {names}.", raw=failed[0].error)
    if not services:
        return Failure(code="PRV-01", detail=f"WHMCS order {billing_order.id} has no services that can be read.")
    if waiting and len(waiting) < len(services):
        names = ", ".join(f"{service.name} ({service.status})" for service in waiting)
        return Failure(code="PRV-04", detail=f"Not active yet: {names}.", raw=refusal or None)
    if waiting or billing_order.status != "Active":
        detail = f"WHMCS order {billing_order.id} is {billing_order.status}, its services are not active."
        return Failure(code="PRV-03", detail=refusal or detail, raw=refusal or None)
    return None
