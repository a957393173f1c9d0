"""A mail that isn't true any more stays in the outbox unsent, and each knows what it is about.

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

from clinic.word_lists import WordList

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

STATUSES = WordList("outbox", "status")
BEFORE = ("queued", "sent", "failed")


def upgrade() -> None:
    STATUSES.widen(op.get_bind(), (*BEFORE, "superseded"))
    op.add_column("outbox", sa.Column("thread", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("outbox", "thread")
    # The version before has no other word for what wasn't sent; it sends what has failed again, unless it has no text.
    # "Sent" would keep the text, but say of somebody that they were told.
    op.execute(
        "UPDATE outbox SET status = 'failed', facts = NULL, subject = kind, body = '', html = NULL, calendar = NULL"
        " WHERE status = 'superseded'"
    )
    STATUSES.narrow(op.get_bind(), BEFORE)
