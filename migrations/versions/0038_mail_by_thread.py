"""Mail about the same is found by an index.

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa

from clinic import online_indexes

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

IN_THREAD = sa.text("thread IS NOT NULL")


def upgrade() -> None:
    online_indexes.create_index(
        "ix_outbox_thread_id", "outbox", ["thread", "id"], sqlite_where=IN_THREAD, postgresql_where=IN_THREAD
    )


def downgrade() -> None:
    online_indexes.drop_index("ix_outbox_thread_id", "outbox")
