"""The directory's index for the search as one types, words that are mistyped, and numbers that lead to a customer."""

import sqlalchemy as sa
from alembic import op

from console.integrations.portal import directory_index
from console.models.customer import Person

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INDEXED = ("email", "phone_digits")
_CHUNK = 5_000
# What terms are made of.
_NAMES = ("customer_number", "name", "reading", "company", "email", "phone")


def upgrade() -> None:
    """Make the index and put everybody in who is there."""
    postgres = op.get_bind().dialect.name == "postgresql"
    if postgres:
        op.execute(
            "CREATE TABLE directory_terms (id integer PRIMARY KEY REFERENCES directory ON DELETE CASCADE, "
            "terms tsvector NOT NULL)"
        )
        # What waits to be put into the index would be read through by every search.
        op.execute("CREATE INDEX ix_directory_terms ON directory_terms USING gin (terms) WITH (fastupdate = off)")
    else:
        # Terms have no sign of ASCII; neither texts nor places in them are kept, so it stays small.
        op.execute("CREATE VIRTUAL TABLE directory_terms USING fts5(terms, content='', detail=none, tokenize='ascii')")
    op.create_table(
        "directory_words",
        sa.Column("variant", _exact(60), primary_key=True),
        sa.Column("word", _exact(60), primary_key=True),
    )
    op.create_table(
        "directory_numbers",
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("number", _exact(40), primary_key=True),
        sa.Column("salesforce_account_id", _exact(18)),
        sa.Column("whmcs_client_id", sa.Integer()),
    )
    op.create_index("ix_directory_numbers_number", "directory_numbers", ["number"])
    for column in _INDEXED:
        op.create_index(f"ix_directory_{column}", "directory", [column])
    _index_everybody(op.get_bind())


def _index_everybody(connection: sa.Connection) -> None:
    last = 0
    # A statement of its own for each part: to read on while the index is written would read what is written.
    some = sa.text(f"SELECT id, {', '.join(_NAMES)} FROM directory WHERE id > :last ORDER BY id LIMIT {_CHUNK}")
    while rows := connection.execute(some, {"last": last}).mappings().all():
        people = [Person.model_construct(**{name: row[name] for name in _NAMES}) for row in rows]
        directory_index.add(connection, [(row["id"], person) for row, person in zip(rows, people, strict=True)])
        last = rows[-1]["id"]


def _exact(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.Text(collation="C"), "postgresql")


def downgrade() -> None:
    """Drop the index with all it holds; the rows stay."""
    for column in _INDEXED:
        op.drop_index(f"ix_directory_{column}", "directory")
    for table in ("directory_numbers", "directory_words", "directory_terms"):
        op.drop_table(table)
