"""The provisioning journal and the audit log: what happened, in the order in which it happened."""

from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from console.integrations.portal.database import Database
from console.integrations.portal.tables import audit_log, journal
from console.models.case import AuditEntry, JournalEntry, StepState


class Journal:
    """Appends and reads; nothing here is ever changed."""

    def __init__(self, database: Database) -> None:
        """Work on an opened database."""
        self._database = database

    async def note(self, order_id: str, run: str, step: str, state: StepState, detail: str = "") -> None:
        """Add a line to an order's provisioning journal. `run` tells the runs of one order apart."""
        line = {"order_id": order_id, "run": run, "at": datetime.now(UTC), "step": step, "state": state.value,
                "detail": detail}  # fmt: skip
        await self._database.run(lambda connection: connection.execute(insert(journal).values(**line)))

    async def steps(self, order_id: str) -> list[JournalEntry]:
        """An order's provisioning journal, oldest first."""
        query = select(journal).where(journal.c.order_id == order_id).order_by(journal.c.id)
        return await self._database.read(query, JournalEntry)

    async def audit(self, actor: str, action: str, subject: str, detail: str) -> None:
        """Note who did what to what, and why."""
        await self._database.run(lambda connection: write_audit(connection, actor, action, subject, detail))

    async def audited(self, subject: str) -> list[AuditEntry]:
        """What was done to a subject, oldest first."""
        query = select(audit_log).where(audit_log.c.subject == subject).order_by(audit_log.c.id)
        return await self._database.read(query, AuditEntry)


def write_audit(connection: Connection, actor: str, action: str, subject: str, detail: str) -> None:
    """Add an audit row inside a transaction that changes what it speaks of."""
    row = {"at": datetime.now(UTC), "actor": actor, "action": action, "subject": subject, "detail": detail}
    connection.execute(insert(audit_log).values(**row))
