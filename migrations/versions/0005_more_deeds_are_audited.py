"""More deeds are audited: accounts opened, leave, passwords, sessions, mail sent again; and whoever acts without a sign-in session.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
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
)
ADDED = (
    "account.read",
    "leave.entered",
    "leave.ended",
    "password.changed",
    "password.reset",
    "sessions.ended",
    "mail.sent_again",
)
KNOWN = "ck_audit_events_deed_known"
HANDS = "ck_audit_events_actor_or_operator"
#: Where lines wait that an older revision has no word for: a trail is never thrown away.
KEPT = "audit_events_kept"
COLUMNS = ("at", "actor_id", "actor_role", "session_id", "deed", "patient_id", "subject_id", "request_id", "details")
#: The operator of the server has no account; a person with a mailed link has no session.
HANDS_RULE = "(actor_id IS NULL) = (actor_role = 'operator') AND (actor_id IS NOT NULL OR session_id IS NULL)"


def _in(deeds: tuple[str, ...]) -> str:
    return f"deed IN ({', '.join(repr(deed) for deed in deeds)})"


def _audit(deeds: tuple[str, ...], *, operator: bool) -> sa.Table:
    """The table as it stands before a change: SQLite copies it and doesn't reflect its checks."""
    checks = [sa.CheckConstraint(_in(deeds), name=KNOWN)]
    if operator:
        checks.append(sa.CheckConstraint(HANDS_RULE, name=HANDS))
    return sa.Table(
        "audit_events",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=operator),
        sa.Column("actor_role", sa.String(length=10), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=operator),
        sa.Column("deed", sa.String(length=30), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        *checks,
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
        sa.Index("ix_audit_events_actor_id_id", "actor_id", "id"),
        sa.Index("ix_audit_events_patient_id_id", "patient_id", "id"),
    )


def _refuse(table: str) -> None:
    """Let the database refuse to change the rows of a table."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for deed in ("UPDATE", "DELETE"):
        refusal = (
            f"BEGIN SELECT RAISE(ABORT, '{table} keeps its rows: {deed} is refused'); END"
            if sqlite
            else "FOR EACH ROW EXECUTE FUNCTION refuse_deed()"
        )
        op.execute(f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} {refusal}")


def _refuse_again() -> None:
    """Make the triggers again that SQLite lost with the copied table (docs/decisions/0004)."""
    if op.get_bind().dialect.name == "sqlite":
        _refuse("audit_events")


def upgrade() -> None:
    with op.batch_alter_table("audit_events", copy_from=_audit(BEFORE, operator=False)) as events:
        events.drop_constraint(op.f(KNOWN), type_="check")
        events.create_check_constraint(op.f(KNOWN), _in((*BEFORE, *ADDED)))
        events.alter_column("actor_id", existing_type=sa.Integer(), nullable=True)
        events.alter_column("session_id", existing_type=sa.Integer(), nullable=True)
        events.create_check_constraint(op.f(HANDS), HANDS_RULE)
    if sa.inspect(op.get_bind()).has_table(KEPT):
        _take_back()
    _refuse_again()


def _take_back() -> None:
    """Bring back the lines that were set aside.

    The older revision may have given their numbers to lines of its own: SQLite counts on from the highest that is
    there. Who finds its number taken gets one beyond all others.
    """
    highest = f"(SELECT max(id) FROM (SELECT id FROM audit_events UNION ALL SELECT id FROM {KEPT}) AS numbers)"
    number = f"CASE WHEN taken.id IS NULL THEN kept.id ELSE {highest} + row_number() OVER (ORDER BY kept.id) END"
    op.execute(
        f"INSERT INTO audit_events (id, {', '.join(COLUMNS)}) "
        f"SELECT {number}, {', '.join(f'kept.{name}' for name in COLUMNS)} "
        f"FROM {KEPT} AS kept LEFT JOIN audit_events AS taken ON taken.id = kept.id"
    )
    op.drop_table(KEPT)


def downgrade() -> None:
    newer = f"{_in(ADDED)} OR actor_id IS NULL OR session_id IS NULL"
    _set_aside(newer)
    with op.batch_alter_table("audit_events", copy_from=_audit((*BEFORE, *ADDED), operator=True)) as events:
        events.drop_constraint(op.f(HANDS), type_="check")
        events.drop_constraint(op.f(KNOWN), type_="check")
        events.create_check_constraint(op.f(KNOWN), _in(BEFORE))
        events.alter_column("actor_id", existing_type=sa.Integer(), nullable=False)
        events.alter_column("session_id", existing_type=sa.Integer(), nullable=False)
    _refuse_again()


def _set_aside(newer: str) -> None:
    """Move the lines that this revision brought into a table of their own; the next upgrade takes them back."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        op.execute("DROP TRIGGER audit_events_no_delete")
        op.execute("DROP TRIGGER audit_events_no_update")
    if op.get_bind().scalar(sa.text(f"SELECT count(*) FROM audit_events WHERE {newer}")) == 0:
        return
    op.execute(f"CREATE TABLE {KEPT} AS SELECT * FROM audit_events WHERE {newer}")
    _refuse(KEPT)
    if not sqlite:
        op.execute("ALTER TABLE audit_events DISABLE TRIGGER audit_events_no_delete")
    op.execute(f"DELETE FROM audit_events WHERE {newer}")
    if not sqlite:
        op.execute("ALTER TABLE audit_events ENABLE TRIGGER audit_events_no_delete")
