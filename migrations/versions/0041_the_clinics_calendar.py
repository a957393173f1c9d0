"""The clinic's calendar: opening hours, doctors' hours, extra hours, closures, appointments to settle, held slots.

Revision ID: 0041
Revises: 0040
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import context, op

from clinic.word_lists import WordList

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

ACTIONS = WordList(
    "audit_events",
    "deed",
    waiting="audit_events_kept_0041",
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
)
ADDED = (
    "opening_hours.changed",
    "doctor_hours.changed",
    "extra_hours.entered",
    "extra_hours.ended",
    "closure.entered",
    "closure.ended",
)

SLOTS = tuple(f"{minute // 60:02}:{minute % 60:02}:00" for minute in range(8 * 60, 17 * 60, 30))
HOURS = (*SLOTS, "17:00:00")
CAUSES = ("leave", "closure", "hours", "switched_off", "handing_over")
OUTCOMES = ("moved", "handed_over", "cancelled", "kept", "declined", "gone")
#: What the public is shown (docs/decisions/0024).
SHOWN = ("opening_hours", "doctor_hours", "extra_hours", "closures")
TABLES = (*SHOWN, "visits_to_settle", "slot_holds")
#: What still holds, and the version before knows nothing of.
IN_FORCE = {
    "opening hours": "opening_hours",
    "hours of doctors": "doctor_hours WHERE valid_until IS NULL OR valid_until >= CURRENT_DATE",
    "extra hours": "extra_hours WHERE day >= CURRENT_DATE",
    "closures": "closures WHERE last_day >= CURRENT_DATE",
    "visits to settle": "visits_to_settle WHERE settled_at IS NULL",
}


def upgrade() -> None:
    _make_hours()
    _make_closures()
    _make_visits_to_settle()
    _make_slot_holds()
    (_revise_on_sqlite if _is_sqlite() else _revise_on_postgresql)()
    ACTIONS.widen(op.get_bind(), (*BEFORE, *ADDED))


def _is_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def _in(column: str, words: Sequence[str]) -> str:
    return f"{column} IN ({', '.join(map(repr, words))})"


def _on_grid() -> str:
    return f"{_in('from_time', HOURS)} AND {_in('to_time', HOURS)}"


def _table(name: str, *parts: sa.Column | sa.Constraint) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _key(table: str, column: str, to: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{to.partition('.')[0]}")
    return sa.ForeignKeyConstraint([column], [to], name=name, ondelete=ondelete)


def _stretch(table: str) -> tuple[sa.Column | sa.Constraint, ...]:
    return (
        sa.Column("from_time", sa.Time(), nullable=False),
        sa.Column("to_time", sa.Time(), nullable=False),
        _check(table, "times_in_order", "from_time < to_time"),
        _check(table, "times_on_grid", _on_grid()),
    )


def _weekday(table: str) -> tuple[sa.Column | sa.Constraint, ...]:
    return (
        sa.Column("weekday", sa.Integer(), nullable=False),
        _check(table, "weekday_in_week", "weekday BETWEEN 1 AND 7"),
    )


def _of_doctor(table: str) -> tuple[sa.Column | sa.Constraint, ...]:
    return (
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        _key(table, "doctor_id", "doctors.user_id", "CASCADE"),
    )


def _room(table: str) -> tuple[sa.Column | sa.Constraint, ...]:
    return sa.Column("room_id", sa.Integer(), nullable=True), _key(table, "room_id", "rooms.id", "SET NULL")


def _created(table: str) -> tuple[sa.Column | sa.Constraint, ...]:
    return (
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        _key(table, "created_by_id", "users.id", "SET NULL"),
    )


def _make_hours() -> None:
    _table("opening_hours", *_weekday("opening_hours"), *_stretch("opening_hours"))
    op.create_index("uq_opening_hours_weekday_from_time", "opening_hours", ["weekday", "from_time"], unique=True)
    name = "doctor_hours"
    _table(
        name,
        *_of_doctor(name),
        *_weekday(name),
        *_stretch(name),
        *_room(name),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        _check(name, "validity_in_order", "valid_until >= valid_from"),
    )
    op.create_index("ix_doctor_hours_doctor_id", name, ["doctor_id"])
    name = "extra_hours"
    day = sa.Column("day", sa.Date(), nullable=False)
    _table(name, *_of_doctor(name), day, *_stretch(name), *_room(name), *_created(name))
    op.create_index("uq_extra_hours_doctor_id_day_from_time", name, ["doctor_id", "day", "from_time"], unique=True)


def _make_closures() -> None:
    name = "closures"
    _table(
        name,
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("from_time", sa.Time(), nullable=True),
        sa.Column("to_time", sa.Time(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("holiday", sa.String(length=120), nullable=True),
        *_created(name),
        _check(name, "days_in_order", "last_day >= first_day"),
        _check(name, "hours_both_or_none", "(from_time IS NULL) = (to_time IS NULL)"),
        _check(name, "hours_of_one_day", "from_time IS NULL OR (first_day = last_day AND from_time < to_time)"),
        _check(name, "times_on_grid", f"from_time IS NULL OR ({_on_grid()})"),
    )
    op.create_index("ix_closures_last_day", name, ["last_day"])
    op.create_index("uq_closures_holiday_first_day", name, ["holiday", "first_day"], unique=True)


def _make_visits_to_settle() -> None:
    name, is_open = "visits_to_settle", sa.text("settled_at IS NULL")
    _table(
        name,
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("cause_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        _check(name, "cause_known", _in("cause", CAUSES)),
        _check(name, "outcome_known", _in("outcome", OUTCOMES)),
        _check(name, "outcome_when_settled", "(settled_at IS NULL) = (outcome IS NULL)"),
        _key(name, "appointment_id", "appointments.id", "RESTRICT"),
        _key(name, "opened_by_id", "users.id", "SET NULL"),
        _key(name, "link_id", "mailed_links.id", "SET NULL"),
        _key(name, "settled_by_id", "users.id", "SET NULL"),
    )
    op.create_index(
        "uq_visits_to_settle_appointment_id_open",
        name,
        ["appointment_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("ix_visits_to_settle_cause_cause_id", name, ["cause", "cause_id"])


def _make_slot_holds() -> None:
    name, is_held = "slot_holds", sa.text("released_at IS NULL")
    _table(
        name,
        *_of_doctor(name),
        sa.Column("appointment_date", sa.Date(), nullable=False),
        sa.Column("appointment_time", sa.Time(), nullable=False),
        sa.Column("for_appointment_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        _check(name, "appointment_time_on_grid", _in("appointment_time", SLOTS)),
        _key(name, "for_appointment_id", "appointments.id", "CASCADE"),
    )
    op.create_index(
        "uq_slot_holds_doctor_slot",
        name,
        ["doctor_id", "appointment_date", "appointment_time"],
        unique=True,
        sqlite_where=is_held,
        postgresql_where=is_held,
    )
    op.create_index("ix_slot_holds_for_appointment_id", name, ["for_appointment_id"])
    op.create_index("ix_slot_holds_until", name, ["until"])


def _revise_on_sqlite() -> None:
    revise = (
        "BEGIN DELETE FROM directory_revision; "
        "INSERT INTO directory_revision (id, token) VALUES (1, lower(hex(randomblob(16)))); END"
    )
    for table in SHOWN:
        for deed in ("INSERT", "UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER {table}_revise_{deed.lower()} AFTER {deed} ON {table} {revise}")


def _revise_on_postgresql() -> None:
    for table in SHOWN:
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {table}_revise AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION revise_directory()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_revise_truncate AFTER TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION revise_directory()"
        )


def downgrade() -> None:
    _refuse_what_is_in_force()
    ACTIONS.narrow(op.get_bind(), BEFORE)
    for table in reversed(TABLES):
        op.drop_table(table)


def _refuse_what_is_in_force() -> None:
    """The version before would book visits while the clinic is closed, and nobody would see which wait to be settled."""
    if context.is_offline_mode():
        return
    found = {name: op.get_bind().scalar(sa.text(f"SELECT COUNT(*) FROM {rows}")) for name, rows in IN_FORCE.items()}
    if any(found.values()):
        raise RuntimeError(
            f"{', '.join(f'{name}: {count}' for name, count in found.items() if count)} would be lost, and the version "
            "before has nothing in their place: with this version, take them out and settle the visits first"
        )
