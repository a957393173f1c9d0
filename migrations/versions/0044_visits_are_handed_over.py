"""The history of a visit, and the audit, tell that it was handed over; patients answer by a link.

Revision ID: 0044
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

from clinic.word_lists import WordList

revision = "0044"
down_revision = "0042"
branch_labels = None
depends_on = None

EVENTS = WordList("appointment_events", "what", waiting="appointment_events_kept_0044")
EVENTS_BEFORE = (
    *("created", "confirmed", "completed", "cancelled", "rescheduled", "service_assigned", "edited", "reopened"),
)
PURPOSES = WordList("mailed_links", "purpose")
PURPOSES_BEFORE = ("password", "invitation", "confirm_email", "veto_email", "own_sign_in")
ANSWER = "visit_answer"
ACTIONS = WordList(
    "audit_events",
    "deed",
    waiting="audit_events_kept_0044",
    told_in=("audit_event_patients.event_id",),
    chained_in="audit_seals",
)
ACTIONS_BEFORE = (
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
    "account.invited",
    "leave.changed",
    "backup.made",
    "backup.restored",
    "sign_in.succeeded",
    "sign_in.refused",
    "sign_in.limited",
    "session.ended",
    "session.token_reused",
    "proof.given",
    "proof.refused",
    "factor.added",
    "factor.removed",
    "factor.reset",
    "recovery_codes.made",
    "recovery_codes.used",
    "email.change_requested",
    "email.confirmed",
    "email.change_undone",
    "identity.noted",
    "duties.changed",
    "access.refused",
    "appointments.read",
    "people.searched",
    "audit.read",
    "outbox.read",
    "data.pruned",
    "audit.head_announced",
    "opening_hours.changed",
    "doctor_hours.changed",
    "extra_hours.entered",
    "extra_hours.ended",
    "closure.entered",
    "closure.ended",
    "settings.changed",
)


def upgrade() -> None:
    connection = op.get_bind()
    EVENTS.widen(connection, (*EVENTS_BEFORE, "handed_over"))
    PURPOSES.widen(connection, (*PURPOSES_BEFORE, ANSWER))
    op.add_column("mailed_links", sa.Column("about", sa.String(length=60), nullable=True))
    ACTIONS.widen(connection, (*ACTIONS_BEFORE, "appointment.handed_over"))


def downgrade() -> None:
    connection = op.get_bind()
    ACTIONS.narrow(connection, ACTIONS_BEFORE)
    _forget_answers(connection)
    op.drop_column("mailed_links", "about")
    PURPOSES.narrow(connection, PURPOSES_BEFORE)
    EVENTS.narrow(connection, EVENTS_BEFORE)


def _forget_answers(connection: sa.Connection) -> None:
    """Drop the links that an older version couldn't open, and let nothing name them."""
    those = f"(SELECT id FROM mailed_links WHERE purpose = '{ANSWER}')"
    for table in ("outbox", "visits_to_settle"):
        connection.execute(sa.text(f"UPDATE {table} SET link_id = NULL WHERE link_id IN {those}"))
    connection.execute(sa.text(f"DELETE FROM mailed_links WHERE purpose = '{ANSWER}'"))
