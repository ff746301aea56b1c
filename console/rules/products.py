"""Only products that are approved for online sale and priced may be ordered, at the catalogue's price."""

from console.models.check import Check, Source
from console.rules.evidence import Evidence

_NAME = "products"


def products(evidence: Evidence) -> Check:
    """Every line is sellable, priced as in the catalogue, and set up in billing.

    Source: product.md, "Only products that are approved for online sale and priced"; CAT-01, CAT-02, CAT-03.
    """
    items = evidence.order.items
    withdrawn = [item.product_name for item in items if item.product is None or not item.product.sellable]
    if withdrawn:
        return evidence.stops(_NAME, "CAT-01", f"Not for sale: {', '.join(withdrawn)}.", Source.SALESFORCE)
    repriced = [
        f"{item.product_name} {item.unit_price}, catalogue {item.product.price}"
        for item in items
        if item.product and item.product.price != item.unit_price
    ]
    if repriced:
        return evidence.stops(_NAME, "CAT-02", f"Price differs: {'; '.join(repriced)}.", Source.SALESFORCE)
    unmapped = [
        item.product_name
        for item in items
        if item.product and not (item.product.whmcs_product_id and item.product.billing_cycle)
    ]
    if unmapped:
        return evidence.stops(_NAME, "CAT-03", f"Not set up in billing: {', '.join(unmapped)}.", Source.SALESFORCE)
    return evidence.passes(
        _NAME, f"{len(items)} of {len(items)} for sale, prices equal to the catalogue.", Source.SALESFORCE
    )
