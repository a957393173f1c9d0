"""The audit trail knows one more deed: the office had a mail sent again.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
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
ADDED = "mail.sent_again"


def upgrade() -> None:
    _let_know(*BEFORE, ADDED)


def downgrade() -> None:
    # What the older version has no word for goes with it; the rows' own triggers would refuse that.
    _refuse_deeds(False)
    op.execute(f"DELETE FROM audit_events WHERE deed = '{ADDED}'")  # noqa: S608 - a constant of this file
    _let_know(*BEFORE)
    if op.get_bind().dialect.name != "sqlite":
        _refuse_deeds(True)


def _let_know(*deeds: str) -> None:
    """Change which deeds the table takes. SQLite copies the table for that, and its triggers go with the old one."""
    name = op.f("ck_audit_events_deed_known")
    with op.batch_alter_table("audit_events") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"deed IN ({', '.join(map(repr, deeds))})")
    if op.get_bind().dialect.name == "sqlite":
        _refuse_deeds(True)


def _refuse_deeds(refused: bool) -> None:
    """Make or drop the triggers that keep the table's rows as they are."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for deed in ("UPDATE", "DELETE"):
        trigger = f"audit_events_no_{deed.lower()}"
        if not refused:
            op.execute(f"DROP TRIGGER {trigger}" + ("" if sqlite else " ON audit_events"))
        elif sqlite:
            op.execute(
                f"CREATE TRIGGER {trigger} BEFORE {deed} ON audit_events "
                f"BEGIN SELECT RAISE(ABORT, 'audit_events keeps its rows: {deed} is refused'); END"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {trigger} BEFORE {deed} ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse_deed()"
            )
