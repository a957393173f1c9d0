"""The audit tells who was invited again, and that the reason for leave was changed.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

from clinic.word_lists import WordList

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

DEEDS = WordList("audit_events", "deed", waiting="audit_events_kept_0018")
BEFORE = (
    "record.read",
    "record.created",
    "record.changed",
    "record.revisions_read",
    "account.created",
    "account.changed",
    "account.switched",
    "directory.changed",
    "account.read",
    "leave.entered",
    "leave.ended",
    "password.changed",
    "password.reset",
    "sessions.ended",
    "mail.sent_again",
    "staff_notes.read",
    "staff_notes.written",
    "appointment.reopened",
)


def upgrade() -> None:
    DEEDS.widen(op.get_bind(), (*BEFORE, "account.invited", "leave.changed"))


def downgrade() -> None:
    DEEDS.narrow(op.get_bind(), BEFORE)
