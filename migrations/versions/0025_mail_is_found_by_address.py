"""PostgreSQL finds the mail to a part of an address by an index of its trigrams, where revision 0021 could make the others.

Revision ID: 0025
Revises: 0024
"""

from alembic import context, op
from sqlalchemy import text

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql" and _has_trigrams():
        op.execute(
            "CREATE INDEX ix_outbox_recipient_trigrams ON outbox USING gin (recipient gin_trgm_ops)"
            " WITH (gin_pending_list_limit = 256)"
        )


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP INDEX IF EXISTS ix_outbox_recipient_trigrams")


def _has_trigrams() -> bool:
    if context.is_offline_mode():
        return True
    return bool(op.get_bind().scalar(text("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")))
