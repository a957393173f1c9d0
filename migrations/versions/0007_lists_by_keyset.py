"""Indexes in the order of the long lists, so that a page deep in them is found at once.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NEWEST_DAY_FIRST = (sa.text("appointment_date DESC"), "appointment_time", "id")
#: By table and name: the columns of what comes, and of what it takes the place of.
NEW = {
    ("appointments", "ix_appointments_status_list"): ("status", *NEWEST_DAY_FIRST),
    ("appointments", "ix_appointments_department_list"): ("department_id", *NEWEST_DAY_FIRST),
    ("appointments", "ix_appointments_doctor_patients"): ("doctor_id", "patient_id", "status", "appointment_date"),
    ("audit_events", "ix_audit_events_at_id"): ("at", "id"),
    ("audit_events", "ix_audit_events_deed_at_id"): ("deed", "at", "id"),
    ("audit_events", "ix_audit_events_patient_id_at_id"): ("patient_id", "at", "id"),
    ("outbox", "ix_outbox_status_id"): ("status", "id"),
    ("users", "ix_users_name_key_id"): ("name_key", "id"),
    ("users", "ix_users_role_name_key_id"): ("role", "name_key", "id"),
}
OLD = {
    ("appointments", "ix_appointments_department_id_appointment_date"): ("department_id", "appointment_date"),
    ("audit_events", "ix_audit_events_patient_id_id"): ("patient_id", "id"),
    ("users", "ix_users_role_full_name"): ("role", "full_name"),
}


def _replace(old: dict, new: dict) -> None:
    for (table, name), columns in new.items():
        op.create_index(name, table, list(columns))
    for table, name in old:
        op.drop_index(name, table_name=table)


def upgrade() -> None:
    _replace(OLD, NEW)


def downgrade() -> None:
    _replace(NEW, OLD)
