"""The sandbox's stand-in for the Portal's web site: the users and links that it would have written."""

import httpx

from console.errors import Unavailable
from console.models.customer import Link, PortalUser


class PracticePortal:
    """Reads the seeded Portal rows from the sandbox's control port."""

    def __init__(self, control_url: str) -> None:
        """`control_url` is the sandbox's control address on loopback."""
        self._url = control_url

    async def users_and_links(self) -> tuple[list[PortalUser], list[Link]]:
        """Everything that the Portal's web site has stored itself. Raises `Unavailable`."""
        try:
            async with httpx.AsyncClient(base_url=self._url) as http:
                rows = (await http.get("/portal")).raise_for_status().json()
            return [PortalUser(**row) for row in rows["users"]], [Link(**row) for row in rows["links"]]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise Unavailable("portal", "practice", type(error).__name__) from error
