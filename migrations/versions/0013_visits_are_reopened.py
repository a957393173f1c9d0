"""The history of a visit tells that it was reopened.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BEFORE = ("created", "confirmed", "completed", "cancelled", "rescheduled", "service_assigned", "edited")
REOPENED = "reopened"
KNOWN = "ck_appointment_events_what_known"
#: Where lines wait that an older revision has no word for: a history is never thrown away.
KEPT = "appointment_events_kept"
COLUMNS = "appointment_id, at, by_user_id, by_role, what, from_status, to_status, details"


def _in(words: tuple[str, ...]) -> str:
    return f"what IN ({', '.join(repr(word) for word in words)})"


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


def _events(words: tuple[str, ...]) -> sa.Table:
    """The table as it stands before a change: SQLite copies it and doesn't reflect its checks."""
    metadata = sa.MetaData()
    for name in ("appointments", "users"):
        sa.Table(name, metadata, sa.Column("id", sa.Integer(), primary_key=True))
    return sa.Table(
        "appointment_events",
        metadata,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_user_id", sa.Integer(), nullable=False),
        sa.Column("by_role", sa.String(length=10), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("from_status", sa.String(length=10), nullable=True),
        sa.Column("to_status", sa.String(length=10), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.CheckConstraint(_in(words), name=KNOWN),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name="fk_appointment_events_appointment_id_appointments",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["users.id"], name="fk_appointment_events_by_user_id_users", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_appointment_events"),
        sa.Index("ix_appointment_events_appointment_id_id", "appointment_id", "id"),
    )


def _know(words: tuple[str, ...], before: tuple[str, ...]) -> None:
    """Let the history hold these words; SQLite loses the triggers with the copied table (docs/decisions/0004)."""
    with op.batch_alter_table("appointment_events", copy_from=_events(before)) as events:
        events.drop_constraint(op.f(KNOWN), type_="check")
        events.create_check_constraint(op.f(KNOWN), _in(words))
    if _on_sqlite():
        _refuse("appointment_events")


def upgrade() -> None:
    _know((*BEFORE, REOPENED), BEFORE)
    if sa.inspect(op.get_bind()).has_table(KEPT):
        op.execute(f"INSERT INTO appointment_events ({COLUMNS}) SELECT {COLUMNS} FROM {KEPT} ORDER BY id")
        op.drop_table(KEPT)


def downgrade() -> None:
    newer = f"what = '{REOPENED}'"
    if _on_sqlite():
        op.execute("DROP TRIGGER appointment_events_no_delete")
        op.execute("DROP TRIGGER appointment_events_no_update")
    if op.get_bind().scalar(sa.text(f"SELECT count(*) FROM appointment_events WHERE {newer}")):
        _set_aside(newer)
    _know(BEFORE, (*BEFORE, REOPENED))


def _set_aside(newer: str) -> None:
    """Move the lines that this revision brought into a table of their own; the next upgrade takes them back."""
    op.execute(f"CREATE TABLE {KEPT} AS SELECT * FROM appointment_events WHERE {newer}")
    _refuse(KEPT)
    if not _on_sqlite():
        op.execute("ALTER TABLE appointment_events DISABLE TRIGGER appointment_events_no_delete")
    op.execute(f"DELETE FROM appointment_events WHERE {newer}")
    if not _on_sqlite():
        op.execute("ALTER TABLE appointment_events ENABLE TRIGGER appointment_events_no_delete")
