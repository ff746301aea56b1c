"""What WHMCS tells of a client only where that one client is asked for: its customer number and its telephone number.

Read one by one at a set pace: clients that somebody opened first, then those with open orders, then linked ones. The
activity log says of whom something may have changed. Source: whmcs-api.md 6 and 10.
"""

import logging
from collections import deque

from console.errors import Missing, SystemFault
from console.integrations.portal.books import Books
from console.integrations.whmcs.actions import Whmcs
from console.models.sync import SyncMark

_ACTIVITY = "activity"
# Lines of the log that are looked at; what is older shows when everything is read again.
_LINES = 250
_MOST_OPENED = 50

_log = logging.getLogger(__name__)


class ClientDetails:
    """Reads clients one by one into the books."""

    def __init__(self, whmcs: Whmcs, books: Books, customer_number_field_id: int) -> None:
        """`customer_number_field_id` is the client custom field that holds the customer number."""
        self._whmcs = whmcs
        self._books = books
        self._field_id = customer_number_field_id
        self._opened: deque[int] = deque(maxlen=_MOST_OPENED)

    def prefer(self, client_id: int) -> None:
        """Somebody looks at this client: it is the next to be read."""
        self._opened.append(client_id)

    async def due(self, most: int) -> list[int]:
        """The clients that are to be read next."""
        opened = list(dict.fromkeys(reversed(self._opened)))[:most]
        self._opened.clear()
        due = await self._books.due_for_details(most)
        return list(dict.fromkeys([*opened, *due]))[:most]

    async def read(self, client_id: int) -> None:
        """Read one client; one that WHMCS does not have any more leaves the books. Raises a `SystemFault`."""
        try:
            client = await self._whmcs.get_client(client_id)
        except Missing:
            await self._books.drop_clients([client_id])
        else:
            await self._books.put_details(client, client.custom_fields.get(self._field_id, ""))

    async def look_for_changes(self) -> None:
        """Have those clients read again of whom the activity log tells something new.

        Without a right to the log, or without an answer, nobody is: the log is a hint and nothing rests on it.
        """
        mark = await self._books.mark(_ACTIVITY)
        last = int(mark.position or 0)
        try:
            lines = await self._whmcs.get_activity_log(limit=_LINES)
        except SystemFault as fault:
            _log.info("the activity log of WHMCS was not read: %s", fault)
            return
        newest = max([last, *[line.id for line in lines]])
        if mark.position:
            await self._books.expect_details({line.client_id for line in lines if line.id > last and line.client_id})
        if str(newest) != mark.position:
            await self._books.keep(SyncMark(name=_ACTIVITY, position=str(newest)))
