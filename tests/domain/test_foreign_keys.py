"""What becomes of rows whose row goes: every foreign key says it, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from clinic.db import db
from tests import factories
from tests.domain.test_constraints import MONDAY, TABLES
from tests.factories import appointment

pytestmark = pytest.mark.usefixtures("app_context")


def test_every_foreign_key_says_what_becomes_of_it():
    """The overview's PROTECT, SET NULL and one-to-one keys; a key that says nothing would be an oversight."""
    said = {f"{table.name}.{key.parent.name}": key.ondelete for table in TABLES.values() for key in table.foreign_keys}
    assert {key: rule for key, rule in said.items() if key in OVERVIEW} == OVERVIEW
    assert set(said.values()) <= {"RESTRICT", "SET NULL", "CASCADE"}


OVERVIEW = {
    "patients.user_id": "CASCADE",
    "doctors.user_id": "CASCADE",
    "doctors.department_id": "RESTRICT",
    "doctors.room_id": "SET NULL",
    "services.department_id": "RESTRICT",
    "rooms.department_id": "SET NULL",
    "appointments.patient_id": "RESTRICT",
    "appointments.doctor_id": "RESTRICT",
    "appointments.department_id": "RESTRICT",
    "appointments.service_id": "SET NULL",
    "appointments.room_id": "SET NULL",
    "medical_records.appointment_id": "RESTRICT",
    "medical_records.created_by_id": "SET NULL",
    "appointment_events.appointment_id": "RESTRICT",
    "appointment_events.by_user_id": "RESTRICT",
    "note_revisions.appointment_id": "RESTRICT",
    "note_revisions.by_user_id": "RESTRICT",
    "staff_note_revisions.appointment_id": "RESTRICT",
    "staff_note_revisions.by_user_id": "RESTRICT",
    "record_revisions.record_id": "RESTRICT",
    "record_revisions.by_user_id": "RESTRICT",
    "sign_in_sessions.user_id": "CASCADE",
}


def erase(table: str, **where: Any) -> None:
    """Delete rows by SQL."""
    target = TABLES[table]
    conditions = [target.c[column] == value for column, value in where.items()]
    with db.engine.begin() as connection:
        connection.execute(delete(target).where(*conditions))


def value_of(table: str, column: str, **where: Any) -> Any:
    """One value of one row, as it stands committed."""
    target = TABLES[table]
    with db.engine.connect() as connection:
        return connection.scalar(
            select(target.c[column]).where(*(target.c[name] == value for name, value in where.items()))
        )


@pytest.fixture
def standing(cast, app) -> int:
    """Ana's completed visit to Dr Chen with a room, a service and a record that Dr Diallo has written."""
    appointment_id = appointment(
        cast.ana, cast.chen, MONDAY, status="completed", room_id=cast.heart_room, service_id=cast.ecg
    )
    factories.record(appointment_id, cast.diallo)
    return appointment_id


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("departments", {"id": "cardiology"}),
        ("doctors", {"user_id": "chen"}),
        ("patients", {"user_id": "ana"}),
        ("users", {"id": "chen"}),
        ("users", {"id": "ana"}),
    ],
)
def test_what_visits_refer_to_is_protected(cast, standing, table, key):
    with pytest.raises(IntegrityError):
        erase(table, **{column: getattr(cast, name) for column, name in key.items()})
    assert value_of("appointments", "status", id=standing) == "completed"


def test_a_department_with_a_doctor_or_a_service_is_protected(cast):
    for helper in (lambda: factories.department("Doctors only"), lambda: factories.department("Services only")):
        department_id = helper()
        if value_of("departments", "name", id=department_id) == "Doctors only":
            factories.doctor("Dr New", department_id=department_id)
        else:
            factories.service("New", department_id=department_id)
        with pytest.raises(IntegrityError):
            erase("departments", id=department_id)


@pytest.mark.parametrize(
    ("table", "key", "column"), [("rooms", "heart_room", "room_id"), ("services", "ecg", "service_id")]
)
def test_a_room_or_a_service_that_goes_leaves_the_visit_without_it(cast, standing, table, key, column):
    erase(table, id=getattr(cast, key))
    assert value_of("appointments", column, id=standing) is None
    assert value_of("appointments", "status", id=standing) == "completed"


def test_a_doctors_room_that_goes_leaves_the_doctor_without_it(cast):
    erase("rooms", id=cast.chens_room)
    assert value_of("doctors", "room_id", user_id=cast.chen) is None
    assert value_of("doctors", "user_id", user_id=cast.chen) == cast.chen


def test_a_department_that_goes_leaves_its_rooms(cast):
    empty = factories.department("Empty")
    room = factories.room("777", department_id=empty)
    erase("departments", id=empty)
    assert value_of("rooms", "room_number", id=room) == "777"
    assert value_of("rooms", "department_id", id=room) is None


def test_a_record_outlives_its_author_as_a_doctor(cast, standing):
    erase("doctors", user_id=cast.diallo)
    assert value_of("medical_records", "created_by_id", appointment_id=standing) is None
    assert value_of("medical_records", "diagnosis", appointment_id=standing) == "Stage 1 hypertension"
    # The user stays: the record's versions tell who wrote them.
    with pytest.raises(IntegrityError):
        erase("users", id=cast.diallo)


def test_a_user_without_a_past_goes_with_profile_and_sessions(cast):
    cast.actor("boris")
    erase("users", id=cast.boris)
    for table in ("patients", "sign_in_sessions"):
        assert value_of(table, "user_id", user_id=cast.boris) is None
