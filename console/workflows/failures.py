"""The failure desk: what is stuck, with its code and next button, and trying it again."""

from datetime import datetime

from console.errors import InvalidInput, NotFound
from console.integrations.portal.portal import Portal
from console.models.case import FailureCase
from console.models.failure import UNCLASSIFIED, FailureCatalogue, FailureCode
from console.models.order import Activation, CustomerStatus
from console.models.provisioning import ProvisionResult
from console.models.record import Record
from console.models.staff import StaffMember
from console.workflows.provision import Provisioning
from console.workflows.sync import Sync

# These speak of orders that are Activated; being Activated does not settle them.
_ABOUT_ACTIVE_ORDERS = frozenset({"PRV-07", "SYN-04"})


class ListedCase(Record):
    """An open case with what the catalogue says of its code."""

    case: FailureCase
    code: FailureCode

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
        portal: Portal,
        sync: Sync,
        catalogue: FailureCatalogue,
        provisioning: Provisioning,
    ) -> None:
        """Cases are ours; orders that Salesforce has Paused join them."""
        self._cases = portal.cases
        self._directory = portal.directory
        self._sync = sync
        self._catalogue = catalogue
        self._provisioning = provisioning

    async def all_open(self, code: str | None = None) -> list[ListedCase]:
        """Open cases, oldest first, only those of one code where it is given.

        Orders that another desk or an earlier day paused are taken over from Salesforce.
        Raises `InvalidInput` for a code that the catalogue does not have.
        """
        if code is not None and code not in self._catalogue:
            raise InvalidInput(f"There is no failure code {code[:20]!r}.")
        await self._sync.ensure()
        await self._sync.orders()
        await self._adopt_paused()
        listed = [ListedCase(case=case, code=self._catalogue[case.code]) for case in await self._cases.all_open()]
        return [case for case in listed if code in (None, case.code.code)]

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
        return await self._provisioning.provision(case.order_id, me)

    async def _adopt_paused(self) -> None:
        """Open a case for each Paused order that has none, and close those whose order goes on."""
        known = {case.order_id: case for case in await self._cases.all_open()}
        paused = await self._directory.orders(activation=Activation.PAUSED)
        for order in paused:
            code = order.error_code if order.error_code in self._catalogue else UNCLASSIFIED
            if order.order_id not in known:
                detail = f"Salesforce has order {order.order_number} paused."
                await self._cases.open(
                    order.order_id, order.order_number, code or UNCLASSIFIED, detail, "", attempt=False
                )
        activated = {order.order_id for order in await self._directory.orders(activation=Activation.ACTIVATED)}
        for order_id in known.keys() & activated:
            if known[order_id].code not in _ABOUT_ACTIVE_ORDERS:
                await self._cases.close(order_id)
