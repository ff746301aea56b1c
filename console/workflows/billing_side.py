"""The WHMCS half of provisioning: find our order, send it once, accept it, see that it is active."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, TypeVar

from console.errors import AccessRefused, OutcomeUnknown, Rejected, SystemFault, Unavailable
from console.integrations.salesforce.org import Salesforce
from console.integrations.whmcs.actions import Whmcs
from console.models.billing import BillingOrder, Client, Invoice, Service
from console.models.failure import Failure
from console.models.order import Activation, Claim, Order
from console.rules.activation import items_to_order, missing_items, what_stops_activation
from console.rules.markers import our_billing_order, unexplained
from console.settings import WhmcsSettings
from console.workflows.claims import ACCEPT, ANEW, SEND, Claims, last, set_aside
from console.workflows.diagnosis import Diagnosis
from console.workflows.stops import Stopped

T = TypeVar("T")

_SETUP = "setup"
_ADOPTED = "adopted"
# How often one run sends again what is proved not to have happened, before it leaves the order to a later one.
_TRIES = 3


class Look(NamedTuple):
    """What was seen of our order in WHMCS. `claims` are older than it: who sends after they were read takes our key.

    found  our live WHMCS order, or None
    """

    claims: list[Claim]
    billing_orders: Sequence[BillingOrder]
    services: tuple[Service, ...]
    found: BillingOrder | None


class Verified(NamedTuple):
    """The services of a WHMCS order of ours, and why it is not active as a whole, None where it is."""

    services: list[Service]
    unfinished: Failure | None


class BillingSide:
    """Works on one order at a time. Every method may raise `Stopped`, `Held`, `TooSlow` or a `SystemFault`."""

    def __init__(
        self,
        salesforce: Salesforce,
        whmcs: Whmcs,
        claims: Claims,
        diagnosis: Diagnosis,
        settings: WhmcsSettings,
    ) -> None:
        """Work through WHMCS; the rows that decide who sends are in Salesforce."""
        self._writer = salesforce.writes
        self._whmcs = whmcs
        self._claims = claims
        self._diagnosis = diagnosis
        self._settings = settings

    async def look(self, order: Order, client: Client, claim: Claim) -> Look:
        """Look for our live WHMCS order by its marker or its recorded id. Source: architecture.md, step 3.

        `claim` is the one that is worked under; it must still be held.
        """
        claims = await self._claims.require(claim)
        billing_orders, services = await self._books(client)
        found = our_billing_order(order, billing_orders, services, set_aside(claims))
        if isinstance(found, Failure):
            raise Stopped(found)
        return Look(claims, billing_orders, services, found)

    def require_alone(self, others: Sequence[Order] | None) -> None:
        """While it is not proved that WHMCS keeps our marker: one order per client at a time.

        Source: architecture.md, "That AddOrder stores an admin-only field is not documented".
        """
        busy = [other.number for other in others or () if other.activation is Activation.ACTIVATING]
        if busy and not self._settings.marker_proved:
            detail = f"Order {', '.join(busy)} of this customer is being provisioned; the marker is not proved yet."
            raise Stopped(Failure(code="SYN-06", detail=detail))

    async def send(self, order: Order, client: Client, claim: Claim, look: Look) -> BillingOrder:
        """AddOrder once, under a send row of its own; returns the WHMCS order, its id recorded in Salesforce already.

        `look` is one that found nothing. A send without a known outcome is settled before the next one, and then
        looked for anew. Source: architecture.md, step 5.
        """
        earlier = last(look.claims, SEND)
        if earlier and not earlier.closed_at:
            if settled := await self._settle_send(order, client, earlier, look.claims):
                return settled
            look = await self.look(order, client, claim)
        for tried in range(_TRIES):
            if tried:
                look = await self.look(order, client, claim)
            if look.found:
                await self._writer.write_billing_order(order.id, look.found.id, None)
                return look.found
            if sent := await self._send_once(order, client, claim, look):
                return sent
        raise Stopped(Failure(code="PRV-02", detail=f"WHMCS gave no answer {_TRIES} times; nothing was ordered."))

    async def accept(self, order: Order, billing_order: BillingOrder, claim: Claim) -> str:
        """Accept a Pending order, or set up again what an accepted one left inactive; returns a refusal's text, or "".

        `claim` is the one that is worked under; where anything is to be sent, it must still be held. Source:
        architecture.md, step 6; failure-codes.md PRV-03 and PRV-04.
        """
        if billing_order.status == "Active":
            return await self._set_up_rest(billing_order, claim)
        if billing_order.status != "Pending":
            detail = f"WHMCS order {billing_order.id} is {billing_order.status}."
            raise Stopped(Failure(code="PRV-08", detail=detail))
        for _ in range(_TRIES):
            refusal = await self._accept_once(billing_order, claim)
            if refusal is not None:
                return refusal
        detail = f"WHMCS gave no answer {_TRIES} times; order {billing_order.id} is still Pending."
        raise Stopped(Failure(code="PRV-02", detail=detail))

    async def verify(self, order: Order, client: Client, order_id: int, refusal: str) -> Verified:
        """The services of our order, and what stands in the way where not all of it is active. Source: step 7.

        Raises `Stopped` where the order is gone.
        """
        billing_orders = await self._whmcs.get_orders(client.id)
        billing_order = next((one for one in billing_orders if one.id == order_id), None)
        if billing_order is None:
            raise Stopped(Failure(code="PRV-08", detail=f"WHMCS order {order_id} is gone."))
        services, queue, invoices = await asyncio.gather(
            self._whmcs.get_services(client.id, currency=client.currency),
            self._whmcs.get_module_queue(),
            self._invoices(client, billing_order),
        )
        ours = [service for service in services if service.order_id == order_id]
        invoice = next((one for one in invoices if one.id == billing_order.invoice_id), None)
        failure = what_stops_activation(billing_order, ours, queue, invoice, refusal)
        if failure is None and (missing := missing_items(order, ours)):
            detail = f"WHMCS order {order_id} lacks {', '.join(missing)}; a person has to add it there."
            failure = Failure(code="PRV-04", detail=detail)
        return Verified(ours, failure)

    async def _invoices(self, client: Client, billing_order: BillingOrder) -> tuple[Invoice, ...]:
        return await self._whmcs.get_invoices(client.id) if billing_order.invoice_id else ()

    async def _books(self, client: Client) -> tuple[Sequence[BillingOrder], tuple[Service, ...]]:
        # Orders first: the services of every order that is seen are then there to be read. An order that came between
        # the two reads shows by its services, and would look like one that is gone.
        billing_orders = await self._whmcs.get_orders(client.id)
        services = await self._whmcs.get_services(client.id, currency=client.currency)
        if {service.order_id for service in services} - {one.id for one in billing_orders}:
            billing_orders = await self._whmcs.get_orders(client.id)
        return billing_orders, services

    async def _send_once(self, order: Order, client: Client, claim: Claim, look: Look) -> BillingOrder | None:
        """Send where `look` found nothing; None where it is proved that nothing was ordered."""
        earlier = last(look.claims, SEND)
        items = items_to_order(order, earlier.number + 1 if earlier else 1, self._settings.marker_field_ids)
        if isinstance(items, Failure):
            raise Stopped(items)
        if earlier and earlier.outcome == _ADOPTED and not _given_up_since(earlier, look.claims):
            raise Stopped(Failure(code="PRV-08", detail=f"What was sent before is gone: {earlier.detail}."))
        watermark = max((one.id for one in look.billing_orders), default=0)
        row, send_before = await self._claims.send_row(SEND, order.id, look.claims, claim.person, watermark)
        try:
            added = await self._whmcs.add_order(
                client.id,
                client.default_gateway,
                items,
                price_override=False,
                no_invoice=not self._settings.first_invoice,
                send_before=send_before,
            )
        except OutcomeUnknown:
            return await self._settle_send(order, client, row, look.claims)
        except (AccessRefused, Unavailable):
            await self._writer.close_claim(row, "not sent")
            raise
        except Rejected as error:
            # Only a text that we know to come before any change proves that nothing was done.
            if self._diagnosis.knows_text(error):
                await self._writer.close_claim(row, "rejected", error.message)
            raise
        await self._writer.write_billing_order(order.id, added.order_id, row)
        return await self._read(added.order_id)

    async def _settle_send(
        self, order: Order, client: Client, row: Claim, claims: Sequence[Claim]
    ) -> BillingOrder | None:
        """What an unanswered AddOrder did: our order, None where it is proved that there is none, or PRV-01."""

        strangers: list[int] = []

        async def look() -> BillingOrder | None:
            billing_orders, services = await self._books(client)
            strangers[:] = unexplained(order, row.watermark or 0, billing_orders, services)
            found = our_billing_order(order, billing_orders, services, set_aside(claims))
            if isinstance(found, Failure):
                raise Stopped(found)
            return found

        found = await self._settle(row, look)
        if found:
            await self._writer.write_billing_order(order.id, found.id, row)
            return found
        if strangers:
            names = ", ".join(str(one) for one in strangers)
            raise Stopped(Failure(code="PRV-01", detail=f"No answer from WHMCS; order {names} may be ours."))
        if not self._settings.marker_proved:
            raise Stopped(
                Failure(code="PRV-01", detail="No answer from WHMCS; whether it keeps our marker is not proved.")
            )
        await self._writer.close_claim(row, "not sent")
        return None

    async def _accept_once(self, billing_order: BillingOrder, claim: Claim) -> str | None:
        """Settle the acceptance before, then accept; None where it is proved that it did not happen."""
        claims = await self._claims.require(claim)
        earlier = last(claims, ACCEPT)
        if earlier and not earlier.closed_at and await self._settle_acceptance(billing_order.id, earlier):
            return ""
        row, send_before = await self._claims.send_row(ACCEPT, claim.order_id, claims, claim.person)
        try:
            await self._whmcs.accept_order(
                billing_order.id, autosetup=self._settings.autosetup, send_before=send_before
            )
        except OutcomeUnknown:
            return "" if await self._settle_acceptance(billing_order.id, row) else None
        except (AccessRefused, Unavailable):
            await self._writer.close_claim(row, "not sent")
            raise
        except Rejected as error:
            # A module's refusal can follow partial work, and "not Pending" is no error: verification decides.
            await self._writer.close_claim(row, "refused", error.message)
            return error.message
        await self._writer.close_claim(row, "accepted")
        return ""

    async def _settle_acceptance(self, order_id: int, row: Claim) -> bool:
        """Whether an unanswered AcceptOrder was carried out; the row is closed with it."""
        accepted = await self._settle(row, lambda: self._accepted(order_id)) is not None
        await self._writer.close_claim(row, "accepted" if accepted else "not accepted")
        return accepted

    async def _read(self, order_id: int) -> BillingOrder:
        for one in await self._whmcs.get_orders(order_id=order_id):
            if one.id == order_id:
                return one
        raise Stopped(Failure(code="PRV-01", detail=f"WHMCS order {order_id} cannot be read back."))

    async def _accepted(self, order_id: int) -> BillingOrder | None:
        billing_order = await self._read(order_id)
        return None if billing_order.status == "Pending" else billing_order

    async def _set_up_rest(self, billing_order: BillingOrder, claim: Claim) -> str:
        """Run the set-up of each service that an earlier acceptance left inactive, within the same WHMCS order."""
        refusal = ""
        for line in billing_order.lines:
            if line.status == "Pending" and line.service_id:
                refusal = await self._set_up(line.service_id, claim) or refusal
        return refusal

    async def _set_up(self, service_id: int, claim: Claim) -> str:
        """Run one service's set-up once; returns a refusal's text, or "". ModuleCreate is not repeat-safe."""
        purpose = f"{_SETUP}{service_id}"
        claims = await self._claims.require(claim)
        earlier = last(claims, purpose)
        if earlier and not earlier.closed_at:
            active = await self._settle(earlier, lambda: self._active(service_id))
            await self._writer.close_claim(earlier, "active" if active else "not active")
        row, send_before = await self._claims.send_row(purpose, claim.order_id, claims, claim.person)
        if await self._active(service_id):
            await self._writer.close_claim(row, "active already")
            return ""
        refusal = ""
        try:
            await self._whmcs.module_create(service_id, send_before=send_before)
        except (AccessRefused, Unavailable):
            await self._writer.close_claim(row, "not sent")
            raise
        except Rejected as error:
            refusal = error.message
        except OutcomeUnknown:
            await self._settle(row, lambda: self._active(service_id))
        await self._writer.close_claim(row, "refused" if refusal else "done", refusal)
        return refusal

    async def _settle(self, row: Claim, look: Callable[[], Awaitable[T | None]]) -> T | None:
        """Find out what an unanswered request did. What cannot be found out is PRV-01: the row stays open."""
        try:
            return await self._claims.settle(row, look)
        except SystemFault as fault:
            detail = f"No answer from WHMCS, and it cannot be read now: {fault.message}"
            raise Stopped(Failure(code="PRV-01", detail=detail, raw=fault.message)) from fault

    async def _active(self, service_id: int) -> Service | None:
        found = await self._whmcs.get_services(service_id=service_id, currency="")
        return next((one for one in found if one.status == "Active"), None)


def _given_up_since(sent: Claim, claims: Sequence[Claim]) -> bool:
    """Whether a supervisor has set aside what came of a send."""
    anew = last(claims, ANEW)
    return anew is not None and anew.created_at >= sent.created_at
