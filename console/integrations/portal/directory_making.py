"""Making the directory's rows anew where what the systems' lists tell of a customer has changed."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, or_, select

from console.integrations.portal import directory_people
from console.integrations.portal.tables import account_books, client_books, links, sync_marks
from console.models.address import Address
from console.models.billing import KnownClient
from console.models.customer import Account, Link, Person
from console.models.sync import ListedCustomer

# What is kept of an account.
ACCOUNT_WORDS = ("id", "customer_number", "name", "reading", "phone", "email", "contact_id", "whmcs_client_id",
                 "portal_user_id", "changed_at")  # fmt: skip
_NOWHERE = Address()


class Touched(NamedTuple):
    """Whose rows may have changed: accounts, WHMCS clients, and all accounts that have one of these numbers."""

    accounts: frozenset[str] = frozenset()
    clients: frozenset[int] = frozenset()
    numbers: frozenset[str] = frozenset()


def touched_by_accounts(rows: Iterable[Mapping[str, Any]]) -> Touched:
    """Whom rows of accounts, as they were or as they are, can have changed."""
    accounts, clients, numbers = set(), set(), set()
    for row in rows:
        accounts.add(row["id"])
        numbers.add(row["customer_number"])
        if row["whmcs_client_id"] is not None:
            clients.add(row["whmcs_client_id"])
    return Touched(frozenset(accounts), frozenset(clients), frozenset(numbers))


def refresh(connection: Connection, touched: Touched, person_of: Callable[[ListedCustomer], Person]) -> int:
    """Make the people of what was touched anew; tells how many differ from what they were."""
    if not any(touched):
        return 0
    accounts = _accounts(connection, touched)
    account_ids = touched.accounts | {one.id for one in accounts}
    named = touched.clients | {one.whmcs_client_id for one in accounts if one.whmcs_client_id}
    rows = _links_naming(connection, account_ids, named)
    client_ids = named | {row.whmcs_client_id for row in rows if row.salesforce_account_id in account_ids}
    clients = {one.id: one for one in _clients(connection, client_ids)}
    counts = _counts(connection, {one.customer_number for one in accounts})
    billing_read = _billing_read(connection)
    listed = [
        ListedCustomer(
            account=one,
            client=clients.get(one.client_id_by(rows) or 0),
            links=tuple(row for row in rows if _names(row, one)),
            same_number=counts[one.customer_number],
            billing_read=billing_read,
        )
        for one in accounts
    ]
    claimed = _claimed(connection, client_ids)
    alone = [ListedCustomer(account=None, client=one) for one in clients.values() if one.id not in claimed]
    people = [person_of(one) for one in (*listed, *alone)]
    return directory_people.put_instead(connection, people, account_ids, client_ids)


def _accounts(connection: Connection, touched: Touched) -> list[Account]:
    """The accounts that were touched, name a client that was, or share a customer number with one."""
    linked = select(links.c.salesforce_account_id).where(links.c.whmcs_client_id.in_(touched.clients))
    account = account_books.c
    of_them = or_(
        account.id.in_(touched.accounts),
        account.id.in_(linked),
        account.whmcs_client_id.in_(touched.clients),
        account.customer_number.in_(touched.numbers),
    )
    rows = connection.execute(select(account_books).where(of_them)).mappings()
    empty: dict[str, Any] = {"internet_eligibility": None, "billing": _NOWHERE}
    return [Account(**{word: row[word] for word in ACCOUNT_WORDS}, **empty) for row in rows]


def _names(row: Link, account: Account) -> bool:
    """Whether a link row names an account, or what the account names."""
    return (
        row.salesforce_account_id == account.id
        or row.whmcs_client_id == account.whmcs_client_id
        or row.portal_user_id == account.portal_user_id
    )


def _links_naming(connection: Connection, accounts: Collection[str], clients: Collection[int]) -> tuple[Link, ...]:
    named = or_(links.c.salesforce_account_id.in_(accounts), links.c.whmcs_client_id.in_(clients))
    rows = connection.execute(select(links).where(named)).mappings()
    return tuple(Link(**{name: row[name] for name in Link.model_fields}) for row in rows)


def _clients(connection: Connection, ids: Collection[int]) -> list[KnownClient]:
    rows = connection.execute(select(client_books).where(client_books.c.id.in_(ids))).mappings()
    return [KnownClient(**{name: row[name] for name in KnownClient.model_fields}) for row in rows]


def _counts(connection: Connection, numbers: Collection[str]) -> Counter[str]:
    number = account_books.c.customer_number
    rows = connection.execute(select(number, func.count()).where(number.in_(numbers)).group_by(number))
    return Counter({name: count for name, count in rows})


def _claimed(connection: Connection, client_ids: Collection[int]) -> set[int]:
    """Those of some clients that an account names, itself or by its link row."""
    named = select(account_books.c.whmcs_client_id).where(account_books.c.whmcs_client_id.in_(client_ids))
    linked = (
        select(links.c.whmcs_client_id)
        .join(account_books, account_books.c.id == links.c.salesforce_account_id)
        .where(links.c.whmcs_client_id.in_(client_ids), account_books.c.whmcs_client_id.is_(None))
    )
    return set(connection.execute(named.union(linked)).scalars())


def _billing_read(connection: Connection) -> bool:
    done = select(sync_marks.c.name).where(sync_marks.c.name == "clients", sync_marks.c.cursor.is_not(None))
    return connection.execute(done).first() is not None
