"""The Portal database with everything that is kept in it."""

from pydantic import SecretStr

from console.integrations.contact import Contact
from console.integrations.portal.cases import Cases
from console.integrations.portal.database import Database
from console.integrations.portal.directory import Directory
from console.integrations.portal.journal import Journal
from console.integrations.portal.links import Links


class Portal:
    """Holds the database with its parts: `directory`, `links`, `journal` and `cases`."""

    def __init__(self, database_url: str, password: SecretStr | None = None) -> None:
        """Opens nothing yet. `password` is that of a server."""
        self._database = Database(database_url, password)
        self.directory = Directory(self._database)
        self.links = Links(self._database)
        self.journal = Journal(self._database)
        self.cases = Cases(self._database)

    async def open(self) -> None:
        """Raises `Unavailable` where the database cannot be opened or is of another version."""
        await self._database.open()

    async def migrate(self) -> None:
        """Bring the schema of a database that a team shares to this version. Raises `Unavailable`."""
        await self._database.migrate()

    @property
    def contact(self) -> Contact:
        """How the database answers."""
        return self._database.contact

    async def reachable(self) -> None:
        """Ask the database for nothing but an answer. Raises `Unavailable`."""
        await self._database.ping()

    async def aclose(self) -> None:
        """Finish the transaction under way and close."""
        await self._database.aclose()
