"""The tables of the Portal database. A change here needs an Alembic revision in `migrations/versions`."""

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)
from sqlalchemy.types import TypeEngine

# The revision that these tables belong to; a database at another one is upgraded or refused.
HEAD_REVISION = "0005"


def _exact(length: int) -> TypeEngine[str]:
    """A text that is sorted and searched by its characters, whatever language a server is set up for.

    It comes from outside: `length` is what it should have; PostgreSQL, unlike SQLite, would refuse a longer one.
    """
    return String(length).with_variant(Text(collation="C"), "postgresql")


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware time, kept in UTC on every engine; SQLite alone would forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


portal_users = Table(
    "portal_users",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(255), nullable=False),
    Column(
        "state",
        String(10),
        CheckConstraint("state IN ('invited', 'active', 'locked')", name="state"),
        nullable=False,
    ),
)

links = Table(
    "links",
    metadata,
    Column("portal_user_id", String(36), ForeignKey("portal_users.id"), primary_key=True),
    Column("whmcs_client_id", Integer, nullable=False, unique=True),
    Column("salesforce_account_id", String(18), nullable=False, unique=True),
    Column("linked_at", Moment, nullable=False),
    Column("linked_by", _exact(120), nullable=False),
)

directory = Table(
    "directory",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal_user_id", _exact(36), index=True),
    Column("whmcs_client_id", Integer, index=True),
    Column("salesforce_account_id", _exact(18), unique=True),
    Column("customer_number", _exact(20), nullable=False, index=True),
    Column("name", _exact(255), nullable=False),
    Column("reading", _exact(255), nullable=False),
    Column("company", _exact(255), nullable=False),
    Column("email", _exact(254), nullable=False, index=True),
    Column("phone", _exact(40), nullable=False),
    Column("phone_digits", _exact(40), nullable=False, index=True),
    Column("folded", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False),
    Column("link", _exact(10), nullable=False),
    Column("link_checked_at", Moment),
)

# Beside it migration 0004 makes an index of a kind that each engine has in its own way.
DIRECTORY_TERMS = "directory_terms"

# The words of names in Latin letters, by what they become where a letter is left out: for those who mistype one.
directory_words = Table(
    "directory_words",
    metadata,
    Column("variant", _exact(60), primary_key=True),
    Column("word", _exact(60), primary_key=True),
)

# What WHMCS lists of invoices, for callers who have nothing but a number at hand.
invoice_numbers = Table(
    "invoice_numbers",
    metadata,
    Column("invoice_id", Integer, primary_key=True, autoincrement=False),
    Column("number", _exact(40), nullable=False, index=True),
    Column("whmcs_client_id", Integer, nullable=False, index=True),
    Column("round", Integer, nullable=False),
)

# What each system says of a customer, as the sync has read it; the directory is made of both. `round` is the full
# reading that saw a row last: what the next one does not see is gone.
account_books = Table(
    "account_books",
    metadata,
    Column("id", _exact(18), primary_key=True),
    Column("customer_number", _exact(255), nullable=False, index=True),
    Column("name", _exact(255), nullable=False),
    Column("reading", _exact(255), nullable=False),
    Column("phone", _exact(40), nullable=False),
    Column("email", _exact(254), nullable=False),
    Column("contact_id", _exact(18), index=True),
    Column("whmcs_client_id", Integer, index=True),
    Column("portal_user_id", _exact(36)),
    Column("changed_at", Moment, nullable=False),
    Column("round", Integer, nullable=False, index=True),
)

client_books = Table(
    "client_books",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("first_name", _exact(255), nullable=False),
    Column("last_name", _exact(255), nullable=False),
    Column("company", _exact(255), nullable=False),
    Column("email", _exact(254), nullable=False),
    Column("status", _exact(20), nullable=False),
    # What only a reading of this one client tells, and when that was.
    Column("phone", _exact(40), nullable=False),
    Column("customer_number", _exact(255), nullable=False),
    Column("details_at", Moment),
    # Whether something may have changed since.
    Column("details_due", Boolean, nullable=False, index=True),
    Column("round", Integer, nullable=False, index=True),
)

order_summaries = Table(
    "order_summaries",
    metadata,
    Column("order_id", _exact(18), primary_key=True),
    Column("order_number", _exact(30), nullable=False, unique=True),
    Column("account_id", _exact(18), nullable=False, index=True),
    Column("customer", _exact(255), nullable=False),
    Column("state", _exact(12), nullable=False, index=True),
    Column("activation", _exact(12), nullable=False, index=True),
    Column("error_code", _exact(40)),
    Column("kind", _exact(10), nullable=False),
    Column("placed_at", Moment, nullable=False, index=True),
    Column("changed_at", Moment, nullable=False),
    Column("total", Numeric(18, 2), nullable=False),
    Column("currency", _exact(3), nullable=False),
    Column("mnp_number", _exact(40), nullable=False, server_default=text("''"), index=True),
    Column("round", Integer, nullable=False, server_default="0", index=True),
)

journal = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("order_id", String(18), nullable=False, index=True),
    Column("run", String(36), nullable=False),
    Column("at", Moment, nullable=False),
    Column("step", String(30), nullable=False),
    Column("state", String(10), nullable=False),
    Column("detail", Text, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("case_id", Integer, primary_key=True),
    Column("order_id", String(18), nullable=False),
    Column("order_number", String(30), nullable=False),
    Column("code", String(10), nullable=False, index=True),
    Column("detail", Text, nullable=False),
    Column("raw", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("owner", String(120), nullable=False),
    Column("attempts", Integer, nullable=False),
)
Index("ix_cases_one_open_per_order", cases.c.order_id, unique=True, sqlite_where=cases.c.closed_at.is_(None),
      postgresql_where=cases.c.closed_at.is_(None))  # fmt: skip

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor", _exact(120), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(60), nullable=False, index=True),
    Column("detail", Text, nullable=False),
    # Who was signed in to the database, "" in a file of one desk.
    Column("login", _exact(63), nullable=False),
    Column("hash", String(64), nullable=False),
)

# One row: the last of the audit log. Those who add to the log take turns at it.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", String(64), nullable=False),
)

# Who a personal login of a shared database is, in Salesforce too: nobody can ask under another name.
staff_logins = Table(
    "staff_logins",
    metadata,
    Column("login", _exact(63), primary_key=True),
    Column("name", _exact(120), nullable=False),
    Column("salesforce_user_id", String(18), nullable=False),
)

sync_marks = Table(
    "sync_marks",
    metadata,
    Column("name", String(30), primary_key=True),
    Column("cursor", Moment),
    Column("finished_at", Moment, nullable=False),
    # Of a reading of everything: which one, how far it is, and since when it is under way.
    Column("round", Integer, nullable=False, server_default="0"),
    Column("position", String(60), nullable=False, server_default=text("''")),
    Column("began_at", Moment),
)

# What a process that does not read the systems itself asks of the one that does.
sync_wishes = Table(
    "sync_wishes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("everything", Boolean, nullable=False),
    Column("asked_at", Moment, nullable=False),
)

bulk_runs = Table(
    "bulk_runs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("asked_by", _exact(120), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column(
        "state",
        String(10),
        CheckConstraint("state IN ('running', 'paused', 'stopped', 'outage', 'cancelled', 'done')", name="state"),
        nullable=False,
    ),
    Column("parallel", Integer, nullable=False),
    Column("pause_s", Float, nullable=False),
    Column("stop_after", Integer, nullable=False),
)

commands = Table(
    "commands",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("subject", String(60), nullable=False),
    Column("arguments", Text, nullable=False),
    Column("asked_by", _exact(120), nullable=False),
    Column("asked_as", String(18), nullable=False),
    Column("protocol", Integer, nullable=False),
    Column(
        "state",
        String(10),
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state"),
        nullable=False,
        index=True,
    ),
    Column("not_before", Moment),
    Column("created_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    Column("changed_at", Moment, nullable=False, index=True),
    Column("executor", String(60), nullable=False),
    Column("result", Text, nullable=False),
    Column("bulk_id", String(36), ForeignKey("bulk_runs.id"), index=True),
    Column("position", Integer),
)
_IS_OPEN = commands.c.state.in_(["waiting", "running"])
Index("ix_commands_one_open_per_subject", commands.c.kind, commands.c.subject, unique=True, sqlite_where=_IS_OPEN,
      postgresql_where=_IS_OPEN)  # fmt: skip

engine_holders = Table(
    "engine_holders",
    metadata,
    Column("token", String(32), primary_key=True),
    Column("name", _exact(120), nullable=False),
    Column("machine", _exact(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("since", Moment, nullable=False),
    Column("protocol", Integer, nullable=False),
    Column("port", Integer),
)
