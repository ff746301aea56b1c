"""Finding people while somebody types: the surest ways to read a text first, no further than as many as are wanted.

A common name stands in thousands of rows; each way is asked for no more rows than are shown, so none is gathered whole.
Searches have a connection and a thread of their own and wait for nothing that is written.
"""

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from console.errors import Unavailable
from console.integrations.portal import search_terms
from console.integrations.portal.database import Database
from console.integrations.portal.directory_index import where
from console.integrations.portal.search_text import SearchText, exact_ids
from console.models.customer import Person
from console.models.ids import padded_order_number, whmcs_id

_COLUMNS = ", ".join(f"d.{name}" for name in ("id", *Person.model_fields) if name != "matched_on")
_FROM = f"SELECT {_COLUMNS} FROM directory AS d"
_NUMBER = re.compile(r"[0-9A-Za-z-]{3,40}")
# The beginning of a Portal user's id, as the desk shows it.
_USER_ID = re.compile(r"[0-9a-f][0-9a-f-]{3,35}")
# Where so few are found, what was typed may be a mistake.
_FEW = 3
# A mistyped word is looked for under no more words that it can mean.
_MOST_WORDS = 8
_ESCAPE = "\\"
_FAILED = (sqlite3.Error, SQLAlchemyError)


class Way(NamedTuple):
    """One way to read a text: the end of a statement and its arguments; `reason` where the way itself is one."""

    sql: str
    arguments: dict[str, Any]
    reason: str = ""


class DirectorySearch:
    """Searches one directory."""

    def __init__(self, database: Database) -> None:
        """Connects with the first search."""
        self._database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="search")
        self._reader: _Reader | None = None

    async def search(self, typed: str, limit: int) -> list[Person]:
        """People that the text names, best first; an empty text finds nobody. Raises `Unavailable`.

        Exact ids and numbers, then whole fields, whole words, beginnings of words, parts, and where hardly anybody is
        found, words that differ by a typing error. Every word of the text must be found in the same person.
        """
        query = SearchText.of(typed)
        if not query.folded:
            return []
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._watched, query, limit)

    async def aclose(self) -> None:
        """Finish the search under way and disconnect."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown(wait=True)

    def _disconnect(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            # One that was lost cannot be closed in order.
            with contextlib.suppress(*_FAILED):
                reader.close()

    def _watched(self, query: SearchText, limit: int) -> list[Person]:
        with self._database.contact.watched():
            is_new = self._reader is None
            try:
                return self._tried(query, limit)
            except _FAILED as error:
                self._disconnect()
                cause = error
            try:
                # A server that closed a connection, as after its restart, may well take another one.
                if not is_new:
                    return self._tried(query, limit)
            except _FAILED as error:
                self._disconnect()
                cause = error
            raise Unavailable("portal", "database", f"the search failed: {type(cause).__name__}") from cause

    def _tried(self, query: SearchText, limit: int) -> list[Person]:
        if self._reader is None:
            self._reader = _reader_of(self._database)
        return _found(self._reader, query, limit)


def _found(reader: "_Reader", query: SearchText, limit: int) -> list[Person]:
    hits: dict[int, Person] = {}
    for way in _ways(reader, query, hits):
        # Those who were found before may be found again.
        rows = reader.rows(f"{_FROM} {way.sql} LIMIT :limit", way.arguments | {"limit": limit + len(hits)})
        for row in sorted(rows, key=lambda row: (row["name"], row["id"])):
            row_id = row.pop("id")
            if row_id not in hits:
                person = Person(**row | {"link_checked_at": _moment(row["link_checked_at"])}, matched_on=way.reason)
                hits[row_id] = person if way.reason else person.model_copy(update={"matched_on": query.reason(person)})
        if len(hits) >= limit:
            break
    return list(hits.values())[:limit]


def _ways(reader: "_Reader", query: SearchText, hits: dict[int, Person]) -> Iterator[Way]:
    """The surest first; what comes late depends on what was found so far."""
    folded, digits = query.folded, query.digits
    yield from _exact(query)
    is_number = bool(hits)
    yield from _by_terms(reader, search_terms.whole(folded), [])
    if digits:
        yield Way("WHERE d.phone_digits = :digits", {"digits": digits})
        # Who brings a number along mostly has it as telephone number, too.
        transfer = "SELECT account_id FROM order_summaries WHERE mnp_number = :digits"
        yield Way(f"WHERE d.salesforce_account_id IN ({transfer})", {"digits": digits}, "mnp_number")
    if hits and query.is_whole:
        return
    divided = [word for word in folded.split() if not word.isalnum()]
    yield from _by_terms(reader, search_terms.words(folded), divided)
    if digits:
        ending = Way(" AND d.phone_digits LIKE :ending", {"ending": f"%{digits}"})
        yield from _by_terms(reader, search_terms.phone_ending(digits), [], ending)
    yield from _by_terms(reader, search_terms.beginnings(folded), folded.split())
    if _USER_ID.fullmatch(folded):
        # "~" comes after everything that an id can have.
        between = {"low": folded, "high": f"{folded}~"}
        yield Way("WHERE d.portal_user_id >= :low AND d.portal_user_id < :high", between, "portal_user_id")
    if not is_number:
        yield from _parts(reader, query)
    if len(hits) < _FEW:
        yield from _mistyped(reader, folded)


def _parts(reader: "_Reader", query: SearchText) -> Iterator[Way]:
    if query.digits:
        inside = Way(" AND d.phone_digits LIKE :inside", {"inside": f"%{query.digits}%"})
        yield from _by_terms(reader, search_terms.phone_parts(query.digits), [], inside)
    yield from _by_terms(reader, search_terms.parts(query.folded), query.folded.split())


def _exact(query: SearchText) -> Iterator[Way]:
    conditions = exact_ids(query.typed)
    yield Way(f"WHERE {' OR '.join(f'd.{name} = :{name}' for name in conditions)}", dict(conditions))
    if not _NUMBER.fullmatch(query.typed):
        return
    order = "SELECT account_id FROM order_summaries WHERE order_number IN (:number, :filled)"
    numbers = {"number": query.typed, "filled": padded_order_number(query.typed)}
    yield Way(f"WHERE d.salesforce_account_id IN ({order})", numbers, "order_number")
    invoice = "SELECT whmcs_client_id FROM invoice_numbers WHERE number = :number"
    yield Way(f"WHERE d.whmcs_client_id IN ({invoice})", {"number": query.typed.upper()}, "invoice_number")
    if invoice_id := whmcs_id(query.typed):
        invoice = "SELECT whmcs_client_id FROM invoice_numbers WHERE invoice_id = :id"
        yield Way(f"WHERE d.whmcs_client_id IN ({invoice})", {"id": invoice_id}, "invoice_number")


def _by_terms(
    reader: "_Reader", terms: Sequence[str], contained: Iterable[str], further: Way | None = None
) -> Iterator[Way]:
    """Those who have all the terms, and these words somewhere in a field. Nobody where there are no terms."""
    if not terms:
        return
    sql, arguments = where(reader.dialect, [[term] for term in terms])
    for number, word in enumerate(contained):
        sql += f" AND d.folded LIKE :word{number} ESCAPE '{_ESCAPE}'"
        arguments[f"word{number}"] = f"%{_plain(word)}%"
    if further:
        sql, arguments = sql + further.sql, arguments | further.arguments
    yield Way(sql, arguments)


def _mistyped(reader: "_Reader", folded: str) -> Iterator[Way]:
    """Those whose words are like those of the text; nobody where none of them is like a known word."""
    groups: list[list[str]] = []
    likely = False
    for word in folded.split():
        meant = _alike(reader, word) if search_terms.can_be_mistyped(word) else []
        likely = likely or bool(meant)
        terms = search_terms.words(word)
        groups += [[*terms, *(term for one in meant for term in search_terms.words(one))]] if meant else [
            [term] for term in terms
        ]  # fmt: skip
    if likely:
        yield Way(*where(reader.dialect, groups), "similar")


def _alike(reader: "_Reader", word: str) -> list[str]:
    """The known words that a mistyped one can mean."""
    variants = {f"v{number}": one for number, one in enumerate(sorted(search_terms.misspellings(word)))}
    names = ", ".join(f":{name}" for name in variants)
    found = reader.rows(f"SELECT DISTINCT word FROM directory_words WHERE variant IN ({names})", variants)
    alike = [str(row["word"]) for row in found if search_terms.are_alike(word, str(row["word"]))]
    return sorted(one for one in alike if one != word)[:_MOST_WORDS]


class _Reader:
    """A connection that only reads: the rows of a statement, on either engine."""

    def __init__(self, dialect: str, connection: Any) -> None:
        self.dialect = dialect
        self._connection = connection

    def rows(self, sql: str, arguments: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows as dictionaries."""
        if self.dialect == "sqlite":
            return [dict(row) for row in self._connection.execute(sql, arguments)]
        return [dict(row) for row in self._connection.execute(text(sql), arguments).mappings()]

    def close(self) -> None:
        """Let go of the connection."""
        engine: Engine | None = getattr(self._connection, "engine", None)
        self._connection.close()
        if engine is not None:
            engine.dispose()


def _reader_of(database: Database) -> _Reader:
    """A file is read by SQLite's own module: there are thousands of searches a day and nothing to translate."""
    if database.file is None:
        return _Reader("postgresql", database.apart().connect())
    connection = sqlite3.connect(f"{database.file.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    return _Reader("sqlite", connection)


def _moment(told: datetime | str | None) -> datetime | None:
    """A time in UTC; SQLite's own module gives it as it is kept, as text without a zone."""
    if isinstance(told, str):
        return datetime.fromisoformat(told).replace(tzinfo=UTC)
    return told


def _plain(word: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", word)
