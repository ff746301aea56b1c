"""The directory: one row per customer with all that staff search by, the queue rows of orders, and the search."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
)

from console.integrations.portal.database import Database
from console.integrations.portal.directory_search import DirectorySearch
from console.integrations.portal.folding import half_width
from console.integrations.portal.search_text import exact_ids
from console.integrations.portal.tables import cases, directory, order_summaries, sync_marks
from console.models.customer import Person
from console.models.ids import padded_order_number
from console.models.order import Activation, OrderState, OrderSummary

_WITH_CASE = select(cases.c.order_id).where(cases.c.closed_at.is_(None))
# Fewer digits than this at the end of an order number would match too many.
_MIN_ENDING = 3


class Directory:
    """Kept by the sync; searched by everyone."""

    def __init__(self, database: Database) -> None:
        """Work on an opened database."""
        self._database = database
        self._search = DirectorySearch(database)

    async def aclose(self) -> None:
        """Finish the search under way."""
        await self._search.aclose()

    async def search(self, text: str, limit: int) -> list[Person]:
        """People that the text names, best first. Source: `DirectorySearch.search`."""
        return await self._search.search(text, limit)

    async def person(self, text: str) -> Person | None:
        """The one person with this id (any of the three) or customer number."""
        named = half_width(text)
        if not named:
            return None
        exact = or_(*[directory.c[name] == value for name, value in exact_ids(named).items()])
        found = await self._database.read(select(directory, literal("id").label("matched_on")).where(exact), Person)
        return found[0] if len(found) == 1 else None

    async def orders(
        self,
        state: OrderState | None = None,
        activation: Activation | None = None,
        account_id: str | None = None,
    ) -> list[OrderSummary]:
        """Queue rows, oldest first."""
        wanted = [order_summaries.c.state == state.value] if state else []
        if activation:
            wanted.append(order_summaries.c.activation == activation.value)
        if account_id:
            wanted.append(order_summaries.c.account_id == account_id)
        oldest_first = (order_summaries.c.placed_at, order_summaries.c.order_number)
        return await self._orders(select(order_summaries).where(*wanted).order_by(*oldest_first))

    async def order(self, order_id: str) -> OrderSummary | None:
        """One queue row, or None where no sync has read it."""
        found = await self._orders(select(order_summaries).where(order_summaries.c.order_id == order_id))
        return found[0] if found else None

    async def orders_with_case(self) -> list[OrderSummary]:
        """The queue rows of orders that have an open failure case, in no particular order."""
        return await self._orders(select(order_summaries).where(order_summaries.c.order_id.in_(_WITH_CASE)))

    async def orders_half_way(self) -> list[OrderSummary]:
        """The queue rows of orders that are paused or being activated, or that have an open failure case."""
        half_way = order_summaries.c.activation.in_([Activation.PAUSED.value, Activation.ACTIVATING.value])
        return await self._orders(
            select(order_summaries).where(or_(half_way, order_summaries.c.order_id.in_(_WITH_CASE)))
        )

    async def count_orders(self) -> int:
        """How many queue rows there are."""
        return await self._database.run(
            lambda connection: connection.execute(select(func.count()).select_from(order_summaries)).scalar_one()
        )

    async def has_accounts(self, account_ids: Iterable[str]) -> bool:
        """Whether the directory knows the customers of all these Salesforce accounts."""
        wanted = set(account_ids)
        known = select(func.count()).select_from(directory).where(directory.c.salesforce_account_id.in_(wanted))
        return await self._database.run(lambda connection: connection.execute(known).scalar_one() >= len(wanted))

    async def orders_matching(self, text: str, limit: int) -> list[OrderSummary]:
        """Orders with this number, leading zeros optional, then the newest whose number ends with it.

        What is not a number finds nothing.
        """
        digits = half_width(text)
        if not (digits.isascii() and digits.isdigit()):
            return []
        number = order_summaries.c.order_number
        exact = number.in_([digits, padded_order_number(digits)])
        ways = [exact, number.like(f"%{digits}")] if len(digits) >= _MIN_ENDING else [exact]
        best_first = (case((exact, 0), else_=1), order_summaries.c.placed_at.desc(), number)
        return await self._orders(select(order_summaries).where(or_(*ways)).order_by(*best_first).limit(limit))

    async def _orders(self, query: Select[Any]) -> list[OrderSummary]:
        def rows(connection: Connection) -> list[OrderSummary]:
            return [_order_summary(dict(row)) for row in connection.execute(query).mappings()]

        return await self._database.run(rows)

    async def cursor(self, name: str) -> datetime | None:
        """Up to where a sync has read, or None where it never finished."""

        def read(connection: Connection) -> datetime | None:
            return connection.execute(select(sync_marks.c.cursor).where(sync_marks.c.name == name)).scalar_one_or_none()

        return await self._database.run(read)

    async def set_cursor(self, name: str, cursor: datetime) -> None:
        """Note up to where a sync has read."""

        def write(connection: Connection) -> None:
            connection.execute(delete(sync_marks).where(sync_marks.c.name == name))
            connection.execute(insert(sync_marks).values(name=name, cursor=cursor, finished_at=datetime.now(UTC)))

        await self._database.run(write)

    async def count(self) -> int:
        """How many people the directory holds."""
        return await self._database.run(
            lambda connection: connection.execute(select(func.count(directory.c.id))).scalar_one()
        )


def _order_summary(row: dict[str, object]) -> OrderSummary:
    row.pop("round")
    total = {"total": {"amount": row["total"], "currency": row.pop("currency")}}
    return OrderSummary.model_validate(row | total)
