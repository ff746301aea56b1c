"""Whether an order may be decided on now, by this person, as it stands."""

from console.models.check import Result, Review
from console.models.failure import Failure
from console.models.order import Activation, Order, OrderState
from console.models.staff import Right, StaffMember


def why_not_rejectable(order: Order, me: StaffMember) -> Failure | None:
    """Why this person may not reject the order, or None. Source: failure-codes.md APR-05, APR-06."""
    if not me.may(Right.APPROVE):
        return Failure(code="APR-05", detail=f"{me.name} may not approve or reject orders.")
    if order.state is not OrderState.IN_REVIEW:
        return Failure(code="APR-06", detail=f"The order is {order.state.value} already.")
    return None


def why_not_given_up(order: Order, me: StaffMember) -> Failure | None:
    """Why this person may not reject an order that was approved already, or None.

    As with an approval, it is nobody who created or captured it. Source: failure-codes.md APR-01, APR-05, APR-06.
    """
    if not me.may(Right.APPROVE):
        return Failure(code="APR-05", detail=f"{me.name} may not approve or reject orders.")
    if me.user_id in (order.created_by, order.captured_by):
        return Failure(code="APR-01", detail="You created or captured this order; another supervisor rejects it.")
    if order.state is not OrderState.APPROVED or order.activation is Activation.ACTIVATED:
        state = order.activation if order.activation is Activation.ACTIVATED else order.state
        return Failure(code="APR-06", detail=f"The order is {state.value.replace('_', ' ')} already.")
    return None


def why_not_approvable(review: Review, order: Order, reason: str, reviewed_hash: str) -> Failure | None:
    """Why the reviewed order may not be approved, or None.

    A "stop" is final; a "look" needs a reason; and the order must be the version that was reviewed.
    Source: product.md, "Order review"; architecture.md, "Decisions".
    """
    stops = [check for check in review.checks if check.result is Result.STOP]
    if stops:
        return Failure(code=stops[0].code or "UNK-00", detail=stops[0].evidence.en)
    if order.content_hash != reviewed_hash or review.content_hash != reviewed_hash:
        return Failure(code="APR-02", detail="The order is not the version that was reviewed.")
    looks = [check for check in review.checks if check.result is Result.LOOK]
    if looks and not reason.strip():
        what = "; ".join(check.evidence.en for check in looks)
        return Failure(code=looks[0].code or "UNK-00", detail=f"A reason is needed to override: {what}")
    return None
