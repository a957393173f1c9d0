"""Visits have versions: what patient, doctor and office write about one is not written over unseen.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appointments", sa.Column("version", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    # Both databases drop a column in place: no table is copied, no trigger lost.
    op.drop_column("appointments", "version")
