"""Departments, services and rooms have versions, so that nobody's change is written over unseen.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("departments", "services", "rooms")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("version", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    # Both databases drop a column in place: no table is copied, no trigger lost.
    for table in TABLES:
        op.drop_column(table, "version")
