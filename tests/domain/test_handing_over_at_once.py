"""Visits are handed over while others book and hand over: nobody is at two places at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from clinic import scheduling
from clinic.db import rolled_back, session, transaction
from clinic.errors import DomainError
from clinic.scheduling.models import Appointment
from tests import factories
from tests.factories import appointment
from tests.people import actor_of
from tests.settings import PATIENCE

pytestmark = pytest.mark.usefixtures("app_context")

MONDAY = date(2026, 3, 2)
TUESDAY = MONDAY + timedelta(days=1)
NINE = time(9)


def test_of_fifty_who_want_one_slot_for_a_visit_one_wins(app, cast, clock_at):
    """Half of them hand over, half book the same slot."""
    clock_at("2026-03-02 12:00")
    count = 50
    with transaction():
        people = [factories.patient(f"Patient {number}") for number in range(count)]
        doctors = [factories.doctor(f"Dr No {number}", department_id=cast.cardiology) for number in range(count // 2)]
        visits = [
            appointment(patient, doctor, TUESDAY, "09:00") for patient, doctor in zip(people, doctors, strict=False)
        ]
    esther, together, outcomes = cast.actor("esther"), Barrier(count), list[str]()
    bookers = [actor_of(person) for person in people[count // 2 :]]
    wish = {"doctor_id": cast.diallo, "department_id": cast.neurology, "on": TUESDAY, "at": NINE}
    deeds: list[Callable[[], Any]] = [
        *(lambda number=number: scheduling.hand_over(esther, number, doctor_id=cast.diallo) for number in visits),
        *(lambda actor=actor: scheduling.book(actor, **wish) for actor in bookers),
    ]

    def do(deed: Callable[[], Any]) -> None:
        with app.app_context():
            together.wait(PATIENCE)
            try:
                deed()
            except DomainError as refusal:
                outcomes.append(refusal.code)
            else:
                outcomes.append("done")

    threads = [Thread(target=do, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(outcomes) == ["done", *["slot_taken"] * (count - 1)]


#: Which of six visits is handed over, to which of three doctors and to which slot.
steps = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(0, 3)), max_size=8)


@given(steps)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_handed_to_whom_nobody_is_at_two_places(cast, clock_at, steps):
    clock_at("2026-03-02 12:00")
    esther = cast.actor("esther")
    with rolled_back():
        doctors = [cast.chen, cast.diallo, factories.doctor("Dr Eda", department_id=cast.cardiology)]
        # Where each visit is: Ana's three with the first doctor, Boris's with the second.
        places = [(number // 3, number % 3) for number in range(6)]
        patients = [cast.ana] * 3 + [cast.boris] * 3
        visits = [
            appointment(patient, doctors[doctor], TUESDAY, scheduling.SLOT_TIMES[slot])
            for patient, (doctor, slot) in zip(patients, places, strict=True)
        ]
        for visit, doctor, slot in steps:
            others = {number: place for number, place in enumerate(places) if number != visit}
            busy = {place[1] for number, place in others.items() if patients[number] == patients[visit]}
            code = "done"
            try:
                with session().begin_nested():
                    scheduling.hand_over(
                        esther, visits[visit], doctor_id=doctors[doctor], at=scheduling.SLOT_TIMES[slot]
                    )
            except DomainError as refusal:
                code = refusal.code
            if doctor == places[visit][0]:
                expected = "validation_error"
            elif (doctor, slot) in others.values():
                expected = "slot_taken"
            else:
                expected = "patient_busy" if slot in busy else "done"
            assert code == expected
            if code == "done":
                places[visit] = (doctor, slot)
        found = session().execute(
            select(Appointment.id, Appointment.doctor_id, Appointment.appointment_time).where(
                Appointment.id.in_(visits)
            )
        )
        present = {row.id: (row.doctor_id, row.appointment_time) for row in found}
        assert [present[visit] for visit in visits] == [
            (doctors[doctor], scheduling.SLOT_TIMES[slot]) for doctor, slot in places
        ]
