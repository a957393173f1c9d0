"""Appointments are counted by day, and the database notes each day that changes. No appointment is ever deleted.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

#: Whatever is counted.
COUNTED = ("appointment_date", "appointment_time", "doctor_id", "department_id", "status")
FUNCTION = """
CREATE FUNCTION note_changed_days() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO changed_days (day) VALUES (NEW.appointment_date);
    IF TG_OP = 'UPDATE' AND NEW.appointment_date <> OLD.appointment_date THEN
        INSERT INTO changed_days (day) VALUES (OLD.appointment_date);
    END IF;
    RETURN NULL;
END $$"""
#: What a day has by each dimension; the third and fourth as the database at hand writes them.
FILL = """
INSERT INTO daily_counts (day, dimension, key, count)
SELECT appointment_date, 'status', status, count(*) FROM appointments GROUP BY 1, 3
UNION ALL
SELECT appointment_date, 'department', CAST(department_id AS VARCHAR), count(*) FROM appointments
WHERE status <> 'cancelled' GROUP BY 1, 3
UNION ALL
SELECT appointment_date, 'doctor', CAST(doctor_id AS VARCHAR), count(*) FROM appointments
WHERE status <> 'cancelled' GROUP BY 1, 3
UNION ALL
SELECT appointment_date, 'slot', {weekday} || ' ' || substr(CAST(appointment_time AS VARCHAR), 1, 5), count(*) FROM appointments
WHERE status <> 'cancelled' GROUP BY 1, 3"""
WEEKDAYS = {
    "postgresql": "CAST(extract(isodow FROM appointment_date) AS VARCHAR)",
    "sqlite": "CAST((strftime('%w', appointment_date) + 6) % 7 + 1 AS VARCHAR)",
}


def upgrade() -> None:
    op.create_table(
        "daily_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("dimension", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=10), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "dimension", "key", name=op.f("pk_daily_counts")),
    )
    op.create_table(
        "changed_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changed_days")),
    )
    op.create_index("ix_changed_days_day", "changed_days", ["day"])
    dialect = op.get_context().dialect.name
    # Before they are counted: what is booked meanwhile is noted.
    if dialect == "postgresql":
        _note_on_postgresql()
    else:
        _note_on_sqlite()
    op.execute(sa.text(FILL.format(weekday=WEEKDAYS[dialect])))


def _note_on_postgresql() -> None:
    op.execute(FUNCTION)
    differs = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in COUNTED)
    for deed, condition in (("INSERT", ""), ("UPDATE", f"WHEN ({differs})")):
        op.execute(
            f"CREATE TRIGGER appointments_note_{deed.lower()} AFTER {deed} ON appointments"
            f" FOR EACH ROW {condition} EXECUTE FUNCTION note_changed_days()"
        )


def _note_on_sqlite() -> None:
    differs = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in COUNTED)
    for deed, condition, rows in (("INSERT", "", ("NEW",)), ("UPDATE", f"WHEN {differs}", ("OLD", "NEW"))):
        notes = " ".join(f"INSERT INTO changed_days (day) VALUES ({row}.appointment_date);" for row in rows)
        op.execute(
            f"CREATE TRIGGER appointments_note_{deed.lower()} AFTER {deed} ON appointments {condition} BEGIN {notes} END"
        )


def downgrade() -> None:
    on_postgresql = op.get_context().dialect.name == "postgresql"
    for deed in ("insert", "update"):
        op.execute(f"DROP TRIGGER appointments_note_{deed}" + (" ON appointments" if on_postgresql else ""))
    if on_postgresql:
        op.execute("DROP FUNCTION note_changed_days()")
    op.drop_table("changed_days")
    op.drop_table("daily_counts")
