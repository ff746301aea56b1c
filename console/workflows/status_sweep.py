"""Comparing what Salesforce and WHMCS say of the orders of the last days, so that Activated stays true.

Source: architecture.md, "the sweep"; failure-codes.md SYN-04 and PRV-07.
"""

from datetime import timedelta

from console.integrations.portal.portal import Portal
from console.integrations.salesforce.org import Salesforce
from console.integrations.whmcs.actions import Whmcs
from console.models.failure import ABOUT_ACTIVE_ORDERS, Failure
from console.models.order import Activation, Order
from console.models.record import Record
from console.rules.status_difference import status_difference

# Provisioning writes to one system after the other; what differs for a moment is no difference.
_SETTLED_AFTER = timedelta(minutes=10)


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
        """Compare the orders that changed within so many days. Raises a `SystemFault` where one cannot be read."""
        now = self._reader.server_now()
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


def _difference(order: Order, failure: Failure) -> Difference:
    return Difference(order_id=order.id, order_number=order.number, code=failure.code, detail=failure.detail)
