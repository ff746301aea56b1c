"""Whether the person at the desk may approve this order."""

from console.models.check import Check, Source
from console.models.order import Order, OrderState
from console.models.record import Sentence
from console.models.staff import Right
from console.rules.evidence import Evidence

_NAME = "may_approve"
_STATES = {
    OrderState.IN_REVIEW: "審査中",
    OrderState.APPROVED: "承認済み",
    OrderState.REJECTED: "却下済み",
    OrderState.PROCESSED: "処理済み",
    OrderState.CANCELLED: "キャンセル済み",
}
_MAY = Sentence(
    en="You may approve it; you did not create or capture it.",
    ja="承認できます。作成・受付をしたのは別の担当者です。",
)
_OWN = Sentence(en="You created or captured this order.", ja="この注文はあなたが作成または受付しました。")


def may_approve(evidence: Evidence) -> Check:
    """Four eyes, the right to approve, a decision still to be made. Source: failure-codes.md APR-01, APR-05, APR-06."""
    order, me = evidence.order, evidence.reviewer
    if order.state is not OrderState.IN_REVIEW:
        return evidence.stops(_NAME, "APR-06", _decided(order), Source.SALESFORCE)
    if not me.may(Right.APPROVE):
        refused = Sentence(en=f"{me.name} may not approve orders.", ja=f"{me.name}には注文を承認する権限がありません。")
        return evidence.stops(_NAME, "APR-05", refused, Source.SALESFORCE)
    if me.user_id in (order.created_by, order.captured_by):
        return evidence.stops(_NAME, "APR-01", _OWN, Source.SALESFORCE)
    return evidence.passes(_NAME, _MAY, Source.SALESFORCE)


def _decided(order: Order) -> Sentence:
    state = order.state.value.replace("_", " ")
    at = f"{order.decided_at:%Y-%m-%d %H:%M} UTC" if order.decided_at else ""
    since, from_then = (f", since {at}", f"（{at}から）") if at else ("", "")
    return Sentence(
        en=f"The order is {state} already{since}.", ja=f"この注文は既に{_STATES[order.state]}です{from_then}。"
    )
