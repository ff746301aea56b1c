"""The audit log as a chain: each row carries the SHA-256 over itself and the hash of the row before.

PostgreSQL's trigger computes the same hash (migration 0003); in a file of SQLite's `following` does. Whoever changes a
row has to write every later hash anew, and then the head that was copied out earlier no longer fits.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Text, cast, func, select
from sqlalchemy.exc import OperationalError

from console.integrations.portal.database import Database
from console.integrations.portal.tables import audit_head, audit_log
from console.models.audit import AuditFinding, AuditHead, AuditState

# Others wait for the database no longer than a chunk takes, some ten milliseconds.
_CHUNK = 2_000
_quoted = json.JSONEncoder(ensure_ascii=False).encode


class AuditLine(NamedTuple):
    """What the hash of a row is over, besides the hash of the row before; `at` is as `time_text` has it."""

    action: str
    actor: str
    at: str
    detail: str
    id: int
    login: str
    subject: str


_ID = AuditLine._fields.index("id")


def hash_of(before: str, line: AuditLine) -> str:
    """The hash of a row as 64 hexadecimal digits; `before` is that of the row before, "" for the first.

    It is over the JSON of the columns in UTF-8, sorted by name, without blanks and with no more escapes than needed.
    Raises `TypeError` or `ValueError` for what no row can hold.
    """
    action, actor, at, detail, row_id, login, subject = line
    # By hand: a million rows take a third of the time that they take as dictionaries.
    document = (
        f'{{"action":{_quoted(action)},"actor":{_quoted(actor)},"at":{_quoted(at)},"before":"{before}",'
        f'"detail":{_quoted(detail)},"id":{row_id},"login":{_quoted(login)},"subject":{_quoted(subject)}}}'
    )
    return hashlib.sha256(document.encode()).hexdigest()


def time_text(at: datetime) -> str:
    """A time as the hash has it, in UTC to the microsecond, for example `2026-11-23T09:00:00.000000Z`."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def following(connection: Connection, row: dict[str, str]) -> dict[str, Any]:
    """A new row for a file of SQLite's: `row` with its time, its place after the last one, and its hash.

    To be inserted in the same transaction.
    """
    last, now = connection.execute(select(audit_head)).one(), datetime.now(UTC)
    line = AuditLine(**row, id=last.id + 1, at=time_text(now), login="")
    return line._asdict() | {"at": now, "hash": hash_of(last.hash, line)}


class AuditChain:
    """Looks at the audit log as a whole."""

    def __init__(self, database: Database) -> None:
        """Work on an opened database."""
        self._database = database

    async def head(self) -> AuditHead | None:
        """The last row, None where there is none yet."""
        last = select(audit_log.c.id, audit_log.c.hash, audit_log.c.at).order_by(audit_log.c.id.desc()).limit(1)
        found = await self._database.read(last, AuditHead)
        return found[0] if found else None

    async def verify(self, copied: Iterable[AuditHead] = ()) -> AuditFinding:
        """Compute every hash anew, up to the first that is wrong; `copied` are heads that were copied out earlier.

        Others use the database between the chunks; memory does not grow with the log. Raises `Unavailable`.
        """
        walk = _Walk()
        for head in copied:
            walk.expect(head.id, head.hash)
        await self._database.run(walk.expect_own_head)
        while await self._database.run(walk.go_on):
            pass
        return walk.finding()


class _Walk:
    """One way along the chain, from the first row."""

    def __init__(self) -> None:
        self._hash = ""
        self._last: int | None = None
        self._rows = 0
        self._known: dict[int, set[str]] = {}
        self._wrong: tuple[AuditState, int] | None = None

    def expect(self, row_id: int, row_hash: str) -> None:
        """A row that was the last once, with its hash."""
        self._known.setdefault(row_id, set()).add(row_hash)

    def expect_own_head(self, connection: Connection) -> None:
        """The database notes by itself which row is the last."""
        for own in connection.execute(select(audit_head).where(audit_head.c.id > 0)):
            self.expect(own.id, own.hash)

    def go_on(self, connection: Connection) -> bool:
        """Look at the next rows; whether there may be more."""
        try:
            rows = _lines(connection, self._last, _CHUNK)
        except OperationalError as error:
            if not _is_no_text(error):
                raise
            return self._go_on_singly(connection)
        return self._all_follow(rows)

    def _go_on_singly(self, connection: Connection) -> bool:
        """One row after the other, to find the one whose text is none any more."""
        ids = connection.execute(_after(select(audit_log.c.id), self._last, _CHUNK)).scalars().all()
        for row_id in ids:
            try:
                rows = _lines(connection, self._last, 1)
            except OperationalError as error:
                if not _is_no_text(error):
                    raise
                self._wrong = (AuditState.CHANGED, row_id)
                return False
            if not self._all_follow(rows):
                return False
        return True

    def _all_follow(self, rows: Sequence[Sequence[Any]]) -> bool:
        for *line, found in rows:
            right = _hash_or_none(self._hash, line)
            if right is None or found != right:
                self._wrong = (AuditState.CHANGED, line[_ID])
                return False
            if line[_ID] in self._known and self._known[line[_ID]] != {right}:
                self._wrong = (AuditState.REWRITTEN, line[_ID])
                return False
            self._hash, self._last = right, line[_ID]
            self._rows += 1
        return bool(rows)

    def finding(self) -> AuditFinding:
        """What the way along the chain has shown."""
        last_known = max([*self._known, *([] if self._last is None else [self._last])], default=None)
        state, first_wrong = self._wrong or self._end()
        return AuditFinding(state=state, rows=self._rows, first_wrong=first_wrong, last_known=last_known)

    def _end(self) -> tuple[AuditState, int | None]:
        last = self._last or 0
        return (AuditState.CUT, last + 1) if max(self._known, default=0) > last else (AuditState.WHOLE, None)


def _hash_or_none(before: str, line: Sequence[Any]) -> str | None:
    """None for what only another program can have written into a file of SQLite's."""
    try:
        return hash_of(before, line)  # type: ignore[arg-type]  # a million rows need not become named tuples first
    except (TypeError, ValueError):
        return None


def _is_no_text(error: OperationalError) -> bool:
    return "decode" in str(error.orig)


def _lines(connection: Connection, after: int | None, limit: int) -> Sequence[Sequence[Any]]:
    """The next rows, each as the columns of its line and its hash."""
    log = audit_log.c
    columns = [_time_text(connection) if name == "at" else log[name] for name in AuditLine._fields]
    return connection.execute(_after(select(*columns, log.hash), after, limit)).fetchall()


def _after(query: Select[Any], row_id: int | None, limit: int) -> Select[Any]:
    later = query if row_id is None else query.where(audit_log.c.id > row_id)
    return later.order_by(audit_log.c.id).limit(limit)


def _time_text(connection: Connection) -> ColumnElement[str]:
    """The time of a row as `time_text` has it, from the engine: it need not become an object first."""
    at = audit_log.c.at
    if connection.dialect.name == "postgresql":
        return func.to_char(func.timezone("UTC", at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    return func.replace(cast(at, Text), " ", "T").concat("Z")
