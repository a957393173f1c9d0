"""How many statements an answer costs: the same for 10 rows as for 1,000."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from clinic.db import db, transaction
from tests import factories
from tests.api.caller import Caller
from tests.people import ONE_OF_EACH_ROLE, Cast
from tests.statements import count_statements

AsCaller = Callable[[str], Caller]


def statements(app: Flask, caller: Caller, path: str, rows: int | None) -> list[str]:
    """Return the statements that an answer of so many rows took."""
    with app.app_context():
        engine = db.engine
    caller.get("user/me/")
    with count_statements(engine) as made:
        body = caller.get(path).get_json()
    if rows is not None:
        assert len(body["results"]) == rows
    return made


@pytest.mark.parametrize("name", ONE_OF_EACH_ROLE)
def test_a_hundred_visits_take_five_statements_and_the_sessions(
    app: Flask, as_: AsCaller, cast: Cast, name: str
) -> None:
    with app.app_context():
        seen = factories.appointments(100, cast.ana, cast.chen, first_day=date(2025, 6, 1), status="completed")
        factories.records(seen, cast.chen)
    ten = statements(app, as_(name), "appointments/?page_size=10", 10)
    hundred = statements(app, as_(name), "appointments/?page_size=100", 100)
    assert len(hundred) == len(ten)
    assert len(hundred) <= 5 + 1, hundred


#: What the first reading after a change asks besides: the directory's revision, before and after.
REVISIONS = 2


@pytest.mark.parametrize(("path", "most"), [("departments", 2), ("services", 2), ("doctors", 2), ("rooms", 3)])
def test_lists_of_the_directory_take_two_and_then_none(
    app: Flask, as_: AsCaller, cast: Cast, path: str, most: int
) -> None:
    with app.app_context():
        grow_directory(100, cast)
        factories.add_all(
            [factories.doctor_row(f"Dr {number}", department_id=cast.cardiology) for number in range(100)]
        )
    ten = statements(app, as_("ana"), f"{path}/?page_size=10", 10)
    hundred = statements(app, as_("ana"), f"{path}/?page_size=100", 100)
    assert len(hundred) == len(ten) <= most + REVISIONS, hundred
    assert len(statements(app, as_("ana"), f"departments/{cast.cardiology}/", None)) == 3 + REVISIONS
    of_rooms = path == "rooms"  # read by those who have signed in: the session, and every room
    assert of_rooms or len(statements(app, as_("ana"), f"{path}/?page_size=100", 100)) == 1


def test_a_day_of_slots_takes_few(app: Flask, as_: AsCaller, cast: Cast) -> None:
    path = f"available-slots/?doctor_id={cast.chen}&date=2026-03-04&department_id={cast.cardiology}"
    # The doctor with leave, visits, rooms with their visits.
    assert len(statements(app, as_("ana"), path, None)) <= 3


def test_a_booking_takes_few(app: Flask, as_: AsCaller, cast: Cast) -> None:
    """With its history and the letter in the outbox: at most 9 with the session."""
    caller = as_("ana")
    caller.get("user/me/")
    with app.app_context():
        engine = db.engine
    booking = {
        "doctor_id": cast.chen,
        "department_id": cast.cardiology,
        "appointment_date": "2026-03-04",
        "appointment_time": "09:00",
        "reason": "Check-up",
    }
    with count_statements(engine) as made:
        answer = caller.post("appointments/", booking)
    assert answer.status_code == 201, answer.get_json()
    assert len(made) <= 9, made


def grow_directory(number: int, cast: Cast) -> None:
    """So many departments, and services and rooms of cardiology more (needs an application context)."""
    place = cast.cardiology
    factories.add_all([factories.department_row(f"D{each}") for each in range(number)])
    factories.add_all([factories.service_row(f"S{each}", department_id=place) for each in range(number)])
    factories.add_all([factories.room_row(f"R{each}", department_id=place) for each in range(number)])


def thousand(cast: Cast) -> None:
    """A thousand visits of Ana to Chen in the past, a hundred of them with records (needs an application context)."""
    with transaction():
        numbers = factories.appointments(1000, cast.ana, cast.chen, first_day=date(2025, 6, 1), status="completed")
        factories.records(numbers[-100:], cast.chen)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("ana", "patient/appointments/"),
        ("chen", "doctor/appointments/"),
        ("esther", "appointments/"),
        ("ana", "medical-records/"),
        ("esther", "appointments/my-medical-records/"),
    ],
)
def test_lists_take_the_same_at_a_thousand_rows(app: Flask, as_: AsCaller, cast: Cast, name: str, path: str) -> None:
    with app.app_context():
        seen = factories.appointments(10, cast.ana, cast.chen, first_day=date(2024, 6, 1), status="completed")
        factories.records(seen, cast.chen)
    ten = statements(app, as_(name), f"{path}?page_size=100", 10)
    with app.app_context():
        thousand(cast)
    many = statements(app, as_(name), f"{path}?page_size=100", 100)
    assert len(many) == len(ten) <= 5 + 1, many


def test_a_doctors_patients_take_the_same_at_a_thousand_visits(app: Flask, as_: AsCaller, cast: Cast) -> None:
    with app.app_context():
        factories.record(factories.appointment(cast.ana, cast.chen, date(2024, 6, 1), status="completed"), cast.chen)
    few = statements(app, as_("chen"), "patients/", 1)
    with app.app_context():
        thousand(cast)
        with transaction():
            for number in range(9):
                factories.appointment(factories.patient(f"P{number}"), cast.chen, date(2024, 7, number + 1))
    many = statements(app, as_("chen"), "patients/", 10)
    assert len(many) == len(few) <= 6 + 1, many


def test_the_directory_takes_the_same_at_a_thousand_rows(app: Flask, as_: AsCaller, cast: Cast) -> None:
    paths = ("services/", "rooms/", "departments/")
    few = [len(statements(app, as_("ana"), f"{path}?page_size=100", None)) for path in paths]
    with app.app_context():
        grow_directory(1000, cast)
    assert [len(statements(app, as_("ana"), f"{path}?page_size=100", 100)) for path in paths] == few
