"""The audit finds by patient also the lists in which somebody was shown them.

An entry about several patients names them in its details, which are sealed. From there the database itself writes a row
for each into ``audit_event_patients``, whoever inserts the entry.

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

from clinic import triggers

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

TABLE, TRIGGER, FUNCTION = "audit_event_patients", "audit_events_name_patients", "name_event_patients"
#: SQLite gives the number of an entry that somebody removed from the end to another one: that has to be written all the same.
NEW_ONE = f"NOT EXISTS (SELECT 1 FROM {TABLE} WHERE event_id = NEW.id"
IN_SQLITE = f"""
CREATE TRIGGER {TRIGGER} AFTER INSERT ON audit_events WHEN json_type(NEW.details, '$.patients') = 'array'
BEGIN
    INSERT INTO {TABLE} (event_id, patient_id) SELECT NEW.id, value FROM json_each(NEW.details, '$.patients')
    WHERE {NEW_ONE} AND patient_id = value);
END"""
FILL = f"""
CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO {TABLE} (event_id, patient_id)
    SELECT NEW.id, value::integer FROM json_array_elements_text(NEW.details -> 'patients')
    WHERE {NEW_ONE} AND patient_id = value::integer);
    RETURN NULL;
END $$"""
IN_POSTGRESQL = f"""
CREATE TRIGGER {TRIGGER} AFTER INSERT ON audit_events FOR EACH ROW WHEN ((NEW.details -> 'patients') IS NOT NULL)
EXECUTE FUNCTION {FUNCTION}()"""
#: Entries that an older revision had set aside and that are back.
PRESENT = f"INSERT INTO {TABLE} (event_id, patient_id) SELECT audit_events.id, "
THOSE_OF_LISTS = "audit_events.deed IN ('appointments.read', 'people.searched')"


def upgrade() -> None:
    connection = op.get_bind()
    op.create_table(
        TABLE,
        sa.Column("event_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("event_id", "patient_id", name=op.f("pk_audit_event_patients")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_audit_event_patients_patient_id_event_id", TABLE, ["patient_id", "event_id"])
    if connection.dialect.name == "sqlite":
        op.execute(
            f"{PRESENT} value FROM audit_events, json_each(audit_events.details, '$.patients') WHERE {THOSE_OF_LISTS}"
        )
        triggers.make(connection, triggers.replacing_is_refused(TABLE, [["event_id", "patient_id"]]))
        triggers.make(connection, (IN_SQLITE,))
    else:
        op.execute(
            f"{PRESENT} value::integer FROM audit_events, json_array_elements_text(audit_events.details -> 'patients')"
            f" WHERE {THOSE_OF_LISTS}"
        )
        triggers.make(connection, triggers.refusal("postgresql", TABLE, "TRUNCATE"))
        triggers.make(connection, (FILL, IN_POSTGRESQL))
    for action in ("UPDATE", "DELETE"):
        triggers.make(connection, triggers.refusal(connection.dialect.name, TABLE, action))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {TRIGGER}")
    else:
        op.execute(f"DROP TRIGGER {TRIGGER} ON audit_events")
        op.execute(f"DROP FUNCTION {FUNCTION}()")
    op.drop_table(TABLE)
