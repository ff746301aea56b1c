"""What the sync reads of each system: rows of their own, how far a reading is, invoices and number transfers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MADE = ("account_books", "client_books", "invoice_numbers", "sync_wishes")
_INDEXED = {
    "account_books": ("customer_number", "contact_id", "whmcs_client_id", "round"),
    "client_books": ("details_due", "round"),
    "invoice_numbers": ("number", "whmcs_client_id"),
    "order_summaries": ("mnp_number", "round"),
}


def upgrade() -> None:
    """Make them. Everything is read anew once: the directory of before came from a part of what is read now."""
    op.drop_table("directory_numbers")
    _create_tables()
    op.add_column("directory", sa.Column("link_checked_at", sa.DateTime(timezone=True)))
    op.add_column("order_summaries", sa.Column("mnp_number", _exact(40), nullable=False, server_default=sa.text("''")))
    op.add_column("order_summaries", sa.Column("round", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sync_marks", sa.Column("round", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sync_marks", sa.Column("position", sa.String(60), nullable=False, server_default=sa.text("''")))
    op.add_column("sync_marks", sa.Column("began_at", sa.DateTime(timezone=True)))
    op.execute("DELETE FROM sync_marks WHERE name IN ('people', 'orders')")
    for table, columns in _INDEXED.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER staff_console_tell AFTER INSERT OR UPDATE OR DELETE ON sync_wishes "
            "FOR EACH STATEMENT EXECUTE FUNCTION staff_console_tell()"
        )


def _create_tables() -> None:
    op.create_table(
        "account_books",
        sa.Column("id", _exact(18), primary_key=True),
        sa.Column("customer_number", _exact(255), nullable=False),
        sa.Column("name", _exact(255), nullable=False),
        sa.Column("reading", _exact(255), nullable=False),
        sa.Column("phone", _exact(40), nullable=False),
        sa.Column("email", _exact(254), nullable=False),
        sa.Column("contact_id", _exact(18)),
        sa.Column("whmcs_client_id", sa.Integer()),
        sa.Column("portal_user_id", _exact(36)),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
    )
    op.create_table(
        "client_books",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("first_name", _exact(255), nullable=False),
        sa.Column("last_name", _exact(255), nullable=False),
        sa.Column("company", _exact(255), nullable=False),
        sa.Column("email", _exact(254), nullable=False),
        sa.Column("status", _exact(20), nullable=False),
        sa.Column("phone", _exact(40), nullable=False),
        sa.Column("customer_number", _exact(255), nullable=False),
        sa.Column("details_at", sa.DateTime(timezone=True)),
        sa.Column("details_due", sa.Boolean(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
    )
    op.create_table(
        "invoice_numbers",
        sa.Column("invoice_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", _exact(40), nullable=False),
        sa.Column("whmcs_client_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
    )
    op.create_table(
        "sync_wishes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("everything", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    )


def _exact(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.Text(collation="C"), "postgresql")


def downgrade() -> None:
    """Drop them with all they hold; what is looked up stays until it is read again."""
    for column in ("mnp_number", "round"):
        op.drop_index(f"ix_order_summaries_{column}", "order_summaries")
    for table in _MADE:
        op.drop_table(table)
    for table, columns in {
        "directory": ("link_checked_at",),
        "order_summaries": ("mnp_number", "round"),
        "sync_marks": ("round", "position", "began_at"),
    }.items():
        for column in columns:
            op.drop_column(table, column)
    op.create_table(
        "directory_numbers",
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("number", _exact(40), primary_key=True),
        sa.Column("salesforce_account_id", _exact(18)),
        sa.Column("whmcs_client_id", sa.Integer()),
    )
    op.create_index("ix_directory_numbers_number", "directory_numbers", ["number"])
