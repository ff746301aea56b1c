"""Only products that are approved for online sale and priced may be ordered, at the catalogue's price."""

from console.models.check import Check, Source
from console.models.record import Sentence
from console.rules.evidence import Evidence

_NAME = "products"


def products(evidence: Evidence) -> Check:
    """Every line is sellable, priced as in the catalogue, and set up in billing.

    Source: product.md, "Only products that are approved for online sale and priced"; CAT-01, CAT-02, CAT-03.
    """
    items = evidence.order.items
    withdrawn = [item.product_name for item in items if item.product is None or not item.product.sellable]
    if withdrawn:
        gone = Sentence(en=f"Not for sale: {', '.join(withdrawn)}.", ja=f"販売していません：{'、'.join(withdrawn)}")
        return evidence.stops(_NAME, "CAT-01", gone, Source.SALESFORCE)
    repriced = [
        (f"{item.product_name} {item.unit_price}", item.product.price)
        for item in items
        if item.product and item.product.price != item.unit_price
    ]
    if repriced:
        differs = Sentence(
            en=f"Price differs: {'; '.join(f'{ours}, catalogue {price}' for ours, price in repriced)}.",
            ja=f"価格が異なります：{'、'.join(f'{ours}（カタログ {price}）' for ours, price in repriced)}",
        )
        return evidence.stops(_NAME, "CAT-02", differs, Source.SALESFORCE)
    unmapped = [
        item.product_name
        for item in items
        if item.product and not (item.product.whmcs_product_id and item.product.billing_cycle)
    ]
    if unmapped:
        not_set_up = Sentence(
            en=f"Not set up in billing: {', '.join(unmapped)}.",
            ja=f"請求システムに未設定です：{'、'.join(unmapped)}",
        )
        return evidence.stops(_NAME, "CAT-03", not_set_up, Source.SALESFORCE)
    all_right = Sentence(
        en=f"{len(items)} of {len(items)} for sale, prices equal to the catalogue.",
        ja=f"{len(items)}件すべて販売中、価格はカタログと同じです。",
    )
    return evidence.passes(_NAME, all_right, Source.SALESFORCE)
