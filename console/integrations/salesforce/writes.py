"""Everything that is written to Salesforce: each change of an order is one all-or-nothing call with its claim row."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote

from console.errors import Conflict, OutcomeUnknown, SystemFault, Unavailable
from console.integrations.salesforce.client import SalesforceReader
from console.integrations.salesforce.field_map import FieldMap
from console.integrations.salesforce.mapping import ids_text
from console.integrations.salesforce.transport import Step, Transport
from console.models.order import Activation, Claim, CustomerStatus, Order, OrderState

T = TypeVar("T")

# Of one composite request. Source: salesforce-api.md 2.5
_MOST_STEPS = 25
_PAUSES_S = (0.0, 0.2, 0.6)


class ClaimTaken(Conflict):
    """Somebody else's claim is there already. `claim` is its row."""

    claim: Claim

    @classmethod
    def by(cls, claim: Claim) -> "ClaimTaken":
        """The error for a claim that stands in the way."""
        taken = cls("salesforce", "create:Order_Claim__c", f"{claim.key} is taken", error_code="DUPLICATE_VALUE")
        taken.claim, taken.holder_id = claim, claim.id
        return taken


class SalesforceWriter:
    """Writes orders and claims.

    A claim key is unique and its row is never reused, so an insertion whose answer was lost is settled at once by
    sending it again: either it goes in, or the row that is there tells by its holder whether it was ours.
    Source: salesforce-api.md 2.7.
    """

    def __init__(self, transport: Transport, fields: FieldMap, reader: SalesforceReader) -> None:
        """Write through `transport`, read back through `reader`."""
        self._transport = transport
        self._fields = fields
        self._reader = reader

    async def begin_work(
        self, key: str, order_id: str, holder: str, person: str, shown: CustomerStatus
    ) -> tuple[Claim, Order]:
        """Claim an order for provisioning: insert the row, set Activating, read the order back.

        Raises `ClaimTaken` where another process was first.
        """
        activating = {
            "activation": Activation.ACTIVATING,
            "error_code": None,
            "error_message": None,
        } | _shown(shown)
        answers = await self._with_claim(
            {"key": key, "order_id": order_id, "holder": holder, "person": person},
            [self._order_patch(order_id, activating), self._order_read(order_id)],
        )
        return self._claim_back(answers), self._order_back(answers)

    async def insert_claim(
        self, key: str, order_id: str, holder: str, person: str, watermark: int | None = None
    ) -> Claim:
        """Insert a claim row by itself, as before each write to WHMCS. Raises `ClaimTaken` where the key exists."""
        row = {"key": key, "order_id": order_id, "holder": holder, "person": person, "watermark": watermark}
        return self._claim_back(await self._with_claim(row, []))

    async def decide(
        self,
        key: str,
        order_id: str,
        holder: str,
        person: str,
        decision: dict[str, Any],
        shown: CustomerStatus,
        instead_of: Claim | None = None,
    ) -> Order:
        """Insert a decision row and write the decision on the order; returns the order as it is afterwards.

        `decision` holds `state`, `approved_by`, `approved_hash` and `decision_reason`, and what else changes with it.
        `instead_of` is an earlier decision that is withdrawn by this one. Raises `ClaimTaken`.
        """
        row = {
            "key": key,
            "order_id": order_id,
            "holder": holder,
            "person": person,
            "hash": decision["approved_hash"],
            "outcome": str(decision["state"]),
            "detail": (decision["decision_reason"] or "")[:255],
        }
        patch = decision | {"decided_at": _stamp(self._reader.server_now())} | _shown(shown)
        steps = [self._order_patch(order_id, patch), self._order_read(order_id)]
        if instead_of and not instead_of.closed_at:
            steps.append(self._closing(instead_of, "withdrawn", f"{decision['state']} instead"))
        return self._order_back(await self._with_claim(row, steps))

    async def return_to_review(
        self,
        order_id: str,
        decision: Claim | None,
        shown: CustomerStatus,
        unmodified_since: datetime | None = None,
    ) -> None:
        """Withdraw an approval: the order waits for review again and the decision row says so.

        Its signature stays: who may not approve may not write it, and it counts for an approved order only. Raises
        `Stale` where the order changed after `unmodified_since`: somebody may have approved it anew.
        """
        patch = {"state": OrderState.IN_REVIEW} | _shown(shown)
        steps = [self._order_patch(order_id, patch).model_copy(update={"unmodified_since": unmodified_since})]
        if decision and not decision.closed_at:
            steps.append(self._closing(decision, "withdrawn", "changed since it was reviewed"))
        await self._settled(steps)

    async def write_billing_order(self, order_id: str, whmcs_order_id: int, send_row: Claim | None) -> None:
        """Record which WHMCS order provisions this order, before anything else, and settle its send row."""
        steps = [self._order_patch(order_id, {"whmcs_order_id": str(whmcs_order_id)})]
        if send_row:
            steps.append(self._closing(send_row, "adopted", f"WHMCS order {whmcs_order_id}"))
        await self._settled(steps)

    async def forget_billing_order(self, order_id: str) -> None:
        """Take the WHMCS order off that was recorded: a supervisor provisions anew."""
        await self._settled([self._order_patch(order_id, {"whmcs_order_id": None})])

    async def write_services(self, services: dict[str, tuple[int, ...]]) -> None:
        """Write the ids of the services that are active on their lines. `services` is by order item id."""
        lines = self._lines(services)
        for at in range(0, len(lines), _MOST_STEPS):
            await self._settled(lines[at : at + _MOST_STEPS])

    async def finish(
        self, order_id: str, claim: Claim, services: dict[str, tuple[int, ...]], shown: CustomerStatus
    ) -> None:
        """Write the service ids on the lines, set Activated and close the claim. `services` is by order item id.

        What does not fit into one request is written before: an order that is left half-way is not Activated, and the
        next run writes the same lines again.
        """
        lines = self._lines(services)
        done = {"activation": Activation.ACTIVATED, "error_code": None, "error_message": None} | _shown(shown)
        end = [self._order_patch(order_id, done), self._closing(claim, "activated", "")]
        while len(lines) + len(end) > _MOST_STEPS:
            await self._settled(lines[:_MOST_STEPS])
            lines = lines[_MOST_STEPS:]
        await self._settled([*lines, *end])

    async def pause(self, order_id: str, claim: Claim, code: str, message: str, shown: CustomerStatus | None) -> None:
        """Set Paused with the code and the words, and close the claim. `shown` None keeps what the customer sees."""
        patch = {"activation": Activation.PAUSED, "error_code": code, "error_message": message}
        if shown:
            patch |= _shown(shown)
        await self._settled([self._order_patch(order_id, patch), self._closing(claim, f"paused {code}", message)])

    async def renew_claim(self, claim: Claim) -> None:
        """Bump a work claim's stamp, so that its lease starts anew."""
        await self._settled([self._patch("claim", "order_claim", claim.id, {"detail": "at work"})])

    async def close_claim(self, claim: Claim, outcome: str, detail: str = "") -> None:
        """Note how a claim ended. A closed row stays as it is."""
        await self._settled([self._closing(claim, outcome, detail)])

    async def _with_claim(self, row: dict[str, Any], then: list[Step]) -> dict[str, Any]:
        """Insert a claim row together with `then` and read the row back, settling lost answers by its unique key."""
        key, holder = row["key"], row["holder"]
        insert = Step(name="insert", method="POST", path=f"sobjects/{self._fields.objects['order_claim']}/",
                      body=self._fields.write("order_claim", row))  # fmt: skip
        read = Step(name="claim", method="GET", path=f"query/?q={quote(self._reader.claim_query(key))}")

        async def insert_or_find() -> dict[str, Any]:
            try:
                return await self._transport.composite([insert, *then, read])
            except Conflict as conflict:
                held = await self._reader.claim(key)
                if held is None:
                    raise
                if held.holder != holder:
                    raise ClaimTaken.by(held) from conflict
            reads = [step for step in then if step.method == "GET"]
            return await self._transport.composite([*reads, read], all_or_none=False)

        return await _persistently(insert_or_find)

    async def _settled(self, steps: list[Step]) -> None:
        """Send changes that set a state: repeating them is safe, so a lost answer is simply asked for again."""
        await _persistently(lambda: self._transport.composite(steps))

    def _lines(self, services: dict[str, tuple[int, ...]]) -> list[Step]:
        return [
            self._patch(f"item{n}", "order_item", item_id, {"whmcs_service_ids": ids_text(ids)})
            for n, (item_id, ids) in enumerate(services.items())
        ]

    def _order_patch(self, order_id: str, values: dict[str, Any]) -> Step:
        return self._patch("patch", "order", order_id, values)

    def _patch(self, name: str, record: str, record_id: str, values: dict[str, Any]) -> Step:
        path = f"sobjects/{self._fields.objects[record]}/{record_id}"
        return Step(name=name, method="PATCH", path=path, body=self._fields.write(record, values))

    def _closing(self, claim: Claim, outcome: str, detail: str) -> Step:
        values = {"closed_at": _stamp(self._reader.server_now()), "outcome": outcome, "detail": detail[:255]}
        return self._patch("close", "order_claim", claim.id, values)

    def _order_read(self, order_id: str) -> Step:
        return Step(name="order", method="GET", path=f"query/?q={quote(self._reader.order_query(order_id))}")

    def _claim_back(self, answers: dict[str, Any]) -> Claim:
        return _read_back("the claim row", lambda: self._reader.claim_of(answers["claim"]))

    def _order_back(self, answers: dict[str, Any]) -> Order:
        return _read_back("the order", lambda: self._reader.order_of(answers["order"]))


def _read_back(what: str, read: Callable[[], T | None]) -> T:
    """What a change reads back of itself. Raises `OutcomeUnknown` where that is missing or unreadable."""
    try:
        found = read()
    except Unavailable:
        found = None
    if found is None:
        raise OutcomeUnknown("salesforce", "composite", f"{what} cannot be read back", mutating=True)
    return found


async def _persistently(send: Callable[[], Awaitable[T]]) -> T:
    """Send up to three times with growing, jittered pauses, as long as asking again can help.

    Where an answer was lost before, a later failure does not tell that nothing was done: `OutcomeUnknown` stays.
    """
    unclear: OutcomeUnknown | None = None
    for pause_s in _PAUSES_S:
        await asyncio.sleep(pause_s * random.uniform(0.5, 1.5))
        try:
            return await send()
        except ClaimTaken:
            raise
        except SystemFault as fault:
            failed = fault
        if isinstance(failed, OutcomeUnknown):
            unclear = failed
        if pause_s == _PAUSES_S[-1] or not _passes(failed):
            raise unclear or failed
    raise AssertionError("the last try returns or raises")


def _passes(fault: SystemFault) -> bool:
    """Whether asking again can help: no answer came, or the row was locked for a moment (SYN-01)."""
    return isinstance(fault, OutcomeUnknown | Unavailable) or fault.error_code == "UNABLE_TO_LOCK_ROW"


def _shown(status: CustomerStatus) -> dict[str, str]:
    return {
        "customer_status": status.slug,
        "customer_status_text": status.en,
        "customer_status_text_ja": status.ja,
    }


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
