"""The read model of the office's day desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clinic import clock, scheduling
from clinic.accounts.models import User
from clinic.audit import AuditAction, AuditEvent
from clinic.db import session, transaction
from clinic.scheduling import SLOT_TIMES, DayDesk, DeskBlock, DeskDoctor, SlotStatus
from tests import factories
from tests.monday import LATER, TODAY, TOMORROW
from tests.people import Cast

pytestmark = pytest.mark.usefixtures("app_context")
ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"])


@pytest.fixture(autouse=True)
def _monday_morning(clock_at: Callable[[str], None]) -> None:
    clock_at("2026-03-02 09:00")


def desk_of(cast: Cast, on: Any = TOMORROW, **more: Any) -> DayDesk:
    """The day as Esther reads it."""
    return scheduling.day_desk(cast.actor("esther"), on, **more)


def column(desk: DayDesk, doctor_id: int) -> DeskDoctor:
    """A doctor's column."""
    return next(each for each in desk.doctors if each.id == doctor_id)


def blocks(desk: DayDesk, doctor_id: int) -> list[tuple[str, str, str, str]]:
    """A doctor's blocks: why, from, to, and what the clinic is closed for."""
    found = [each for each in column(desk, doctor_id).cells.values() if isinstance(each, DeskBlock)]
    return [(str(each.reason), f"{each.start:%H:%M}", f"{each.end:%H:%M}", each.closure) for each in found]


def test_a_visit_in_a_closed_time_stands_between_two_blocks(cast: Cast) -> None:
    kept = factories.appointment(cast.ana, cast.chen, TOMORROW, "10:00")
    factories.leave(cast.chen, TOMORROW, TOMORROW)
    desk = desk_of(cast)
    assert blocks(desk, cast.chen) == [("away", "08:00", "10:00", ""), ("away", "10:30", "17:00", "")]
    cells = column(desk, cast.chen).cells
    assert cells[time(10)] == desk.appointments[0]
    assert desk.appointments[0].id == kept
    assert set(cells) == {time(8), time(10), time(10, 30)}, "a block stands once"


@ONE_ENGINE
def test_closures_beside_each_other_are_told_apart(cast: Cast) -> None:
    esther = cast.actor("esther")
    for name, start, end in (("Stocktaking", 8, 10), ("Training", 10, 12)):
        scheduling.add_closure(esther, name=name, first_day=TOMORROW, from_time=time(start), to_time=time(end))
    assert blocks(desk_of(cast), cast.diallo) == [
        ("closed", "08:00", "10:00", "Stocktaking"),
        ("closed", "10:00", "12:00", "Training"),
    ]


@ONE_ENGINE
def test_a_doctor_who_cant_be_booked_is_there_for_their_visits_alone(cast: Cast) -> None:
    with transaction() as current:
        current.get_one(User, cast.chen).is_active = False
    assert [each.id for each in desk_of(cast).doctors] == [cast.diallo]
    factories.appointment(cast.ana, cast.chen, TOMORROW, "10:00")
    desk = desk_of(cast)
    assert [each.id for each in desk.doctors] == [cast.chen, cast.diallo]
    assert blocks(desk, cast.chen)[0] == ("closed", "08:00", "10:00", "")


@ONE_ENGINE
def test_held_past_and_far_times_cant_be_booked(cast: Cast, clock_at: Callable[[str], None]) -> None:
    waiting = factories.appointment(cast.ana, cast.diallo, LATER, "10:00")
    factories.hold(waiting, cast.chen, TODAY, "11:00")
    today = column(desk_of(cast, TODAY), cast.chen)
    assert [today.reasons[at] for at in (time(8, 30), time(9, 30), time(11))] == [
        SlotStatus.PAST,
        None,
        SlotStatus.TAKEN,
    ]
    assert today.cells[time(11)] is SlotStatus.TAKEN
    clock_at("2026-03-02 10:05")
    assert column(desk_of(cast, TODAY), cast.chen).reasons[time(11)] is None, "the hold is over"
    far = column(desk_of(cast, TODAY + timedelta(days=60)), cast.chen)
    assert set(far.reasons.values()) == {SlotStatus.TOO_FAR}
    assert far.free_from(time(8)) == []


@ONE_ENGINE
def test_what_waits(cast: Cast) -> None:
    for at, status in (("10:00", "booked"), ("11:00", "confirmed"), ("12:00", "cancelled")):
        factories.appointment(cast.ana, cast.chen, TOMORROW, at, status=status)
    factories.appointment(cast.boris, cast.diallo, TOMORROW, "09:00")
    desk = desk_of(cast)
    assert [each.patient_name for each in desk.to_confirm] == ["Boris Đặng", "Ana Nguyễn"]
    assert (len(desk.appointments), desk.cancelled, desk.to_settle) == (3, 1, 0)
    scheduling.add_closure(cast.actor("esther"), name="Staff day", first_day=TOMORROW, expected_count=3)
    settling = desk_of(cast, department_id=cast.neurology)
    assert settling.to_settle == 3
    assert [(each.patient_name, each.to_settle) for each in settling.appointments] == [("Boris Đặng", True)]


def test_reading_is_noted_once_for_what_stays_the_same(cast: Cast, clock_at: Callable[[str], None]) -> None:
    first = factories.appointment(cast.ana, cast.chen, TOMORROW, "10:00")
    second = factories.appointment(cast.boris, cast.chen, TOMORROW, "11:00")
    clock_at("2026-03-02 09:30")
    shown_at = clock.now()

    def noted(**more: Any) -> list[int]:
        read = select(AuditEvent).where(AuditEvent.action == AuditAction.APPOINTMENTS_READ).order_by(AuditEvent.id)
        before = len(session().scalars(read).all())
        desk_of(cast, **more)
        session().rollback()
        rows = session().scalars(read.offset(before))
        return sorted(number for row in rows for number in row.details.get("ids", [row.subject_id]))

    assert noted() == [first, second]
    assert noted(shown_at=shown_at) == []
    clock_at("2026-03-02 09:40")
    scheduling.confirm(cast.actor("esther"), second)
    assert noted(shown_at=shown_at) == [second]


@ONE_ENGINE
def test_the_revision_is_that_of_the_day_and_department(cast: Cast) -> None:
    esther = cast.actor("esther")

    def revisions() -> list[str]:
        return [
            scheduling.day_desk_revision(esther, TOMORROW),
            scheduling.day_desk_revision(esther, TOMORROW, department_id=cast.neurology),
            scheduling.day_desk_revision(esther, LATER),
        ]

    before = revisions()
    assert [desk_of(cast).revision, desk_of(cast, department_id=cast.neurology).revision] == before[:2]
    assert revisions() == before
    number = factories.appointment(cast.ana, cast.chen, TOMORROW, "10:00")
    booked = revisions()
    assert [one == other for one, other in zip(before, booked, strict=True)] == [False, False, True]
    scheduling.confirm(esther, number)
    confirmed = revisions()
    assert confirmed[0] != booked[0]
    scheduling.take_leave(
        esther, doctor_id=cast.chen, first_day=TOMORROW, from_time=SLOT_TIMES[10], to_time=SLOT_TIMES[12]
    )
    assert [one == other for one, other in zip(confirmed, revisions(), strict=True)] == [False, True, True]


@ONE_ENGINE
def test_several_are_confirmed_each_by_its_own_rule(cast: Cast) -> None:
    esther = cast.actor("esther")
    numbers = [factories.appointment(cast.ana, cast.chen, TOMORROW, at) for at in ("10:00", "11:00", "12:00")]
    states = {each.id: each.state for each in desk_of(cast).appointments} | {99999: "booked@x"}
    scheduling.cancel(esther, numbers[1])
    found = scheduling.confirm_each(esther, states)
    assert {number: refusal and refusal.code for number, refusal in found.items()} == {
        numbers[0]: None,
        numbers[1]: "invalid_transition",
        numbers[2]: None,
        99999: "appointment_not_found",
    }
