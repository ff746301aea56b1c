"""Whatever is done to a row of the audit log, or to its end, shows; and the database refuses to do it."""

import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, text

import console.integrations.portal.migrations as revisions
from console.errors import SystemFault
from console.integrations.portal import audit_chain
from console.integrations.portal.audit_chain import AuditLine, hash_of, time_text
from console.integrations.portal.database import Database
from console.integrations.portal.journal import write_audit
from console.integrations.portal.portal import Portal
from console.integrations.portal.tables import audit_log
from console.models.audit import AuditFinding, AuditHead, AuditState
from tests.integrations.portal.portal_bench import ACCOUNT, PortalBench

_ROWS = 9
_ADD_TEN = """
import asyncio, sys
from console.integrations.portal.portal import Portal
async def add():
    portal = Portal(sys.argv[1])
    await portal.open()
    for number in range(10):
        await portal.journal.audit("Yuki Shirai", "approved", "8015g0000000001AAA", str(number))
    await portal.aclose()
sys.stdin.readline()
asyncio.run(add())
"""
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@pytest.fixture(autouse=True)
def _chunks_of_few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a log of a few rows is read in several goes."""
    monkeypatch.setattr(audit_chain, "_CHUNK", 4)


def on(portal: PortalBench, *statements: str) -> None:
    """What the owner of the database can do to it, against every refusal."""

    def work(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    portal.run(lambda opened: opened._database.run(work))


def by_force(portal: PortalBench, *statements: str) -> None:
    """With the triggers out of the way."""
    if portal.url.startswith("postgresql"):
        on(portal, "ALTER TABLE audit_log DISABLE TRIGGER ALL", "ALTER TABLE audit_head DISABLE TRIGGER ALL",
           *statements, "ALTER TABLE audit_log ENABLE ALWAYS TRIGGER staff_console_audit_fill",
           "ALTER TABLE audit_head ENABLE TRIGGER ALL")  # fmt: skip
        return

    def work(connection: Connection) -> None:
        triggers = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit%'")
        made = connection.execute(triggers).all()
        changes = [f"DROP TRIGGER {one.name}" for one in made], statements, [one.sql for one in made]
        for statement in (statement for group in changes for statement in group):
            connection.exec_driver_sql(statement)

    portal.run(lambda opened: opened._database.run(work))


def filled(portal: PortalBench, rows: int = _ROWS) -> list[AuditHead]:
    """Add rows; the head after each."""

    async def add(opened: Portal) -> list[AuditHead]:
        heads = []
        for number in range(rows):
            await opened.journal.audit("Yuki Shirai", "approved", ACCOUNT, f"理由 {number}")
            head = await opened.journal.chain.head()
            assert head
            heads.append(head)
        return heads

    return portal.run(add)


def verified(portal: PortalBench, copied: Sequence[AuditHead] = ()) -> AuditFinding:
    return portal.run(lambda opened: opened.journal.chain.verify(copied))


def seen(finding: AuditFinding) -> tuple[AuditState, int, int | None]:
    return finding.state, finding.rows, finding.first_wrong


def read_rows(portal: PortalBench) -> list[dict[str, Any]]:
    def work(connection: Connection) -> list[dict[str, Any]]:
        return [dict(row) for row in connection.execute(select(audit_log).order_by(audit_log.c.id)).mappings()]

    return portal.run(lambda opened: opened._database.run(work))


def rewritten(portal: PortalBench, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Change rows and write every hash anew, so that they fit one another and the database's own note of the last."""
    rows, before, statements = read_rows(portal), "", ["DELETE FROM audit_log", "DELETE FROM audit_head"]
    change(rows)
    for row in rows:
        line = {name: row[name] for name in AuditLine._fields} | {"at": time_text(row["at"])}
        row["hash"] = before = hash_of(before, AuditLine(**line))
        stamp = row["at"].strftime("%Y-%m-%d %H:%M:%S.%f") + ("+00" if portal.url.startswith("postgresql") else "")
        values = [row["id"], stamp, *(row[name] for name in ("actor", "action", "subject", "detail", "login", "hash"))]
        told = ", ".join(str(one) if isinstance(one, int) else f"'{one}'" for one in values)
        statements.append(
            f"INSERT INTO audit_log (id, at, actor, action, subject, detail, login, hash) VALUES ({told})"
        )
    last = rows[-1]
    by_force(portal, *statements, f"INSERT INTO audit_head (id, hash) VALUES ({last['id']}, '{last['hash']}')")


def test_an_empty_log_is_whole(portal: PortalBench) -> None:
    assert seen(verified(portal)) == (AuditState.WHOLE, 0, None)
    assert portal.run(lambda opened: opened.journal.chain.head()) is None


def test_what_was_only_added_to_is_whole_with_every_earlier_head(portal: PortalBench) -> None:
    heads = filled(portal)
    assert verified(portal, heads) == AuditFinding(
        state=AuditState.WHOLE, rows=_ROWS, first_wrong=None, last_known=_ROWS
    )
    assert [head.id for head in heads] == list(range(1, _ROWS + 1))
    assert heads[-1].hash == read_rows(portal)[-1]["hash"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_texts, _texts, _texts, st.text(st.characters(exclude_categories=["Cs"]))), max_size=4))
def test_both_engines_compute_the_hash_that_python_does(portal: PortalBench, lines: list[tuple[str, ...]]) -> None:
    async def add(opened: Portal) -> None:
        for line in lines:
            await opened.journal.audit(*line)

    portal.run(add)
    before = ""
    for row in read_rows(portal):
        document = {name: row[name] for name in ("id", "actor", "action", "subject", "detail", "login")}
        document |= {"before": before, "at": row["at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
        canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        before = row["hash"]
        assert before == hashlib.sha256(canonical.encode()).hexdigest()
    assert verified(portal).state is AuditState.WHOLE


@given(st.datetimes(timezones=st.timezones()))
def test_a_time_is_told_alike_wherever_it_was_noted(at: datetime) -> None:
    try:
        told = time_text(at)
    except OverflowError:
        return
    assert datetime.fromisoformat(told) == at.astimezone(UTC)
    assert len(told) == len("2026-11-23T09:00:00.000000Z")


_OTHER = "detail = detail || ' '"


@pytest.mark.parametrize(
    ("row", "change"),
    [
        (1, _OTHER),
        (4, _OTHER),
        (5, _OTHER),
        (_ROWS, _OTHER),
        (3, "actor = 'Somebody else'"),
        (3, "action = 'rejected'"),
        (3, "subject = '0015g0000000009AAA'"),
        (3, "login = 'somebody'"),
        (3, "hash = '0000000000000000000000000000000000000000000000000000000000000000'"),
        (3, "at = '2026-01-01 09:00:00.000000'"),
    ],
)
def test_a_changed_row_is_named(portal: PortalBench, row: int, change: str) -> None:
    filled(portal)
    by_force(portal, f"UPDATE audit_log SET {change} WHERE id = {row}")
    assert seen(verified(portal)) == (AuditState.CHANGED, row - 1, row)


@pytest.mark.parametrize("row", [1, 5])
def test_a_row_that_is_gone_from_the_middle_shows_at_the_next(portal: PortalBench, row: int) -> None:
    filled(portal)
    by_force(portal, f"DELETE FROM audit_log WHERE id = {row}")
    assert seen(verified(portal)) == (AuditState.CHANGED, row - 1, row + 1)


def test_rows_that_have_changed_places_show(portal: PortalBench) -> None:
    filled(portal)
    by_force(portal, *(f"UPDATE audit_log SET id = {new} WHERE id = {old}" for old, new in ((3, 99), (4, 3), (99, 4))))
    assert seen(verified(portal)) == (AuditState.CHANGED, 2, 3)


def test_a_row_that_was_put_before_all_others_shows(portal: PortalBench) -> None:
    filled(portal)
    by_force(
        portal,
        "INSERT INTO audit_log SELECT -5, at, actor, action, subject, detail, login, hash FROM audit_log WHERE id = 1",
    )
    assert seen(verified(portal)) == (AuditState.CHANGED, 0, -5)


def test_a_cut_tail_shows_by_what_the_database_notes_itself(portal: PortalBench) -> None:
    filled(portal)
    by_force(portal, "DELETE FROM audit_log WHERE id > 6")
    found = verified(portal)
    assert seen(found) == (AuditState.CUT, 6, 7)
    assert found.last_known == _ROWS


def test_a_tail_that_was_cut_with_that_note_shows_by_the_head_that_was_copied_out(portal: PortalBench) -> None:
    heads = filled(portal)
    rewritten(portal, lambda rows: rows.__delitem__(slice(6, None)))
    assert verified(portal).state is AuditState.WHOLE
    assert seen(verified(portal, heads[:7])) == (AuditState.CUT, 6, 7)
    assert verified(portal, heads[:6]).state is AuditState.WHOLE
    # And when the log has grown past the cut.
    filled(portal, 5)
    assert seen(verified(portal, heads[:7])) == (AuditState.REWRITTEN, 6, 7)


def test_a_log_that_is_gone_altogether_shows(portal: PortalBench) -> None:
    heads = filled(portal)
    by_force(portal, "DELETE FROM audit_log", "UPDATE audit_head SET id = 0, hash = ''")
    assert verified(portal).state is AuditState.WHOLE
    assert seen(verified(portal, heads)) == (AuditState.CUT, 0, 1)


def test_a_chain_that_was_written_anew_shows_by_the_first_head_that_was_copied_out_after_the_change(
    portal: PortalBench,
) -> None:
    heads = filled(portal)
    rewritten(portal, lambda rows: rows[2].update(detail="never happened"))
    assert verified(portal).state is AuditState.WHOLE
    assert verified(portal, heads[:2]).state is AuditState.WHOLE
    assert seen(verified(portal, [heads[0], heads[5], heads[8]])) == (AuditState.REWRITTEN, 5, 6)


def test_after_any_of_it_the_log_goes_on_and_the_first_wrong_row_stays_the_same(portal: PortalBench) -> None:
    filled(portal)
    by_force(portal, "UPDATE audit_log SET detail = 'x' WHERE id = 3")
    filled(portal, 3)
    assert seen(verified(portal)) == (AuditState.CHANGED, 2, 3)
    assert len(read_rows(portal)) == _ROWS + 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET detail = 'never happened' WHERE id = 2",
        "DELETE FROM audit_log WHERE id = 9",
        "DELETE FROM audit_log",
        "DELETE FROM audit_head",
    ],
)
def test_the_database_refuses_to_change_what_was_noted(portal: PortalBench, statement: str) -> None:
    heads = filled(portal)
    before = read_rows(portal)
    with pytest.raises(SystemFault):
        on(portal, statement)
    assert read_rows(portal) == before
    assert verified(portal, heads).state is AuditState.WHOLE


@pytest.mark.parametrize("statement", ["TRUNCATE audit_log", "TRUNCATE audit_head", "TRUNCATE cases, audit_log"])
def test_a_server_refuses_to_empty_the_log(portal: PortalBench, statement: str) -> None:
    if portal.url.startswith("sqlite"):
        pytest.skip("SQLite knows no TRUNCATE")
    filled(portal)
    with pytest.raises(SystemFault):
        on(portal, statement)
    assert len(read_rows(portal)) == _ROWS


def test_in_a_file_no_row_takes_the_place_of_another_or_leaves_a_hole(portal_file: PortalBench) -> None:
    filled(portal_file)
    of_first = "SELECT {}, at, actor, action, subject, 'x', login, hash FROM audit_log WHERE id = 1"
    for place in ("2", "12", "NULL", "-1"):
        for verb in ("INSERT OR REPLACE", "INSERT OR IGNORE", "INSERT"):
            with pytest.raises(SystemFault):
                on(portal_file, f"{verb} INTO audit_log {of_first.format(place)}")
    with pytest.raises(SystemFault):
        on(portal_file, f"INSERT INTO audit_log {of_first.format(2)} ON CONFLICT (id) DO UPDATE SET detail = 'x'")
    assert seen(verified(portal_file)) == (AuditState.WHOLE, _ROWS, None)


def test_a_server_fills_in_time_place_login_and_hash_itself(portal: PortalBench) -> None:
    if portal.url.startswith("sqlite"):
        pytest.skip("a file has no logins; the console fills its rows")
    filled(portal, 1)
    told = {"id": 77, "at": datetime(2020, 1, 1, tzinfo=UTC), "actor": "Sara Ono", "action": "link", "subject": "s",
            "detail": "d", "login": "somebody", "hash": "0" * 64}  # fmt: skip
    portal.run(lambda opened: opened._database.run(lambda connection: connection.execute(insert(audit_log), [told])))
    row = read_rows(portal)[-1]
    assert (row["id"], row["actor"], row["login"]) == (2, "Sara Ono", "postgres")
    assert abs(datetime.now(UTC) - row["at"]) < timedelta(minutes=1)
    assert verified(portal).state is AuditState.WHOLE


def test_a_row_whose_transaction_failed_leaves_no_hole(portal: PortalBench) -> None:
    filled(portal, 2)

    def half(connection: Connection) -> None:
        write_audit(connection, "Yuki Shirai", "approved", ACCOUNT, "")
        connection.execute(text("SELECT * FROM no_such_table"))

    with pytest.raises(SystemFault):
        portal.run(lambda opened: opened._database.run(half))
    filled(portal, 2)
    assert [row["id"] for row in read_rows(portal)] == [1, 2, 3, 4]
    assert verified(portal).state is AuditState.WHOLE


@pytest.mark.slow
def test_processes_that_add_at_once_make_one_chain(portal: PortalBench) -> None:
    filled(portal, 1)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _ADD_TEN, portal.url], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for process in started:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.communicate()[1] for process in started] == [""] * 4
    assert seen(verified(portal)) == (AuditState.WHOLE, 41, None)


def test_bytes_that_are_no_text_name_their_row(portal_file: PortalBench) -> None:
    filled(portal_file)
    by_force(portal_file, "UPDATE audit_log SET detail = CAST(x'e79086e7' AS TEXT) WHERE id = 6")
    assert seen(verified(portal_file)) == (AuditState.CHANGED, 5, 6)


@pytest.mark.parametrize("value", ["x'00ff'", "17", "0.5", "'理由 5' || char(0) || 'x'"])
def test_what_only_another_program_can_have_written_names_its_row(portal_file: PortalBench, value: str) -> None:
    filled(portal_file)
    by_force(portal_file, f"UPDATE audit_log SET detail = {value} WHERE id = 6")
    assert seen(verified(portal_file)) == (AuditState.CHANGED, 5, 6)


def test_every_byte_of_a_row_in_the_file_counts(portal_file: PortalBench, file: Path) -> None:
    """What an editor for bytes does to the file of a desk that is closed."""
    filled(portal_file)
    content = file.read_bytes()
    for mark in ("理由 3", "理由 8"):
        at = content.index(mark.encode())
        for offset in (0, 1, len(mark.encode()) - 1):
            spoilt = bytearray(content)
            spoilt[at + offset] ^= 1
            file.write_bytes(bytes(spoilt))
            assert seen(verified(portal_file)) == (AuditState.CHANGED, int(mark[-1]), int(mark[-1]) + 1)
    file.write_bytes(content)
    assert verified(portal_file).state is AuditState.WHOLE


def config_on(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(revisions.__file__).parent))
    config.attributes["connection"] = connection
    return config


def on_old(portal: PortalBench, work: Callable[[Connection], None]) -> None:
    """Work on the database as it is, of whatever version."""

    async def opened() -> None:
        database = Database(portal.url)
        await database.run(work)
        await database.aclose()

    asyncio.run(opened())


def test_the_rows_of_an_earlier_version_are_chained_as_they_are(portal: PortalBench) -> None:
    def before_the_chain(connection: Connection) -> None:
        command.upgrade(config_on(connection), "0002")
        for number in (1, 2, 5, 6, 7, 8):
            row: dict[str, Any] = {"number": number, "at": datetime(2026, 11, number, 9, 0, 0, 5 * number, tzinfo=UTC)}
            if connection.dialect.name == "sqlite":
                row["at"] = f"{row['at']:%Y-%m-%d %H:%M:%S.%f}"
            connection.execute(
                text(
                    "INSERT INTO audit_log (id, at, actor, action, subject, detail) "
                    "VALUES (:number, :at, '森 葵', 'approved', '8015g0000000001AAA', 'a \"reason\"')"
                ),
                row,
            )

    on_old(portal, before_the_chain)
    found = verified(portal)
    assert seen(found) == (AuditState.WHOLE, 6, None)
    rows = read_rows(portal)
    assert [row["at"].microsecond for row in rows] == [5, 10, 25, 30, 35, 40]
    assert {(row["actor"], row["login"]) for row in rows} == {("森 葵", "")}
    filled(portal, 2)
    assert [row["id"] for row in read_rows(portal)] == [1, 2, 5, 6, 7, 8, 9, 10]
    assert verified(portal).state is AuditState.WHOLE


def test_the_chain_can_be_taken_back_and_made_again(portal: PortalBench) -> None:
    filled(portal, 3)

    def back(connection: Connection) -> None:
        command.downgrade(config_on(connection), "0002")
        connection.execute(
            text(
                "INSERT INTO audit_log (at, actor, action, subject, detail) "
                "VALUES ('2026-11-23 09:00:00.000000', 'Sara Ono', 'link', 'x', '')"
            )
        )

    on_old(portal, back)
    assert seen(verified(portal)) == (AuditState.WHOLE, 4, None)
    assert read_rows(portal)[-1]["actor"] == "Sara Ono"
