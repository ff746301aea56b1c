"""Putting people into the directory and its index, and taking them out. Each works inside a transaction."""

from collections.abc import Collection, Iterable, Sequence
from itertools import islice

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, func, insert, or_, select

from console.integrations.portal import directory_index
from console.integrations.portal.folding import phone_digits
from console.integrations.portal.search_text import folded_fields
from console.integrations.portal.tables import directory
from console.models.customer import Person

# As many rows are put in with one statement.
_CHUNK = 5_000
_FIELDS = tuple(name for name in Person.model_fields if name != "matched_on")


def put(connection: Connection, people: Iterable[Person]) -> None:
    """Put people in who are not there yet; any number of them, a part at a time.

    One process at a time brings the directory up to date.
    """
    first = (connection.execute(select(func.max(directory.c.id))).scalar() or 0) + 1
    rest = enumerate(people, first)
    while numbered := list(islice(rest, _CHUNK)):
        connection.execute(insert(directory), [{"id": row_id} | _row(person) for row_id, person in numbered])
        directory_index.add(connection, numbered)


def put_instead(
    connection: Connection, people: Sequence[Person], account_ids: Collection[str], client_ids: Collection[int]
) -> int:
    """Make these the people of some accounts, and of some WHMCS clients that no account names; tells who differ.

    Who is as before is left alone: everybody who watches the directory would look again.
    """
    held = {
        _key(row): row for row in connection.execute(select(directory).where(_of(account_ids, client_ids))).mappings()
    }
    wanted = {_key(person.model_dump()): person for person in people}
    gone = [row for key, row in held.items() if key not in wanted or person_of_row(row) != wanted[key]]
    new = [person for key, person in wanted.items() if key not in held or person_of_row(held[key]) != person]
    if gone:
        directory_index.remove(connection, [(row["id"], person_of_row(row)) for row in gone])
        connection.execute(delete(directory).where(directory.c.id.in_([row["id"] for row in gone])))
    put(connection, new)
    return len({_key(row) for row in gone} | {_key(person.model_dump()) for person in new})


def person_of_row(row: RowMapping, matched_on: str = "") -> Person:
    """The person that a row of the directory is."""
    return Person(**{name: row[name] for name in _FIELDS}, matched_on=matched_on)


def _key(row: RowMapping | dict[str, object]) -> tuple[object, object]:
    """What tells people apart: the account, and the WHMCS client of those who have none."""
    account_id = row["salesforce_account_id"]
    return account_id, None if account_id else row["whmcs_client_id"]


def _of(account_ids: Collection[str], client_ids: Collection[int]) -> ColumnElement[bool]:
    alone = and_(directory.c.salesforce_account_id.is_(None), directory.c.whmcs_client_id.in_(client_ids))
    return or_(directory.c.salesforce_account_id.in_(account_ids), alone)


def _row(person: Person) -> dict[str, object]:
    return person.model_dump(exclude={"matched_on"}) | {
        "link": person.link.value,
        "phone_digits": phone_digits(person.phone),
        "folded": folded_fields(person),
    }
