"""The outbox holds what a mail tells; its text is written when it leaves.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

CHECK = "facts IS NOT NULL OR (subject IS NOT NULL AND body IS NOT NULL)"
STATUS = "status IN ('queued', 'sent', 'failed')"
#: For the older version, which can't write such mail: given up without a text, so that the office sees whom to call.
UNWRITTEN = """
UPDATE outbox SET subject = kind, body = '', status = 'failed', claimed_by = NULL, claimed_at = NULL,
    last_error = 'queued by a later version of the portal'
WHERE body IS NULL"""


def _outbox(*, with_facts: bool) -> sa.Table:
    """The table as it stands before a change: SQLite copies it and doesn't reflect its checks."""
    facts = (sa.Column("facts", sa.JSON(), nullable=True), sa.CheckConstraint(CHECK, name="ck_outbox_facts_or_text"))
    return sa.Table(
        "outbox",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("subject", sa.String(length=250), nullable=with_facts),
        sa.Column("body", sa.Text(), nullable=with_facts),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("calendar", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.String(length=32), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        *(facts if with_facts else ()),
        sa.CheckConstraint(STATUS, name="ck_outbox_status_known"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.Index("ix_outbox_status_next_attempt_at", "status", "next_attempt_at"),
        sa.Index("ix_outbox_status_id", "status", "id"),
    )


def upgrade() -> None:
    with op.batch_alter_table("outbox", copy_from=_outbox(with_facts=False)) as outbox:
        outbox.add_column(sa.Column("facts", sa.JSON(), nullable=True))
        outbox.alter_column("subject", nullable=True, existing_type=sa.String(length=250))
        outbox.alter_column("body", nullable=True, existing_type=sa.Text())
        outbox.create_check_constraint(op.f("ck_outbox_facts_or_text"), CHECK)


def downgrade() -> None:
    op.execute(UNWRITTEN)
    with op.batch_alter_table("outbox", copy_from=_outbox(with_facts=True)) as outbox:
        outbox.drop_constraint(op.f("ck_outbox_facts_or_text"), type_="check")
        outbox.alter_column("subject", nullable=False, existing_type=sa.String(length=250))
        outbox.alter_column("body", nullable=False, existing_type=sa.Text())
        outbox.drop_column("facts")
