"""The Portal database with everything that is kept in it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from console.integrations.contact import Contact
from console.integrations.portal.books import Books
from console.integrations.portal.bulk_runs import BulkRuns
from console.integrations.portal.cases import Cases
from console.integrations.portal.commands import Commands
from console.integrations.portal.database import Database
from console.integrations.portal.directory import Directory
from console.integrations.portal.journal import Journal
from console.integrations.portal.leases import EngineLease, SyncLease
from console.integrations.portal.links import Links
from console.integrations.portal.notifications import Notifications
from console.integrations.portal.roles import Roles
from console.models.customer import Person
from console.models.sync import ListedCustomer

if TYPE_CHECKING:
    from sqlalchemy import Engine

    WorkflowDatabase = Engine | Path


class Portal:
    """Holds the database with its parts: what is looked up, what is kept, and what the engine works by."""

    def __init__(self, database_url: str, password: SecretStr | None = None) -> None:
        """Opens nothing yet. `password` is that of a server."""
        self._database = Database(database_url, password)
        self.directory = Directory(self._database)
        self.links = Links(self._database)
        self.journal = Journal(self._database)
        self.cases = Cases(self._database)
        self.commands = Commands(self._database)
        self.bulk_runs = BulkRuns(self._database)
        self.engine_lease = EngineLease(self._database)
        self.sync_lease = SyncLease(self._database)
        self.notifications = Notifications(self._database)

    async def open(self) -> None:
        """Raises `Unavailable` where the database cannot be opened or is of another version."""
        await self._database.open()

    async def migrate(self) -> None:
        """Bring the schema of a database that a team shares to this version. Raises `Unavailable`."""
        await self._database.migrate()

    async def renew_roles(self) -> None:
        """Bring the roles of such a database to this version, where it has them. Raises `Unavailable`."""
        await Roles(self._database).renew()

    @property
    def contact(self) -> Contact:
        """How the database answers."""
        return self._database.contact

    async def reachable(self) -> None:
        """Ask the database for nothing but an answer. Raises `Unavailable`."""
        await self._database.ping()

    @property
    def workflow_database(self) -> "WorkflowDatabase":
        """Where the engine keeps its own tables: a file beside that of a single desk, else a schema on the server."""
        file = self._database.file
        return file.with_name("engine.db") if file else self._database.for_workflows()

    def books(self, person_of: Callable[[ListedCustomer], Person]) -> Books:
        """What the sync has read; `person_of` is the rule that makes the directory of it."""
        return Books(self._database, person_of)

    async def aclose(self) -> None:
        """Finish the transaction under way, give the leases back and close."""
        await self.directory.aclose()
        await self.engine_lease.aclose()
        await self.sync_lease.aclose()
        await self._database.aclose()
