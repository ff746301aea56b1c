"""How the three systems answer, from every call that is made anyway and a cheap one where none is."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from console.errors import System, SystemFault
from console.integrations.contact import Contact
from console.integrations.portal.portal import Portal
from console.integrations.salesforce.org import Salesforce
from console.integrations.whmcs.actions import Whmcs
from console.models.connection import Connection
from console.workflows.diagnosis import Diagnosis

_FRESH_S = 30.0
# What another process hears of the systems comes at the pace of its readings; longer silence is worth a question.
_SILENT_S = 400.0


class Connections:
    """Tells how the systems answer; a failure shows there and is never raised."""

    def __init__(
        self, salesforce: Salesforce, whmcs: Whmcs, portal: Portal, diagnosis: Diagnosis, fresh_s: float = _FRESH_S
    ) -> None:
        """A system that answered within `fresh_s` seconds is not asked again."""
        self._diagnosis = diagnosis
        self._fresh_s = fresh_s
        self._one_asks = asyncio.Lock()
        self._contacts: dict[System, Contact] = {
            "portal": portal.contact,
            "salesforce": salesforce.session.contact,
            "whmcs": whmcs.contact,
        }
        self._session = salesforce.session
        self._questions: dict[System, Callable[[], Awaitable[object]]] = {
            "portal": portal.reachable,
            "salesforce": salesforce.transport.reachable,
            "whmcs": whmcs.admin_details,
        }

    def states(self) -> tuple[Connection, ...]:
        """What is known of the Portal database, Salesforce and WHMCS, in this order; nothing is asked."""
        return tuple(self._state(system, contact) for system, contact in self._contacts.items())

    async def probe(self) -> None:
        """Ask every system that has not answered lately, side by side; wait where they are being asked already."""
        under_way = self._one_asks.locked()
        async with self._one_asks:
            if not under_way:
                await asyncio.gather(*[self._ask(system) for system in self._contacts])

    def heard(self, answers: Mapping[System, datetime]) -> None:
        """Take note of when systems answered another process."""
        for system, answered_at in answers.items():
            self._contacts[system].heard(answered_at)

    async def probe_silent(self) -> None:
        """As `probe`, for whoever relies on another process: only systems of which nothing was heard for long."""
        if not all(contact.is_fresh(_SILENT_S) for contact in self._contacts.values()):
            await self.probe()

    async def all_answer(self) -> bool:
        """Whether every system answers; those that did not lately are asked now."""
        await self.probe()
        return not any(contact.seen.down_since for contact in self._contacts.values())

    async def _ask(self, system: System) -> None:
        if not self._contacts[system].is_fresh(self._fresh_s):
            with contextlib.suppress(SystemFault):
                await self._questions[system]()

    def _state(self, system: System, contact: Contact) -> Connection:
        seen = contact.seen
        return Connection(
            system=system,
            answered_at=seen.answered_at,
            took_ms=seen.took_ms,
            down_since=seen.down_since,
            held_since=seen.held_since,
            problem=self._diagnosis.explain(seen.fault).title if seen.fault else None,
            calls=self._session.calls_of_the_org if system == "salesforce" else None,
        )
