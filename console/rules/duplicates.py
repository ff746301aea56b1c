"""No second active Internet service for one account, and not the same order twice."""

from collections import Counter
from datetime import timedelta

from console.models.billing import Service
from console.models.catalogue import ItemRole, ProductKind
from console.models.check import Check, Source
from console.models.order import Activation, Order
from console.models.record import Sentence
from console.rules.address import same_place
from console.rules.evidence import Evidence
from console.rules.items import kinds
from console.rules.markers import marked_item

_SERVICE, _ORDER = "no_duplicate_service", "no_duplicate_order"
_LIVE = frozenset({"Active", "Pending", "Suspended"})
_NO_INTERNET = Sentence(en="Not an Internet order.", ja="インターネットの注文ではありません。")
_NO_OTHER = Sentence(en="No other order like it.", ja="同じ内容の注文はほかにありません。")


def no_duplicate_service(evidence: Evidence) -> Check:
    """One line per account: no live Internet service, no earlier open Internet order, one plan on this order. DUP-01.

    Services that carry this order's own marker are not duplicates; what an activated order gave shows in the services.
    Source: product.md; architecture.md, step 4.
    """
    order = evidence.order
    if ProductKind.INTERNET not in kinds(order):
        return evidence.not_applicable(_SERVICE, _NO_INTERNET)
    if (plans := _internet_plans(order)) > 1:
        asked = Sentence(
            en=f"The order itself asks for {plans} Internet plans.",
            ja=f"この注文だけでインターネットのプランが{plans}件あります。",
        )
        return evidence.stops(_SERVICE, "DUP-01", asked, Source.RULE)
    if evidence.services is None:
        return evidence.unread(_SERVICE, Source.WHMCS)
    if evidence.other_orders is None:
        return evidence.unread(_SERVICE, Source.SALESFORCE)
    own = {item.id for item in order.items}
    internet = [one for one in evidence.services if one.product_id in evidence.internet_product_ids]
    live = [one for one in internet if one.status in _LIVE and marked_item(one) not in own]
    if live:
        there = Sentence(en=f"Already there: {_names(live)}.", ja=f"既に契約があります：{_names(live)}")
        return evidence.stops(_SERVICE, "DUP-01", there, Source.WHMCS)
    others = [_spoken(other) for other in evidence.other_orders if _internet_comes_first(other, order)]
    if others:
        numbers = ", ".join(others)
        other = Sentence(
            en=f"Another open Internet order: {numbers}.", ja=f"ほかに未完了のインターネットの注文があります：{numbers}"
        )
        return evidence.stops(_SERVICE, "DUP-01", other, Source.SALESFORCE)
    ended, over = (f"; {len(internet)} ended", f"（終了済み{len(internet)}件）") if internet else ("", "")
    none_there = Sentence(
        en=f"0 active Internet on the account{ended}.", ja=f"この取引先に有効なインターネット契約はありません{over}。"
    )
    return evidence.passes(_SERVICE, none_there, Source.WHMCS)


def no_duplicate_order(evidence: Evidence) -> Check:
    """Not the same items to the same address as another open order within a day. DUP-02."""
    if evidence.other_orders is None:
        return evidence.unread(_ORDER, Source.SALESFORCE)
    order, window = evidence.order, timedelta(hours=evidence.limits.duplicate_window_hours)
    same = [
        _spoken(other)
        for other in evidence.other_orders
        if abs(other.placed_at - order.placed_at) <= window
        and _products(other) == _products(order)
        and same_place(other.installation, order.installation)
    ]
    if same:
        numbers = ", ".join(same)
        said = Sentence(en=f"The same as order {numbers}.", ja=f"注文 {numbers} と同じ内容です。")
        return evidence.stops(_ORDER, "DUP-02", said, Source.SALESFORCE)
    return evidence.passes(_ORDER, _NO_OTHER, Source.SALESFORCE)


def _spoken(order: Order) -> str:
    """The number of an order as people say it: without the zeros in front."""
    return order.number.lstrip("0") or order.number


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
