"""The migration that gave notes their authors: what stood before keeps its words, and the way down and up loses none."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, inspect, text

from tests.house.test_migrations import erasing_is_refused, leftovers

# Nobody reflects an index over an expression on SQLite; `indexes` below reads its SQL instead.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index"),
    pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index"),
]


OLD = "2026-03-02 09:00:00+00"


OLD_EVENT = text(
    "INSERT INTO appointment_events (appointment_id, at, by_user_id, by_role, what, to_status, details)"
    " VALUES (:appointment_id, :at, :by_user_id, :by_role, :what, 'booked', :details)"
)


BOOKED = {"by_user_id": 1, "by_role": "patient", "what": "created", "details": "{}"}


EDITED = {"by_user_id": 2, "by_role": "doctor", "what": "edited", "details": '{"fields": ["notes"]}'}


MOVED = {"by_user_id": 2, "by_role": "doctor", "what": "rescheduled", "details": '{"reason": "The bus\\nis late"}'}


def test_notes_that_stood_before_get_their_authors_as_far_as_the_history_tells(blank):
    """Those that nobody edited are the patient's, a move's line nobody's; where somebody edited them, nobody is named."""
    told = {
        "Mornings suit me": [BOOKED],
        "Mornings suit me\nRescheduled: The bus": [BOOKED],
        "Mornings suit me\nBring the cuff": [BOOKED, EDITED],
        "Mornings suit me\nRescheduled: The bus\nis late": [BOOKED, MOVED],
        "Rescheduled: The bus\nis late": [BOOKED, MOVED],
    }
    with blank("notes") as engine:
        upgrade(revision="0010")
        with engine.begin() as connection:
            old_appointments(connection, list(told))
            for number, events in enumerate(told.values(), 1):
                for event in events:
                    connection.execute(OLD_EVENT, {"appointment_id": number, "at": OLD, **event})
        upgrade()
        with engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT appointment_id, by_role, is_move, text FROM note_revisions ORDER BY appointment_id, version"
                )
            )
            assert [(number, role, bool(moved), words) for number, role, moved, words in rows] == [
                (1, "patient", False, "Mornings suit me"),
                (2, "patient", False, "Mornings suit me"),
                (2, "patient", True, "Mornings suit me\nRescheduled: The bus"),
                (3, None, False, "Mornings suit me\nBring the cuff"),
                (4, "patient", False, "Mornings suit me"),
                (4, "patient", True, "Mornings suit me\nRescheduled: The bus\nis late"),
                (5, "patient", False, ""),
                (5, "patient", True, "Rescheduled: The bus\nis late"),
            ]


def old_appointments(connection: Connection, notes: Sequence[str | None]) -> None:
    """A visit with each of these notes, by the columns of revision 0010."""
    for number, role in enumerate(("patient", "doctor"), 1):
        connection.execute(
            text(
                "INSERT INTO users (id, email, full_name, name_key, phone_num, role, is_active, is_staff, password_hash,"
                " language, version, created_at, updated_at)"
                " VALUES (:id, :email, 'Lan', 'lan', '0901234567', :role, true, false, 'x', 'en', 1, :at, :at)"
            ),
            {"id": number, "email": f"{role}@example.com", "role": role, "at": OLD},
        )
    for statement in (
        "INSERT INTO patients (user_id, date_of_birth, gender, created_at) VALUES (1, '1990-05-17', 'female', :at)",
        (
            "INSERT INTO departments (id, name, icon, description, translations, health_examination_fee, is_active, created_at,"
            " updated_at) VALUES (1, 'Cardiology', 'heart', '', '{}', 0, true, :at, :at)"
        ),
        (
            "INSERT INTO doctors (user_id, department_id, title, specialization, bio, translations, license_number,"
            " experience_years, consultation_fee, rating, total_reviews, created_at)"
            " VALUES (2, 1, '', '', '', '{}', 'L-1', 1, 0, 0, 0, :at)"
        ),
    ):
        connection.execute(text(statement), {"at": OLD})
    for number, words in enumerate(notes, 1):
        connection.execute(
            text(
                "INSERT INTO appointments (id, patient_id, doctor_id, department_id, appointment_date, appointment_time,"
                " status, notes, estimated_fee, created_at, updated_at)"
                " VALUES (:id, 1, 2, 1, :on, '09:00:00', 'booked', :notes, 0, :at, :at)"
            ),
            {"id": number, "on": f"2026-03-{number:02}", "notes": words, "at": OLD},
        )


def test_notes_survive_the_way_down_and_up(blank):
    """Those for colleagues all; of the others those that the older version left as they were, with their authors."""
    first, both = "Mornings suit me", "Mornings suit me\nBring the cuff"
    revisions = [(0, 1, "patient", first), (1, 2, "doctor", both)]
    names = ("version", "user", "role", "text")
    with blank("kept_notes") as engine:
        upgrade(revision="0010")
        with engine.begin() as connection:
            old_appointments(connection, [None, None])
            for number in (1, 2):
                connection.execute(OLD_EVENT, {"appointment_id": number, "at": OLD, **BOOKED})
        upgrade()
        with engine.begin() as connection:
            connection.execute(text("UPDATE appointments SET notes = :notes"), {"notes": both})
            for number in (1, 2):
                for revision in revisions:
                    connection.execute(
                        NEW_NOTE, {"visit": number, "at": OLD, **dict(zip(names, revision, strict=True))}
                    )
            connection.execute(NOTE_FOR_COLLEAGUES, {"at": OLD})
        downgrade(revision="0008")
        for table in ("note_revisions_kept", "staff_note_revisions_kept"):
            erasing_is_refused(engine, table, "version")
        with engine.begin() as connection:
            connection.execute(text("UPDATE appointments SET notes = 'Anew', version = 2 WHERE id = 2"))
            connection.execute(OLD_EVENT, {"appointment_id": 2, "at": OLD, **EDITED})
        upgrade()
        read = "SELECT {} FROM {} ORDER BY appointment_id, version"
        with engine.connect() as connection:
            found = connection.execute(text(read.format("appointment_id, by_role, text", "note_revisions"))).all()
            assert [tuple(row) for row in found] == [(1, "patient", first), (1, "doctor", both), (2, None, "Anew")]
            found = connection.execute(text(read.format("by_user_id, text", "staff_note_revisions"))).all()
            assert [tuple(row) for row in found] == [(2, "Afraid of needles")]
        for table in ("note_revisions", "staff_note_revisions"):
            erasing_is_refused(engine, table, "version")
            assert f"{table}_kept" not in inspect(engine).get_table_names()
        downgrade(revision="base")
        assert inspect(engine).get_table_names() == ["alembic_version"]
        assert leftovers(engine) == []


NEW_NOTE = text(
    "INSERT INTO note_revisions (appointment_id, version, at, by_user_id, by_role, is_move, text)"
    " VALUES (:visit, :version, :at, :user, :role, false, :text)"
)


NOTE_FOR_COLLEAGUES = text(
    "INSERT INTO staff_note_revisions (appointment_id, version, at, by_user_id, by_role, text)"
    " VALUES (1, 1, :at, 2, 'doctor', 'Afraid of needles')"
)
