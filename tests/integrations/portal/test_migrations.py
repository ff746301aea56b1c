"""The revisions lead to the very tables that the code works with."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text

import console.integrations.portal.migrations as revisions
from console.integrations.portal.database import migrate
from console.integrations.portal.tables import HEAD_REVISION, metadata
from tests import postgres

_LONG = "あ" * 400
_PERSON = (
    "INSERT INTO directory (customer_number, name, reading, company, email, phone, phone_digits, folded, link) "
    "VALUES ('C-1', :name, 'モリ アオイ', '', 'aoi@example.jp', '', '', '森葵', 'full')"
)
_ROWS = (
    "INSERT INTO portal_users (id, email, name, state) VALUES ('u1', 'aoi@example.jp', '森 葵', 'active')",
    "INSERT INTO links (portal_user_id, whmcs_client_id, salesforce_account_id, linked_at, linked_by) "
    "VALUES ('u1', 5001, '0015g0000000001AAA', '2026-11-23 00:00:00+00:00', 'Sara Ito')",
    _PERSON.replace(":name", "'森 葵'"),
    "INSERT INTO order_summaries (order_id, order_number, account_id, customer, state, activation, kind, placed_at, "
    "changed_at, total, currency) VALUES ('8015g0000000001AAA', '00000001', '0015g0000000001AAA', '森 葵', 'approved', "
    "'none', 'sim', '2026-11-23 00:00:00+00:00', '2026-11-23 00:00:00+00:00', 5280, 'JPY')",
)


@pytest.fixture
def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(Path(revisions.__file__).parent))
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    """Makes empty databases."""
    made: list[Engine] = []

    def make() -> Engine:
        url = f"sqlite:///{tmp_path / f'{len(made)}.db'}"
        if request.param == "postgresql":
            url = postgres.new_database(request.getfixturevalue("postgres_uri"))
        made.append(create_engine(url.replace("postgresql:", "postgresql+psycopg:")))
        return made[-1]

    yield make
    for engine in made:
        engine.dispose()


def test_the_tables_are_those_of_the_newest_revision(config: Config) -> None:
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD_REVISION]


def test_a_migrated_database_differs_in_nothing_from_the_tables(empty: Callable[[], Engine]) -> None:
    engine = empty()
    migrate(engine)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_name": is_ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_partial_indexes_checks_and_collations_are_the_same_too(empty: Callable[[], Engine]) -> None:
    """What Alembic does not compare: the SQL of indexes with a condition and of check constraints, and sorting."""
    migrated, made = empty(), empty()
    migrate(migrated)
    metadata.create_all(made)
    for name in metadata.tables:
        for look in ("get_indexes", "get_check_constraints", "get_unique_constraints", "get_foreign_keys"):
            one, other = (getattr(inspect(engine), look)(name) for engine in (migrated, made))
            assert sorted(map(_comparable, one)) == sorted(map(_comparable, other))
        assert _collations(migrated, name) == _collations(made, name)


def _comparable(found: dict[str, object]) -> str:
    options = {name: str(value) for name, value in dict(found.get("dialect_options") or {}).items()}  # type: ignore[call-overload]  # a reflected mapping
    return str({**found, "dialect_options": options})


def _collations(engine: Engine, table: str) -> dict[str, object]:
    return {one["name"]: getattr(one["type"], "collation", None) for one in inspect(engine).get_columns(table)}


def test_a_revision_can_be_taken_back(empty: Callable[[], Engine], config: Config) -> None:
    engine = empty()
    migrate(engine)
    lead(engine, config, command.downgrade, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    migrate(engine)
    assert set(names_of(engine)) == {*metadata.tables, "alembic_version"}


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether it is not the index of the directory, which each engine has in its own way and with tables of its own."""
    return not (kind == "table" and str(name).startswith("directory_terms"))


def names_of(engine: Engine) -> list[str]:
    return [name for name in inspect(engine).get_table_names() if is_ours(name, "table", None)]


def lead(engine: Engine, config: Config, change: Callable[[Config, str], None], revision: str) -> None:
    """Up or down to a revision."""
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        change(config, revision)


def tables_of(engine: Engine) -> dict[str, list[Any]]:
    def rows(connection: Connection, table: str) -> list[Any]:
        return [dict(row) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY 1")).mappings()]

    with engine.connect() as connection:
        return {name: rows(connection, name) for name in ("links", "directory", "order_summaries")}


def test_rows_of_the_first_revision_stay_on_the_way_up_and_back(empty: Callable[[], Engine], config: Config) -> None:
    engine = empty()
    lead(engine, config, command.upgrade, "0001")
    with engine.begin() as connection:
        for statement in _ROWS:
            connection.execute(text(statement))
    before = tables_of(engine)
    migrate(engine)
    # Columns that came later stand beside what was there.
    assert {
        name: [{column: row[column] for column in old} for row, old in zip(rows, before[name], strict=True)]
        for name, rows in tables_of(engine).items()
    } == before
    lead(engine, config, command.downgrade, "0001")
    assert tables_of(engine) == before


def test_texts_from_outside_may_be_of_any_length_and_are_cut_on_the_way_back(
    empty: Callable[[], Engine], config: Config
) -> None:
    engine = empty()
    lead(engine, config, command.upgrade, "0002")
    with engine.begin() as connection:
        connection.execute(text(_PERSON), {"name": _LONG})
    assert tables_of(engine)["directory"][0]["name"] == _LONG
    lead(engine, config, command.downgrade, "0001")
    kept = tables_of(engine)["directory"][0]["name"]
    assert kept == (_LONG if engine.dialect.name == "sqlite" else _LONG[:255])
