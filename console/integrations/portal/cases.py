"""Failure cases: at most one open case per order."""

from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from console.integrations.portal.database import Database
from console.integrations.portal.tables import cases
from console.models.case import FailureCase
from console.models.order import OrderSummary


class Cases:
    """Opens, counts and closes failure cases."""

    def __init__(self, database: Database) -> None:
        """Work on an opened database."""
        self._database = database

    async def open(self, order_id: str, order_number: str, code: str, detail: str, raw: str) -> None:
        """Open the order's case, or count one more attempt on the open one; another code closes the old case first."""

        def write(connection: Connection) -> None:
            present = _open_case(connection, order_id)
            if present and present["code"] == code:
                values = {"detail": detail, "raw": raw, "attempts": present["attempts"] + 1}
                connection.execute(update(cases).where(cases.c.case_id == present["case_id"]).values(**values))
                return
            _close(connection, order_id)
            row = {"order_id": order_id, "order_number": order_number, "code": code, "detail": detail, "raw": raw}
            _insert(connection, row, datetime.now(UTC), attempts=1)

        await self._database.run(write)

    async def adopt(self, order: OrderSummary, code: str, detail: str) -> None:
        """Open a case for an order that got stuck elsewhere when it last changed; one with this code stays as it is."""
        if self._database.only_asks:
            about = {"of_order": order.order_id, "number": order.order_number, "of_code": code, "told": detail}
            await self._database.call("staff_console_open_case", **about, since=order.changed_at)
            return

        def write(connection: Connection) -> None:
            present = _open_case(connection, order.order_id)
            if present and present["code"] == code:
                return
            _close(connection, order.order_id)
            row = {"order_id": order.order_id, "order_number": order.order_number, "code": code, "detail": detail}
            _insert(connection, row | {"raw": ""}, order.changed_at, attempts=0)

        await self._database.run(write)

    async def close(self, order_id: str, keep: frozenset[str] = frozenset()) -> None:
        """Close the order's open case, where there is one and its code is not one to keep."""
        if self._database.only_asks:
            present = await self.open_of(order_id)
            if present and present.code not in keep:
                await self._database.call("staff_console_close_case", of_order=order_id)
            return
        await self._database.run(lambda connection: _close(connection, order_id, keep))

    async def all_open(self) -> list[FailureCase]:
        """Every open case, oldest first."""
        query = select(cases).where(cases.c.closed_at.is_(None)).order_by(cases.c.opened_at, cases.c.case_id)
        return await self._database.read(query, FailureCase)

    async def open_of(self, order_id: str) -> FailureCase | None:
        """The order's open case, where there is one."""
        query = select(cases).where(cases.c.order_id == order_id, cases.c.closed_at.is_(None))
        found = await self._database.read(query, FailureCase)
        return found[0] if found else None

    async def get(self, case_id: int) -> FailureCase | None:
        """One case, open or closed."""
        found = await self._database.read(select(cases).where(cases.c.case_id == case_id), FailureCase)
        return found[0] if found else None


def _open_case(connection: Connection, order_id: str) -> RowMapping | None:
    query = select(cases).where(cases.c.order_id == order_id, cases.c.closed_at.is_(None))
    return connection.execute(query).mappings().first()


def _insert(connection: Connection, row: dict[str, str], opened_at: datetime, attempts: int) -> None:
    connection.execute(insert(cases).values(**row, opened_at=opened_at, owner="", attempts=attempts))


def _close(connection: Connection, order_id: str, keep: frozenset[str] = frozenset()) -> None:
    done = update(cases).where(cases.c.order_id == order_id, cases.c.closed_at.is_(None), cases.c.code.not_in(keep))
    connection.execute(done.values(closed_at=datetime.now(UTC)))
