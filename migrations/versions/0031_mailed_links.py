"""Links that are mailed have a table, and a mail knows its link and whose account it is about.

The older table of links stays as long as links of it are good.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

PURPOSES = "purpose IN ('password', 'invitation', 'confirm_email', 'veto_email', 'own_sign_in')"


def upgrade() -> None:
    op.create_table(
        "mailed_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("nonce", sa.String(length=22), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(PURPOSES, name=op.f("ck_mailed_links_purpose_known")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_mailed_links_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_links")),
    )
    op.create_index("ix_mailed_links_user_id_ended_at", "mailed_links", ["user_id", "ended_at"])
    for name in ("link_id", "about_user_id"):
        op.add_column("outbox", sa.Column(name, sa.Integer(), nullable=True))


def downgrade() -> None:
    for name in ("about_user_id", "link_id"):
        op.drop_column("outbox", name)
    op.drop_table("mailed_links")
