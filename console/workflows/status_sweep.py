"""Comparing what Salesforce and WHMCS say of the orders of the last days, so that Activated stays true.

Source: architecture.md, "the sweep"; failure-codes.md SYN-04 and PRV-07.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from console.clocks import elapsed_s
from console.errors import SystemFault
from console.integrations.portal.portal import Portal
from console.integrations.salesforce.org import Salesforce
from console.integrations.whmcs.actions import Whmcs
from console.models.failure import ABOUT_ACTIVE_ORDERS, Failure
from console.models.order import Activation, Order
from console.models.record import Record
from console.models.staff import Right, StaffMember
from console.rules.status_difference import status_difference
from console.workflows.polling import Polling

# Provisioning writes to one system after the other; what differs for a moment is no difference.
_SETTLED_AFTER = timedelta(minutes=10)
_RECENT_DAYS = 7
_COMPARED = "comparison"

_log = logging.getLogger(__name__)


class Difference(Record):
    """An order of which the systems say different things."""

    order_id: str
    order_number: str
    code: str
    detail: str


class SweepReport(Record):
    """How many orders were compared, which differ, and how many could not be compared as nobody bills them."""

    compared: int
    unbilled: int
    differences: tuple[Difference, ...]


class StatusSweep:
    """Reads both systems and opens or closes cases; nothing is changed in either system."""

    def __init__(self, salesforce: Salesforce, whmcs: Whmcs, portal: Portal) -> None:
        """Work through the three systems."""
        self._reader = salesforce.reads
        self._whmcs = whmcs
        self._cases = portal.cases
        self._directory = portal.directory

    async def run(self, days: int) -> SweepReport:
        """Compare the orders that changed within so many days. Raises a `SystemFault` where one cannot be read.

        What covers the recent days is noted, so that no desk repeats it soon after.
        """
        now = self._reader.server_now()
        if days >= _RECENT_DAYS:
            await self._directory.set_cursor(_COMPARED, datetime.now(UTC))
        orders = await self._reader.orders_in_billing(now - timedelta(days=days))
        differences: list[Difference] = []
        unbilled = 0
        for order in orders:
            if now - order.changed_at < _SETTLED_AFTER:
                continue
            client_id = await self._client_id(order)
            if client_id is None:
                unbilled += 1
            elif failure := await self._compared(order, client_id):
                differences.append(_difference(order, failure))
        return SweepReport(compared=len(orders) - unbilled, unbilled=unbilled, differences=tuple(differences))

    async def last_run(self) -> datetime | None:
        """When somebody last began to compare the recent days, None where nobody ever did."""
        return await self._directory.cursor(_COMPARED)

    async def begin_counting(self) -> None:
        """Let the time to the first comparison run from now on."""
        await self._directory.set_cursor(_COMPARED, datetime.now(UTC))

    async def _compared(self, order: Order, client_id: int) -> Failure | None:
        billing_orders = await self._whmcs.get_orders(client_id)
        services = await self._whmcs.get_services(client_id, currency=order.total.currency)
        failure = status_difference(order, billing_orders, services)
        if failure:
            await self._cases.open(order.id, order.number, failure.code, failure.detail, failure.raw or "")
        elif order.activation is Activation.ACTIVATED and await self._is_noted(order):
            await self._cases.close(order.id)
        return failure

    async def _is_noted(self, order: Order) -> bool:
        case = await self._cases.open_of(order.id)
        return case is not None and case.code in ABOUT_ACTIVE_ORDERS

    async def _client_id(self, order: Order) -> int | None:
        person = await self._directory.person(order.account_id)
        return person.whmcs_client_id if person else None


class RegularSweep:
    """Has a desk compare by itself now and then. Desks that share a database, and the worker, do it once for all."""

    def __init__(
        self, sweep: StatusSweep, polling: Polling, every_h: int, elapsed: Callable[[], float] = elapsed_s
    ) -> None:
        """`every_h` are the hours from one comparison to the next; 0 means never."""
        self._sweep = sweep
        self._polling = polling
        self._every = timedelta(hours=every_h)
        self._elapsed = elapsed
        self._rests_until = 0.0

    async def run_if_due(self, me: StaffMember) -> SweepReport | None:
        """Compare the recent days where that is due, else None. Where a system does not answer, it is for next time.

        It is for those who may provision, and only while there are calls to spare. Where nobody ever compared, the time
        begins to run: a desk that opens for the first time has better things to do.
        """
        if not (self._every and me.may(Right.PROVISION) and self._polling.has_calls_enough):
            return None
        if self._elapsed() < self._rests_until:
            return None
        try:
            return await self._compared_where_due()
        except SystemFault as fault:
            self._rests_until = self._elapsed() + self._every.total_seconds()
            _log.warning("comparison: %s", fault)
            return None

    async def _compared_where_due(self) -> SweepReport | None:
        if (last := await self._sweep.last_run()) is None:
            await self._sweep.begin_counting()
            return None
        # Clocks of two desks differ; one that was wrong by days must not keep everybody from it.
        if abs(datetime.now(UTC) - last) < self._every:
            return None
        return await self._sweep.run(_RECENT_DAYS)


def _difference(order: Order, failure: Failure) -> Difference:
    return Difference(order_id=order.id, order_number=order.number, code=failure.code, detail=failure.detail)
