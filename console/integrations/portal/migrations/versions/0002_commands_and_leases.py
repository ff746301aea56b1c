"""Commands, runs over many orders, who executes; news for watching desks; texts from outside at any length."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# What PostgreSQL refused where it was longer than SQLite ever asked for.
_FROM_OUTSIDE = {
    "audit_log": {"actor": 120},
    "links": {"linked_by": 120},
    "directory": {
        "portal_user_id": 36,
        "salesforce_account_id": 18,
        "customer_number": 20,
        "name": 255,
        "reading": 255,
        "company": 255,
        "email": 254,
        "phone": 40,
        "phone_digits": 40,
        "link": 10,
    },
    "order_summaries": {
        "order_id": 18,
        "order_number": 30,
        "account_id": 18,
        "customer": 255,
        "state": 12,
        "activation": 12,
        "error_code": 40,
        "kind": 10,
        "currency": 3,
    },
}
# Those were sorted as the server's language has it before.
_OF_THE_SERVERS_LANGUAGE = ("audit_log", "links")
_WATCHED = (
    "audit_log",
    "bulk_runs",
    "cases",
    "commands",
    "directory",
    "engine_holders",
    "journal",
    "links",
    "order_summaries",
    "portal_users",
    "sync_marks",
)
_OPEN = "state IN ('waiting', 'running')"


def _exact(length: int) -> TypeEngine[str]:
    return sa.String(length).with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables; on PostgreSQL also what wakes the desks, and free lengths."""
    _create_runs_and_commands()
    op.create_table(
        "engine_holders",
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("name", _exact(120), nullable=False),
        sa.Column("machine", _exact(255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("protocol", sa.Integer(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_engine_holders")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in _FROM_OUTSIDE.items():
            for column in columns:
                op.execute(f'ALTER TABLE {table} ALTER COLUMN {column} TYPE TEXT COLLATE "C"')
        _create_triggers()


def _create_runs_and_commands() -> None:
    op.create_table(
        "bulk_runs",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("asked_by", _exact(120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("parallel", sa.Integer(), nullable=False),
        sa.Column("pause_s", sa.Float(), nullable=False),
        sa.Column("stop_after", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('running', 'paused', 'stopped', 'outage', 'cancelled', 'done')", name=op.f("ck_bulk_runs_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_runs")),
    )
    op.create_table(
        "commands",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("asked_by", _exact(120), nullable=False),
        sa.Column("asked_as", sa.String(length=18), nullable=False),
        sa.Column("protocol", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("executor", sa.String(length=60), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("bulk_id", sa.String(length=36), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_commands_state")
        ),
        sa.ForeignKeyConstraint(["bulk_id"], ["bulk_runs.id"], name=op.f("fk_commands_bulk_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commands")),
    )
    op.create_index(op.f("ix_commands_bulk_id"), "commands", ["bulk_id"], unique=False)
    op.create_index(op.f("ix_commands_changed_at"), "commands", ["changed_at"], unique=False)
    op.create_index(op.f("ix_commands_state"), "commands", ["state"], unique=False)
    op.create_index(
        "ix_commands_one_open_per_subject",
        "commands",
        ["kind", "subject"],
        unique=True,
        sqlite_where=sa.text(_OPEN),
        postgresql_where=sa.text(_OPEN),
    )


def _create_triggers() -> None:
    """Whoever changes a table, also the Portal's web site, tells its name to those who listen."""
    op.execute(
        "CREATE FUNCTION staff_console_tell() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_notify('staff_console', TG_TABLE_NAME); RETURN NULL; END $$"
    )
    for table in _WATCHED:
        op.execute(
            f"CREATE TRIGGER staff_console_tell AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION staff_console_tell()"
        )


def downgrade() -> None:
    """Drop them with all they hold. A text that is too long for its old column is cut."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION staff_console_tell() CASCADE")
        for table, columns in _FROM_OUTSIDE.items():
            collation = '"default"' if table in _OF_THE_SERVERS_LANGUAGE else '"C"'
            for column, length in columns.items():
                kind = f"VARCHAR({length})"
                op.execute(
                    f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind} COLLATE {collation} USING {column}::{kind}"
                )
    op.drop_table("engine_holders")
    op.drop_index("ix_commands_one_open_per_subject", table_name="commands")
    op.drop_index(op.f("ix_commands_state"), table_name="commands")
    op.drop_index(op.f("ix_commands_changed_at"), table_name="commands")
    op.drop_index(op.f("ix_commands_bulk_id"), table_name="commands")
    op.drop_table("commands")
    op.drop_table("bulk_runs")
