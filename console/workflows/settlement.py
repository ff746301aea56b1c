"""What a supervisor settles: an AddOrder whose outcome nobody knows (PRV-01), a cancelled billing order (PRV-08).

Source: architecture.md, "Safety and liveness": *Adopt order N*, *None exists, send again*, *Provision anew*.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from console.errors import ConsoleError, InvalidInput, NotFound, SystemFault
from console.integrations.portal.portal import Portal
from console.integrations.salesforce.org import Salesforce
from console.integrations.whmcs.actions import Whmcs
from console.models.billing import Client
from console.models.order import Activation, Claim, Order, OrderState
from console.models.provisioning import DecisionOutcome, DecisionResult, OpenOutcome, ProvisionResult, SettleWay
from console.models.staff import Right, StaffMember
from console.rules.decision import why_not_given_up
from console.rules.markers import dead_billing_orders, living_billing_orders
from console.rules.settlement import candidates
from console.rules.status import StatusWords
from console.workflows.approve import Deciding, given_reason
from console.workflows.claims import SEND, Claims, Held, last, set_aside
from console.workflows.engine import Engine
from console.workflows.evidence import EvidenceGatherer
from console.workflows.stops import Stopped

_UNKNOWN = "PRV-01"


class Ways(NamedTuple):
    """By which a settled order goes on: it is provisioned, or rejected."""

    engine: Engine
    deciding: Deciding


class Settlement:
    """Shows what is known and carries out what a supervisor decides; each decision is noted with the person's name.

    Everything is read again before anything is written. Raises `InvalidInput` where it cannot be done or is not any
    more what the person saw, `NotFound` for an unknown order, and a `SystemFault` where a system does not answer.
    """

    def __init__(
        self,
        salesforce: Salesforce,
        whmcs: Whmcs,
        portal: Portal,
        claims: Claims,
        evidence: EvidenceGatherer,
        ways: Ways,
        words: StatusWords,
    ) -> None:
        """Work through the three systems."""
        self._reader = salesforce.reads
        self._writer = salesforce.writes
        self._whmcs = whmcs
        self._journal = portal.journal
        self._cases = portal.cases
        self._claims = claims
        self._evidence = evidence
        self._engine, self._deciding = ways
        self._words = words

    async def look(self, order_id: str, me: StaffMember) -> OpenOutcome:
        """What is known of the order now. Nothing is changed."""
        order = await self._unsettled(order_id)
        claims = await self._reader.claims(order_id)
        client = await self._client(order, me)
        billing_orders = await self._whmcs.get_orders(client.id)
        services = await self._whmcs.get_services(client.id, currency=client.currency)
        sent = last(claims, SEND)
        unanswered = sent if sent and not sent.closed_at else None
        alive = living_billing_orders(order, billing_orders, services)
        dead = dead_billing_orders(order, billing_orders, services) - set_aside(claims)
        shown = candidates(order, unanswered.watermark or 0, billing_orders, services) if unanswered else []
        sendable_from = self._claims.request_over(unanswered) if unanswered else None
        ways = []
        if any(not one.why_not for one in shown):
            ways.append(SettleWay.ADOPT)
        if sendable_from and self._reader.server_now() >= sendable_from:
            ways.append(SettleWay.SEND_AGAIN)
        if dead and not unanswered:
            ways.append(SettleWay.PROVISION_ANEW)
            if not alive and why_not_given_up(order, me) is None:
                ways.append(SettleWay.REJECT)
        return OpenOutcome(
            order_id=order.id,
            order_number=order.number,
            code=order.error_code or "",
            wanted=tuple(item.product_name for item in order.items for _ in range(item.quantity)),
            sent_at=unanswered.created_at if unanswered else None,
            sent_by=unanswered.person if unanswered else "",
            watermark=unanswered.watermark if unanswered else None,
            sendable_from=sendable_from,
            candidates=tuple(shown),
            dead=tuple(sorted(dead)),
            alive=tuple(sorted(alive)),
            ways=tuple(ways) if me.may(Right.SETTLE) else (),
        )

    async def adopt(self, order_id: str, whmcs_order_id: int, me: StaffMember) -> ProvisionResult:
        """Take a WHMCS order for the one that got no answer, and go on with it."""
        async with self._settling(order_id, me) as (_, order):
            seen = await self.look(order_id, me)
            found = next((one for one in seen.candidates if one.billing_order.id == whmcs_order_id), None)
            if found is None:
                raise InvalidInput(f"WHMCS order {whmcs_order_id} is not one that this order can have.")
            if found.why_not:
                raise InvalidInput(f"WHMCS order {whmcs_order_id} cannot be adopted. {found.why_not}")
            await self._journal.audit(me.name, "adopt", order.id, f"WHMCS order {whmcs_order_id}")
            await self._writer.write_billing_order(order.id, whmcs_order_id, await self._unanswered(order.id))
        return await self._engine.provision(order_id, me)

    async def send_again(self, order_id: str, me: StaffMember, none_of: Collection[int]) -> ProvisionResult:
        """Send AddOrder once more, as the person knows that none of the WHMCS orders that were shown is ours.

        `none_of` are their ids; where another one has come meanwhile, the person has to look again.
        """
        async with self._settling(order_id, me) as (_, order):
            seen = await self.look(order_id, me)
            if SettleWay.SEND_AGAIN not in seen.ways or seen.sendable_from is None:
                raise InvalidInput(_too_early(seen))
            present = sorted(one.billing_order.id for one in seen.candidates)
            if set(present) - set(none_of):
                raise InvalidInput("Another WHMCS order has come since you looked. Look again.")
            told = ", ".join(map(str, present)) or "none there"
            await self._journal.audit(me.name, "send again", order.id, f"not ours: {told}")
            if row := await self._unanswered(order.id):
                await self._writer.close_claim(row, "not sent", f"{me.name}: none of {told}")
        return await self._engine.provision(order_id, me)

    async def provision_anew(self, order_id: str, me: StaffMember) -> ProvisionResult:
        """Set the cancelled or missing WHMCS orders aside for good and send a new one."""
        async with self._settling(order_id, me) as (_, order):
            seen = await self.look(order_id, me)
            if SettleWay.PROVISION_ANEW not in seen.ways:
                raise InvalidInput("No WHMCS order of this order is cancelled or gone.")
            told = ", ".join(map(str, seen.dead))
            await self._journal.audit(me.name, "provision anew", order.id, f"set aside: WHMCS order {told}")
            for whmcs_order_id in seen.dead:
                await self._claims.note_set_aside(order.id, whmcs_order_id, me.name)
            await self._writer.forget_billing_order(order.id)
        return await self._engine.provision(order_id, me)

    async def reject(self, order_id: str, me: StaffMember, reason: str) -> DecisionResult:
        """Reject the order, as nothing of it lives in WHMCS any more; a reason is required.

        Refused where the person may not decide on it, or anything of it lives or may still come.
        """
        reason = given_reason(reason)
        _require_supervisor(me)
        if failure := why_not_given_up(await self._unsettled(order_id), me):
            raise InvalidInput(failure.detail)
        async with self._settling(order_id, me) as (claim, order):
            seen = await self.look(order_id, me)
            if SettleWay.REJECT not in seen.ways:
                raise InvalidInput(_why_not_rejected(seen))
            if not await self._claims.still_held(claim):
                raise InvalidInput("It took too long; somebody else may work on the order by now. Look again.")
            result = await self._deciding.give_up(order, me, reason)
            if result.outcome is DecisionOutcome.REFUSED:
                raise InvalidInput(result.message)
        # Where our own database does not answer, the next reading of the queue closes the case.
        with suppress(SystemFault):
            await self._cases.close(order_id)
        return result

    @asynccontextmanager
    async def _settling(self, order_id: str, me: StaffMember) -> AsyncIterator[tuple[Claim, Order]]:
        """Hold the order while its outcome is settled, so that nobody provisions it meanwhile.

        What cannot be done leaves it Paused with its code, as it was.
        """
        _require_supervisor(me)
        before = await self._unsettled(order_id)
        claims = await self._reader.claims(order_id)
        try:
            claim, order = await self._claims.take(order_id, claims, me.name, self._words.activating)
        except Held as held:
            raise InvalidInput(f"It cannot be settled now: {held}.") from held
        async with self._claims.kept(claim):
            try:
                yield claim, order
            except ConsoleError:
                await self._put_back(before, claim)
                raise
            await self._writer.close_claim(claim, "settled")

    async def _put_back(self, before: Order, claim: Claim) -> None:
        """Pause the order as it was. A decision whose answer was lost may stand all the same: that is left alone."""
        present = await self._reader.order(before.id)
        if present is None or present.state is not OrderState.APPROVED:
            await self._writer.close_claim(claim, "settled")
            return
        code = before.error_code or _UNKNOWN
        await self._writer.pause(before.id, claim, code, before.error_message, self._words.of_failure(code))

    async def _unsettled(self, order_id: str) -> Order:
        order = await self._reader.order(order_id)
        if order is None:
            raise NotFound(f"There is no order {order_id}.")
        if order.state is not OrderState.APPROVED or order.activation is Activation.ACTIVATED:
            raise InvalidInput(f"There is nothing to settle on order {order.number}.")
        return order

    async def _client(self, order: Order, me: StaffMember) -> Client:
        facts = await self._evidence.gather(order, me)
        try:
            return facts.linked_client()
        except Stopped as stopped:
            raise InvalidInput(stopped.failure.detail) from None

    async def _unanswered(self, order_id: str) -> Claim | None:
        sent = last(await self._reader.claims(order_id), SEND)
        return sent if sent and not sent.closed_at else None


def _require_supervisor(me: StaffMember) -> None:
    if not me.may(Right.SETTLE):
        raise InvalidInput(f"{me.name} may not settle orders; a supervisor may.")


def _why_not_rejected(seen: OpenOutcome) -> str:
    if seen.alive:
        told = " and ".join(map(str, seen.alive))
        return f"WHMCS still has order {told} for it; cancel that in WHMCS first."
    if seen.sent_at:
        return "A request to WHMCS is without an answer; settle that first."
    return "No WHMCS order of this order is cancelled or gone."


def _too_early(seen: OpenOutcome) -> str:
    if seen.sendable_from is None:
        return "Nothing was sent that is without an answer."
    return f"WHMCS may still be working on it; it can be sent again from {seen.sendable_from:%H:%M:%S} UTC."
