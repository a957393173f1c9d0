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


def _refuse() -> None:
    """Make the triggers again that SQLite lost with the copied table (docs/decisions/0004)."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for deed in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_events_no_{deed.lower()} BEFORE {deed} ON audit_events "
            f"BEGIN SELECT RAISE(ABORT, 'audit_events keeps its rows: {deed} is refused'); END"
        )


def upgrade() -> None:
    with op.batch_alter_table("audit_events", copy_from=_audit(BEFORE, operator=False)) as events:
        events.drop_constraint(op.f(KNOWN), type_="check")
        events.create_check_constraint(op.f(KNOWN), _in((*BEFORE, *ADDED)))
        events.alter_column("actor_id", existing_type=sa.Integer(), nullable=True)
        events.alter_column("session_id", existing_type=sa.Integer(), nullable=True)
        events.create_check_constraint(op.f(HANDS), HANDS_RULE)
    if sa.inspect(op.get_bind()).has_table(KEPT):
        op.execute(f"INSERT INTO audit_events SELECT * FROM {KEPT}")
        op.drop_table(KEPT)
    _refuse()


def downgrade() -> None:
    newer = f"{_in(ADDED)} OR actor_id IS NULL OR session_id IS NULL"
    _set_aside(newer)
    with op.batch_alter_table("audit_events", copy_from=_audit((*BEFORE, *ADDED), operator=True)) as events:
        events.drop_constraint(op.f(HANDS), type_="check")
        events.drop_constraint(op.f(KNOWN), type_="check")
        events.create_check_constraint(op.f(KNOWN), _in(BEFORE))
        events.alter_column("actor_id", existing_type=sa.Integer(), nullable=False)
        events.alter_column("session_id", existing_type=sa.Integer(), nullable=False)
    _refuse()


def _set_aside(newer: str) -> None:
    """Move the lines that this revision brought into a table of their own; the next upgrade takes them back."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        op.execute("DROP TRIGGER audit_events_no_delete")
        op.execute("DROP TRIGGER audit_events_no_update")
    if op.get_bind().scalar(sa.text(f"SELECT count(*) FROM audit_events WHERE {newer}")) == 0:
        return
    op.execute(f"CREATE TABLE {KEPT} AS SELECT * FROM audit_events WHERE {newer}")
    if not sqlite:
        op.execute("ALTER TABLE audit_events DISABLE TRIGGER audit_events_no_delete")
    op.execute(f"DELETE FROM audit_events WHERE {newer}")
    if not sqlite:
        op.execute("ALTER TABLE audit_events ENABLE TRIGGER audit_events_no_delete")
