"""People book while the clinic closes: every visit is in the list of what falls out, or it was refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from clinic import directory, scheduling
from clinic.db import session, transaction
from clinic.errors import DomainError
from clinic.policy import Actor
from clinic.scheduling import CalendarChange
from clinic.scheduling.calendar_models import VisitToSettle
from clinic.scheduling.models import Appointment
from tests import factories
from tests.people import Cast, actor_of, plant
from tests.races.conftest import meanwhile
from tests.settings import PATIENCE

PEOPLE = 20


@pytest.fixture
def planted(app: Flask) -> Iterator[Cast]:
    """The cast, in the database of this test."""
    with app.app_context():
        yield plant()


def _closure(esther: Actor, cast: Cast, on: date) -> CalendarChange:
    return scheduling.add_closure(esther, first_day=on, name="Tet")


def _opening_hours(esther: Actor, cast: Cast, on: date) -> CalendarChange:
    other = on.isoweekday() % 7 + 1
    row: Any = {"weekday": other, "from_time": scheduling.HOURS[0], "to_time": scheduling.HOURS[-1]}
    return scheduling.set_opening_hours(esther, [row])


def _doctors_hours(esther: Actor, cast: Cast, on: date) -> CalendarChange:
    row: Any = {"weekday": on.isoweekday() % 7 + 1, "from_time": scheduling.HOURS[0], "to_time": scheduling.HOURS[-1]}
    row |= {"room_id": None, "valid_from": None, "valid_until": None}
    return scheduling.set_doctor_hours(esther, cast.chen, [row])


@pytest.mark.parametrize(
    ("change", "code"), [(_closure, "closed"), (_opening_hours, "off_hours"), (_doctors_hours, "off_hours")]
)
def test_twenty_people_book_while_the_day_is_closed(
    app: Flask, planted: Cast, day: Callable[[int], date], change: Callable[..., CalendarChange], code: str
) -> None:
    on, outcomes, lost = day(5), list[str](), list[int]()
    with transaction():
        people = [factories.patient(f"Patient {number}") for number in range(PEOPLE)]
    actors = [actor_of(person) for person in people]
    esther = actor_of(planted.esther)
    together = Barrier(PEOPLE + 1)

    def book(actor: Actor, number: int) -> None:
        # Two for each slot, so that some are refused for that.
        at = scheduling.SLOT_TIMES[number % (PEOPLE // 2)]
        with app.app_context():
            together.wait(PATIENCE)
            try:
                scheduling.book(actor, doctor_id=planted.chen, department_id=planted.cardiology, on=on, at=at)
            except DomainError as refusal:
                outcomes.append(refusal.code)
            else:
                outcomes.append("done")

    def close() -> None:
        with app.app_context():
            together.wait(PATIENCE)
            lost.extend(change(esther, planted, on).appointments)

    threads = [Thread(target=book, args=(actor, number)) for number, actor in enumerate(actors)]
    threads.append(Thread(target=close))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    session().rollback()
    counts = Counter(outcomes)
    assert counts.total() == PEOPLE
    assert set(counts) <= {"done", "slot_taken", code}
    standing = session().scalars(select(Appointment.id).where(Appointment.appointment_date == on)).all()
    assert len(standing) == counts["done"]
    assert sorted(lost) == sorted(standing)
    waiting = session().scalars(select(VisitToSettle.appointment_id)).all()
    assert sorted(waiting) == sorted(standing)


@pytest.mark.parametrize("first", ["closure", "doctor"])
def test_a_doctor_is_added_before_a_closure_or_after_it(app: Flask, planted: Cast, day: Any, first: str) -> None:
    """A row that isn't there yet can't be held: whoever is added meanwhile could be booked on the closed day unseen."""
    with app.app_context():
        esther = actor_of(planted.esther)
        values: Any = {"department_id": planted.cardiology, "license_number": "L-77", "experience_years": 7}
        person: Any = {"email": "gil@clinic.example", "full_name": "Gil Heart", "phone_num": "0911222333"}

        def invite() -> None:
            directory.invite_doctor(esther, **person, values=values | {"consultation_fee": Decimal(0)})

        def close() -> None:
            _closure(esther, planted, day(5))

        with transaction():
            (close if first == "closure" else invite)()
            thread = meanwhile(app, invite if first == "closure" else close)
        thread.join(PATIENCE)
        assert not thread.is_alive()
        assert directory.all_doctors(esther).count == 3
        assert len(scheduling.closures()) == 1
