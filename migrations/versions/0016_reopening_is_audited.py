"""The audit tells who reopened a completed visit.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

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
)
REOPENED = "appointment.reopened"
KNOWN = "ck_audit_events_deed_known"
#: Where lines wait that an older revision has no word for: a trail is never thrown away.
KEPT = "audit_events_kept_0016"
COLUMNS = "at, actor_id, actor_role, session_id, deed, patient_id, subject_id, request_id, details"


def _in(deeds: tuple[str, ...]) -> str:
    return f"deed IN ({', '.join(repr(deed) for deed in deeds)})"


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _refuse(table: str) -> None:
    """Let the database refuse to change the rows of a table."""
    for deed in ("UPDATE", "DELETE"):
        refusal = (
            f"BEGIN SELECT RAISE(ABORT, '{table} keeps its rows: {deed} is refused'); END"
            if _on_sqlite()
            else "FOR EACH ROW EXECUTE FUNCTION refuse_deed()"
        )
        op.execute(f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} {refusal}")


def _audit(deeds: tuple[str, ...]) -> sa.Table:
    """The audit as it stands before a change: SQLite copies it and doesn't reflect its checks."""
    return sa.Table(
        "audit_events",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_role", sa.String(length=10), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("deed", sa.String(length=30), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.CheckConstraint(_in(deeds), name=KNOWN),
        sa.CheckConstraint(
            "(actor_id IS NULL) = (actor_role = 'operator') AND (actor_id IS NOT NULL OR session_id IS NULL)",
            name="ck_audit_events_actor_or_operator",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
        sa.Index("ix_audit_events_at_id", "at", "id"),
        sa.Index("ix_audit_events_deed_at_id", "deed", "at", "id"),
        sa.Index("ix_audit_events_patient_id_at_id", "patient_id", "at", "id"),
        sa.Index("ix_audit_events_actor_id_id", "actor_id", "id"),
    )


def _know(deeds: tuple[str, ...], before: tuple[str, ...]) -> None:
    """Let the audit hold these deeds; SQLite loses the triggers with the copied table (docs/decisions/0004)."""
    with op.batch_alter_table("audit_events", copy_from=_audit(before)) as events:
        events.drop_constraint(op.f(KNOWN), type_="check")
        events.create_check_constraint(op.f(KNOWN), _in(deeds))
    if _on_sqlite():
        _refuse("audit_events")


def upgrade() -> None:
    _know((*BEFORE, REOPENED), BEFORE)
    if sa.inspect(op.get_bind()).has_table(KEPT):
        op.execute(f"INSERT INTO audit_events ({COLUMNS}) SELECT {COLUMNS} FROM {KEPT} ORDER BY id")
        op.drop_table(KEPT)


def downgrade() -> None:
    newer = f"deed = '{REOPENED}'"
    if _on_sqlite():
        op.execute("DROP TRIGGER audit_events_no_delete")
        op.execute("DROP TRIGGER audit_events_no_update")
    if op.get_bind().scalar(sa.text(f"SELECT count(*) FROM audit_events WHERE {newer}")):
        _set_aside(newer)
    _know(BEFORE, (*BEFORE, REOPENED))


def _set_aside(newer: str) -> None:
    """Move the lines that this revision brought into a table of their own; the next upgrade takes them back."""
    op.execute(f"CREATE TABLE {KEPT} AS SELECT * FROM audit_events WHERE {newer}")
    _refuse(KEPT)
    if not _on_sqlite():
        op.execute("ALTER TABLE audit_events DISABLE TRIGGER audit_events_no_delete")
    op.execute(f"DELETE FROM audit_events WHERE {newer}")
    if not _on_sqlite():
        op.execute("ALTER TABLE audit_events ENABLE TRIGGER audit_events_no_delete")
