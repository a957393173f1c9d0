"""What somebody was told and hasn't read yet is counted by an index.

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

NAME, TABLE = "ix_notices_user_id_unread", "notices"
UNREAD = sa.text("read_at IS NULL")


def upgrade() -> None:
    op.create_index(NAME, TABLE, ["user_id"], sqlite_where=UNREAD, postgresql_where=UNREAD)


def downgrade() -> None:
    op.drop_index(NAME, table_name=TABLE)
