"""Watching over the audit log: its head is copied out once a day, so that a changed past or a cut end shows."""

import asyncio
import contextlib
import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

from console.errors import SettingsError, Unavailable
from console.integrations.portal.audit_chain import AuditChain
from console.models.audit import AuditFinding, AuditHead, AuditState
from console.models.record import Sentence

# Whether a new day has begun is looked at so often.
_LOOK_EVERY_S = 3600.0


class AuditWatch:
    """Copies the head of one database's audit log to a file of this machine, and holds the log against that file."""

    def __init__(self, chain: AuditChain, file: Path) -> None:
        """`file` has a line a day: the day, the row's id, its hash and its time. It is only ever added to."""
        self._chain = chain
        self._file = file

    async def copy_head(self) -> bool:
        """Copy the head out unless that was done today (UTC), or nothing was ever noted; whether it was done now.

        Raises `Unavailable`, and `SettingsError` where the file cannot be used.
        """
        today = datetime.now(UTC).date().isoformat()
        lines = await asyncio.to_thread(_lines, self._file)
        if lines and lines[-1].startswith(today):
            return False
        head = await self._chain.head()
        if head is not None:
            line = f"{today} {head.id} {head.hash} {head.at.isoformat()}"
            await asyncio.to_thread(_add_line, self._file, line)
        return head is not None

    async def keep_copying(self) -> None:
        """Copy the head out each day for as long as the desk is open. What keeps it from that the doctor tells."""
        while True:
            with contextlib.suppress(Unavailable, SettingsError):
                await self.copy_head()
            await asyncio.sleep(_LOOK_EVERY_S)

    async def verify(self) -> AuditFinding:
        """Go through the whole log, some ten seconds for a million rows. Raises `Unavailable` and `SettingsError`."""
        lines = await asyncio.to_thread(_lines, self._file)
        copied = [_head(line) for line in lines]
        return await self._chain.verify(head for head in copied if head is not None)


def heads_file(data_dir: Path, database_url: str) -> Path:
    """Where the heads of a profile's audit log are kept; another database of the same profile has another file."""
    which = f"-{hashlib.sha256(database_url.encode()).hexdigest()[:8]}" if database_url else ""
    return data_dir / f"audit-heads{which}.txt"


def words_of(finding: AuditFinding) -> Sentence:
    """A finding in words."""
    row = finding.first_wrong
    match finding.state:
        case AuditState.WHOLE:
            en, ja = f"{finding.rows} rows, all as they were written", f"{finding.rows}行すべてが記録時のまま"
        case AuditState.CHANGED:
            en = f"Row {row} is not as it was written, or one before it is gone"
            ja = f"{row}行目が記録時と異なるか、その前の行が失われています"
        case AuditState.REWRITTEN:
            en = f"Row {row} is not the one that was copied out here: it or rows before it were written anew"
            ja = f"{row}行目がここに写した控えと異なります。その行までに書き換えられたものがあります"
        case AuditState.CUT:
            en = f"Everything from row {row} to the last, {finding.last_known}, is gone"
            ja = f"{row}行目から最後の{finding.last_known}行目までが失われています"
    return Sentence(en=en, ja=ja)


def _lines(file: Path) -> list[str]:
    try:
        # Opened for writing too: that a copy cannot go on shows wherever it is looked at.
        with file.open("r+", encoding="utf-8", errors="replace") as copy:
            return copy.read().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unusable(error) from None


def _add_line(file: Path, line: str) -> None:
    try:
        _append(file, line)
    except OSError as error:
        raise _unusable(error) from None


def _append(file: Path, line: str) -> None:
    file.touch(mode=0o600)
    with file.open("ab+") as copy:
        if copy.tell():
            copy.seek(-1, os.SEEK_END)
            # What a full disk cut off earlier stays a line of its own.
            line = line if copy.read() == b"\n" else f"\n{line}"
        copy.write(f"{line}\n".encode())
        copy.flush()
        os.fsync(copy.fileno())


def _unusable(error: OSError) -> SettingsError:
    return SettingsError(f"The copy of the audit log's head in {error.filename} cannot be used: {error.strerror}.")


def _head(line: str) -> AuditHead | None:
    """None for a line that was not written to its end."""
    match line.split(" "):
        case [_, row_id, row_hash, at] if row_id.isascii() and row_id.isdecimal():
            try:
                return AuditHead(id=int(row_id), hash=row_hash, at=datetime.fromisoformat(at))
            except ValueError:
                return None
    return None
