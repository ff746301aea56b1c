"""Provisioning one approved order to WHMCS: never two billing orders, never none in silence.

The procedure always runs from the top; each step reads before it acts, so it converges from wherever an earlier run
stopped. The numbers are those of architecture.md, "The procedure, from the top each time".
"""

import contextlib
import logging
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from console.errors import OutcomeUnknown, SystemFault
from console.integrations.portal.portal import Portal
from console.integrations.salesforce.org import Salesforce
from console.models.billing import BillingOrder, Service
from console.models.case import StepState
from console.models.failure import ABOUT_ACTIVE_ORDERS, Failure
from console.models.order import Activation, Claim, Order, OrderState
from console.models.provisioning import ProvisionOutcome, ProvisionResult
from console.models.staff import Right, StaffMember
from console.rules.activation import waits_until
from console.rules.markers import services_by_item
from console.rules.review import what_stops_live
from console.rules.status import StatusWords
from console.workflows.billing_side import BillingSide
from console.workflows.claims import DECIDE, SEND, WORK, Claims, Held, TooSlow, last
from console.workflows.diagnosis import Diagnosis
from console.workflows.evidence import EvidenceGatherer
from console.workflows.stops import Stopped

_log = logging.getLogger(__name__)


class Provisioning:
    """Provisions orders for one signed-in person."""

    def __init__(
        self,
        salesforce: Salesforce,
        portal: Portal,
        billing: BillingSide,
        claims: Claims,
        evidence: EvidenceGatherer,
        diagnosis: Diagnosis,
        words: StatusWords,
    ) -> None:
        """Work through the three systems; nothing is read yet."""
        self._reader = salesforce.reads
        self._writer = salesforce.writes
        self._journal = portal.journal
        self._cases = portal.cases
        self._billing = billing
        self._claims = claims
        self._evidence = evidence
        self._diagnosis = diagnosis
        self._words = words

    async def provision(self, order_id: str, me: StaffMember) -> ProvisionResult:
        """Bring one order to Activated with exactly one WHMCS order, or pause it with a code. Never raises a fault.

        An order that is not there, or not any more, is refused.
        """
        started = time.monotonic()
        result = await self._attempt(order_id, me)
        return result.model_copy(update={"took_ms": round((time.monotonic() - started) * 1000)})

    async def _attempt(self, order_id: str, me: StaffMember) -> ProvisionResult:
        try:
            # Claims first: one that is closed by then shows on the order, so an order that somebody just made active
            # is never begun again.
            claims = await self._reader.claims(order_id)
            order = await self._reader.order(order_id)
        except SystemFault as fault:
            return _result(order_id, ProvisionOutcome.REFUSED, self._diagnosis.failure(fault))
        if order is None:
            return ProvisionResult(
                order_id=order_id, outcome=ProvisionOutcome.REFUSED, message=f"There is no order {order_id}."
            )
        if order.activation is Activation.ACTIVATED and me.may(Right.PROVISION):
            await self._close_case(order.id, keep=ABOUT_ACTIVE_ORDERS)
            return _active(order, ProvisionOutcome.ALREADY_ACTIVE)
        refusal = why_refused(order, me)
        if refusal and not _goes_through_the_pause(order, refusal, claims):
            return await self._refuse(order, refusal, claims)
        if day := waits_until(order, self._evidence.today()):
            return _waiting(order, day)
        return await self._begin(order, claims, me)

    async def _begin(self, order: Order, claims: list[Claim], me: StaffMember) -> ProvisionResult:
        """Claim the order and work on it; a claim whose answer stays unknown is a case, never silence."""
        try:
            claim, order = await self._claims.take(order.id, claims, me.name, self._words.activating)
        except Held as held:
            return _result(order.id, ProvisionOutcome.CLAIMED, Failure(code="SYN-06", detail=_sentence(held)))
        except OutcomeUnknown as fault:
            failure = self._diagnosis.failure(fault)
            await self._open_case(order, failure)
            return _result(order.id, ProvisionOutcome.UNKNOWN, failure)
        except SystemFault as fault:
            return _result(order.id, ProvisionOutcome.REFUSED, self._diagnosis.failure(fault))
        async with self._claims.kept(claim):
            return await self._work(_Run(order, claim, me, uuid.uuid4().hex))

    async def _work(self, run: "_Run") -> ProvisionResult:
        """Steps 2 to 8 under a claim; whatever stops them ends in step 9."""
        try:
            return await self._provision_claimed(run)
        except Stopped as stopped:
            return await self._pause(run, stopped.failure)
        except (Held, TooSlow) as late:
            return await self._pause(run, _sender_failure(late))
        except SystemFault as fault:
            return await self._pause(run, self._diagnosis.failure(fault))

    async def _provision_claimed(self, run: "_Run") -> ProvisionResult:
        order, claim = run.order, run.claim
        async with self._step(run, "check"):
            if failure := why_refused(order, run.me):
                raise Stopped(failure)
            facts = await self._evidence.gather(order, run.me, with_services=False)
            client = facts.linked_client()
        async with self._step(run, "look"):
            look = await self._billing.look(order, client, claim)
            billing_order = look.found
            earlier = _worked_before(billing_order)
            if billing_order:
                await self._adopt(order, billing_order.id)
        if billing_order is None:
            async with self._step(run, "re-check"):
                self._billing.require_alone(facts.evidence.other_orders)
                if failure := what_stops_live(facts.evidence.model_copy(update={"services": look.services})):
                    raise Stopped(failure)
            async with self._step(run, "send"):
                billing_order = await self._billing.send(order, client, claim, look)
        async with self._step(run, "accept"):
            refusal = await self._billing.accept(order, billing_order, claim)
        async with self._step(run, "verify"):
            services, unfinished = await self._billing.verify(order, client, billing_order.id, refusal)
            if unfinished:
                await self._write_active_lines(run, services)
                raise Stopped(unfinished)
        async with self._step(run, "write back"):
            await self._write_back(run, services)
        return _result(order.id, ProvisionOutcome.ACTIVATED, earlier, billing_order.id, services)

    async def _adopt(self, order: Order, whmcs_order_id: int) -> None:
        """Record a billing order that an earlier run made, and settle the send row that it came from."""
        # Read anew: the row may have come after the look's, and the order that the look found of it.
        sent = last(await self._reader.claims(order.id), SEND)
        unsettled = sent if sent and not sent.closed_at else None
        if unsettled or order.whmcs_order_id != whmcs_order_id:
            await self._writer.write_billing_order(order.id, whmcs_order_id, unsettled)

    async def _write_back(self, run: "_Run", services: list[Service]) -> None:
        """Step 8: what is active is written line by line, together with Activated and the end of the claim."""
        await self._claims.require(run.claim)
        await self._writer.finish(run.order.id, run.claim, _ids_by_item(run.order, services), self._words.active)
        await self._close_case(run.order.id)
        await self._note_audit(run, "provision", "activated")

    async def _write_active_lines(self, run: "_Run", services: list[Service]) -> None:
        """Partial success: what is active already shows on its lines. Source: failure-codes.md PRV-04."""
        active = [service for service in services if service.status == "Active"]
        if ids := _ids_by_item(run.order, active):
            await self._claims.require(run.claim)
            await self._writer.write_services(ids)

    async def _pause(self, run: "_Run", failure: Failure) -> ProvisionResult:
        """Step 9: Paused with code and words, on the order and as a case, and the claim closed."""
        order = run.order
        await self._open_case(order, failure)
        await self._note_audit(run, "pause", f"{failure.code}: {failure.detail}")
        try:
            await self._claims.require(run.claim)
            await self._writer.pause(
                order.id, run.claim, failure.code, failure.detail, self._words.of_failure(failure.code)
            )
            if failure.code == "APR-02":
                decision = last(await self._reader.claims(order.id), DECIDE)
                await self._writer.return_to_review(order.id, decision, self._words.in_review)
        except (SystemFault, Stopped) as error:
            detail = f"{failure.detail} The pause could not be written: {error}"
            return _result(order.id, ProvisionOutcome.UNKNOWN, failure.model_copy(update={"detail": detail}))
        unknown = failure.code == "PRV-01"
        outcome = ProvisionOutcome.UNKNOWN if unknown else ProvisionOutcome.PAUSED
        return _result(order.id, outcome, failure, order.whmcs_order_id)

    async def _refuse(self, order: Order, refusal: Failure, claims: list[Claim]) -> ProvisionResult:
        """Nothing was begun. A changed order that nobody worked on yet simply returns to review."""
        if refusal.code == "APR-02":
            try:
                decision = last(claims, DECIDE)
                await self._writer.return_to_review(order.id, decision, self._words.in_review, order.changed_at)
            except SystemFault as fault:
                return _result(order.id, ProvisionOutcome.REFUSED, self._diagnosis.failure(fault))
        return _result(order.id, ProvisionOutcome.REFUSED, refusal)

    @contextlib.asynccontextmanager
    async def _step(self, run: "_Run", name: str) -> AsyncIterator[None]:
        """Note a step in the journal when it starts and when it is done or stopped."""
        await self._note_step(run, name, StepState.STARTED)
        try:
            yield
        except (Stopped, SystemFault, Held, TooSlow) as stop:
            await self._note_step(run, name, StepState.STOPPED, str(stop))
            raise
        await self._note_step(run, name, StepState.DONE)

    # What is noted in our own database never decides what becomes of an order: Salesforce and WHMCS do.

    async def _note_step(self, run: "_Run", name: str, state: StepState, detail: str = "") -> None:
        with _logged():
            await self._journal.note(run.order.id, run.id, name, state, detail)

    async def _note_audit(self, run: "_Run", action: str, detail: str) -> None:
        with _logged():
            await self._journal.audit(run.me.name, action, run.order.id, detail)

    async def _open_case(self, order: Order, failure: Failure) -> None:
        with _logged():
            await self._cases.open(order.id, order.number, failure.code, failure.detail, failure.raw or "")

    async def _close_case(self, order_id: str, keep: frozenset[str] = frozenset()) -> None:
        with _logged():
            await self._cases.close(order_id, keep)


@contextlib.contextmanager
def _logged() -> Iterator[None]:
    try:
        yield
    except SystemFault as fault:
        _log.error("not noted: %s", fault)


class _Run(NamedTuple):
    """One run: the order as it was when claimed, the claim, the person, and the journal's name for the run."""

    order: Order
    claim: Claim
    me: StaffMember
    id: str


def why_refused(order: Order, me: StaffMember) -> Failure | None:
    """Why an order may not be provisioned now by this person, or None. Source: architecture.md, step 1."""
    if not me.may(Right.PROVISION):
        return Failure(code="APR-05", detail=f"{me.name} may not provision orders.")
    if order.state is not OrderState.APPROVED:
        return Failure(
            code="APR-04",
            detail=f"The order is {order.state.value.replace('_', ' ')}, not approved.",
        )
    if order.approved_hash != order.content_hash:
        return _changed(order)
    return None


def _goes_through_the_pause(order: Order, refusal: Failure, claims: Sequence[Claim]) -> bool:
    """Whether a refused order was begun before, so that the refusal has to show on the order itself.

    Source: architecture.md, step 1: "when an earlier claim exists, refuse through 9, not silently".
    """
    if refusal.code == "APR-05" or last(claims, WORK) is None:
        return False
    return order.activation is Activation.ACTIVATING or refusal.code == "APR-02"


def _ids_by_item(order: Order, services: Sequence[Service]) -> dict[str, tuple[int, ...]]:
    return {
        item_id: tuple(one.id for one in found) for item_id, found in services_by_item(order, services).items() if found
    }


def _changed(order: Order) -> Failure:
    return Failure(code="APR-02", detail="The order was changed after its approval; it returns to review.")


def _worked_before(billing_order: BillingOrder | None) -> Failure | None:
    """The note on an order that an earlier attempt had brought to its end in billing already."""
    if billing_order is None or billing_order.status != "Active":
        return None
    return Failure(
        code="PRV-06", detail=f"An earlier attempt had worked; WHMCS order {billing_order.id} was taken over."
    )


def _waiting(order: Order, day: date) -> ProvisionResult:
    return ProvisionResult(
        order_id=order.id,
        outcome=ProvisionOutcome.WAITING,
        message=f"It waits for its activation date, {day:%Y-%m-%d}.",
    )


def _sender_failure(late: Held | TooSlow) -> Failure:
    if isinstance(late, Held):
        return Failure(code="SYN-06", detail=_sentence(late))
    return Failure(code="SYN-05", detail="Salesforce answered too slowly to send the order safely.")


def _sentence(held: Held) -> str:
    text = str(held)
    return f"{text[0].upper()}{text[1:]}."


def _active(order: Order, outcome: ProvisionOutcome) -> ProvisionResult:
    services = tuple(service for item in order.items for service in item.whmcs_service_ids)
    return ProvisionResult(
        order_id=order.id,
        outcome=outcome,
        code="PRV-06",
        message="It is active already; nothing was changed.",
        whmcs_order_id=order.whmcs_order_id,
        service_ids=services,
    )


def _result(
    order_id: str,
    outcome: ProvisionOutcome,
    failure: Failure | None,
    whmcs_order_id: int | None = None,
    services: Sequence[Service] = (),
) -> ProvisionResult:
    return ProvisionResult(
        order_id=order_id,
        outcome=outcome,
        code=failure.code if failure else None,
        message=failure.detail if failure else "",
        whmcs_order_id=whmcs_order_id,
        service_ids=tuple(service.id for service in services),
    )
