"""The proof that WHMCS stores our marker: one order for a test client, its marker read back, the order cancelled.

Source: architecture.md, "That AddOrder stores an admin-only field is not documented".
"""

import secrets

from console.errors import ConsoleError
from console.integrations.whmcs.actions import Whmcs
from console.models.billing import BillingItem, BillingProduct
from console.models.catalogue import BillingCycle
from console.models.record import Record
from console.rules.markers import marker

# No order item of Salesforce has such an id: those begin with 802.
_ITEM = "TESTPROOF000000AAA"


class MarkerProof(Record):
    """What became of the marker in WHMCS order `order_id` of `product`; that order is cancelled again."""

    order_id: int
    product: str
    stored: bool


class NothingToProve(ConsoleError):
    """The profile names no marker field of a product that the client can be sold."""


async def prove_marker(whmcs: Whmcs, client_id: int, marker_field_ids: dict[int, int]) -> MarkerProof:
    """Order the first product that has a marker field for this client, without an invoice, and look for its marker.

    Nothing is accepted, so nothing is set up. Raises `NothingToProve`, and what the calls to WHMCS raise; after an
    `OutcomeUnknown` a Pending order may be left to the test client.
    """
    client = await whmcs.get_client(client_id)
    sold = [product for product in await whmcs.get_products() if product.id in marker_field_ids]
    item = next((found for one in sold if (found := _item(one, client.currency, marker_field_ids[one.id]))), None)
    if item is None:
        raise NothingToProve("No product with a marker field has a price in the client's currency.")
    added = await whmcs.add_order(client.id, client.default_gateway, [item], price_override=False, no_invoice=True)
    try:
        services = await whmcs.get_services(client.id, currency=client.currency)
    finally:
        await whmcs.cancel_order(added.order_id, notify=False)
    ours = [service for service in services if service.order_id == added.order_id]
    values = {value.strip() for service in ours for value in service.custom_fields.values()}
    name = next(product.name for product in sold if product.id == item.product_id)
    return MarkerProof(order_id=added.order_id, product=name, stored=bool(values & set(item.custom_fields.values())))


def _item(product: BillingProduct, currency: str, field_id: int) -> BillingItem | None:
    """The product as an item with a marker that nobody has used, None where it has no price for that."""
    for cycle in BillingCycle:
        if price := product.prices.get(currency, {}).get(cycle):
            proof = marker(_ITEM, secrets.randbelow(10**9))
            return BillingItem(
                product_id=product.id, billing_cycle=cycle, quantity=1, price=price, custom_fields={field_id: proof}
            )
    return None
