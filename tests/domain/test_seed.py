"""The demo clinic: planted once, the same every time, with people who can be believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from clinic import accounts, directory, scheduling
from clinic.accounts.models import SessionKind
from clinic.accounts.passwords import matches
from clinic.accounts.sessions import Origin
from clinic.errors import Conflict
from clinic.policy import Duty, Role
from clinic.seed import DEMO_PASSWORD, plant
from clinic.seed.cases_lower import CASES as LOWER_CASES
from clinic.seed.cases_upper import CASES as UPPER_CASES
from clinic.seed.departments import DEPARTMENTS
from clinic.seed.layout import lay_out
from clinic.seed.numbering import DOCTORS, PATIENTS
from tests import factories
from tests.demo import TUESDAY, actor_of, appointments_of, by_email, dump, planted, without

CASES = {**UPPER_CASES, **LOWER_CASES}
#: What is planted is the same on both databases (test_two_databases_get_the_same_clinic), so that one will do.
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"])

# --- planting ---------------------------------------------------------------------------------------------------------


def test_the_clinic_has_what_the_summary_says(app: Flask) -> None:
    with app.app_context():
        summary = plant(TUESDAY)
        tables = dump()
    assert summary.planted
    for name in ("departments", "services", "rooms", "doctors", "patients", "appointments"):
        assert len(tables[name]) == getattr(summary, name), name
    assert len(tables["medical_records"]) == summary.records
    assert summary.departments >= 6
    assert summary.patients >= 30
    assert Counter(row["role"] for row in tables["users"]) == {
        "admin": 2,
        "doctor": summary.doctors,
        "patient": summary.patients,
    }
    doctors = Counter(row["department_id"] for row in tables["doctors"])
    services = Counter(row["department_id"] for row in tables["services"])
    spare = {row["id"] for row in tables["rooms"]} - {row["room_id"] for row in tables["doctors"]}
    with_spare_room = {row["department_id"] for row in tables["rooms"] if row["id"] in spare}
    for department in tables["departments"]:
        assert doctors[department["id"]] >= 3
        assert 3 <= services[department["id"]] <= 5
        assert department["id"] in with_spare_room
    assert {row["room_id"] is None for row in tables["doctors"]} == {True, False}


def test_a_second_planting_changes_nothing(app: Flask) -> None:
    with app.app_context():
        first = plant(TUESDAY)
        before = dump()
        second = plant(TUESDAY)
        later = plant(TUESDAY + timedelta(days=11, hours=3))
        assert dump() == before
    assert (first.planted, second.planted, later.planted) == (True, False, False)
    assert second.appointments == first.appointments
    assert str(first).startswith("Planted the demo clinic: 8 departments")
    assert "nothing was changed" in str(second)


def test_a_used_demo_stays_as_it_is(app: Flask) -> None:
    with planted(app) as tables:
        ana = accounts.sign_in(
            email="patient@clinic.example", password=DEMO_PASSWORD, kind=SessionKind.API, origin=Origin("t", "")
        ).actor
        mine = next(
            row
            for row in appointments_of(tables, "patient_id", "patient@clinic.example")
            if row["appointment_date"] > date(2026, 11, 25) and row["status"] == "confirmed"
        )
        scheduling.cancel(ana, mine["id"], "Away.")
        before = dump()
        assert not plant().planted
        assert dump() == before


@pytest.mark.parametrize("what", ["patient", "department", "room"])
def test_a_clinic_with_data_of_its_own_is_refused_and_left_alone(app: Flask, what: str) -> None:
    with app.app_context():
        if what == "patient":
            factories.patient("Somebody Real", "admin@clinic.example")
        elif what == "department":
            factories.department("Cardiology")
        else:
            factories.room("201", floor=2)
        before = dump()
        with pytest.raises(Conflict) as refused:
            plant(TUESDAY)
        assert refused.value.code == "clinic_not_empty"
        assert dump() == before


def test_two_databases_get_the_same_clinic(new_database: Callable[[str], Any], build_app: Callable[..., Flask]) -> None:
    """SQLite and PostgreSQL, and both again: everything is the same except the hashes' salt and the directory's revision."""
    seen = []
    for engine in ("sqlite", "postgresql", "sqlite"):
        app = build_app(database_url=new_database(engine).url)
        with app.app_context():
            plant(TUESDAY)
            seen.append(without(dump(), "password_hash", "token"))
    assert seen[0] == seen[1] == seen[2]


def test_another_hour_of_the_day_changes_neither_ids_nor_slots() -> None:
    def slots(moment: datetime) -> list[Any]:
        return [
            (appointment.plan.patient, appointment.plan.doctor, appointment.on, appointment.at, appointment.booked_at)
            for appointment in lay_out(moment)
        ]

    assert slots(TUESDAY) == slots(TUESDAY.replace(hour=0)) == slots(TUESDAY.replace(hour=16, minute=59))


def test_new_rows_get_fresh_ids(app: Flask) -> None:
    with planted(app) as tables:
        highest = {
            name: max(row["id"] for row in tables[name]) for name in ("users", "departments", "services", "rooms")
        }
        department = factories.department("Urology")
        assert factories.patient("Somebody New", "new@example.com") == highest["users"] + 1
        assert department == highest["departments"] + 1
        assert factories.service("Ultrasound", department_id=department) == highest["services"] + 1
        assert factories.room("701", floor=7) == highest["rooms"] + 1
        boris = actor_of(tables, by_email(tables, "boris@example.com"))
        doctor = tables["doctors"][5]
        [free] = scheduling.next_free([doctor["user_id"]])[doctor["user_id"]]
        row = scheduling.book(
            boris, doctor_id=doctor["user_id"], department_id=doctor["department_id"], on=free.date, at=free.time
        )
        assert row["id"] == len(tables["appointments"]) + 1


# --- people -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "role"),
    [
        ("admin@clinic.example", Role.ADMIN),
        ("reception@clinic.example", Role.ADMIN),
        ("doctor@clinic.example", Role.DOCTOR),
        ("patient@clinic.example", Role.PATIENT),
    ],
)
def test_the_accounts_of_the_readme_sign_in(app: Flask, email: str, role: Role) -> None:
    with planted(app):
        signed_in = accounts.sign_in(
            email=email, password=DEMO_PASSWORD, kind=SessionKind.BROWSER, origin=Origin("tests", "127.0.0.1")
        )
    assert signed_in.actor.role is role


@ON_SQLITE
def test_the_office_of_the_demo_has_every_duty_and_its_reception_one(app: Flask) -> None:
    with planted(app) as tables:
        duties = {row["email"]: row["duties"] for row in tables["users"] if row["duties"]}
    assert duties == {"admin@clinic.example": [*Duty], "reception@clinic.example": [Duty.RECEPTION]}


@ON_SQLITE
def test_every_account_has_the_demo_password(app: Flask) -> None:
    with planted(app) as tables:
        hashes = {row["password_hash"] for row in tables["users"]}
        assert all(matches(each, DEMO_PASSWORD) for each in hashes)
        assert len(hashes) == 1
    assert all(row["email"].endswith(("@clinic.example", "@example.com")) for row in tables["users"])


def test_people_have_names_that_a_search_finds(app: Flask) -> None:
    with planted(app):
        found = directory.doctors(search="anh tuyet", lang="vi").results
        assert [row["full_name"] for row in found] == ["Dr Nguyễn Thị Ánh Tuyết"]


@ON_SQLITE
def test_what_people_read_is_there_in_both_languages(app: Flask) -> None:
    with planted(app) as tables:
        for name, columns in (
            ("departments", ("name", "description")),
            ("services", ("name", "description")),
            ("doctors", ("title", "specialization", "bio")),
        ):
            for row in tables[name]:
                assert set(row["translations"]["vi"]) == set(columns)
                for column in columns:
                    english, vietnamese = row[column], row["translations"]["vi"][column]
                    assert english
                    assert vietnamese
                    assert english != vietnamese or english == "HbA1c"
        vietnamese = {row["name"] for row in directory.departments(lang="vi").results}
        assert {"Tim mạch", "Mắt", "Chấn thương chỉnh hình", "Nhi khoa", "Thần kinh", "Răng hàm mặt"} <= vietnamese


@ON_SQLITE
def test_doctors_fees_and_ratings_are_believable(app: Flask) -> None:
    with planted(app) as tables:
        for row in tables["doctors"]:
            assert Decimal(250_000) <= row["consultation_fee"] <= Decimal(450_000)
            assert Decimal("3.90") <= row["rating"] <= Decimal("4.95")
            assert 2 <= row["bio"].count(".") <= 6


def test_keys_and_names_are_unique() -> None:
    for plans in (DEPARTMENTS, DOCTORS, PATIENTS):
        assert max(Counter(plan.key for plan in plans).values()) == 1
        assert max(Counter(plan.name for plan in plans).values()) == 1
    emails = [plan.email for plan in DOCTORS] + [plan.email for plan in PATIENTS]
    assert max(Counter(emails).values()) == 1


def test_every_icon_is_in_the_sprite(root: Any) -> None:
    sprite = (root / "static" / "img" / "icons.svg").read_text(encoding="utf-8")
    for department in DEPARTMENTS:
        assert f'id="{department.icon}"' in sprite


def test_cases_name_doctors_and_their_services() -> None:
    department_of = {plan.key: plan.department for plan in DOCTORS}
    services = {department.key: {service.key for service in department.services} for department in DEPARTMENTS}
    for name, case in CASES.items():
        for doctor in case.doctors:
            assert case.service is None or case.service in services[department_of[doctor]], name
