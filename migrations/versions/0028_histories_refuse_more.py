"""Histories refuse REPLACE and TRUNCATE too, also to replicas, and the audit has seals.

On the way down the seals are dropped: entries that wait for the next way up may come back with other numbers, so the
chain begins anew with it.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

from clinic import triggers

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

#: The tables that keep their rows as they are, with their unique keys.
HISTORIES = {
    "appointment_events": [["id"]],
    "note_revisions": [["id"], ["appointment_id", "version"]],
    "staff_note_revisions": [["id"], ["appointment_id", "version"]],
    "record_revisions": [["id"], ["record_id", "version"]],
    "audit_events": [["id"]],
}
SEALS = "audit_seals"
#: Those whose rows change and are never erased.
NEVER_ERASED = ("appointments", "medical_records")


def upgrade() -> None:
    _make_seals()
    dialect = op.get_bind().dialect.name
    for action in ("UPDATE", "DELETE"):
        triggers.make(op.get_bind(), triggers.refusal(dialect, SEALS, action))
    if dialect == "sqlite":
        for table, keys in {**HISTORIES, SEALS: [["sequence"], ["event_id"]]}.items():
            triggers.make(op.get_bind(), triggers.replacing_is_refused(table, keys))
        return
    for table in (*HISTORIES, SEALS, *NEVER_ERASED):
        triggers.make(op.get_bind(), triggers.refusal(dialect, table, "TRUNCATE"))
    _switch("ENABLE ALWAYS")


def _make_seals() -> None:
    op.create_table(
        SEALS,
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_seals")),
    )
    op.create_index("uq_audit_seals_event_id", SEALS, ["event_id"], unique=True)
    op.create_index("ix_audit_seals_sealed_at", SEALS, ["sealed_at"])


def _switch(how: str) -> None:
    """Let the older triggers be heeded always, or only where triggers usually are."""
    for table in (*HISTORIES, *NEVER_ERASED):
        for action in ("update", "delete") if table in HISTORIES else ("delete",):
            op.execute(f"ALTER TABLE {table} {how} TRIGGER {table}_no_{action}")


def downgrade() -> None:
    op.drop_table(SEALS)
    if op.get_bind().dialect.name == "sqlite":
        for table in HISTORIES:
            op.execute(f"DROP TRIGGER {table}_no_replace")
        return
    _switch("ENABLE")
    for table in (*HISTORIES, *NEVER_ERASED):
        op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
