"""Whether the person at the desk may approve this order."""

from console.models.check import Check, Source
from console.models.order import OrderState
from console.models.staff import Right
from console.rules.evidence import Evidence

_NAME = "may_approve"


def may_approve(evidence: Evidence) -> Check:
    """Four eyes, the right to approve, a decision still to be made. Source: failure-codes.md APR-01, APR-05, APR-06."""
    order, me = evidence.order, evidence.reviewer
    if order.state is not OrderState.IN_REVIEW:
        state = order.state.value.replace("_", " ")
        since = f", since {order.decided_at:%Y-%m-%d %H:%M} UTC" if order.decided_at else ""
        return evidence.stops(_NAME, "APR-06", f"The order is {state} already{since}.", Source.SALESFORCE)
    if not me.may(Right.APPROVE):
        return evidence.stops(_NAME, "APR-05", f"{me.name} may not approve orders.", Source.SALESFORCE)
    if me.user_id in (order.created_by, order.captured_by):
        return evidence.stops(_NAME, "APR-01", "You created or captured this order.", Source.SALESFORCE)
    return evidence.passes(_NAME, "You may approve it; you did not create or capture it.", Source.SALESFORCE)
