"""Counts by day: whatever happens to appointments, by whomever, the numbers are what the appointments say."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from functools import partial
from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy import Connection, Executable, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from clinic import scheduling
from clinic.cli.count_days import count_days
from clinic.db import db, transaction
from clinic.scheduling import SLOT_TIMES
from clinic.scheduling.daily_counts import PeriodCounts, period_counts, store_all_days, store_changed_days
from clinic.scheduling.lifecycle import AppointmentStatus
from clinic.scheduling.models import Appointment, ChangedDay, DailyCount
from tests import factories
from tests.people import Cast
from tests.settings import PATIENCE
from tests.statements import count_statements

pytestmark = pytest.mark.usefixtures("app_context")

FIRST, TODAY = date(2026, 1, 5), date(2026, 3, 2)
LAST = TODAY + timedelta(days=30)
DEEDS, SEED = 2_000, 7


@pytest.fixture(autouse=True)
def morning(clock_at) -> None:
    """Let the clock stand."""
    clock_at("2026-03-02 09:00")


def truth() -> PeriodCounts:
    """What the appointments say, one by one."""
    db.session.rollback()
    by_status, by_department = Counter[tuple[date, AppointmentStatus]](), Counter[int]()
    by_doctor, by_slot = Counter[int](), Counter[tuple[int, time]]()
    for row in db.session.execute(select(Appointment.__table__)):
        if FIRST <= row.appointment_date <= LAST:
            by_status[row.appointment_date, AppointmentStatus(row.status)] += 1
            if row.status != AppointmentStatus.CANCELLED:
                by_department[row.department_id] += 1
                by_doctor[row.doctor_id] += 1
                by_slot[row.appointment_date.isoweekday(), row.appointment_time] += 1
    return PeriodCounts(by_status, by_department, by_doctor, by_slot)


def told() -> PeriodCounts:
    """What the numbers tell."""
    db.session.rollback()
    return period_counts(FIRST, LAST)


class Clinic:
    """Appointments that come and change by statements that the portal knows nothing of."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.dice = cast, random.Random(SEED)  # noqa: S311 - dice
        self.patients = factories.add_all([factories.patient_row(f"No {number}") for number in range(6)])
        self.doctors = [cast.chen, cast.diallo]

    def slot(self) -> dict[str, object]:
        """A random slot of a random doctor, in a random state."""
        return {
            "doctor_id": self.dice.choice(self.doctors),
            "department_id": self.dice.choice([self.cast.cardiology, self.cast.neurology]),
            "appointment_date": FIRST + timedelta(days=self.dice.randrange((LAST - FIRST).days + 1)),
            "appointment_time": self.dice.choice(SLOT_TIMES),
            "status": str(self.dice.choice(list(AppointmentStatus))),
        }

    def do_anything(self, connection: Connection) -> None:
        """Book or change appointments, unless the database refuses it."""
        ids = connection.scalars(select(Appointment.id).order_by(func.random()).limit(3)).all()
        try:
            with connection.begin_nested():
                connection.execute(self.anything(ids))
        except IntegrityError:
            pass

    def anything(self, ids: Sequence[int]) -> Executable:
        """A statement that books, or that changes some of the appointments ``ids``."""
        deed = self.dice.randrange(7)
        if deed < 3 or not ids:
            new = {**self.slot(), "patient_id": self.dice.choice(self.patients), "estimated_fee": 1}
            return insert(Appointment).values(new)
        if deed == 3:
            cancelled = text("UPDATE appointments SET status = 'cancelled' WHERE id <= :last AND id > :last - 3")
            return cancelled.bindparams(last=ids[0])
        changed = self.slot()
        column = self.dice.choice(list(changed))
        return update(Appointment).where(Appointment.id.in_(ids)).values({column: changed[column]})


def test_after_anything_the_numbers_are_what_the_appointments_say(cast: Cast) -> None:
    clinic = Clinic(cast)
    for number in range(DEEDS // 50):
        with db.engine.begin() as connection:
            for _ in range(50):
                clinic.do_anything(connection)
        if number % 3 == 0:
            store_changed_days()
        if number % 8 == 0:
            assert told() == truth()
    assert told() == truth()
    store_changed_days()
    assert told() == truth()
    assert len(truth().by_status) > 100, "too little happened"


def test_what_is_taken_back_notes_nothing(cast: Cast) -> None:
    with db.engine.connect() as connection:
        Clinic(cast).do_anything(connection)
        connection.rollback()
    assert db.session.scalar(select(func.count(ChangedDay.id))) == 0


def test_a_change_that_is_not_counted_notes_nothing(cast: Cast) -> None:
    number = factories.appointment(cast.ana, cast.chen, FIRST)
    store_changed_days()
    with db.engine.begin() as connection:
        connection.execute(update(Appointment).where(Appointment.id == number).values(reason="Cough", room_id=None))
    db.session.rollback()
    assert db.session.scalar(select(func.count(ChangedDay.id))) == 0


def test_days_that_are_over_are_counted_once_and_read_without_their_appointments(cast: Cast) -> None:
    factories.appointments(40, cast.ana, cast.chen, first_day=FIRST, status="completed")
    assert store_changed_days() == 3
    assert store_changed_days() == 0
    period = {"first": FIRST, "last": FIRST + timedelta(days=2)}
    esther = cast.actor("esther")
    before = scheduling.statistics(esther, **period)
    assert before.total == 40
    # Nobody does this: it shows where the numbers come from.
    with db.engine.begin() as connection:
        connection.execute(update(DailyCount).where(DailyCount.count == 18).values(count=1_000))
    db.session.rollback()
    assert scheduling.statistics(esther, **period).total == 2_004
    assert store_all_days() == 3
    assert scheduling.statistics(esther, **period) == before


def test_a_year_takes_as_many_statements_as_a_day(cast: Cast) -> None:
    factories.appointments(60, cast.ana, cast.chen, first_day=FIRST, status="completed")
    esther = cast.actor("esther")
    counts = []
    for first in (FIRST, FIRST - timedelta(days=300)):
        with count_statements(db.engine) as statements:
            scheduling.statistics(esther, first=first, last=FIRST + timedelta(days=1))
        counts.append(len(statements))
    assert counts == [6, 6]


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_counting_waits_for_no_booking_and_misses_none(cast: Cast) -> None:
    """A day is counted while somebody is about to commit another appointment of it."""
    clinic = Clinic(cast)
    slot: dict[str, object] = {
        "patient_id": clinic.patients[0],
        "doctor_id": cast.chen,
        "department_id": cast.cardiology,
    }
    slot |= {"appointment_date": FIRST, "status": "booked", "estimated_fee": 1}
    with db.engine.begin() as connection:
        connection.execute(insert(Appointment).values({**slot, "appointment_time": SLOT_TIMES[0]}))
    with db.engine.begin() as booking:
        booking.execute(insert(Appointment).values({**slot, "appointment_time": SLOT_TIMES[1]}))
        assert store_changed_days() == 1
        assert told().by_doctor == {cast.chen: 1}
    assert told() == truth()
    assert told().by_doctor == {cast.chen: 2}
    assert store_changed_days() == 1
    assert told() == truth()


def to_and_fro(number: int, days: list[date]) -> None:
    """Move and change a visit, each time in a transaction of its own."""
    chosen = Appointment.id == number
    for turn in range(15):
        with transaction() as session:
            session.execute(update(Appointment).where(chosen).values(appointment_date=days[(turn + 1) % 2]))
            session.execute(update(Appointment).where(chosen).values(status="confirmed" if turn % 2 else "booked"))


def test_many_who_move_visits_at_once_are_all_counted(app: Flask, cast: Cast) -> None:
    """Between the same two days, to and fro, while others count these all the time."""
    days = [FIRST, FIRST + timedelta(days=1)]
    patients = Clinic(cast).patients
    rows = zip(patients, SLOT_TIMES, strict=False)
    numbers = factories.add_appointments([factories.appointment_row(who, cast.chen, FIRST, at) for who, at in rows])
    over, troubles = Event(), list[Exception]()

    def in_thread(deed: Callable[[], object]) -> Thread:
        def do() -> None:
            try:
                with app.app_context():
                    deed()
            except Exception as error:  # noqa: BLE001 - told below
                troubles.append(error)

        thread = Thread(target=do)
        thread.start()
        return thread

    def count() -> None:
        while not over.is_set():
            store_changed_days()
            db.session.rollback()

    counting = [in_thread(count) for _ in range(2)]
    for thread in [in_thread(partial(to_and_fro, number, days)) for number in numbers]:
        thread.join(PATIENCE)
    over.set()
    for thread in counting:
        thread.join(PATIENCE)
    assert troubles == []
    assert told() == truth()
    store_changed_days()
    assert told() == truth()
    assert sum(told().by_doctor.values()) == len(numbers)


def test_the_operator_counts_by_hand(app: Flask, cast: Cast) -> None:
    factories.appointments(40, cast.ana, cast.chen, first_day=FIRST)
    run = app.test_cli_runner().invoke
    assert run(count_days, []).output == "3 days counted.\n"
    assert run(count_days, []).output == "0 days counted.\n"
    assert run(count_days, ["--all"]).output == "3 days counted.\n"
