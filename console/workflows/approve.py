"""Approving and rejecting: one decision row that the unique index guards, and the hash of what was reviewed."""

import logging

from console.errors import InvalidInput, NotFound, SystemFault
from console.integrations.portal.portal import Portal
from console.integrations.salesforce.org import Salesforce
from console.integrations.salesforce.writes import ClaimTaken
from console.models.failure import Failure
from console.models.order import Activation, Claim, Order, OrderState
from console.models.provisioning import DecisionOutcome, DecisionResult
from console.models.staff import StaffMember
from console.rules.decision import why_not_approvable, why_not_given_up, why_not_rejectable
from console.rules.status import StatusWords
from console.workflows.claims import DECIDE, Claims, last
from console.workflows.diagnosis import Diagnosis
from console.workflows.review import Reviewing

# The length of Decision_Reason__c.
_REASON_LENGTH = 255
_AT_REST = {"activation": Activation.PAUSED, "error_code": None, "error_message": None}

_log = logging.getLogger(__name__)


class Deciding:
    """Decides on orders for one signed-in person. Source: architecture.md, "Decisions"."""

    def __init__(
        self,
        salesforce: Salesforce,
        portal: Portal,
        reviewing: Reviewing,
        claims: Claims,
        diagnosis: Diagnosis,
        words: StatusWords,
    ) -> None:
        """Work through Salesforce; the review reads the other systems."""
        self._reader = salesforce.reads
        self._writer = salesforce.writes
        self._journal = portal.journal
        self._reviewing = reviewing
        self._claims = claims
        self._diagnosis = diagnosis
        self._words = words

    async def approve(
        self, order_id: str, me: StaffMember, reason: str = "", reviewed_hash: str | None = None
    ) -> DecisionResult:
        """Approve the order as it was reviewed; a review is run now.

        `reviewed_hash` is that of the version on the person's screen, None where the review of this moment counts.
        Refused with a stop's code, where a "look" is overridden without a reason, or where the order changed. Raises
        `InvalidInput` for a reason that is too long.
        """
        reason = _fitting(reason)
        order = await self._order(order_id)
        if _is_mine(order, me, OrderState.APPROVED) and order.approved_hash == order.content_hash:
            return _decided(order_id, OrderState.APPROVED, _earlier_reason_stays(order, reason))
        try:
            review = await self._reviewing.review(order_id, me)
        except SystemFault as fault:
            return _refused(order_id, self._diagnosis.failure(fault))
        if failure := why_not_approvable(review, order, reason, reviewed_hash or review.content_hash):
            return _refused(order_id, failure)
        return await self._decide(order, me, OrderState.APPROVED, reason)

    async def reject(self, order_id: str, me: StaffMember, reason: str) -> DecisionResult:
        """Reject the order. Raises `InvalidInput` without a reason, or for one that is too long."""
        reason = given_reason(reason)
        order = await self._order(order_id)
        if _is_mine(order, me, OrderState.REJECTED):
            return _decided(order_id, OrderState.REJECTED, _earlier_reason_stays(order, reason))
        if failure := why_not_rejectable(order, me):
            return _refused(order_id, failure)
        return await self._decide(order, me, OrderState.REJECTED, reason)

    async def give_up(self, order: Order, me: StaffMember, reason: str) -> DecisionResult:
        """Reject an order that was approved and whose provisioning is given up. Raises `InvalidInput` as `reject` does.

        The caller holds the order by its claim and has seen that nothing of it lives in WHMCS. It stays Paused, as
        Salesforce has no way back from there, but without a code: nothing has to be done to it any more.
        """
        reason = given_reason(reason)
        if failure := why_not_given_up(order, me):
            return _refused(order.id, failure)
        return await self._decide(order, me, OrderState.REJECTED, reason)

    async def _decide(self, order: Order, me: StaffMember, state: OrderState, reason: str) -> DecisionResult:
        decision = {
            "state": state,
            "approved_by": me.user_id,
            "approved_hash": order.content_hash,
            "decision_reason": reason or None,
        }
        shown = self._words.approved if state is OrderState.APPROVED else self._words.rejected
        mark = self._claims.new_mark()
        try:
            if order.state is OrderState.APPROVED:
                approval = last(await self._reader.claims(order.id), DECIDE)
                key = f"{DECIDE}:{order.id}:{approval.number + 1 if approval else 1}"
                after = await self._writer.decide(key, order.id, mark, me.name, decision | _AT_REST, shown, approval)
            else:
                key = await self._next_key(order)
                after = await self._writer.decide(key, order.id, mark, me.name, decision, shown)
            if after.content_hash != order.content_hash:
                return await self._withdraw(after)
        except ClaimTaken as taken:
            return _refused(order.id, _already(taken.claim))
        except SystemFault as fault:
            return _refused(order.id, self._diagnosis.failure(fault))
        return _decided(order.id, state, await self._noted(me, state, order, reason))

    async def _noted(self, me: StaffMember, state: OrderState, order: Order, reason: str) -> str:
        """Note the decision in our own database; what to say where it could not be. Salesforce has it all the same."""
        try:
            await self._journal.audit(me.name, state.value, order.id, reason)
        except SystemFault as fault:
            _log.error("not noted: %s", fault)
            return "The decision stands, but it could not be noted in the activity list."
        return ""

    async def _next_key(self, order: Order) -> str:
        """The key that everyone who decides on this version tries to insert. Raises `ClaimTaken` where it was decided.

        A decision that was withdrawn, or that somebody undid in Salesforce itself, makes room for the next number.
        """
        newest = last(await self._reader.claims(order.id), DECIDE)
        if newest is None:
            return f"{DECIDE}:{order.id}:1"
        if not newest.closed_at:
            present = await self._order(order.id)
            if present.state is not OrderState.IN_REVIEW:
                raise ClaimTaken.by(newest)
            await self._writer.close_claim(newest, "withdrawn", "the order was put back to review")
        return f"{DECIDE}:{order.id}:{newest.number + 1}"

    async def _withdraw(self, order: Order) -> DecisionResult:
        """The order changed in the moment of the decision: the decision does not count."""
        decision = last(await self._reader.claims(order.id), DECIDE)
        await self._writer.return_to_review(order.id, decision, self._words.in_review)
        return _refused(order.id, Failure(code="APR-02", detail="The order was changed while it was being decided."))

    async def _order(self, order_id: str) -> Order:
        order = await self._reader.order(order_id)
        if order is None:
            raise NotFound(f"There is no order {order_id}.")
        return order


def _is_mine(order: Order, me: StaffMember, state: OrderState) -> bool:
    return order.state is state and order.approved_by == me.user_id


def given_reason(reason: str) -> str:
    """The reason of a rejection. Raises `InvalidInput` where there is none, or one that is too long."""
    reason = _fitting(reason)
    if not reason:
        raise InvalidInput("A rejection needs a reason.")
    return reason


def _fitting(reason: str) -> str:
    """The reason without blanks around it. Raises `InvalidInput` where Salesforce could not keep it whole."""
    reason = reason.strip()
    if len(reason) > _REASON_LENGTH:
        raise InvalidInput(
            f"A reason may have {_REASON_LENGTH} characters; this one has {len(reason)}. Nothing was decided."
        )
    return reason


def _earlier_reason_stays(order: Order, reason: str) -> str:
    """What to say to somebody who decides a second time, where that would need another reason."""
    if reason in ("", order.decision_reason.strip()):
        return ""
    stays = "the reason given then stays" if order.decision_reason else "no reason was given then, and none is added"
    return f"{order.state.value.capitalize()} already; {stays}."


def _already(decision: Claim) -> Failure:
    when = f"{decision.created_at:%Y-%m-%d %H:%M} UTC"
    return Failure(code="APR-06", detail=f"{decision.person} {decision.outcome} this order at {when}.")


def _decided(order_id: str, state: OrderState, message: str = "") -> DecisionResult:
    return DecisionResult(order_id=order_id, outcome=DecisionOutcome(state.value), message=message)


def _refused(order_id: str, failure: Failure) -> DecisionResult:
    return DecisionResult(order_id=order_id, outcome=DecisionOutcome.REFUSED, code=failure.code, message=failure.detail)
