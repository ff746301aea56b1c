"""Portal users and the link of the three ids. Uniqueness is the database's."""

from datetime import UTC, datetime

from sqlalchemy import Connection, insert, or_, select

from console.integrations.portal.database import Database
from console.integrations.portal.journal import write_audit
from console.integrations.portal.tables import links, portal_users
from console.models.customer import Link, PortalUser


class Links:
    """Reads and writes users and link rows."""

    def __init__(self, database: Database) -> None:
        """Work on an opened database."""
        self._database = database

    async def users(self) -> list[PortalUser]:
        """All Portal users that this database knows."""
        return await self._database.read(select(portal_users), PortalUser)

    async def user(self, user_id: str) -> PortalUser | None:
        """One Portal user by UUID."""
        found = await self._database.read(select(portal_users).where(portal_users.c.id == user_id), PortalUser)
        return found[0] if found else None

    async def all(self) -> list[Link]:
        """Every link row."""
        return await self._database.read(select(links), Link)

    async def naming(self, account_id: str | None, client_id: int | None, user_id: str | None) -> list[Link]:
        """The link rows that name any of the three ids."""
        named = or_(
            links.c.salesforce_account_id == account_id,
            links.c.whmcs_client_id == client_id,
            links.c.portal_user_id == user_id,
        )
        return await self._database.read(select(links).where(named), Link)

    async def add(self, link: Link, user: PortalUser, actor: str) -> None:
        """Write a missing link row, with its user where the Portal keeps users elsewhere, and audit it.

        One transaction. Raises `Conflict` where one of the ids is linked already.
        """
        if self._database.only_asks:
            await self._database.call(
                "staff_console_link",
                person=link.portal_user_id,
                client=link.whmcs_client_id,
                account=link.salesforce_account_id,
                address=user.email,
                full_name=user.name,
                standing=user.state,
            )
            return

        def write(connection: Connection) -> None:
            _add_missing_user(connection, user)
            now = datetime.now(UTC)
            connection.execute(insert(links).values(**link.model_dump(), linked_at=now, linked_by=actor))
            write_audit(connection, actor, "link", link.salesforce_account_id, link.model_dump_json())

        await self._database.run(write)

    async def load(self, users: list[PortalUser], rows: list[Link], actor: str) -> None:
        """Take over users and links that the Portal's web site wrote elsewhere; those already here stay as they are."""

        def write(connection: Connection) -> None:
            for user in users:
                _add_missing_user(connection, user)
            present = set(connection.execute(select(links.c.portal_user_id)).scalars())
            now = datetime.now(UTC)
            new = [row.model_dump() | {"linked_at": now, "linked_by": actor} for row in rows
                   if row.portal_user_id not in present]  # fmt: skip
            if new:
                connection.execute(insert(links), new)

        await self._database.run(write)


def _add_missing_user(connection: Connection, user: PortalUser) -> None:
    if not connection.execute(select(portal_users.c.id).where(portal_users.c.id == user.id)).first():
        connection.execute(insert(portal_users).values(**user.model_dump()))
