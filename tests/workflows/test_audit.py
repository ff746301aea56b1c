"""The head of the audit log is copied out once a day, and what is done to the log later shows by it."""

import asyncio
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from console.errors import SettingsError
from console.integrations.portal.portal import Portal
from console.models.audit import AuditFinding, AuditState
from console.workflows.audit import AuditWatch, heads_file, words_of

T = TypeVar("T")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return heads_file(tmp_path, "")


def on(file: Path, work: Callable[[Portal, AuditWatch], Awaitable[T]]) -> T:
    """Do something with the database of the folder that `file` is in."""

    async def opened() -> T:
        portal = Portal(f"sqlite:///{file.parent / 'portal.db'}")
        try:
            await portal.open()
            return await work(portal, AuditWatch(portal.journal.chain, file))
        finally:
            await portal.aclose()

    return asyncio.run(opened())


def add(file: Path, rows: int) -> None:
    async def added(portal: Portal, _: AuditWatch) -> None:
        for _number in range(rows):
            await portal.journal.audit("Yuki Shirai", "approved", "8015g0000000001AAA", "looks right")

    on(file, added)


def copied(file: Path) -> bool:
    return on(file, lambda _, watch: watch.copy_head())


def verified(file: Path) -> AuditFinding:
    return on(file, lambda _, watch: watch.verify())


def age(file: Path, days: int = 1) -> None:
    """Make every line of the file so many days older."""
    lines = [line.split(" ", 1) for line in file.read_text(encoding="utf-8").splitlines()]
    older = [f"{datetime.fromisoformat(day).date() - timedelta(days=days)} {rest}\n" for day, rest in lines]
    file.write_text("".join(older), encoding="utf-8")


def cut(file: Path, after: int) -> None:
    """What somebody does who knows how the database watches itself."""
    with sqlite3.connect(file.parent / "portal.db") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("DELETE FROM audit_log WHERE id > ?", (after,))
        database.execute("UPDATE audit_head SET (id, hash) = (SELECT id, hash FROM audit_log WHERE id = ?)", (after,))
    database.close()


def test_the_head_is_copied_out_once_a_day(file: Path) -> None:
    assert not copied(file)
    assert not file.exists()
    add(file, 3)
    assert copied(file)
    add(file, 2)
    assert not copied(file)
    age(file)
    assert copied(file)
    first, second = (line.split(" ") for line in file.read_text(encoding="utf-8").splitlines())
    today = datetime.now(UTC).date()
    assert (first[0], first[1]) == (str(today - timedelta(days=1)), "3")
    assert (second[0], second[1]) == (str(today), "5")
    assert verified(file) == AuditFinding(state=AuditState.WHOLE, rows=5, first_wrong=None, last_known=5)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a user's folder private by itself")
def test_the_copy_is_for_its_own_user_alone(file: Path) -> None:
    add(file, 1)
    copied(file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_cut_end_shows_by_the_copy(file: Path) -> None:
    add(file, 5)
    copied(file)
    cut(file, after=2)
    found = verified(file)
    assert (found.state, found.first_wrong, found.last_known) == (AuditState.CUT, 3, 5)
    age(file)
    assert copied(file)
    assert verified(file).state is AuditState.CUT


def test_an_end_that_was_cut_and_grew_again_shows_by_the_copy(file: Path) -> None:
    add(file, 5)
    copied(file)
    cut(file, after=2)
    # The triggers are gone with it; the place in the chain is then the writer's own business.
    with sqlite3.connect(file.parent / "portal.db") as database:
        database.execute("CREATE TRIGGER on_and_on AFTER INSERT ON audit_log "
                         "BEGIN UPDATE audit_head SET id = NEW.id, hash = NEW.hash; END")  # fmt: skip
    database.close()
    add(file, 4)
    found = verified(file)
    assert (found.state, found.first_wrong) == (AuditState.REWRITTEN, 5)


def test_a_line_that_was_not_written_to_its_end_is_no_alarm_and_stays_alone(file: Path) -> None:
    add(file, 2)
    copied(file)
    age(file)
    with file.open("ab") as copy:
        copy.write(b"2026-11-2\xff")
    assert copied(file)
    assert len(file.read_bytes().splitlines()) == 3
    assert verified(file).state is AuditState.WHOLE
    cut(file, after=1)
    assert verified(file).state is AuditState.CUT


@pytest.mark.parametrize(
    "line", ["", "x", "2026-11-23 ² abc 2026-11-23T09:00:00+00:00", "2026-11-23 1 abc yesterday", "a b c d e"]
)
def test_what_is_no_head_is_passed_over(file: Path, line: str) -> None:
    add(file, 1)
    file.write_text(f"{line}\n", encoding="utf-8")
    assert verified(file).state is AuditState.WHOLE


def test_each_database_has_a_copy_of_its_own(tmp_path: Path) -> None:
    urls = ("", "postgresql://desk@db.example.com/portal", "postgresql://desk@db.example.com/other")
    files = {heads_file(tmp_path, url) for url in urls}
    assert len(files) == 3
    assert heads_file(tmp_path, urls[1]) in files


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (AuditState.WHOLE, "4 rows, all as they were written"),
        (AuditState.CHANGED, "Row 5 is not as it was written, or one before it is gone"),
        (AuditState.REWRITTEN, "Row 5 is not the one that was copied out here: it or rows before it were written anew"),
        (AuditState.CUT, "Everything from row 5 to the last, 9, is gone"),
    ],
)
def test_a_finding_is_told_in_words(state: AuditState, words: str) -> None:
    sentence = words_of(AuditFinding(state=state, rows=4, first_wrong=5, last_known=9))
    assert sentence.en == words
    assert sentence.ja != sentence.en


def test_a_copy_that_cannot_be_used_is_told_with_its_name(file: Path) -> None:
    add(file, 1)
    file.mkdir()
    for work in (copied, verified):
        with pytest.raises(SettingsError, match=r"audit-heads\.txt cannot be used"):
            work(file)


def test_a_desk_that_stays_open_copies_it_day_after_day(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.workflows.audit._LOOK_EVERY_S", 0)
    add(file, 1)

    def take_away() -> None:
        """As if another day had begun."""
        while not file.is_file():
            pass
        file.unlink()

    async def days(portal: Portal, watch: AuditWatch) -> None:
        copying = asyncio.ensure_future(watch.keep_copying())
        async with asyncio.timeout(10):
            for _ in range(2):
                await asyncio.to_thread(take_away)
        copying.cancel()
        await asyncio.gather(copying, return_exceptions=True)

    on(file, days)
