"""How many statements a reading takes: as many for a hundred rows as for ten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import pytest

from clinic import directory, records, scheduling
from clinic.db import db, session, transaction
from clinic.paging import PageRequest
from clinic.policy import Actor
from tests import factories
from tests.factories import appointments
from tests.people import Cast
from tests.statements import count_statements

pytestmark = pytest.mark.usefixtures("app_context")

ALL = PageRequest(1, 100)
FIRST_DAY = date(2026, 3, 3)


@dataclass
class Clinic:
    """What the readings are about: people who are signed in, and visits that grow more."""

    cast: Cast
    ana: Actor
    chen: Actor
    esther: Actor
    appointments: list[int] = field(default_factory=list)

    def grow(self, number: int) -> None:
        """Add so many visits with records, and as many doctors with rooms, services and departments."""
        grown = len(self.appointments)
        first_day = date.fromordinal(FIRST_DAY.toordinal() + grown)
        with transaction():
            new = appointments(number, self.cast.ana, self.cast.chen, first_day=first_day, status="confirmed")
            factories.records(new, self.cast.chen, follow_up_date=date(2026, 12, 1))
            places = range(grown, grown + number)
            heart = self.cast.cardiology
            rooms = factories.add_all([factories.room_row(f"N{each}", floor=5, department_id=heart) for each in places])
            factories.add_all(
                [
                    factories.doctor_row(f"Dr No {each}", department_id=heart, room_id=room)
                    for each, room in zip(places, rooms, strict=True)
                ]
            )
            factories.add_all([factories.service_row(f"Service {each}", department_id=heart) for each in places])
            factories.add_all([factories.department_row(f"Department {each}") for each in places])
        self.appointments += new


#: What is read, and how many statements it may take when it was read before (what is public then takes the one for its revision).
READINGS: dict[str, tuple[int, Callable[[Clinic], object]]] = {
    "departments": (1, lambda _c: directory.departments(lang="en", page=ALL)),
    "a department": (1, lambda c: directory.department(c.cast.cardiology, lang="en")),
    "services": (1, lambda c: directory.services(department_id=c.cast.cardiology, lang="en", page=ALL)),
    "doctors": (1, lambda c: directory.doctors(department_id=c.cast.cardiology, lang="en", page=ALL)),
    "rooms": (2, lambda c: directory.rooms(c.esther, page=ALL)),
    "visits": (2, lambda c: scheduling.appointments(c.ana, page=ALL)),
    "the office's visits": (6, lambda c: scheduling.appointments(
        c.esther, doctor_id=c.cast.chen, patient_id=c.cast.ana, department_id=c.cast.cardiology, page=ALL)),
    "a day": (2, lambda c: scheduling.day_of(c.chen, FIRST_DAY)),
    "the next visit": (1, lambda c: scheduling.next_appointment(c.ana)),
    "a history": (1, lambda c: scheduling.history(c.ana, c.appointments[0])),
    "slots": (2, lambda c: scheduling.day_slots(
        doctor_id=c.cast.chen, on=FIRST_DAY, department_id=c.cast.cardiology, actor=c.ana)),
    "free days": (2, lambda c: scheduling.free_days(c.cast.chen)),
    "next free times": (2, lambda c: scheduling.next_free([c.cast.chen, c.cast.diallo])),
    "who is free soonest": (2, lambda c: scheduling.free_soonest(
        [c.cast.chen, c.cast.diallo], most=2, days=4, times=3)),
    "the board": (2, lambda c: scheduling.board([c.cast.chen, c.cast.diallo], doctor_id=c.cast.chen, on=FIRST_DAY)),
    "a record": (2, lambda c: records.record_of(c.ana, c.appointments[0])),
    "the records of a list": (2, lambda c: records.records_for(c.ana, c.appointments)),
    "follow-ups": (2, lambda c: records.follow_ups_of(c.ana)),
    "all records": (3, lambda c: records.my_records(c.ana, page=ALL)),
}  # fmt: skip


#: How many statements the first reading after a change takes, with the revision before and after.
FIRST = {"departments": 4, "a department": 5, "services": 5, "doctors": 5}


#: How many statements a change of a visit takes, with its history, its audit and its letter.
CHANGES: dict[str, tuple[int, Callable[[Clinic, int], object]]] = {
    "confirm": (5, lambda c, number: scheduling.confirm(c.chen, number)),
    "cancel by the doctor": (5, lambda c, number: scheduling.cancel(c.chen, number, "Congress")),
    "cancel by the patient": (5, lambda c, number: scheduling.cancel(c.ana, number)),
}


@pytest.fixture
def clinic(cast, clock_at) -> Clinic:
    """The cast with ten of everything; the clock stands."""
    clock_at("2026-03-02 12:00")
    clinic = Clinic(cast, cast.actor("ana"), cast.actor("chen"), cast.actor("esther"))
    clinic.grow(10)
    return clinic


def counted(clinic: Clinic, name: str) -> int:
    """How many statements a reading takes."""
    session().rollback()
    with count_statements(db.engine) as statements:
        READINGS[name][1](clinic)
    return len(statements)


def measured(clinic: Clinic) -> dict[str, tuple[int, int]]:
    """How many statements each reading takes, the first time and again."""
    return {name: (counted(clinic, name), counted(clinic, name)) for name in READINGS}


def test_no_reading_takes_more_statements_for_a_hundred_rows_than_for_ten(clinic):
    with_ten = measured(clinic)
    clinic.grow(90)
    assert measured(clinic) == with_ten
    assert len(scheduling.appointments(clinic.ana, page=ALL).results) == 100


def test_readings_are_narrow(clinic):
    granted = {name: (FIRST.get(name, most), most) for name, (most, _read) in READINGS.items()}
    too_many = {
        name: counts
        for name, counts in measured(clinic).items()
        if any(count > most for count, most in zip(counts, granted[name], strict=True))
    }
    assert not too_many, f"these take more statements than READINGS and FIRST grant them: {too_many}"


@pytest.mark.parametrize("name", CHANGES)
def test_changes_ask_for_what_they_need(clinic, name):
    most, change = CHANGES[name]
    number = factories.appointment(clinic.cast.ana, clinic.cast.chen, date(2026, 7, 1), room_id=clinic.cast.chens_room)
    session().rollback()
    with count_statements(db.engine) as statements:
        change(clinic, number)
    assert len(statements) <= most, statements
