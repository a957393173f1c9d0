"""The database has the last word: what it refuses whoever asks, on SQLite and PostgreSQL alike, and under which name.

Rows are written by SQL here, past every rule of the domain.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert, select, update
from sqlalchemy.exc import IntegrityError

from clinic.db import Base, db, session, translate_violation
from clinic.directory.models import SPOKEN_LANGUAGES
from tests import factories
from tests.factories import appointment
from tests.people import Cast

pytestmark = pytest.mark.usefixtures("app_context")

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
MONDAY = date(2026, 3, 2)
ROOT = Path(__file__).resolve().parent.parent.parent
TABLES = Base.metadata.tables


@pytest.fixture
def rows(cast: Cast) -> dict[str, dict[str, Any]]:
    """A row for each table that the database takes: Boris sees Dr Diallo on Monday at nine in room 301."""
    return {
        "users": {
            "email": "new@example.com", "full_name": "New", "name_key": "new", "phone_num": "0901234567",
            "role": "patient", "is_active": True, "is_staff": False, "password_hash": "x", "language": "en",
            "version": 1, "created_at": NOW, "updated_at": NOW,
        },
        "patients": {
            "user_id": cast.esther, "date_of_birth": date(1990, 5, 17), "gender": "other", "created_at": NOW,
            "emergency_contact_phone": None,
        },
        "departments": {
            "name": "New", "icon": "eye", "description": "", "translations": {}, "is_active": True,
            "health_examination_fee": Decimal(1), "created_at": NOW, "updated_at": NOW,
        },
        "services": {
            "department_id": cast.cardiology, "name": "New", "description": "", "translations": {},
            "price": Decimal(1), "is_active": True, "created_at": NOW,
        },
        "rooms": {"room_number": "999", "floor": 9, "department_id": None, "is_active": True, "created_at": NOW},
        "doctors": {
            "user_id": cast.esther, "department_id": cast.cardiology, "room_id": None, "title": "",
            "specialization": "", "bio": "", "translations": {}, "license_number": "L-new", "experience_years": 0,
            "consultation_fee": Decimal(0), "rating": Decimal(0), "total_reviews": 0, "created_at": NOW,
        },
        "sign_in_sessions": {
            "user_id": cast.ana, "kind": "browser", "secret_digest": "d", "refresh_id": None, "device": "",
            "address": "", "created_at": NOW, "last_used_at": NOW, "expires_at": NOW,
        },
        "appointments": {
            "patient_id": cast.boris, "doctor_id": cast.diallo, "department_id": cast.neurology,
            "room_id": cast.nerve_room, "appointment_date": MONDAY, "appointment_time": time(9), "status": "booked",
            "estimated_fee": Decimal(1), "created_at": NOW, "updated_at": NOW,
        },
        "audit_events": {
            "at": NOW, "actor_id": cast.chen, "actor_role": "doctor", "session_id": 1, "deed": "record.read",
            "patient_id": cast.ana, "subject_id": 1, "request_id": "", "details": {},
        },
        "outbox": {
            "recipient": "ana@example.com", "kind": "k", "language": "en", "subject": "s", "body": "b",
            "status": "queued", "created_at": NOW, "attempts": 0, "next_attempt_at": NOW,
        },
    }  # fmt: skip


@pytest.fixture
def write(rows) -> Callable[..., None]:
    """Inserts a table's row with some columns different: `write("users", role="astrologer")`."""

    def write(table: str, **different: Any) -> None:
        with db.engine.begin() as connection:
            connection.execute(insert(TABLES[table]).values(rows[table] | different))

    return write


def name_of_refusal(deed: Callable[[], None]) -> str | None:
    """What the constraint is called that refuses a deed."""
    with pytest.raises(IntegrityError) as refusal:
        deed()
    return translate_violation(refusal.value)


@pytest.mark.parametrize(
    "table",
    ["users", "patients", "departments", "services", "rooms", "doctors", "sign_in_sessions", "appointments",
     "audit_events", "outbox"],
)  # fmt: skip
def test_the_rows_of_these_tests_are_good_ones(write, table):
    write(table)


# --- checks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "column", "wrong", "name"),
    [
        ("users", "role", "astrologer", "ck_users_role_known"),
        ("users", "role", "", "ck_users_role_known"),
        ("users", "language", "xx", "ck_users_language_known"),
        ("users", "phone_num", "090123456", "ck_users_phone_num_ten_digits"),
        ("users", "phone_num", "", "ck_users_phone_num_ten_digits"),
        ("users", "phone_num", "09012 4567", "ck_users_phone_num_ten_digits"),
        ("users", "phone_num", "090123456a", "ck_users_phone_num_ten_digits"),
        ("users", "phone_num", "0901a34567", "ck_users_phone_num_ten_digits"),
        ("users", "phone_num", "٠٩٠١٢٣٤٥٦٧", "ck_users_phone_num_ten_digits"),
        ("patients", "gender", "f", "ck_patients_gender_known"),
        ("patients", "emergency_contact_phone", "123", "ck_patients_emergency_contact_phone_ten_digits"),
        (
            "departments",
            "health_examination_fee",
            Decimal("-0.01"),
            "ck_departments_health_examination_fee_not_negative",
        ),
        ("services", "price", Decimal(-1), "ck_services_price_not_negative"),
        ("doctors", "consultation_fee", Decimal(-1), "ck_doctors_consultation_fee_not_negative"),
        ("doctors", "experience_years", -1, "ck_doctors_experience_years_not_negative"),
        ("doctors", "total_reviews", -1, "ck_doctors_total_reviews_not_negative"),
        ("doctors", "rating", Decimal("5.01"), "ck_doctors_rating_in_range"),
        ("doctors", "rating", Decimal(-1), "ck_doctors_rating_in_range"),
        ("doctors", "languages", ["tlh"], "ck_doctors_languages_known"),
        ("doctors", "languages", ["vi", "tlh"], "ck_doctors_languages_known"),
        ("doctors", "languages", ["VI"], "ck_doctors_languages_known"),
        ("doctors", "languages", [["vi"]], "ck_doctors_languages_known"),
        ("doctors", "languages", "vi", "ck_doctors_languages_known"),
        ("doctors", "languages", {}, "ck_doctors_languages_known"),
        ("appointments", "estimated_fee", Decimal(-1), "ck_appointments_estimated_fee_not_negative"),
        ("appointments", "examination_fee", Decimal(-1), "ck_appointments_examination_fee_not_negative"),
        ("appointments", "service_fee", Decimal(-1), "ck_appointments_service_fee_not_negative"),
        ("appointments", "status", "pending", "ck_appointments_status_known"),
        ("appointments", "status", "BOOKED", "ck_appointments_status_known"),
        ("appointments", "appointment_time", time(7, 30), "ck_appointments_appointment_time_on_grid"),
        ("appointments", "appointment_time", time(17), "ck_appointments_appointment_time_on_grid"),
        ("appointments", "appointment_time", time(9, 15), "ck_appointments_appointment_time_on_grid"),
        ("appointments", "appointment_time", time(9, 0, 1), "ck_appointments_appointment_time_on_grid"),
        ("sign_in_sessions", "kind", "pigeon", "ck_sign_in_sessions_kind_known"),
        ("sign_in_sessions", "refresh_id", "r", "ck_sign_in_sessions_one_proof"),
        ("sign_in_sessions", "secret_digest", None, "ck_sign_in_sessions_one_proof"),
        ("audit_events", "actor_id", None, "ck_audit_events_actor_or_operator"),
        ("audit_events", "actor_role", "operator", "ck_audit_events_actor_or_operator"),
        ("audit_events", "deed", "record.burnt", "ck_audit_events_deed_known"),
        ("outbox", "status", "lost", "ck_outbox_status_known"),
        ("outbox", "body", None, "ck_outbox_facts_or_text"),
    ],
)
def test_a_wrong_value_is_refused_under_the_same_name_everywhere(write, table, column, wrong, name):
    assert name_of_refusal(lambda: write(table, **{column: wrong})) == name


def test_every_check_of_the_schema_is_tried_here():
    marks = test_a_wrong_value_is_refused_under_the_same_name_everywhere.pytestmark
    tried = {case[3] for mark in marks for case in mark.args[1]}
    tried |= {"ck_appointment_events_what_known", "ck_users_email_or_patient"}
    checks = {
        str(constraint.name)
        for table in TABLES.values()
        for constraint in table.constraints
        if constraint.__visit_name__ == "check_constraint"
    }
    assert checks <= tried, f"add a wrong value for {sorted(checks - tried)} to the list above"


@pytest.mark.parametrize("role", ["doctor", "admin"])
def test_only_a_patient_may_be_without_an_email(write, role):
    assert name_of_refusal(lambda: write("users", email=None, role=role)) == "ck_users_email_or_patient"
    write("users", email=None, role="patient")
    write("users", email=None, role="patient")


def test_a_happening_must_be_known(cast, write):
    appointment_id = appointment(cast.ana, cast.chen, MONDAY)
    event = {"appointment_id": appointment_id, "at": NOW, "by_user_id": cast.ana, "by_role": "patient", "what": "lost",
             "to_status": "booked", "details": {}}  # fmt: skip

    def tell() -> None:
        with db.engine.begin() as connection:
            connection.execute(insert(TABLES["appointment_events"]).values(event))

    assert name_of_refusal(tell) == "ck_appointment_events_what_known"


@pytest.mark.parametrize("good", [*(time(8 + half // 2, half % 2 * 30) for half in range(18))])
def test_every_time_of_the_grid_is_taken(write, good):
    write("appointments", appointment_time=good)


@pytest.mark.parametrize("good", [[], ["vi"], list(SPOKEN_LANGUAGES)])
def test_every_language_of_a_doctor_is_taken(write, good):
    write("doctors", languages=good)


def test_a_missing_value_is_refused(write):
    for table, column in (("users", "full_name"), ("appointments", "patient_id"), ("doctors", "license_number")):
        with pytest.raises(IntegrityError):
            write(table, **{column: None})


# --- one of a kind ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["booked", "confirmed", "completed"])
@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("doctor", "uq_appointments_doctor_slot"),
        ("patient", "uq_appointments_patient_slot"),
        ("room", "uq_appointments_room_slot"),
    ],
)
def test_doctor_patient_and_room_have_one_visit_at_a_time(cast, write, who, name, status):
    """Another visit on Monday at nine that has nothing in common but the doctor, the patient or the room."""
    third = factories.patient("Third")
    other = {"patient": third, "doctor": cast.chen, "room": cast.chens_room}
    shared = {"patient": cast.boris, "doctor": cast.diallo, "room": cast.nerve_room}[who]
    other[who] = shared
    standing = appointment(other["patient"], other["doctor"], MONDAY, "09:00", status=status, room_id=other["room"])
    assert name_of_refusal(lambda: write("appointments")) == name
    with db.engine.begin() as connection:
        connection.execute(
            update(TABLES["appointments"]).where(TABLES["appointments"].c.id == standing).values(status="cancelled")
        )
    write("appointments")
    write("appointments", status="cancelled")
    # And the cancelled one can't come back.
    back = update(TABLES["appointments"]).where(TABLES["appointments"].c.id == standing).values(status="booked")

    def rise() -> None:
        with db.engine.begin() as connection:
            connection.execute(back)

    assert name_of_refusal(rise) == name


def test_visits_without_a_room_dont_share_one(cast, write):
    appointment(cast.ana, cast.chen, MONDAY, "09:00")
    write("appointments", room_id=None)


@pytest.mark.parametrize(
    ("table", "columns", "name"),
    [
        ("users", {"email": "ANA@example.com"}, "uq_users_email"),
        ("users", {"email": "ana@example.com"}, "uq_users_email"),
        ("departments", {"name": "Cardiology"}, "uq_departments_name"),
        ("rooms", {"room_number": "201"}, "uq_rooms_room_number"),
        ("doctors", {"room_id": "chens_room"}, "uq_doctors_room_id"),
        ("doctors", {"license_number": "theirs"}, "uq_doctors_license_number"),
        ("doctors", {"user_id": "chen"}, "pk_doctors"),
        ("patients", {"user_id": "ana"}, "pk_patients"),
        ("users", {"id": "ana", "email": "other@example.com"}, "pk_users"),
    ],
)
def test_what_is_there_once_stays_alone_under_the_same_name_everywhere(cast, write, table, columns, name):
    theirs = session().scalar(select(TABLES["doctors"].c.license_number))
    values = {
        column: theirs if value == "theirs" else getattr(cast, value) if hasattr(cast, value) else value
        for column, value in columns.items()
    }
    assert name_of_refusal(lambda: write(table, **values)) == name


def test_doctors_without_a_room_are_many(cast, write):
    write("doctors", room_id=None)


def test_a_visit_has_one_record_and_a_record_one_of_each_version(cast, app):
    appointment_id = appointment(cast.ana, cast.chen, MONDAY, status="completed")
    record_id = factories.record(appointment_id, cast.chen)
    # In SQLite a history refuses before its index is asked, since that would let REPLACE take the row away.
    history = None if db.engine.dialect.name == "sqlite" else "uq_record_revisions_record_id_version"
    for table, name in (("medical_records", "uq_medical_records_appointment_id"), ("record_revisions", history)):
        row = dict(session().execute(select(TABLES[table])).mappings().one())
        row.pop("id")
        session().rollback()

        def again(table: Table = TABLES[table], row: dict[str, Any] = row) -> None:
            with db.engine.begin() as connection:
                connection.execute(insert(table).values(row))

        assert name_of_refusal(again) == name
    assert record_id


# --- foreign keys -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("appointments", "patient_id"),
        ("appointments", "doctor_id"),
        ("appointments", "department_id"),
        ("appointments", "room_id"),
        ("appointments", "service_id"),
        ("doctors", "department_id"),
        ("services", "department_id"),
        ("patients", "user_id"),
    ],
)
def test_nothing_refers_to_what_isnt_there(write, table, column):
    with pytest.raises(IntegrityError):
        write(table, **{column: 424242})


def test_a_visit_is_of_a_patient_and_a_doctor_not_of_just_any_user(cast, write):
    for column, somebody in (("patient_id", cast.chen), ("doctor_id", cast.ana), ("patient_id", cast.esther)):
        with pytest.raises(IntegrityError):
            write("appointments", **{column: somebody})
