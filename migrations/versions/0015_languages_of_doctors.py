"""A doctor has the languages in which patients are seen.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nobody has said yet what the clinic's doctors speak.
    op.add_column("doctors", sa.Column("languages", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    # Both databases drop a column in place: no table is copied, no trigger lost.
    op.drop_column("doctors", "languages")
