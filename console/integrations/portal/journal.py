"""The provisioning journal and the audit log: what happened, in the order in which it happened."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, case, func, insert, literal, or_, select, text

from console.integrations.portal.audit_chain import AuditChain, following
from console.integrations.portal.database import Database
from console.integrations.portal.tables import audit_log, directory, journal, order_summaries
from console.models.activity import ActivityEntry
from console.models.case import JournalEntry, StepState
from console.models.ids import ACCOUNT_PREFIX, ORDER_PREFIX


class Journal:
    """Appends and reads; nothing here is ever changed. `chain` looks at the audit log as a whole."""

    def __init__(self, database: Database) -> None:
        """Work on an opened database."""
        self._database = database
        self.chain = AuditChain(database)

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
        """Note who did what to what, and why. On a shared database a desk's login decides who it was."""

        def write(connection: Connection) -> None:
            if connection.dialect.name == "postgresql":
                # At a stricter level those who add at the same time would fail, one after the other, instead of wait.
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL READ COMMITTED"))
            write_audit(connection, actor, action, subject, detail)

        await self._database.run(write)

    async def audited(self, subject: str) -> list[ActivityEntry]:
        """What was done to a subject, oldest first."""
        return await self._entries_of(audit_log.c.subject == subject)

    async def of_account(self, account_id: str) -> list[ActivityEntry]:
        """What was done to an account and to the orders that we know of it, oldest first."""
        orders = select(order_summaries.c.order_id).where(order_summaries.c.account_id == account_id)
        return await self._entries_of(or_(audit_log.c.subject == account_id, audit_log.c.subject.in_(orders)))

    async def recent(self, limit: int, since: datetime | None = None) -> list[ActivityEntry]:
        """The newest lines of the audit log, newest first; only those after `since` where it is given."""
        # Cut by the key before anything is compared or joined: the log grows for years.
        newest = select(audit_log).order_by(audit_log.c.id.desc()).limit(limit).subquery()
        query = _named(newest).order_by(newest.c.id.desc())
        if since is not None:
            query = query.where(newest.c.at > since)
        return await self._database.read(query, ActivityEntry)

    async def _entries_of(self, wanted: ColumnElement[bool]) -> list[ActivityEntry]:
        return await self._database.read(_named(audit_log).where(wanted).order_by(audit_log.c.id), ActivityEntry)


def write_audit(connection: Connection, actor: str, action: str, subject: str, detail: str) -> None:
    """Add an audit row inside a transaction that changes what it speaks of."""
    row = {"actor": actor, "action": action, "subject": subject, "detail": detail}
    if connection.dialect.name == "sqlite":
        row = following(connection, row)
    connection.execute(insert(audit_log).values(**row))


def _named(lines: FromClause) -> Select[Any]:
    """Lines of the audit log with the number of the order and the name of the customer that they are about."""
    subject = lines.c.subject
    account = case((subject.like(f"{ACCOUNT_PREFIX}%"), subject))
    return (
        select(
            lines.c.at,
            lines.c.actor,
            lines.c.action,
            subject,
            lines.c.detail,
            case((subject.like(f"{ORDER_PREFIX}%"), subject)).label("order_id"),
            func.coalesce(order_summaries.c.order_number, literal("")).label("order_number"),
            func.coalesce(order_summaries.c.account_id, account).label("account_id"),
            func.coalesce(order_summaries.c.customer, directory.c.name, literal("")).label("customer"),
        )
        .outerjoin_from(lines, order_summaries, order_summaries.c.order_id == subject)
        .outerjoin(directory, directory.c.salesforce_account_id == subject)
    )
