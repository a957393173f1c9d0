"""Notes have authors by revision, notes for colleagues a table of their own, and the audit knows who read and wrote these.

Revision ID: 0011
Revises: 0010
"""

import json
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
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
)
ADDED = ("staff_notes.read", "staff_notes.written")
KNOWN = "ck_audit_events_deed_known"
#: Where lines wait that an older revision has no word for: a trail is never thrown away.
KEPT = "audit_events_kept_0011"
TABLES = ("note_revisions", "staff_note_revisions")
#: What a revision of notes says, in either table.
WRITTEN = "appointment_id, version, at, by_user_id, by_role, text"


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
    _know((*BEFORE, *ADDED), BEFORE)
    if sa.inspect(op.get_bind()).has_table(KEPT):
        columns = "at, actor_id, actor_role, session_id, deed, patient_id, subject_id, request_id, details"
        op.execute(f"INSERT INTO audit_events ({columns}) SELECT {columns} FROM {KEPT} ORDER BY id")
        op.drop_table(KEPT)
    _make_tables()
    _take_back_notes()
    _know_authors()
    for table in TABLES:
        _refuse(table)


def _make_tables() -> None:
    op.create_table(
        "note_revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_user_id", sa.Integer(), nullable=True),
        sa.Column("by_role", sa.String(length=10), nullable=True),
        sa.Column("is_move", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.CheckConstraint("(by_user_id IS NULL) = (by_role IS NULL)", name=op.f("ck_note_revisions_author_with_role")),
        *_keys("note_revisions"),
    )
    op.create_table(
        "staff_note_revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_user_id", sa.Integer(), nullable=False),
        sa.Column("by_role", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        *_keys("staff_note_revisions"),
    )
    for table in TABLES:
        op.create_index(f"uq_{table}_appointment_id_version", table, ["appointment_id", "version"], unique=True)


def _keys(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=f"fk_{table}_appointment_id_appointments",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["by_user_id"], ["users.id"], name=f"fk_{table}_by_user_id_users", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )


def _take_back_notes() -> None:
    """Bring back what was set aside; of the notes themselves those that the older version has left as they were.

    A visit whose version is lower than that of its notes has been further back, where visits have none: it counts anew.
    """
    for table, columns in (("staff_note_revisions", WRITTEN), ("note_revisions", f"{WRITTEN}, is_move")):
        kept = f"{table}_kept"
        if not sa.inspect(op.get_bind()).has_table(kept):
            continue
        as_they_were = (
            "appointment_id IN (SELECT visit.id FROM appointments AS visit"
            f" JOIN {kept} AS latest ON latest.appointment_id = visit.id"
            " AND COALESCE(latest.text, '') = COALESCE(visit.notes, '')"
            " AND latest.version <= visit.version"
            f" AND latest.version = (SELECT max(version) FROM {kept} AS other WHERE other.appointment_id = visit.id))"
        )
        where = f" WHERE {as_they_were}" if table == "note_revisions" else ""
        op.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {kept}{where} ORDER BY id")
        op.drop_table(kept)


def _know_authors() -> None:
    """Give the notes that stand their authors, as far as the history tells.

    Notes that nobody edited are those of whoever booked the visit, the lines of moves aside. Where somebody edited them,
    several may have written, and nobody is named.
    """
    edited = (
        "SELECT 1 FROM appointment_events AS edit WHERE edit.appointment_id = visit.id"
        " AND edit.what = 'edited' AND CAST(edit.details AS TEXT) LIKE '%notes%'"
    )
    rows = op.get_bind().execute(
        sa.text(
            "SELECT visit.id, visit.version, visit.created_at, visit.notes, booked.by_user_id, booked.by_role,"
            f" EXISTS ({edited}) AS edited FROM appointments AS visit JOIN appointment_events AS booked"
            " ON booked.appointment_id = visit.id AND booked.what = 'created' WHERE visit.notes IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM note_revisions AS known WHERE known.appointment_id = visit.id)"
        )
    )
    added = _added_by_moves()
    for some in rows.partitions(1000):
        if revisions := [revision for row in some for revision in _revisions(row, added[row.id])]:
            op.get_bind().execute(
                sa.text(
                    "INSERT INTO note_revisions (appointment_id, version, at, by_user_id, by_role, is_move, text)"
                    " VALUES (:visit, :version, :at, :author, :role, :is_move, :text)"
                ),
                revisions,
            )


def _added_by_moves() -> dict[int, list[str]]:
    """Return what moves added to the notes, by visit; a reason may have several lines."""
    added = defaultdict(list)
    moves = "SELECT appointment_id, CAST(details AS TEXT) AS details FROM appointment_events WHERE what = 'rescheduled'"
    for row in op.get_bind().execute(sa.text(moves)):
        if why := json.loads(row.details).get("reason"):
            added[row.appointment_id].append(f"Rescheduled: {why}")
    return added


def _revisions(row: sa.Row, added: list[str]) -> list[dict]:
    """Return the notes as they were written, and the same with the lines that moves added."""
    written = row.notes
    for lines in added:
        written = f"\n{written}\n".replace(f"\n{lines}\n", "\n", 1)[1:-1]
    written = "\n".join(line for line in written.split("\n") if not line.startswith("Rescheduled: "))
    common = {"visit": row.id, "at": row.created_at}
    author, role = (None, None) if row.edited else (row.by_user_id, row.by_role)
    first = {**common, "version": 0, "author": author, "role": role, "is_move": False, "text": written}
    moved = {"author": row.by_user_id, "role": row.by_role, "is_move": True, "text": row.notes}
    return [first, {**common, "version": row.version, **moved}] if written != row.notes else [first]


def downgrade() -> None:
    for table in reversed(TABLES):
        if op.get_bind().scalar(sa.text(f"SELECT count(*) FROM {table}")):
            op.execute(f"CREATE TABLE {table}_kept AS SELECT * FROM {table}")
            _refuse(f"{table}_kept")
        op.drop_table(table)
    newer = _in(ADDED)
    if _on_sqlite():
        op.execute("DROP TRIGGER audit_events_no_delete")
        op.execute("DROP TRIGGER audit_events_no_update")
    if op.get_bind().scalar(sa.text(f"SELECT count(*) FROM audit_events WHERE {newer}")):
        op.execute(f"CREATE TABLE {KEPT} AS SELECT * FROM audit_events WHERE {newer}")
        _refuse(KEPT)
        if not _on_sqlite():
            op.execute("ALTER TABLE audit_events DISABLE TRIGGER audit_events_no_delete")
        op.execute(f"DELETE FROM audit_events WHERE {newer}")
        if not _on_sqlite():
            op.execute("ALTER TABLE audit_events ENABLE TRIGGER audit_events_no_delete")
    _know(BEFORE, (*BEFORE, *ADDED))
