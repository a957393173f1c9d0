"""PostgreSQL finds any part of a name, phone number, e-mail or insurance number by an index of its trigrams.

Where its extension pg_trgm isn't installed on the server, or the role may not create it, there are no such indexes: everybody is found all
the same, by reading everybody (docs/operations.md). Taken back, the extension stays: it is the database's, others may use it.

Revision ID: 0021
Revises: 0020
"""

from alembic import context, op
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BARE_INSURANCE_ID = (
    "replace(replace(replace(replace(lower(insurance_id), ' ', ''), '-', ''), '.', ''), '/', '')"
)  # fmt: skip
#: By table: what is indexed, by the index's name.
INDEXES = {
    "users": {
        "ix_users_name_key_trigrams": "name_key",
        "ix_users_phone_num_trigrams": "phone_num",
        "ix_users_email_trigrams": "email",
    },
    "patients": {"ix_patients_insurance_id_trigrams": f"({BARE_INSURANCE_ID})"},
}


def upgrade() -> None:
    if op.get_context().dialect.name != "postgresql" or not _has_trigrams():
        return
    for table, columns in INDEXES.items():
        for name, column in columns.items():
            op.execute(f"CREATE INDEX {name} ON {table} USING gin ({column} gin_trgm_ops) WITH (fastupdate = off)")


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for columns in INDEXES.values():
            for name in columns:
                op.execute(f"DROP INDEX IF EXISTS {name}")


def _has_trigrams() -> bool:
    """Return whether the extension is there, made if need be."""
    if context.is_offline_mode():
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        return True
    connection = op.get_bind()
    if not connection.scalar(text("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'")):
        return False
    try:
        with connection.begin_nested():
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except DBAPIError:
        return False
    return True
