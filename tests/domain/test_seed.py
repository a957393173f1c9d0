"""The demo clinic: planted once, the same every time, and just as the domain's own commands would have left it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic import accounts, clock, directory, records, scheduling
from clinic.accounts.models import SessionKind, User
from clinic.accounts.passwords import matches
from clinic.accounts.sessions import Origin
from clinic.db import session
from clinic.errors import Conflict
from clinic.policy import Role
from clinic.records.vitals import pressure
from clinic.scheduling.calendar import SLOT_TIMES, Moment
from clinic.seed import DEMO_PASSWORD, plant
from clinic.seed.cases_lower import CASES as LOWER_CASES
from clinic.seed.cases_upper import CASES as UPPER_CASES
from clinic.seed.departments import DEPARTMENTS
from clinic.seed.layout import lay_out, working_day
from clinic.seed.numbering import DOCTORS, PATIENTS
from clinic.settings import BookingRules
from clinic.text.validation import ValidationErrors
from tests import factories
from tests.demo import APPOINTMENTS, TUESDAY, actor_of, appointments_of, by_email, dump, planted, replay, without

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
        "admin": 1,
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
    """SQLite and PostgreSQL, and both again: everything is the same except the hashes' salt."""
    seen = []
    for engine in ("sqlite", "postgresql", "sqlite"):
        app = build_app(database_url=new_database(engine).url)
        with app.app_context():
            plant(TUESDAY)
            seen.append(without(dump(), "password_hash"))
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


# --- visits -----------------------------------------------------------------------------------------------------------

MOMENTS = [
    pytest.param(TUESDAY, id="a Tuesday, in the morning"),
    pytest.param(datetime(2026, 11, 24, 14, 5, tzinfo=UTC), id="a Tuesday, in the evening"),
    pytest.param(datetime(2026, 11, 22, 3, 0, tzinfo=UTC), id="a Sunday"),
    pytest.param(datetime(2027, 1, 1, 17, 1, tzinfo=UTC), id="just after midnight of a Saturday"),
    pytest.param(datetime(2028, 2, 29, 1, 15, tzinfo=UTC), id="a leap day, at the first visit"),
]


def test_working_days_leave_out_sundays() -> None:
    sunday = date(2026, 11, 22)
    assert [working_day(sunday, number) for number in (-1, 0, 1, 6, 7)] == [
        date(2026, 11, 21),
        sunday,
        date(2026, 11, 23),
        date(2026, 11, 28),
        date(2026, 11, 30),
    ]
    days = [working_day(date(2026, 11, 24), number) for number in range(-150, 25)]
    assert days == sorted(set(days))
    assert all(day.weekday() != 6 for day in days)


@ON_SQLITE
@pytest.mark.parametrize("moment", MOMENTS)
def test_nobody_and_no_room_is_in_two_places_at_once(app: Flask, moment: datetime) -> None:
    with planted(app, moment) as tables:
        pass
    for column in ("doctor_id", "patient_id", "room_id"):
        taken = Counter(
            (row[column], row["appointment_date"], row["appointment_time"])
            for row in tables["appointments"]
            if row["status"] != "cancelled" and row[column] is not None
        )
        assert max(taken.values()) == 1, column


@ON_SQLITE
@pytest.mark.parametrize("moment", MOMENTS)
def test_nothing_is_told_of_the_future(app: Flask, moment: datetime) -> None:
    with planted(app, moment) as tables:
        today = clock.today()
        for table, columns in (
            ("users", ("created_at", "updated_at")),
            ("appointments", ("created_at", "updated_at", "cancelled_at")),
            ("appointment_events", ("at",)),
            ("medical_records", ("created_at", "updated_at")),
            ("record_revisions", ("at",)),
        ):
            for row in tables[table]:
                assert all(row[column] is None or row[column] <= moment for column in columns), (table, row)
        for row in tables["appointments"]:
            assert row["appointment_time"] in SLOT_TIMES
            assert row["appointment_date"] <= today + timedelta(days=BookingRules().horizon_days)
            begun = clock.starts_at(row["appointment_date"], row["appointment_time"]) <= moment
            assert begun or row["status"] != "completed"
            assert row["appointment_date"] >= today or row["status"] in ("completed", "cancelled")


def test_the_commands_would_have_left_the_very_same_rows(
    new_database: Callable[[str], Any], build_app: Callable[..., Flask]
) -> None:
    """Replays all histories by the commands in a second clinic: slots, rooms, fees, deadlines, versions and all."""
    with planted(build_app(database_url=new_database("sqlite").url)) as tables:
        pass
    with build_app(database_url=new_database("sqlite").url).app_context():
        replay(tables)
        replayed = dump(*APPOINTMENTS)
    for name in APPOINTMENTS:
        assert without({name: tables[name]}, "request_id") == without({name: replayed[name]}, "request_id")


@ON_SQLITE
def test_vital_signs_are_those_of_living_people(app: Flask) -> None:
    from clinic.records import vitals  # noqa: PLC0415

    with planted(app) as tables:
        measured = [row["vital_signs"] for row in tables["medical_records"] if row["vital_signs"]]
    assert len(measured) > 40
    for signs in measured:
        faults = ValidationErrors()
        assert vitals.checked(faults, signs) == signs
        faults.raise_if_any()


# --- whom the demo is told with ---------------------------------------------------------------------------------------


@ON_SQLITE
def test_dr_chens_day_is_nearly_full_and_in_every_state(app: Flask) -> None:
    with planted(app) as tables:
        day = [
            row
            for row in appointments_of(tables, "doctor_id", "doctor@clinic.example")
            if row["appointment_date"] == clock.today()
        ]
    assert len(day) >= 14
    assert {row["status"] for row in day} == {"booked", "confirmed", "completed", "cancelled"}


@ON_SQLITE
@pytest.mark.parametrize("moment", MOMENTS)
def test_ana_has_a_past_and_a_future(app: Flask, moment: datetime) -> None:
    with planted(app, moment) as tables:
        mine = appointments_of(tables, "patient_id", "patient@clinic.example")
        coming = [row for row in mine if row["appointment_date"] > clock.today()]
        ana = actor_of(tables, by_email(tables, "patient@clinic.example"))
        with_dr_chen = [
            row["vital_signs"]["blood_pressure"]
            for row in reversed(records.my_records(ana).results)
            if row["vital_signs"]
        ]
    assert {row["status"] for row in mine} == {"booked", "confirmed", "completed", "cancelled"}
    assert len(coming) >= 1
    assert sum(row["status"] == "completed" for row in mine) >= 4
    trend = [found for value in with_dr_chen if (found := pressure(value))]
    assert len(trend) >= 4
    assert trend == sorted(trend, reverse=True)


@ON_SQLITE
def test_some_records_were_corrected_some_visits_moved_some_served(app: Flask) -> None:
    with planted(app) as tables:
        pass
    assert any(row["version"] > 1 for row in tables["medical_records"])
    assert any(row["rescheduled_from"] for row in tables["appointments"])
    assert any(row["service_id"] for row in tables["appointments"])
    assert any(row["status"] == "cancelled" and row["cancellation_reason"] for row in tables["appointments"])
    assert any(row["follow_up_date"] for row in tables["medical_records"])


@ON_SQLITE
def test_patients_speak_their_own_language(app: Flask) -> None:
    """A Vietnamese patient's symptoms hold Vietnamese letters, an English speaker's hold none."""
    with planted(app) as tables:
        language = {row["id"]: row["language"] for row in tables["users"]}
    for row in tables["appointments"]:
        vietnamese = not row["symptoms"].replace("µ", "").isascii()
        assert vietnamese == (language[row["patient_id"]] == "vi"), row["symptoms"]


@ON_SQLITE
def test_there_are_free_times_left_today_and_later(app: Flask) -> None:
    with planted(app):
        doctor_ids = list(session().scalars(select(User.id).where(User.role == Role.DOCTOR)))
        free = scheduling.next_free(doctor_ids)
        assert all(isinstance(moments[0], Moment) for moments in free.values())
        assert session().scalar(select(func.count()).select_from(User)) == len(DOCTORS) + len(PATIENTS) + 1


# --- a clinic that is alive -------------------------------------------------------------------------------------------


@ON_SQLITE
@pytest.mark.parametrize("moment", MOMENTS)
def test_every_doctor_has_their_share_of_the_days_taken(app: Flask, moment: datetime) -> None:
    with planted(app, moment) as tables:
        free = {
            row["user_id"]: [day.free for day in scheduling.free_days(row["user_id"])[1:]] for row in tables["doctors"]
        }
    for doctor, days in free.items():
        near, far = days[:6], days[-6:]
        assert sum(near) < sum(far) + 18, doctor
        assert any(0 < count < 18 for count in near), doctor
        assert len({count for count in days if count}) > 3, doctor
    of_tomorrow = [days[0] for days in free.values()]
    assert sum(count > 14 for count in of_tomorrow) < 5


@ON_SQLITE
@pytest.mark.parametrize("moment", MOMENTS)
def test_the_clinic_is_closed_on_sundays_and_doctors_take_leave(app: Flask, moment: datetime) -> None:
    with planted(app, moment) as tables:
        today = clock.today()
        sundays = [
            day
            for ahead in range(1, BookingRules().horizon_days + 1)
            if (day := today + timedelta(ahead)).weekday() == 6
        ]
        for row in tables["doctors"]:
            assert not any(day.free for day in scheduling.free_days(row["user_id"]) if day.date in sundays)
    leave = tables["doctor_leave"]
    assert {row["doctor_id"] for row in leave if row["first_day"] not in sundays} == {
        row["user_id"] for row in tables["doctors"]
    }
    for row in leave:
        others = [
            other
            for other in leave
            if other["doctor_id"] == row["doctor_id"]
            and other["id"] != row["id"]
            and other["first_day"] <= row["last_day"]
            and row["first_day"] <= other["last_day"]
        ]
        assert not others, row


@ON_SQLITE
@pytest.mark.parametrize("moment", MOMENTS)
def test_follow_ups_fit_the_visits(app: Flask, moment: datetime) -> None:
    """Whoever came again was asked to come about then; few who were asked to have neither come nor booked."""
    with planted(app, moment) as tables:
        today = clock.today()
    appointment_of = {row["id"]: row for row in tables["appointments"]}
    asked, missed = 0, 0
    for record in tables["medical_records"]:
        if record["follow_up_date"] is None:
            continue
        appointment = appointment_of[record["appointment_id"]]
        later = [
            row["appointment_date"]
            for row in tables["appointments"]
            if (row["patient_id"], row["doctor_id"]) == (appointment["patient_id"], appointment["doctor_id"])
            and row["status"] != "cancelled"
            and row["appointment_date"] > appointment["appointment_date"]
        ]
        asked += 1
        missed += not later and record["follow_up_date"] < today
        if later and appointment["symptoms"] and record["follow_up_date"] != min(later):
            # Only those with whom the demo is told: their own words say when.
            assert abs((record["follow_up_date"] - min(later)).days) <= 21, (record, later)
    assert asked > 100
    assert 0 < missed < asked / 4


def test_the_trail_tells_of_readings(app: Flask) -> None:
    with planted(app) as tables:
        ana = by_email(tables, "patient@clinic.example")
    read = [row for row in tables["audit_events"] if row["deed"] == "record.read"]
    assert {row["actor_role"] for row in read} == {"doctor", "admin"}
    assert len([row for row in read if row["patient_id"] == ana]) >= 6
