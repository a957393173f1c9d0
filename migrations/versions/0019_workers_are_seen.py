"""Workers say that they are there, so that somebody sees when mail stands still.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_workers",
        sa.Column("host", sa.String(length=100), nullable=False),
        sa.Column("process", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=500), nullable=True),
        sa.CheckConstraint("sent >= 0", name=op.f("ck_mail_workers_sent_not_negative")),
        sa.PrimaryKeyConstraint("host", "process", name=op.f("pk_mail_workers")),
    )


def downgrade() -> None:
    op.drop_table("mail_workers")
