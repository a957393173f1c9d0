"""Accounts know who opened them to an e-mail without a right to records, before anybody used them.

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

INVITED = {"invited_at": sa.DateTime(timezone=True), "invited_by_id": sa.Integer()}


def upgrade() -> None:
    for name, kind in INVITED.items():
        op.add_column("users", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for name in INVITED:
        op.drop_column("users", name)
