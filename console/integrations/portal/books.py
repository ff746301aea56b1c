"""What the sync has read of each system's books, how far it is, and the directory that is made of it.

Each part of a list is one transaction: its rows, and the people whose rows in the directory they change.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, delete, func, insert, or_, select, update

from console.integrations.portal.database import Database
from console.integrations.portal.directory_making import ACCOUNT_WORDS, Touched, refresh, touched_by_accounts
from console.integrations.portal.folding import half_width, phone_digits
from console.integrations.portal.tables import (
    account_books,
    client_books,
    invoice_numbers,
    links,
    order_summaries,
    sync_marks,
    sync_wishes,
)
from console.models.billing import Client, ClientSummary, InvoiceNumber
from console.models.customer import Account, Person
from console.models.order import Activation, OrderState, OrderSummary
from console.models.sync import ListedCustomer, SyncMark, SyncWish

T = TypeVar("T")

_SUMMARY_WORDS = ("first_name", "last_name", "company", "email", "status")
_UNREAD: Mapping[str, Any] = {"phone": "", "customer_number": "", "details_at": None, "details_due": True}
# So many rows are put in, or taken out, in one transaction: others who want the database wait no longer than for these.
_PART = 200
_TABLES = {"accounts": account_books, "clients": client_books, "orders": order_summaries, "invoices": invoice_numbers}
_OPEN_STATES = (OrderState.IN_REVIEW.value, OrderState.APPROVED.value)
_OPEN_ACTIVATIONS = (Activation.PAUSED.value, Activation.ACTIVATING.value)


class Books:
    """Written by the one process that reads the systems for everyone."""

    def __init__(self, database: Database, person_of: Callable[[ListedCustomer], Person]) -> None:
        """Work on an opened database; `person_of` is the rule that makes a row of the directory."""
        self._database = database
        self._person_of = person_of

    async def mark(self, name: str) -> SyncMark:
        """How far the reading of a list is; that of a list that was never read is empty."""
        found = await self._database.read(select(sync_marks).where(sync_marks.c.name == name), SyncMark)
        return found[0] if found else SyncMark(name=name)

    async def keep(self, mark: SyncMark) -> None:
        """Note how far a reading is."""

        def write(connection: Connection) -> None:
            connection.execute(delete(sync_marks).where(sync_marks.c.name == mark.name))
            connection.execute(insert(sync_marks).values(**mark.model_dump(), finished_at=datetime.now(UTC)))

        await self._database.run(write)

    async def last_read(self, name: str) -> datetime | None:
        """When a list was last read, None where it never was."""
        query = select(sync_marks.c.finished_at).where(sync_marks.c.name == name, sync_marks.c.cursor.is_not(None))
        return await self._database.run(lambda connection: connection.execute(query).scalar_one_or_none())

    async def count_seen(self, name: str, round_number: int) -> int:
        """How many rows of a list a full reading has seen."""
        query = select(func.count()).select_from(_TABLES[name]).where(_TABLES[name].c.round == round_number)
        return await self._database.run(lambda connection: connection.execute(query).scalar_one())

    @property
    def may_write(self) -> bool:
        """Whether this process may keep the books: on a shared database that is the worker, not a desk."""
        return not self._database.only_asks

    async def put_accounts(self, accounts: Iterable[Account], gone: Iterable[str], round_number: int) -> int:
        """Put accounts in the place of what was known of them; tells how many people changed.

        Accounts without a customer number are nobody's, as are those that are `gone`.
        """
        numbered: list[dict[str, Any]] = []
        nobodys = list(gone)
        for one in accounts:
            if one.customer_number:
                numbered.append({word: getattr(one, word) for word in ACCOUNT_WORDS})
            else:
                nobodys.append(one.id)

        def put(connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
            old, new = _put(connection, account_books, rows, round_number)
            _rename(connection, old, new)
            return refresh(connection, touched_by_accounts([*old, *new]), self._person_of)

        return await self._in_parts(put, numbered) + await self._in_parts(self._without_accounts, nobodys)

    async def put_clients(self, clients: Iterable[ClientSummary], round_number: int) -> int:
        """Put rows of WHMCS's client list in the place of what was known of them; tells how many people changed."""

        def put(connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
            _, new = _put(connection, client_books, _with_details(connection, rows), round_number)
            touched = Touched(clients=frozenset(row["id"] for row in new))
            return refresh(connection, touched, self._person_of)

        return await self._in_parts(put, [_client_row(one) for one in clients])

    async def put_details(self, client: Client, customer_number: str) -> int:
        """Note what a reading of one client told, now; tells how many people changed."""
        told = {"phone": client.phone, "customer_number": customer_number, "details_due": False}

        def put(connection: Connection) -> int:
            row = _client_row(client) | told | {"details_at": datetime.now(UTC)}
            connection.execute(update(client_books).where(client_books.c.id == client.id).values(**row))
            return refresh(connection, Touched(clients=frozenset({client.id})), self._person_of)

        return await self._database.run(put)

    async def drop_clients(self, client_ids: Iterable[int]) -> int:
        """Take clients out that WHMCS does not have any more; tells how many people changed."""
        return await self._in_parts(self._without_clients, list(client_ids))

    async def put_orders(self, rows: Iterable[OrderSummary], gone: Iterable[str], round_number: int) -> int:
        """Put queue rows in the place of the old ones; tells how many changed."""

        def put(connection: Connection, some: Sequence[dict[str, Any]]) -> int:
            # A number is one order's: whatever had it before has been replaced.
            numbers, ids = [row["order_number"] for row in some], [row["order_id"] for row in some]
            order = order_summaries.c
            doubled = order.order_number.in_(numbers) & order.order_id.not_in(ids)
            connection.execute(delete(order_summaries).where(doubled))
            _, new = _put(connection, order_summaries, some, round_number)
            return len(new)

        def drop(connection: Connection, ids: Sequence[str]) -> int:
            return _drop(connection, order_summaries, ids)

        return await self._in_parts(put, list(map(_order_row, rows))) + await self._in_parts(drop, list(gone))

    async def put_invoices(self, invoices: Iterable[InvoiceNumber], round_number: int) -> int:
        """Note invoices by their numbers; tells how many changed."""

        def put(connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
            _, new = _put(connection, invoice_numbers, rows, round_number)
            return len(new)

        rows = [
            {"invoice_id": one.id, "number": half_width(one.number).upper(), "whmcs_client_id": one.client_id}
            for one in invoices
        ]
        return await self._in_parts(put, rows)

    async def sweep(self, name: str, round_number: int) -> int:
        """Take out what a full reading of a list has not seen; tells how many rows."""
        table = _TABLES[name]
        old = select(_key(table)).where(table.c.round < round_number).limit(_PART)

        def swept(connection: Connection) -> int:
            ids = list(connection.execute(old).scalars())
            if name == "accounts":
                self._without_accounts(connection, ids)
            elif name == "clients":
                self._without_clients(connection, ids)
            else:
                _drop(connection, table, ids)
            return len(ids)

        removed = 0
        while count := await self._database.run(swept):
            removed += count
        return removed

    async def links_known(self) -> SyncMark:
        """The last link that there is and how many there are, as a mark: as long as it stays, nobody was linked."""
        query = select(func.max(links.c.linked_at), func.count())
        last, count = await self._database.run(lambda connection: connection.execute(query).one())
        return SyncMark(name=links.name, cursor=last, position=str(count))

    async def relink(self, since: datetime | None) -> int:
        """Bring the people up to date who were linked since; tells how many changed."""
        rows = select(links.c.salesforce_account_id, links.c.whmcs_client_id)
        new = rows.where(links.c.linked_at >= since) if since else rows
        found = await self._database.run(lambda connection: connection.execute(new).all())

        def relinked(connection: Connection, some: Sequence[Any]) -> int:
            accounts = frozenset(row.salesforce_account_id for row in some)
            clients = frozenset(row.whmcs_client_id for row in some)
            return refresh(connection, Touched(accounts, clients), self._person_of)

        return await self._in_parts(relinked, found)

    async def judge_all(self) -> None:
        """Make every account's row of the directory anew, where it differs from what is known by now."""
        last = ""
        ids = select(account_books.c.id).order_by(account_books.c.id).limit(_PART)

        def judged(connection: Connection) -> str:
            some = list(connection.execute(ids.where(account_books.c.id > last)).scalars())
            refresh(connection, Touched(frozenset(some)), self._person_of)
            return some[-1] if some else ""

        while found := await self._database.run(judged):
            last = found

    async def accounts_with_contacts(self, contact_ids: Collection[str]) -> set[str]:
        """The accounts of which one of these contacts was read as their first."""
        query = select(account_books.c.id).where(account_books.c.contact_id.in_(list(contact_ids)))
        return set(await self._database.run(lambda connection: connection.execute(query).scalars().all()))

    async def due_for_details(self, most: int) -> list[int]:
        """WHMCS clients that may have changed since they were read: first those with open orders, then linked ones."""
        client = client_books.c
        named = select(account_books.c.id).where(account_books.c.whmcs_client_id == client.id)
        is_open = or_(order_summaries.c.state.in_(_OPEN_STATES), order_summaries.c.activation.in_(_OPEN_ACTIVATIONS))
        ordering = (
            select(order_summaries.c.order_id)
            .join(account_books, account_books.c.id == order_summaries.c.account_id)
            .where(account_books.c.whmcs_client_id == client.id, is_open)
        )
        due = select(client.id).where(client.details_due).order_by(client.id).limit(most)

        def read(connection: Connection) -> list[int]:
            found: dict[int, None] = {}
            for query in (due.where(ordering.exists()), due.where(named.exists()), due):
                if len(found) < most:
                    found |= dict.fromkeys(connection.execute(query).scalars())
            return list(found)[:most]

        return await self._database.run(read)

    async def count_due(self) -> int:
        """How many WHMCS clients are still to be read one by one."""
        query = select(func.count()).select_from(client_books).where(client_books.c.details_due)
        return await self._database.run(lambda connection: connection.execute(query).scalar_one())

    async def expect_details(self, client_ids: Iterable[int]) -> None:
        """Something may have changed of these clients."""
        some = update(client_books).where(client_books.c.id.in_(list(client_ids))).values(details_due=True)
        await self._database.run(lambda connection: connection.execute(some))

    async def wish(self, *, everything: bool) -> None:
        """Ask whoever reads the systems to do it now."""
        if self._database.only_asks:
            await self._database.call("staff_console_wish", everything=everything)
            return
        row = insert(sync_wishes).values(everything=everything, asked_at=datetime.now(UTC))
        await self._database.run(lambda connection: connection.execute(row))

    async def take_wishes(self) -> list[SyncWish]:
        """What others asked for, which from now on is asked for no more."""

        def taken(connection: Connection) -> list[SyncWish]:
            wishes = [SyncWish(**row) for row in connection.execute(select(sync_wishes)).mappings()]
            if wishes:
                connection.execute(delete(sync_wishes).where(sync_wishes.c.id.in_([one.id for one in wishes])))
            return wishes

        return await self._database.run(taken)

    async def _in_parts(self, work: Callable[[Connection, Sequence[T]], int], rows: Sequence[T]) -> int:
        """Do something with some rows at a time, each in a transaction of its own; the sum of what each tells."""
        total = 0
        for start in range(0, len(rows), _PART):
            part = rows[start : start + _PART]
            total += await self._database.run(lambda connection, part=part: work(connection, part))  # type: ignore[misc]  # bound now
        return total

    def _without_accounts(self, connection: Connection, ids: Sequence[str]) -> int:
        old = _held(connection, account_books, ids)
        _drop(connection, account_books, ids)
        return refresh(connection, touched_by_accounts(old), self._person_of)

    def _without_clients(self, connection: Connection, ids: Sequence[int]) -> int:
        _drop(connection, client_books, ids)
        return refresh(connection, Touched(clients=frozenset(ids)), self._person_of)


def _put(
    connection: Connection, table: Table, rows: Sequence[dict[str, Any]], round_number: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Put rows in the place of those with their keys; those that differed, as they were and as they are."""
    name = _key(table).name
    # Of a row that comes twice the last is the newest.
    by_key = {row[name]: row for row in rows}
    held = {row[name]: row for row in _held(connection, table, list(by_key))}
    new = [row for key, row in by_key.items() if not _is_same(held.get(key), row)]
    old = [held[row[name]] for row in new if row[name] in held]
    seen = update(table).where(_key(table).in_(list(by_key)), table.c.round != round_number)
    connection.execute(seen.values(round=round_number))
    _drop(connection, table, [row[name] for row in old])
    if new:
        connection.execute(insert(table), [row | {"round": round_number} for row in new])
    return old, new


def _is_same(held: Mapping[str, Any] | None, row: Mapping[str, Any]) -> bool:
    return held is not None and all(held[name] == value for name, value in row.items())


def _held(connection: Connection, table: Table, keys: Collection[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table).where(_key(table).in_(keys))).mappings()]


def _drop(connection: Connection, table: Table, keys: Collection[Any]) -> int:
    return connection.execute(delete(table).where(_key(table).in_(keys))).rowcount if keys else 0


def _key(table: Table) -> Any:
    return table.primary_key.columns[0]


def _rename(connection: Connection, old: Iterable[dict[str, Any]], new: Iterable[dict[str, Any]]) -> None:
    """An account's name stands in its orders' queue rows, whose own stamps do not move with it."""
    before = {row["id"]: row["name"] for row in old}
    for row in new:
        if before.get(row["id"], row["name"]) != row["name"]:
            of_account = update(order_summaries).where(order_summaries.c.account_id == row["id"])
            connection.execute(of_account.values(customer=row["name"]))


def _with_details(connection: Connection, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the client list with what only a reading of a client tells; due where the list tells something new."""
    held = {row["id"]: row for row in _held(connection, client_books, [row["id"] for row in rows])}
    whole = []
    for row in rows:
        before = held.get(row["id"])
        kept = {name: before[name] for name in _UNREAD} if before else dict(_UNREAD)
        if not _is_same(before, row):
            kept["details_due"] = True
        whole.append(row | kept)
    return whole


def _client_row(client: ClientSummary | Client) -> dict[str, Any]:
    return {"id": client.id} | {word: getattr(client, word) for word in _SUMMARY_WORDS}


def _order_row(row: OrderSummary) -> dict[str, Any]:
    return row.model_dump(exclude={"total"}) | {
        "total": row.total.amount,
        "currency": row.total.currency,
        "mnp_number": phone_digits(row.mnp_number) if row.mnp_number else "",
    }
