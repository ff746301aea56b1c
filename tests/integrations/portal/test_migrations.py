"""The revisions lead to the very tables that the code works with."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

import console.integrations.portal.migrations as revisions
from console.integrations.portal.database import migrate
from console.integrations.portal.tables import HEAD_REVISION, metadata


@pytest.fixture
def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(Path(revisions.__file__).parent))
    return made


def test_the_tables_are_those_of_the_newest_revision(config: Config) -> None:
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD_REVISION]


def test_a_migrated_database_differs_in_nothing_from_the_tables(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'portal.db'}")
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_partial_indexes_and_checks_are_the_same_too(tmp_path: Path) -> None:
    """What Alembic does not compare: the SQL of indexes with a condition and of check constraints."""
    migrated, made = (create_engine(f"sqlite:///{tmp_path / name}") for name in ("migrated.db", "made.db"))
    migrate(migrated)
    metadata.create_all(made)
    for name in metadata.tables:
        for look in ("get_indexes", "get_check_constraints", "get_unique_constraints", "get_foreign_keys"):
            one, other = (getattr(inspect(engine), look)(name) for engine in (migrated, made))
            assert sorted(map(_comparable, one)) == sorted(map(_comparable, other))
    migrated.dispose()
    made.dispose()


def _comparable(found: dict[str, object]) -> str:
    options = {name: str(value) for name, value in dict(found.get("dialect_options") or {}).items()}  # type: ignore[call-overload]  # a reflected mapping
    return str({**found, "dialect_options": options})


def test_a_revision_can_be_taken_back(tmp_path: Path, config: Config) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'portal.db'}")
    migrate(engine)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    migrate(engine)
    assert set(inspect(engine).get_table_names()) == {*metadata.tables, "alembic_version"}
    engine.dispose()
