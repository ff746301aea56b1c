"""An empty Portal database in a file, and people to fill it with."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from console.integrations.portal.portal import Portal
from console.models.customer import Link, LinkState, Person, PortalUser

T = TypeVar("T")

ACCOUNT, OTHER_ACCOUNT = "0015g0000000001AAA", "0015g0000000002AAA"
USER, OTHER_USER = "7f1de2f0-6a3c-4a5e-9d0b-2f6f3a1c9b01", "7f1de2f0-6a3c-4a5e-9d0b-2f6f3a1c9b02"


@dataclass(frozen=True)
class PortalBench:
    """A database that any number of desks may open. `url` is SQLAlchemy's."""

    url: str

    def run(self, work: Callable[[Portal], Awaitable[T]]) -> T:
        """Do something on a desk that opens the database for it and closes it after it."""

        async def opened() -> T:
            portal = Portal(self.url)
            try:
                await portal.migrate()
                await portal.open()
                return await work(portal)
            finally:
                await portal.aclose()

        return asyncio.run(opened())


def portal_user(user_id: str = USER, email: str = "aoi.mori@example.jp") -> PortalUser:
    """A Portal user."""
    return PortalUser(id=user_id, email=email, name="森 葵", state="active")


def link(user_id: str = USER, client_id: int = 5001, account_id: str = ACCOUNT) -> Link:
    """A link of three ids."""
    return Link(portal_user_id=user_id, whmcs_client_id=client_id, salesforce_account_id=account_id)


_NOBODY = Person(
    portal_user_id=None,
    whmcs_client_id=None,
    salesforce_account_id=None,
    customer_number="",
    name="",
    reading="",
    company="",
    email="",
    phone="",
    link=LinkState.PARTIAL,
)


def person(**values: object) -> Person:
    """A person with these values and empty ones otherwise."""
    return Person.model_validate(_NOBODY.model_dump() | values)
