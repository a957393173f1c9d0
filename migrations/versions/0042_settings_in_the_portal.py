"""What the clinic decides about itself in the portal is kept as a history.

Revision ID: 0042
Revises: 0041
"""

import sqlalchemy as sa
from alembic import context, op

from clinic import triggers
from clinic.word_lists import WordList

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

TABLE = "clinic_settings"
ACTIONS = WordList(
    "audit_events",
    "deed",
    waiting="audit_events_kept_0042",
    told_in=("audit_event_patients.event_id",),
    chained_in="audit_seals",
)
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
)
ADDED = "settings.changed"
SAVED = """
    SELECT COUNT(*) FROM clinic_settings
    WHERE version = (SELECT MAX(version) FROM clinic_settings) AND CAST(overrides AS TEXT) != '{}'
"""


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_user_id", sa.Integer(), nullable=False),
        sa.Column("overrides", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_clinic_settings")),
    )
    dialect = op.get_bind().dialect.name
    for action in ("UPDATE", "DELETE") if dialect == "sqlite" else ("UPDATE", "DELETE", "TRUNCATE"):
        triggers.make(op.get_bind(), triggers.refusal(dialect, TABLE, action))
    if dialect == "sqlite":
        triggers.make(op.get_bind(), triggers.replacing_is_refused(TABLE, [["version"]]))
    ACTIONS.widen(op.get_bind(), (*BEFORE, ADDED))


def downgrade() -> None:
    _refuse_saved_settings()
    ACTIONS.narrow(op.get_bind(), BEFORE)
    op.drop_table(TABLE)


def _refuse_saved_settings() -> None:
    """The version before goes by its environment alone: another horizon, another name, and nobody is told."""
    if not context.is_offline_mode() and op.get_bind().scalar(sa.text(SAVED)):
        raise RuntimeError(
            "settings that are saved in the portal would be lost, and the version before goes by its environment alone: "
            "with this version, set them in the portal to what the environment says first"
        )
