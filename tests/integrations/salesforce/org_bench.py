"""A seeded org on loopback, the real adapter on it, and faults on demand."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import SecretStr

from console import paths
from console.integrations.salesforce.org import Salesforce
from console.integrations.salesforce.session import SalesforceSession
from console.models.order import CustomerStatus
from console.sandbox.faults import Fault
from console.sandbox.server import Sandbox, SandboxInfo, SandboxOptions

T = TypeVar("T")

SHOWN = CustomerStatus(slug="activating", en="Being set up", ja="手続き中")
FIELD_MAP = paths.resources() / "field_map.toml"


@dataclass(frozen=True)
class OrgBench:
    """A running sandbox and how to reach its Salesforce."""

    sandbox: Sandbox
    info: SandboxInfo

    def token(self, role: str) -> str:
        """The access token of the first person with a role."""
        return next(user["access_token"] for user in self.info.users if user["role"] == role)

    def user_id(self, role: str) -> str:
        """The id of the first person with a role."""
        return next(user.id for user in self.sandbox.world.staff if user.role == role)

    def session(self, role: str = "supervisor") -> SalesforceSession:
        """A session of a person with this role."""
        return SalesforceSession(self.info.salesforce_url, SecretStr(self.token(role)), "66.0")

    def run(self, act: Callable[[Salesforce], Awaitable[T]], role: str = "supervisor") -> T:
        """Act as a person with this role, in a loop of its own."""

        async def attempt() -> T:
            org = Salesforce(self.session(role), FIELD_MAP, "JPY")
            try:
                return await act(org)
            finally:
                await org.aclose()

        return asyncio.run(attempt())

    def break_next(self, action: str, kind: str, **options: Any) -> None:
        """Set a fault for the next call of an action."""
        self.sandbox.board.add(
            Fault.model_validate({"system": "salesforce", "action": action, "kind": kind, **options})
        )

    def calls(self, action: str) -> int:
        """How often an action reached Salesforce."""
        return self.sandbox.board.calls_made()["salesforce"].get(action, 0)

    def table(self, sobject: str) -> dict[str, dict[str, Any]]:
        """The records of an object in the books, by id."""
        return self.sandbox.salesforce.tables[sobject]

    def claims(self, key: str) -> list[dict[str, Any]]:
        """The claim rows with a key, in the books."""
        return [row for row in self.table("Order_Claim__c").values() if row["Claim_Key__c"] == key]

    def fresh_order(self, state: str = "Approved", activation: str = "Created") -> str:
        """An order of no scenario in these states."""
        special = set(self.sandbox.world.scenarios.values())
        return next(
            key
            for key, order in self.table("Order").items()
            if (order["Status"], order["Provisioning_Status__c"]) == (state, activation) and key not in special
        )

    @contextlib.contextmanager
    def put_back(self) -> Iterator[None]:
        """Mend the wire, and afterwards make the books what they were before."""
        self.sandbox.board.remove()
        self.sandbox.board.calls.clear()
        store = self.sandbox.salesforce
        before = {sobject: dict(records) for sobject, records in store.tables.items()}
        yield
        for sobject, records in before.items():
            for key in store.tables[sobject].keys() - records.keys():
                store.remove(sobject, key)
            for key, record in records.items():
                if store.tables[sobject].get(key) is not record:
                    store.put(sobject, record)


@contextlib.contextmanager
def org_bench() -> Iterator[OrgBench]:
    """Serve a small world until the block ends."""
    sandbox = Sandbox(SandboxOptions(customers=60, orders=120))
    with sandbox.running() as info:
        yield OrgBench(sandbox, info)
