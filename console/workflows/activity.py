"""Who did what: the audit log with names that people know, and the journal of each order's provisioning."""

from datetime import datetime

from console.integrations.portal.journal import Journal
from console.models.activity import ActivityEntry
from console.models.case import JournalEntry


class Activity:
    """Reads what was noted in our own database; no system is asked."""

    def __init__(self, journal: Journal) -> None:
        """The journal joins the names that the last sync has read."""
        self._journal = journal

    async def recent(self, limit: int = 200, since: datetime | None = None) -> tuple[ActivityEntry, ...]:
        """The newest entries, newest first; only those after `since` where it is given."""
        return tuple(await self._journal.recent(limit, since))

    async def of_order(self, order_id: str) -> tuple[ActivityEntry, ...]:
        """What people did to an order, oldest first."""
        return tuple(await self._journal.audited(order_id))

    async def runs(self, order_id: str) -> tuple[tuple[JournalEntry, ...], ...]:
        """Every run of an order's provisioning, the one that began first before the others, each oldest line first."""
        runs: dict[str, list[JournalEntry]] = {}
        for entry in await self._journal.steps(order_id):
            runs.setdefault(entry.run, []).append(entry)
        return tuple(tuple(run) for run in runs.values())

    async def steps(self, order_id: str) -> tuple[JournalEntry, ...]:
        """The run that began last, oldest line first; empty where the order was never begun."""
        runs = await self.runs(order_id)
        return runs[-1] if runs else ()
