"""The audit tells when everything was copied or replaced.

Revision ID: 0019
Revises: 0018
"""

from alembic import op

from clinic.word_lists import WordList

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ACTIONS = WordList("audit_events", "deed", waiting="audit_events_kept_0019")
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
    ACTIONS.widen(op.get_bind(), (*BEFORE, "backup.made", "backup.restored"))


def downgrade() -> None:
    ACTIONS.narrow(op.get_bind(), BEFORE)
