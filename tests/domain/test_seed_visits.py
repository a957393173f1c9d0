"""The demo clinic's visits: possible, believable, and just as the domain's own commands would have left them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic import clock, records, scheduling
from clinic.accounts.models import User
from clinic.db import session
from clinic.policy import Role
from clinic.records.vitals import pressure
from clinic.scheduling.calendar import SLOT_TIMES, Moment
from clinic.seed.hours import ON_SUNDAY, WHOLE_GRID, sunday_from
from clinic.seed.layout import working_day
from clinic.seed.numbering import DOCTOR_IDS, DOCTORS, PATIENTS
from clinic.settings import BookingRules
from clinic.text.validation import ValidationErrors
from tests.demo import APPOINTMENTS, TUESDAY, actor_of, appointments_of, by_email, dump, planted, replay, without
from tests.domain.test_seed import ON_SQLITE

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
        assert set(signs) == {vitals.BLOOD_PRESSURE, *vitals.VITALS}, "measure it: _vital_signs in clinic/seed"


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
        assert session().scalar(select(func.count()).select_from(User)) == len(DOCTORS) + len(PATIENTS) + 2


@ON_SQLITE
@pytest.mark.parametrize("moment", MOMENTS)
def test_every_doctor_has_their_share_of_the_days_taken(app: Flask, moment: datetime) -> None:
    with planted(app, moment) as tables:
        ahead = (working_day(clock.today(), 1) - clock.today()).days
        free = {
            row["user_id"]: [day.free for day in scheduling.free_days(row["user_id"])[1:]] for row in tables["doctors"]
        }
    for doctor, days in free.items():
        near, far = days[:6], days[-6:]
        assert sum(near) < sum(far) + 18, doctor
        assert any(0 < count < 18 for count in near), doctor
        assert len({count for count in days if count}) > 3, doctor
    of_next_day = [days[ahead - 1] for days in free.values()]
    assert sum(count > 14 for count in of_next_day) < 5


@ON_SQLITE
@pytest.mark.parametrize("moment", MOMENTS)
def test_doctors_have_hours_and_take_leave(app: Flask, moment: datetime) -> None:
    with planted(app, moment) as tables:
        today = clock.today()
        whole = {DOCTOR_IDS[key] for key in WHOLE_GRID}
        on_sunday = {DOCTOR_IDS[ON_SUNDAY]} if sunday_from(today) > today else set()
        seen_on_sundays = {
            row["user_id"]
            for row in tables["doctors"]
            for day in scheduling.free_days(row["user_id"])[1:]
            if day.free and day.date.isoweekday() == 7
        }
        closed = {day.date for day in scheduling.free_days(DOCTOR_IDS["chen"]) if day.closed}
    assert len({row["department_id"] for row in tables["doctors"] if row["user_id"] in whole}) == 8
    assert seen_on_sundays == whole | on_sunday
    [closure] = tables["closures"]
    assert closed <= {closure["first_day"], closure["last_day"]}
    statuses = {row["id"]: row["status"] for row in tables["appointments"]}
    assert len([row for row in tables["visits_to_settle"] if statuses[row["appointment_id"]] != "cancelled"]) >= 5
    leave = tables["doctor_leave"]
    assert {row["doctor_id"] for row in leave} == {row["user_id"] for row in tables["doctors"]}
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
    of_office = [row["details"] for row in read if row["actor_role"] == "admin"]
    assert {each["purpose"] for each in of_office} >= {"patient_request", "billing"}
