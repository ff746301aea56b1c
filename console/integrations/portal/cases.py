"""Failure cases: at most one open case per order."""

from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from console.integrations.portal.database import Database
from console.integrations.portal.tables import cases
from console.models.case import FailureCase


class Cases:
    """Opens, counts and closes failure cases."""

    def __init__(self, database: Database) -> None:
        """Work on an opened database."""
        self._database = database

    async def open(
        self, order_id: str, order_number: str, code: str, detail: str, raw: str, *, attempt: bool = True
    ) -> None:
        """Open the order's case, or bring the open one up to date; another code closes the old case first.

        `attempt` counts one more run that ended here; a pause that was only seen in Salesforce counts none.
        """

        def write(connection: Connection) -> None:
            present = _open_case(connection, order_id)
            if present and present["code"] == code:
                values = {"detail": detail, "raw": raw, "attempts": present["attempts"] + attempt}
                connection.execute(update(cases).where(cases.c.case_id == present["case_id"]).values(**values))
                return
            _close(connection, order_id)
            connection.execute(
                insert(cases).values(
                    order_id=order_id, order_number=order_number, code=code, detail=detail, raw=raw,
                    opened_at=datetime.now(UTC), owner="", attempts=int(attempt),
                )
            )  # fmt: skip

        await self._database.run(write)

    async def close(self, order_id: str) -> None:
        """Close the order's open case, where there is one."""
        await self._database.run(lambda connection: _close(connection, order_id))

    async def all_open(self) -> list[FailureCase]:
        """Every open case, oldest first."""
        query = select(cases).where(cases.c.closed_at.is_(None)).order_by(cases.c.opened_at, cases.c.case_id)
        return await self._database.read(query, FailureCase)

    async def get(self, case_id: int) -> FailureCase | None:
        """One case, open or closed."""
        found = await self._database.read(select(cases).where(cases.c.case_id == case_id), FailureCase)
        return found[0] if found else None


def _open_case(connection: Connection, order_id: str) -> RowMapping | None:
    query = select(cases).where(cases.c.order_id == order_id, cases.c.closed_at.is_(None))
    return connection.execute(query).mappings().first()


def _close(connection: Connection, order_id: str) -> None:
    done = update(cases).where(cases.c.order_id == order_id, cases.c.closed_at.is_(None))
    connection.execute(done.values(closed_at=datetime.now(UTC)))
