"""An empty Portal database in a file, and people to fill it with."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from console.integrations.portal import directory_people
from console.integrations.portal.books import Books
from console.integrations.portal.database import Database
from console.integrations.portal.portal import Portal
from console.models.customer import Link, LinkState, Person, PortalUser
from console.models.staff import Role, StaffMember
from console.rules.directory import person_of

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

    def on_database(self, work: Callable[[Database], Awaitable[T]]) -> T:
        """Do something on the database alone, migrated for it."""

        async def opened() -> T:
            database = Database(self.url)
            try:
                await database.migrate()
                return await work(database)
            finally:
                await database.aclose()

        return asyncio.run(opened())

    def fill(self, people: Iterable[Person]) -> None:
        """Put people into the directory, as they are."""
        self.on_database(lambda database: database.run(lambda connection: directory_people.put(connection, people)))

    def put_instead(
        self, people: Sequence[Person], account_ids: Collection[str] = (), client_ids: Collection[int] = ()
    ) -> int:
        """Put people in the place of those of some accounts and clients; tells how many differ."""
        return self.on_database(
            lambda database: database.run(
                lambda connection: directory_people.put_instead(connection, people, account_ids, client_ids)
            )
        )


def books(opened: Portal) -> Books:
    """The books of an opened database."""
    return opened.books(person_of)


def back_office(user_id: str = "0055g0000000001AAA", name: str = "Sara Ito") -> StaffMember:
    """Somebody who may provision."""
    roles = frozenset({Role.BACK_OFFICE})
    return StaffMember(user_id=user_id, name=name, username=f"{user_id}@example.jp", roles=roles)


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
