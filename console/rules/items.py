"""Which items and choices each kind of order needs."""

from console.models.catalogue import ItemRole, ProductKind
from console.models.check import Check, Source
from console.models.order import Order
from console.models.record import Sentence
from console.rules.evidence import Evidence

_ITEMS, _CHOICES = "required_items", "choices"

_REQUIRED = {
    ProductKind.INTERNET: (ItemRole.PLAN,),
    ProductKind.SIM: (ItemRole.PLAN, ItemRole.ACTIVATION_FEE),
    ProductKind.VPN: (ItemRole.PLAN, ItemRole.ACTIVATION_FEE),
}
_ROLE_WORDS = {
    ItemRole.PLAN: Sentence(en="service plan", ja="プラン"),
    ItemRole.ACTIVATION_FEE: Sentence(en="activation fee", ja="初期費用"),
}
_NO_PLAN = Sentence(en="The order has no service plan.", ja="注文にプランがありません。")
_ALL_THERE = Sentence(en="Every required item is there.", ja="必須品目はすべて揃っています。")
_CHOICE_WORDS = {
    ProductKind.INTERNET: Sentence(en="installation option", ja="工事オプション"),
    ProductKind.SIM: Sentence(en="SIM type", ja="SIMの種類"),
    ProductKind.VPN: Sentence(en="VPN region", ja="VPNの地域"),
}


def kinds(order: Order) -> set[ProductKind]:
    """What the order's lines are, whatever its own kind field says."""
    return {item.product.kind for item in order.items if item.product and item.product.kind}


def required_items(evidence: Evidence) -> Check:
    """Internet needs a service plan; SIM and VPN need their plan and the one-time activation fee. CAT-04.

    Source: product.md, "The words of the business".
    """
    there = {(item.product.kind, item.product.role) for item in evidence.order.items if item.product}
    ordered = kinds(evidence.order)
    if not ordered:
        return evidence.stops(_ITEMS, "CAT-04", _NO_PLAN, Source.RULE)
    missing = [
        (kind.value, _ROLE_WORDS[role])
        for kind in sorted(ordered)
        for role in _REQUIRED[kind]
        if (kind, role) not in there
    ]
    if missing:
        said = Sentence(
            en=f"Missing: {', '.join(f'{kind} {role.en}' for kind, role in missing)}.",
            ja=f"不足：{'、'.join(f'{kind}の{role.ja}' for kind, role in missing)}",
        )
        return evidence.stops(_ITEMS, "CAT-04", said, Source.RULE)
    return evidence.passes(_ITEMS, _ALL_THERE, Source.RULE)


def choices(evidence: Evidence) -> Check:
    """The VPN region and the Internet installation option are chosen, and the SIM type of a SIM. CAT-05.

    Source: product.md, "region chosen up front", "installation options shown".
    """
    order = evidence.order
    chosen = {
        ProductKind.INTERNET: order.installation_option,
        ProductKind.SIM: order.sim_type,
        ProductKind.VPN: order.vpn_region,
    }
    wanted = [(_CHOICE_WORDS[kind], chosen[kind]) for kind in sorted(kinds(order))]
    missing = [name for name, value in wanted if not value]
    if missing:
        said = Sentence(
            en=f"Not chosen: {', '.join(name.en for name in missing)}.",
            ja=f"未指定：{'、'.join(name.ja for name in missing)}",
        )
        return evidence.stops(_CHOICES, "CAT-05", said, Source.RULE)
    made = Sentence(
        en=", ".join(f"{name.en} {value}" for name, value in wanted) or "None needed.",
        ja="、".join(f"{name.ja}：{value}" for name, value in wanted) or "選択は不要です。",
    )
    return evidence.passes(_CHOICES, made, Source.RULE)
