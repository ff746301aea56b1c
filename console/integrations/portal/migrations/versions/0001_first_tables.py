"""The first tables: users, links, directory, order summaries, journal, cases, audit log, sync marks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _exact(length: int) -> TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index(op.f("ix_audit_log_subject"), "audit_log", ["subject"], unique=False)
    op.create_table(
        "cases",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.String(length=18), nullable=False),
        sa.Column("order_number", sa.String(length=30), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_code"), "cases", ["code"], unique=False)
    op.create_index(
        "ix_cases_one_open_per_order",
        "cases",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "directory",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("portal_user_id", _exact(36), nullable=True),
        sa.Column("whmcs_client_id", sa.Integer(), nullable=True),
        sa.Column("salesforce_account_id", _exact(18), nullable=True),
        sa.Column("customer_number", _exact(20), nullable=False),
        sa.Column("name", _exact(255), nullable=False),
        sa.Column("reading", _exact(255), nullable=False),
        sa.Column("company", _exact(255), nullable=False),
        sa.Column("email", _exact(254), nullable=False),
        sa.Column("phone", _exact(40), nullable=False),
        sa.Column("phone_digits", _exact(40), nullable=False),
        sa.Column("folded", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("link", _exact(10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory")),
        sa.UniqueConstraint("salesforce_account_id", name=op.f("uq_directory_salesforce_account_id")),
    )
    op.create_index(op.f("ix_directory_customer_number"), "directory", ["customer_number"], unique=False)
    op.create_index(op.f("ix_directory_portal_user_id"), "directory", ["portal_user_id"], unique=False)
    op.create_index(op.f("ix_directory_whmcs_client_id"), "directory", ["whmcs_client_id"], unique=False)
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.String(length=18), nullable=False),
        sa.Column("run", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index(op.f("ix_journal_order_id"), "journal", ["order_id"], unique=False)
    op.create_table(
        "order_summaries",
        sa.Column("order_id", _exact(18), nullable=False),
        sa.Column("order_number", _exact(30), nullable=False),
        sa.Column("account_id", _exact(18), nullable=False),
        sa.Column("customer", _exact(255), nullable=False),
        sa.Column("state", _exact(12), nullable=False),
        sa.Column("activation", _exact(12), nullable=False),
        sa.Column("error_code", _exact(40), nullable=True),
        sa.Column("kind", _exact(10), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("currency", _exact(3), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_summaries")),
        sa.UniqueConstraint("order_number", name=op.f("uq_order_summaries_order_number")),
    )
    op.create_index(op.f("ix_order_summaries_account_id"), "order_summaries", ["account_id"], unique=False)
    op.create_index(op.f("ix_order_summaries_activation"), "order_summaries", ["activation"], unique=False)
    op.create_index(op.f("ix_order_summaries_placed_at"), "order_summaries", ["placed_at"], unique=False)
    op.create_index(op.f("ix_order_summaries_state"), "order_summaries", ["state"], unique=False)
    op.create_table(
        "portal_users",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.CheckConstraint("state IN ('invited', 'active', 'locked')", name=op.f("ck_portal_users_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_users")),
        sa.UniqueConstraint("email", name=op.f("uq_portal_users_email")),
    )
    op.create_table(
        "sync_marks",
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("cursor", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sync_marks")),
    )
    op.create_table(
        "links",
        sa.Column("portal_user_id", sa.String(length=36), nullable=False),
        sa.Column("whmcs_client_id", sa.Integer(), nullable=False),
        sa.Column("salesforce_account_id", sa.String(length=18), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["portal_user_id"], ["portal_users.id"], name=op.f("fk_links_portal_user_id")),
        sa.PrimaryKeyConstraint("portal_user_id", name=op.f("pk_links")),
        sa.UniqueConstraint("salesforce_account_id", name=op.f("uq_links_salesforce_account_id")),
        sa.UniqueConstraint("whmcs_client_id", name=op.f("uq_links_whmcs_client_id")),
    )


def downgrade() -> None:
    """Drop them with all they hold."""
    op.drop_table("links")
    op.drop_table("sync_marks")
    op.drop_table("portal_users")
    op.drop_index(op.f("ix_order_summaries_state"), table_name="order_summaries")
    op.drop_index(op.f("ix_order_summaries_placed_at"), table_name="order_summaries")
    op.drop_index(op.f("ix_order_summaries_activation"), table_name="order_summaries")
    op.drop_index(op.f("ix_order_summaries_account_id"), table_name="order_summaries")
    op.drop_table("order_summaries")
    op.drop_index(op.f("ix_journal_order_id"), table_name="journal")
    op.drop_table("journal")
    op.drop_index(op.f("ix_directory_whmcs_client_id"), table_name="directory")
    op.drop_index(op.f("ix_directory_portal_user_id"), table_name="directory")
    op.drop_index(op.f("ix_directory_customer_number"), table_name="directory")
    op.drop_table("directory")
    op.drop_index(
        "ix_cases_one_open_per_order",
        table_name="cases",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_index(op.f("ix_cases_code"), table_name="cases")
    op.drop_table("cases")
    op.drop_index(op.f("ix_audit_log_subject"), table_name="audit_log")
    op.drop_table("audit_log")
