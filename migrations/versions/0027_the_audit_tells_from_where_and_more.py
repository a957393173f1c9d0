"""The audit tells from where somebody acted, of sign-ins and refusals, and of what was read besides records.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

from clinic.word_lists import WordList, replace_check

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

ACTIONS = WordList("audit_events", "deed", waiting="audit_events_kept_0027")
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
    "account.invited",
    "leave.changed",
    "backup.made",
    "backup.restored",
)
ADDED = (
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
)
ACTOR = "ck_audit_events_actor_or_operator"
NO_SESSION = "(actor_id IS NOT NULL OR session_id IS NULL)"


def upgrade() -> None:
    for name, length in (("address", 45), ("device", 200)):
        op.add_column("audit_events", sa.Column(name, sa.String(length), server_default="", nullable=False))
    nobody = f"(actor_id IS NULL) = (actor_role IN ('operator', 'guest')) AND {NO_SESSION}"
    replace_check(op.get_bind(), "audit_events", ACTOR, nobody)
    ACTIONS.widen(op.get_bind(), (*BEFORE, *ADDED))


def downgrade() -> None:
    # First, for guests have acted in the added words alone, which the older check refuses.
    ACTIONS.narrow(op.get_bind(), BEFORE)
    replace_check(
        op.get_bind(), "audit_events", ACTOR, f"(actor_id IS NULL) = (actor_role = 'operator') AND {NO_SESSION}"
    )
    for name in ("device", "address"):
        op.drop_column("audit_events", name)
