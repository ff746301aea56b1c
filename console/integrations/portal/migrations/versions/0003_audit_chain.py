"""The audit log as a chain: each row carries the hash over itself and the row before, and is never changed.

Also who a personal login is. A row of the chain is filled by a trigger on PostgreSQL, by the console in a SQLite file.
"""

from datetime import UTC
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

from console.integrations.portal.audit_chain import AuditLine, hash_of, time_text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CHUNK = 5_000
_NEW_COLUMNS = ("login", "hash")
_SQLITE_TRIGGERS = {
    "audit_log_follows": (
        "BEFORE INSERT ON audit_log WHEN NEW.id IS NOT (SELECT id + 1 FROM audit_head)",
        "SELECT RAISE(ABORT, 'a row of the audit log follows the last one')",
    ),
    "audit_log_goes_on": ("AFTER INSERT ON audit_log", "UPDATE audit_head SET id = NEW.id, hash = NEW.hash"),
    "audit_log_stays": ("BEFORE UPDATE ON audit_log", "SELECT RAISE(ABORT, 'the audit log is never changed')"),
    "audit_log_is_kept": ("BEFORE DELETE ON audit_log", "SELECT RAISE(ABORT, 'the audit log is never changed')"),
    "audit_head_is_kept": ("BEFORE DELETE ON audit_head", "SELECT RAISE(ABORT, 'the audit log is never changed')"),
}
# Those may tell for whom they write: the owner of the tables, and the worker, which carries out what people asked for.
_FILL = """
CREATE FUNCTION staff_console_audit_fill() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    last audit_head;
BEGIN
    SELECT * INTO STRICT last FROM audit_head FOR UPDATE;
    NEW.id := last.id + 1;
    NEW.at := clock_timestamp();
    NEW.login := session_user;
    IF NOT pg_has_role(session_user, current_user, 'MEMBER') AND NOT EXISTS (
        SELECT FROM pg_roles WHERE rolname = 'staff_console_worker' AND pg_has_role(session_user, oid, 'MEMBER')
    ) THEN
        NEW.actor := coalesce((SELECT name FROM staff_logins WHERE login = session_user), session_user);
    END IF;
    NEW.hash := encode(sha256(convert_to(
        '{{"action":' || to_json(NEW.action::text) || ',"actor":' || to_json(NEW.actor::text)
        || ',"at":"' || to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || '","before":' || to_json(last.hash::text) || ',"detail":' || to_json(NEW.detail::text)
        || ',"id":' || NEW.id || ',"login":' || to_json(NEW.login::text)
        || ',"subject":' || to_json(NEW.subject::text) || '}}', 'UTF8')), 'hex');
    UPDATE audit_head SET id = NEW.id, hash = NEW.hash;
    RETURN NEW;
END $$
"""
_REFUSE = """
CREATE FUNCTION staff_console_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is never changed' USING ERRCODE = 'insufficient_privilege';
END $$
"""


def _exact(length: int) -> TypeEngine[str]:
    return sa.String(length).with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Chain the rows there are and refuse to change them from now on."""
    op.create_table(
        "staff_logins",
        sa.Column("login", _exact(63), nullable=False),
        sa.Column("name", _exact(120), nullable=False),
        sa.Column("salesforce_user_id", sa.String(length=18), nullable=False),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_staff_logins")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        # A log of years takes longer than a statement of a desk may.
        op.execute("SET LOCAL statement_timeout = 0")
    op.add_column("audit_log", sa.Column("login", _exact(63), nullable=True))
    op.add_column("audit_log", sa.Column("hash", sa.String(length=64), nullable=True))
    _chain_rows()
    with op.batch_alter_table("audit_log") as table:
        table.alter_column("login", existing_type=_exact(63), nullable=False)
        table.alter_column("hash", existing_type=sa.String(length=64), nullable=False)
    if is_postgresql:
        _protect_on_postgresql()
    else:
        for name, (when, what) in _SQLITE_TRIGGERS.items():
            op.execute(f"CREATE TRIGGER {name} {when} BEGIN {what}; END")


def _chain_rows() -> None:
    columns: list[sa.ColumnClause[Any]] = [
        sa.column("id", sa.Integer()),
        sa.column("at", sa.DateTime(timezone=True)),
        *(sa.column(name, sa.Text()) for name in ("actor", "action", "subject", "detail", *_NEW_COLUMNS)),
    ]
    log = sa.table("audit_log", *columns)
    head = sa.table("audit_head", sa.column("id", sa.Integer()), sa.column("hash", sa.Text()))
    connection, last_id, last_hash = op.get_bind(), 0, ""
    change = sa.update(log).where(log.c.id == sa.bindparam("row")).values(login="", hash=sa.bindparam("its_hash"))
    query = sa.select(log).order_by(log.c.id).limit(_CHUNK)
    while rows := connection.execute(query.where(log.c.id > last_id)).mappings().all():
        chained = []
        for row in rows:
            # SQLite keeps times in UTC and forgets the zone.
            at = row["at"] if row["at"].tzinfo else row["at"].replace(tzinfo=UTC)
            values = {name: row[name] for name in ("id", "actor", "action", "subject", "detail")}
            last_id, last_hash = row["id"], hash_of(last_hash, AuditLine(**values, at=time_text(at), login=""))
            chained.append({"row": last_id, "its_hash": last_hash})
        connection.execute(change, chained)
    connection.execute(sa.insert(head).values(id=last_id, hash=last_hash))


def _protect_on_postgresql() -> None:
    schema = op.get_bind().execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
    # Its place in the chain is a row's number; a sequence would leave holes, and desks would need a right to it.
    op.execute("ALTER TABLE audit_log ALTER COLUMN id DROP DEFAULT")
    op.execute("DROP SEQUENCE audit_log_id_seq")
    op.execute(_FILL.format(schema=schema))
    op.execute(_REFUSE)
    op.execute(
        "CREATE TRIGGER staff_console_audit_fill BEFORE INSERT ON audit_log "
        "FOR EACH ROW EXECUTE FUNCTION staff_console_audit_fill()"
    )
    op.execute(
        "CREATE TRIGGER staff_console_audit_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION staff_console_audit_refuse()"
    )
    op.execute(
        "CREATE TRIGGER staff_console_audit_refuse BEFORE DELETE OR TRUNCATE ON audit_head "
        "FOR EACH STATEMENT EXECUTE FUNCTION staff_console_audit_refuse()"
    )
    # Also for a session that says it only replays what another server did.
    op.execute("ALTER TABLE audit_log ENABLE ALWAYS TRIGGER staff_console_audit_fill")
    op.execute("ALTER TABLE audit_log ENABLE ALWAYS TRIGGER staff_console_audit_refuse")


def downgrade() -> None:
    """Take the chain away; the rows stay."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION staff_console_audit_fill() CASCADE")
        op.execute("DROP FUNCTION staff_console_audit_refuse() CASCADE")
        op.execute("CREATE SEQUENCE audit_log_id_seq AS integer OWNED BY audit_log.id")
        op.execute("SELECT setval('audit_log_id_seq', (SELECT id + 1 FROM audit_head), false)")
        op.execute("ALTER TABLE audit_log ALTER COLUMN id SET DEFAULT nextval('audit_log_id_seq')")
    else:
        for name in _SQLITE_TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
    with op.batch_alter_table("audit_log") as table:
        for column in _NEW_COLUMNS:
            table.drop_column(column)
    op.drop_table("audit_head")
    op.drop_table("staff_logins")
