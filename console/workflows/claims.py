"""Who works on an order, and who sends which change to WHMCS. Source: architecture.md, "Safety and liveness"."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from console.clocks import elapsed_s
from console.errors import SystemFault
from console.integrations.holders import Holder
from console.integrations.salesforce.org import Salesforce
from console.integrations.salesforce.writes import ClaimTaken
from console.models.failure import Failure
from console.models.order import Claim, CustomerStatus, Order
from console.settings import ProvisioningSettings
from console.tasks import Tasks
from console.workflows.stops import Stopped

T = TypeVar("T")

WORK, SEND, ACCEPT, DECIDE, ANEW = "work", "send", "accept", "decide", "anew"

# Salesforce's stamps show whole seconds; the moment itself can be almost a second later.
_STAMP_S = 1
_LOOKS_AFTER = 2
_FAILED_LOOKS_AFTER = 3


class Held(Exception):
    """Another process works on the order: who, and until when its claim holds by itself."""

    def __init__(self, person: str, until: datetime) -> None:
        """`person` is empty where the holder did not say."""
        super().__init__(f"{person or 'someone else'} is working on it until {until:%H:%M:%S} UTC")
        self.person = person
        self.until = until


class TooSlow(Exception):
    """So much time passed after a send row was inserted that its request may not be sent any more."""


class SendRow(NamedTuple):
    """The row that lets us send, and until when on `clocks.elapsed_s` the request may leave."""

    claim: Claim
    send_before: float


class Claims:
    """Takes, renews and settles the claim rows of orders for this process and this person."""

    def __init__(
        self,
        salesforce: Salesforce,
        holder: Holder,
        settings: ProvisioningSettings,
        request_ends_s: float,
    ) -> None:
        """`request_ends_s` is the longest time from sending a WHMCS request to the end of what it does there."""
        self._reader = salesforce.reads
        self._writer = salesforce.writes
        self._holder = holder
        self._settings = settings
        self._request_ends_s = request_ends_s

    def new_mark(self) -> str:
        """This process and one attempt, as a claim row names its holder."""
        return self._holder.new_mark()

    async def take(
        self, order_id: str, claims: Sequence[Claim], person: str, shown: CustomerStatus
    ) -> tuple[Claim, Order]:
        """Claim the order for work and read it back, or raise `Held`.

        Generation n+1 is taken when n is closed, has run out, or its holder is known dead.
        """
        newest = last(claims, WORK)
        if newest and not self._may_follow(newest):
            raise Held(newest.person, self._ends_at(newest))
        key = f"{WORK}:{order_id}:{newest.number + 1 if newest else 1}"
        try:
            return await self._writer.begin_work(key, order_id, self.new_mark(), person, shown)
        except ClaimTaken as taken:
            raise Held(taken.claim.person, self._ends_at(taken.claim)) from taken

    @contextlib.asynccontextmanager
    async def kept(self, claim: Claim) -> AsyncIterator[None]:
        """Renew the claim at half its lease for as long as the block runs."""
        tasks = Tasks()
        tasks.spawn(self._renew(claim), f"renew {claim.key}")
        try:
            yield
        finally:
            await tasks.aclose()

    async def still_held(self, claim: Claim) -> bool:
        """Whether our claim is the newest, open and not run out, by Salesforce's own time."""
        return self._is_held(claim, await self._reader.claims(claim.order_id))

    async def require(self, claim: Claim) -> list[Claim]:
        """Every claim row of the order as it is now. Raises `Stopped` (SYN-06) where our claim is not held any more.

        Nothing is written on an order whose claim ran out: somebody else may work on it by then.
        """
        rows = await self._reader.claims(claim.order_id)
        if not self._is_held(claim, rows):
            raise Stopped(Failure(code="SYN-06", detail="The claim on this order ran out in the middle of the work."))
        return rows

    def _is_held(self, claim: Claim, rows: Sequence[Claim]) -> bool:
        newest = last(rows, WORK)
        return bool(
            newest
            and newest.holder == claim.holder
            and not newest.closed_at
            and self._reader.server_now() < self._ends_at(newest)
        )

    def abandoned(self, claims: Sequence[Claim]) -> bool:
        """Whether nobody works on an order any more: its newest work claim is closed, ran out or its holder is dead."""
        newest = last(claims, WORK)
        return newest is None or self._may_follow(newest)

    async def send_row(
        self, purpose: str, order_id: str, claims: Sequence[Claim], person: str, watermark: int | None = None
    ) -> SendRow:
        """Insert the row that decides who sends; every earlier row of the purpose in `claims` must be settled.

        `claims` must have been read before the look that found nothing to adopt: a row that somebody inserted after it
        then has the same key. Raises `Held` where there is one, `TooSlow` where the insertion took so long that sending
        now would not be covered by the rule for sending again.
        """
        earlier = last(claims, purpose)
        key = f"{purpose}:{order_id}:{earlier.number + 1 if earlier else 1}"
        send_before = elapsed_s() + self._settings.send_window_s
        try:
            row = await self._writer.insert_claim(key, order_id, self.new_mark(), person, watermark)
        except ClaimTaken as taken:
            raise Held(taken.claim.person, self.request_over(taken.claim)) from taken
        if elapsed_s() > send_before:
            await self._writer.close_claim(row, "not sent")
            raise TooSlow
        return SendRow(row, send_before)

    async def settle(self, row: Claim, look: Callable[[], Awaitable[T | None]]) -> T | None:
        """Find out what an unanswered request did: look until something is found or the rule for sending again holds.

        None means proved not to have happened: the server's longest run time is over, and two full looks after that
        found nothing. Raises the fault of a look where the system stays out of reach after that time.
        """
        looks_after = 0
        failures_after = 0
        while looks_after < _LOOKS_AFTER:
            over = self._reader.server_now() >= self.request_over(row)
            try:
                found = await look()
            except SystemFault:
                failures_after += over
                if failures_after > _FAILED_LOOKS_AFTER:
                    raise
            else:
                if found is not None:
                    return found
                looks_after += over
            await asyncio.sleep(self._settings.settle_wait_s)
        return None

    async def note_set_aside(self, order_id: str, whmcs_order_id: int, person: str) -> None:
        """Note that a supervisor gave up a cancelled WHMCS order of the order; it stays noted for good."""
        claims = await self._reader.claims(order_id)
        if whmcs_order_id in set_aside(claims):
            return
        earlier = last(claims, ANEW)
        key = f"{ANEW}:{order_id}:{earlier.number + 1 if earlier else 1}"
        row = await self._writer.insert_claim(key, order_id, self.new_mark(), person, whmcs_order_id)
        await self._writer.close_claim(row, "set aside", f"WHMCS order {whmcs_order_id}")

    def request_over(self, row: Claim) -> datetime:
        """From when on nothing can come any more of the request that the row announced."""
        longest = _STAMP_S + self._settings.send_window_s + self._request_ends_s
        return row.created_at + timedelta(seconds=longest)

    def _ends_at(self, claim: Claim) -> datetime:
        return claim.changed_at + timedelta(seconds=self._settings.claim_lease_s)

    def _may_follow(self, claim: Claim) -> bool:
        return (
            claim.closed_at is not None
            or self._reader.server_now() >= self._ends_at(claim)
            or self._holder.is_known_dead(claim.holder)
        )

    async def _renew(self, claim: Claim) -> None:
        while True:
            await asyncio.sleep(self._settings.claim_lease_s / 2)
            # A system that does not answer now may answer the next time; the lease decides, not one failure.
            with contextlib.suppress(SystemFault):
                if not await self.still_held(claim):
                    return
                await self._writer.renew_claim(claim)


def last(claims: Sequence[Claim], purpose: str) -> Claim | None:
    """The newest row of a purpose."""
    return max((claim for claim in claims if claim.purpose == purpose), key=lambda claim: claim.number, default=None)


def set_aside(claims: Sequence[Claim]) -> frozenset[int]:
    """Ids of WHMCS orders that a supervisor gave up, to provision anew."""
    return frozenset(claim.watermark for claim in claims if claim.purpose == ANEW and claim.watermark)
