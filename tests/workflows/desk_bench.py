"""A desk on a sandbox of its own: the real services over loopback, with times short enough to settle lost answers."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from console.models.staff import StaffMember
from console.practice import profile_values
from console.sandbox.faults import Fault
from console.sandbox.server import Sandbox, SandboxInfo, SandboxOptions
from console.services import Services, open_services
from console.settings import Profile, profile_from

T = TypeVar("T")

_TIMES = {"send_window_s": 0.5, "settle_wait_s": 0.05, "claim_lease_s": 30}


@dataclass(frozen=True)
class Bench:
    """A running sandbox with the profile and folder that desks use."""

    sandbox: Sandbox
    profile: Profile
    folder: Path

    def run(self, work: Callable[[Services, StaffMember], Awaitable[T]], signed_in_as: str = "") -> T:
        """Do something as one person, on a desk that is opened for it and closed after it."""

        async def opened() -> T:
            async with open_services(self.profile, self.folder, signed_in_as) as desk:
                return await work(desk, await desk.me())

        return asyncio.run(opened())

    def order_for(self, scenario: str) -> str:
        """The id of the seeded order for `CODE in review` or `CODE approved`."""
        return self.sandbox.world.scenarios[scenario]

    def orders(self, state: str, activation: str = "Created") -> list[str]:
        """Ids of seeded orders that belong to no scenario, by Status and Provisioning_Status__c."""
        special = set(self.sandbox.world.scenarios.values())
        return [
            key
            for key, order in self.sandbox.salesforce.tables["Order"].items()
            if (order["Status"], order["Provisioning_Status__c"]) == (state, activation) and key not in special
        ]

    def in_salesforce(self, order_id: str) -> dict[str, Any]:
        """The order as Salesforce's books have it."""
        return self.sandbox.salesforce.tables["Order"][order_id]

    def claims(self, order_id: str, purpose: str) -> list[dict[str, Any]]:
        """The claim rows of an order for one purpose."""
        rows = self.sandbox.salesforce.tables["Order_Claim__c"].values()
        return [row for row in rows if row["Claim_Key__c"].startswith(f"{purpose}:{order_id}:")]

    def billing_orders(self, order_id: str) -> list[Any]:
        """The WHMCS orders whose services carry the order's marker, in the books."""
        items = self.sandbox.salesforce.tables["OrderItem"]
        own = {key for key, item in items.items() if item["OrderId"] == order_id}
        books = self.sandbox.world.whmcs
        marked = {
            service.orderid
            for service in books.services
            if any(value.split(".")[0] in own for value in service.customfields.values())
        }
        return [order for order in books.orders if order.id in marked]

    def services_of(self, whmcs_order_id: int | None) -> list[Any]:
        """The services of a WHMCS order, in the books."""
        return [one for one in self.sandbox.world.whmcs.services if one.orderid == whmcs_order_id]

    def with_whmcs_settings(self, **changes: Any) -> "Bench":
        """The same sandbox seen by a desk with other settings for WHMCS."""
        whmcs = self.profile.whmcs.model_copy(update=changes)
        return replace(self, profile=self.profile.model_copy(update={"whmcs": whmcs}))

    def with_salesforce_settings(self, **changes: Any) -> "Bench":
        """The same sandbox seen by a desk with other settings for Salesforce."""
        salesforce = self.profile.salesforce.model_copy(update=changes)
        return replace(self, profile=self.profile.model_copy(update={"salesforce": salesforce}))

    def break_with(self, kind: str, action: str, system: str = "whmcs", **options: Any) -> None:
        """Switch a fault on for the next call of an action."""
        self.sandbox.board.add(Fault.model_validate({"system": system, "action": action, "kind": kind, **options}))

    def calls(self, system: str, action: str) -> int:
        """How often an action reached a system."""
        return self.sandbox.board.calls_made().get(system, {}).get(action, 0)


@contextmanager
def desk_bench() -> Iterator[Bench]:
    """A bench over the usual seeded world."""
    sandbox = Sandbox(SandboxOptions())
    with sandbox.running() as info, tempfile.TemporaryDirectory() as folder:
        yield Bench(sandbox, _profile(sandbox, info), Path(folder))


def _profile(sandbox: Sandbox, info: SandboxInfo) -> Profile:
    values = profile_values(sandbox, info)
    values["provisioning"] = _TIMES
    # Clients are read one by one where a test asks for it: faults and counts of calls are of what it does itself.
    values["whmcs"] |= {"timeout_s": 1, "max_run_time_s": 0.5, "details_per_minute": 0}
    return profile_from(values, "of the bench")
