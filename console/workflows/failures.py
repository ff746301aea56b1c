"""The failure desk: what is stuck, with its code and next button, and trying it again."""

from collections.abc import Mapping
from datetime import datetime

from console.errors import InvalidInput, NotFound
from console.integrations.portal.portal import Portal
from console.integrations.salesforce.org import Salesforce
from console.models.case import FailureCase
from console.models.failure import ABOUT_ACTIVE_ORDERS, UNCLASSIFIED, FailureCatalogue, FailureCode
from console.models.order import Activation, CustomerStatus, OrderKind, OrderState, OrderSummary
from console.models.provisioning import ProvisionResult
from console.models.record import Record
from console.models.staff import StaffMember
from console.workflows.claims import Claims
from console.workflows.engine import PROVISION, Engine
from console.workflows.sync import Sync

# A run that ended without a word may have changed billing: its outcome is settled first.
_STOPPED = "PRV-01"
_ENDED = frozenset({OrderState.REJECTED, OrderState.CANCELLED})


class ListedCase(Record):
    """An open case with what the catalogue says of its code.

    `customer` is "" and `kind` and `account_id` are None where no sync has read the order.
    """

    case: FailureCase
    code: FailureCode
    customer: str = ""
    kind: OrderKind | None = None
    account_id: str | None = None

    @property
    def since(self) -> datetime:
        """When the order got stuck with this code."""
        return self.case.opened_at

    @property
    def customer_sees(self) -> CustomerStatus | None:
        """The customer's words, None where the last status stays."""
        return self.code.customer


class FailureDesk:
    """Lists and retries cases for one signed-in person."""

    def __init__(
        self,
        salesforce: Salesforce,
        portal: Portal,
        claims: Claims,
        sync: Sync,
        catalogue: FailureCatalogue,
        engine: Engine,
    ) -> None:
        """Cases are ours; orders that Salesforce has Paused, or that were left half-way, join them."""
        self._reader = salesforce.reads
        self._claims = claims
        self._cases = portal.cases
        self._commands = portal.commands
        self._directory = portal.directory
        self._sync = sync
        self._catalogue = catalogue
        self._engine = engine

    async def all_open(self, code: str | None = None) -> list[ListedCase]:
        """Open cases after reading the queue again, oldest first, only those of one code where it is given.

        Raises `InvalidInput` for a code that the catalogue does not have.
        """
        if code is not None and code not in self._catalogue:
            raise InvalidInput(f"There is no failure code {code[:20]!r}.")
        await self._sync.refresh()
        await self.take_over()
        return [case for case in await self.listed() if code in (None, case.code.code)]

    async def listed(self) -> list[ListedCase]:
        """Open cases as our own database has them, oldest first; no system is asked."""
        orders = {order.order_id: order for order in await self._directory.orders_with_case()}
        return [self._listed(case, orders) for case in await self._cases.all_open()]

    async def case_of(self, order_id: str) -> ListedCase | None:
        """The open case of one order, as our own database has it."""
        case = await self._cases.open_of(order_id)
        order = await self._directory.order(order_id)
        return self._listed(case, {order_id: order} if order else {}) if case else None

    async def open_case(self, case_id: int) -> FailureCase:
        """The case, if it can be retried. Raises `NotFound` for an unknown case, `InvalidInput` for a closed one."""
        case = await self._cases.get(case_id)
        if case is None:
            raise NotFound(f"There is no case {case_id}.")
        if case.closed_at is not None:
            raise InvalidInput(f"Case {case_id} is closed already.")
        return case

    async def retry(self, case: FailureCase, me: StaffMember) -> ProvisionResult:
        """Provision the case's order again."""
        return await self._engine.provision(case.order_id, me)

    def _listed(self, case: FailureCase, orders: Mapping[str, OrderSummary]) -> ListedCase:
        order = orders.get(case.order_id)
        return ListedCase(
            case=case,
            code=self._catalogue[case.code],
            customer=order.customer if order else "",
            kind=order.kind if order else None,
            account_id=order.account_id if order else None,
        )

    async def take_over(self) -> None:
        """Open cases for orders of the queue that got stuck elsewhere, and close those whose order does not wait.

        Raises a `SystemFault` where the claim of an order that stands half-way cannot be read.
        """
        known = {case.order_id: case.code for case in await self._cases.all_open()}
        # Whoever carries these out goes on with them, also after a death.
        in_hand = await self._commands.open_subjects(PROVISION)
        for order in await self._directory.orders_half_way():
            code = known.get(order.order_id)
            if order.activation is Activation.PAUSED and not _is_given_up(order):
                paused_as = (order.error_code if order.error_code in self._catalogue else None) or UNCLASSIFIED
                if code != paused_as:
                    await self._cases.adopt(order, paused_as, "The order is paused in Salesforce.")
            elif order.activation is Activation.ACTIVATING and code is None and order.order_id not in in_hand:
                if await self._abandoned(order):
                    await self._cases.adopt(order, _STOPPED, "Provisioning stopped half-way.")
            elif code and code not in ABOUT_ACTIVE_ORDERS and _needs_nobody(order):
                await self._cases.close(order.order_id)

    async def _abandoned(self, order: OrderSummary) -> bool:
        return self._claims.abandoned(await self._reader.claims(order.order_id))


def _needs_nobody(order: OrderSummary) -> bool:
    return order.activation is Activation.ACTIVATED or order.state in _ENDED


def _is_given_up(order: OrderSummary) -> bool:
    """Whether a paused order was rejected for good; what has a code may have left something in billing."""
    return order.state in _ENDED and not order.error_code
