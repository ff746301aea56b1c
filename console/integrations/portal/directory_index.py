"""The index of the directory: which terms lead to which people. FTS5 on SQLite, a GIN index on PostgreSQL.

Migration 0004 makes it. It stands apart from the rows themselves, which stay narrow and are read for hits only.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, text

from console.integrations.portal.search_terms import latin_words, misspellings, terms_of
from console.models.customer import Person

# Statements for thousands of people at once: as many as PostgreSQL takes arguments for, by far.
_CHUNK = 2_000
_FOUND = {
    "sqlite": "JOIN directory_terms AS t ON t.rowid = d.id WHERE t.directory_terms MATCH :terms",
    "postgresql": "JOIN directory_terms AS t ON t.id = d.id WHERE t.terms @@ CAST(:terms AS tsquery)",
}


def add(connection: Connection, people: Sequence[tuple[int, Person]]) -> None:
    """Let people be found; each comes with the id of their row."""
    if not people:
        return
    rows = [{"id": row_id, "terms": " ".join(sorted(terms_of(person)))} for row_id, person in people]
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO directory_terms (rowid, terms) VALUES (:id, :terms)"), rows)
    else:
        statement = text("INSERT INTO directory_terms (id, terms) VALUES (:id, CAST(:terms AS tsvector))")
        for start in range(0, len(rows), _CHUNK):
            connection.execute(statement, rows[start : start + _CHUNK])
    _learn_words(connection, {word for _, person in people for word in latin_words(person)})


def remove(connection: Connection, people: Sequence[tuple[int, Person]]) -> None:
    """Let people not be found any more; each comes with the id of their row and as they were added."""
    if connection.dialect.name == "sqlite":
        # The index has no rows of its own: it is told what to take out.
        for row_id, person in people:
            given = {"id": row_id, "terms": " ".join(sorted(terms_of(person)))}
            statement = "INSERT INTO directory_terms (directory_terms, rowid, terms) VALUES ('delete', :id, :terms)"
            connection.execute(text(statement), given)
    elif people:
        ids = [row_id for row_id, _ in people]
        connection.execute(text("DELETE FROM directory_terms WHERE id = ANY(:ids)"), {"ids": ids})


def clear(connection: Connection) -> None:
    """Let nobody be found any more."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO directory_terms (directory_terms) VALUES ('delete-all')"))
    else:
        connection.execute(text("DELETE FROM directory_terms"))
    connection.execute(text("DELETE FROM directory_words"))


def where(dialect: str, groups: Iterable[Sequence[str]]) -> tuple[str, dict[str, Any]]:
    """The end of a FROM over `directory AS d`, and its arguments: those who have a term of each of the groups."""
    either, both, quote = (" OR ", " AND ", '"') if dialect == "sqlite" else (" | ", " & ", "'")
    asked = both.join(f"({either.join(f'{quote}{term}{quote}' for term in group)})" for group in groups)
    return _FOUND[dialect], {"terms": asked}


def _learn_words(connection: Connection, words: set[str]) -> None:
    rows = [{"variant": variant, "word": word} for word in sorted(words) for variant in sorted(misspellings(word))]
    statement = text("INSERT INTO directory_words (variant, word) VALUES (:variant, :word) ON CONFLICT DO NOTHING")
    for start in range(0, len(rows), _CHUNK):
        connection.execute(statement, rows[start : start + _CHUNK])
