"""What waits to be settled follows from what holds now, whatever was changed before it and in which order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clinic import scheduling
from clinic.db import session, transaction
from clinic.directory.models import Doctor
from clinic.errors import Conflict, InvalidInput
from clinic.scheduling import Choice, EntryKind, Way
from clinic.scheduling.calendar_models import SlotHold
from tests import factories
from tests.domain.calendar_entries import MONDAY, TUESDAY, WEDNESDAY, of_doctor, to_settle, week
from tests.mailed import link_to
from tests.people import ANA, Cast

pytestmark = pytest.mark.usefixtures("app_context")
UNTIL_FOUR = week((2, "08:00", "16:00"), (3, "08:00", "17:00"))


@pytest.fixture(autouse=True)
def morning(clock_at: Any) -> None:
    """It is seven on a Monday."""
    clock_at("2026-03-02 07:00")


@pytest.fixture
def visit(cast: Cast) -> int:
    """Ana's visit with Chen, in Chen's room, on Tuesday at half past four."""
    return factories.appointment(cast.ana, cast.chen, TUESDAY, "16:30", status="confirmed", room_id=cast.chens_room)


def waits(cast: Cast) -> list[tuple[int, str]]:
    """Which visits the office is shown, and for what they wait."""
    return [(each.id, str(each.cause)) for each in scheduling.visits_to_settle(cast.actor("esther"))]


def switch(cast: Cast, kind: EntryKind, entry: int, *, on: bool, count: int = 0) -> None:
    scheduling.switch(cast.actor("esther"), kind, entry, active=on, expected_count=count)


# --- what somebody has kept -------------------------------------------------------------------------------------------


@pytest.fixture
def kept(cast: Cast, visit: int) -> int:
    """The visit, which the office has kept outside opening hours on purpose."""
    scheduling.set_opening_hours(cast.actor("esther"), UNTIL_FOUR, expected_count=1)
    scheduling.settle(cast.actor("esther"), [Choice(visit, Way.KEEP)])
    assert waits(cast) == []
    return visit


def _closure(cast: Cast) -> scheduling.CalendarChange:
    return scheduling.add_closure(cast.actor("esther"), first_day=TUESDAY, name="Tet", expected_count=1)


def _hours_again(cast: Cast) -> scheduling.CalendarChange:
    return scheduling.set_opening_hours(cast.actor("esther"), week((2, "08:00", "12:00")), expected_count=1)


def _extra_taken_back(cast: Cast) -> scheduling.CalendarChange:
    esther = cast.actor("esther")
    extra = scheduling.add_extra_hours(esther, cast.chen, day=TUESDAY, from_time=time(16), to_time=time(17))
    assert extra.appointments == []
    [row] = scheduling.extra_hours(esther, cast.chen)
    return scheduling.remove_extra_hours(esther, row["id"], expected_count=1)


@pytest.mark.parametrize("change", [_closure, _hours_again, _extra_taken_back])
def test_what_was_kept_is_shown_and_listed_once_something_else_closes_it(
    cast: Cast, kept: int, change: Callable[[Cast], scheduling.CalendarChange]
) -> None:
    assert change(cast).appointments == [kept]
    assert [number for number, _cause in waits(cast)] == [kept]


def test_what_was_kept_stays_so_where_something_else_changes(cast: Cast, kept: int) -> None:
    esther = cast.actor("esther")
    assert scheduling.add_closure(esther, first_day=WEDNESDAY, name="Repairs", expected_count=0).appointments == []
    scheduling.set_opening_hours(esther, [*UNTIL_FOUR, *week((4, "08:00", "12:00"))], expected_count=0)
    scheduling.edit_appointment(esther, kept, {"room_id": cast.heart_room})
    assert waits(cast) == []


def test_what_was_kept_is_listed_while_its_doctor_is_off(cast: Cast, kept: int) -> None:
    switch(cast, EntryKind.ACCOUNT, cast.chen, on=False, count=1)
    assert waits(cast) == [(kept, "switched_off")]


def test_a_day_that_closes_while_a_department_is_off_is_not_forgotten(cast: Cast, visit: int) -> None:
    with transaction():
        session().get_one(Doctor, cast.chen).department_id = cast.neurology
    with pytest.raises(Conflict):
        switch(cast, EntryKind.DEPARTMENT, cast.neurology, on=False)  # its doctor's visits depend on it
    switch(cast, EntryKind.DEPARTMENT, cast.neurology, on=False, count=1)
    assert waits(cast) == [(visit, "switched_off")]
    scheduling.add_closure(cast.actor("esther"), first_day=TUESDAY, name="Tet", expected_count=0)
    switch(cast, EntryKind.DEPARTMENT, cast.neurology, on=True)
    assert waits(cast) == [(visit, "closure")]


# --- completed, and open again ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_away_first", [True, False])
def test_what_is_open_again_waits_where_its_time_is_closed(cast: Cast, visit: int, *, is_away_first: bool) -> None:
    esther = cast.actor("esther")
    if is_away_first:
        leave = scheduling.take_leave(esther, first_day=TUESDAY, doctor_id=cast.chen)
        scheduling.complete(esther, visit)
    else:
        scheduling.complete(esther, visit)
        leave = scheduling.take_leave(esther, first_day=TUESDAY, doctor_id=cast.chen)
    assert waits(cast) == []
    scheduling.reopen(esther, visit, "A mistake")
    assert waits(cast) == [(visit, "leave")]
    scheduling.end_leave(esther, leave)
    assert waits(cast) == []


def test_what_is_open_again_in_its_time_waits_for_nothing(cast: Cast, visit: int) -> None:
    scheduling.complete(cast.actor("esther"), visit)
    scheduling.reopen(cast.actor("esther"), visit, "A mistake")
    assert to_settle() == []


# --- several causes ---------------------------------------------------------------------------------------------------


def test_off_then_leave_then_on_then_back(cast: Cast, visit: int) -> None:
    esther = cast.actor("esther")
    switch(cast, EntryKind.DEPARTMENT, cast.cardiology, on=False, count=1)
    leave = scheduling.take_leave(esther, first_day=TUESDAY, doctor_id=cast.chen)
    switch(cast, EntryKind.DEPARTMENT, cast.cardiology, on=True)
    [found] = scheduling.visits_to_settle(esther)
    assert (found.cause, found.cause_id) == ("leave", leave), "what is on again is no cause any more"
    scheduling.end_leave(esther, leave)
    assert waits(cast) == []


def test_leave_then_off_then_back_then_on(cast: Cast, visit: int) -> None:
    esther = cast.actor("esther")
    leave = scheduling.take_leave(esther, first_day=TUESDAY, doctor_id=cast.chen)
    switch(cast, EntryKind.DEPARTMENT, cast.cardiology, on=False, count=1)
    scheduling.end_leave(esther, leave)
    [found] = scheduling.visits_to_settle(esther)
    assert (found.cause, found.cause_id) == ("switched_off", cast.cardiology)
    switch(cast, EntryKind.DEPARTMENT, cast.cardiology, on=True)
    assert waits(cast) == []


def test_another_room_settles_what_only_the_room_kept_waiting(cast: Cast, visit: int) -> None:
    esther = cast.actor("esther")
    switch(cast, EntryKind.ROOM, cast.chens_room, on=False, count=1)
    assert waits(cast) == [(visit, "switched_off")]
    leave = scheduling.take_leave(esther, first_day=TUESDAY, doctor_id=cast.chen)
    scheduling.edit_appointment(esther, visit, {"room_id": cast.heart_room})
    assert waits(cast) == [(visit, "leave")]
    scheduling.end_leave(esther, leave)
    assert to_settle() == [(visit, "leave", "kept")]


# --- what a doctor has asked for --------------------------------------------------------------------------------------


def test_a_doctors_proposal_is_kept_beside_what_the_visit_waits_for(cast: Cast, visit: int) -> None:
    esther, chen = cast.actor("esther"), cast.actor("chen")
    leave = scheduling.take_leave(chen, first_day=TUESDAY)
    scheduling.propose_doctor(chen, visit, doctor_id=cast.diallo, reason="Diallo knows her")
    [found] = waiting = scheduling.visits_to_settle(esther)
    assert (found.cause, found.cause_id, found.reason) == ("leave", leave, "Diallo knows her")
    assert (found.proposed_doctor_id, found.proposed_doctor) == (cast.diallo, "Dr Diallo")
    first = scheduling.proposals(esther, waiting).of_visit[visit][0]
    assert (first.doctor_id, first.moment.date, first.moment.time) == (cast.diallo, TUESDAY, time(16, 30))
    scheduling.end_leave(chen, leave)
    assert waits(cast) == [(visit, "handing_over")]


def test_a_proposal_does_not_hide_that_the_time_is_closed(cast: Cast, visit: int) -> None:
    scheduling.propose_doctor(cast.actor("chen"), visit)
    _closure(cast)
    assert waits(cast) == [(visit, "closure")]


def test_nothing_is_held_for_what_waits_no_more(cast: Cast, visit: int) -> None:
    esther = cast.actor("esther")
    factories.doctor("Dr Eda", department_id=cast.cardiology)
    scheduling.take_leave(esther, first_day=TUESDAY, doctor_id=cast.chen)
    waiting = scheduling.visits_to_settle(esther)
    scheduling.cancel(esther, visit, "Better")
    assert scheduling.proposals(esther, waiting).of_visit == {visit: []}
    assert session().scalars(select(SlotHold).where(SlotHold.released_at.is_(None))).all() == []


def test_beyond_the_days_that_are_booked_now_a_colleague_takes_it_at_its_own_time(cast: Cast) -> None:
    esther, colleague = cast.actor("esther"), factories.doctor("Dr Eda", department_id=cast.cardiology)
    later = TUESDAY + timedelta(days=60)
    visit = factories.appointment(cast.ana, cast.chen, later, "09:00")
    scheduling.take_leave(esther, first_day=MONDAY, last_day=later, doctor_id=cast.chen)
    proposed = scheduling.proposals(esther, scheduling.visits_to_settle(esther)).of_visit[visit]
    assert (proposed[0].doctor_id, proposed[0].moment) == (colleague, (later, time(9)))
    assert all(each.moment.date < later for each in proposed[1:])
    with pytest.raises(InvalidInput) as refusal:
        scheduling.hand_over(esther, visit, doctor_id=colleague, at=time(10))
    assert list(refusal.value.errors) == ["new_date"]
    assert scheduling.hand_over(esther, visit, doctor_id=colleague)["appointment_date"] == later


# --- refused --------------------------------------------------------------------------------------------------------


def test_that_nobody_can_be_booked_is_said_before_that_the_patient_is_elsewhere(cast: Cast, book: Any) -> None:
    factories.appointment(cast.ana, cast.diallo, TUESDAY, "09:00")
    with pytest.raises(Conflict) as refusal:
        book(on=TUESDAY, at="09:00")
    assert refusal.value.code == "patient_busy"
    scheduling.take_leave(cast.actor("esther"), first_day=TUESDAY, doctor_id=cast.chen)
    with pytest.raises(Conflict) as refusal:
        book(on=TUESDAY, at="09:00")
    assert refusal.value.code == "slot_taken"


def test_what_a_patient_has_declined_waits_for_a_call_whatever_closes_and_opens(cast: Cast, visit: int) -> None:
    esther = cast.actor("esther")
    leave = scheduling.take_leave(esther, first_day=TUESDAY, doctor_id=cast.chen)
    scheduling.settle(esther, [Choice(visit, Way.MOVE, cast.chen, WEDNESDAY, time(9))])
    scheduling.decline_offer(**link_to(ANA, "visit_rescheduled"))
    for day in (MONDAY + timedelta(days=5), WEDNESDAY):
        closure = scheduling.add_closure(esther, first_day=day, name="Tet").id
        scheduling.remove_closure(esther, closure)
        assert [(each.id, each.to_call) for each in scheduling.visits_to_settle(esther)] == [(visit, "declined")]
    scheduling.end_leave(esther, leave)
    assert [number for number, _cause in waits(cast)] == [visit]


# --- odd input ------------------------------------------------------------------------------------------------------


def test_what_no_row_can_be_is_chosen_again_and_the_rest_is_done(cast: Cast, visit: int) -> None:
    esther = cast.actor("esther")
    scheduling.take_leave(esther, first_day=TUESDAY, doctor_id=cast.chen)
    odd = Choice(10**12, Way.MOVE, 10**12, TUESDAY, time(9))
    done = scheduling.settle(esther, [odd, Choice(visit, Way.KEEP)])
    assert ([row["id"] for row in done.settled], list(done.choose_again)) == ([visit], [10**12])


def test_a_closure_that_is_entered_already_asks_for_no_count(cast: Cast, visit: int) -> None:
    assert _closure(cast).id == _closure(cast).id
    assert waits(cast) == [(visit, "closure")]


def test_the_hours_of_many_years_leave_room_for_more(cast: Cast) -> None:
    esther, since = cast.actor("esther"), date(2000, 1, 1)
    years = [since + timedelta(days=366 * number) for number in range(21)]
    hours = [
        row
        for first in years
        for row in of_doctor(
            *((day, "08:00", "12:00") for day in range(1, 6)), since=first, until=first + timedelta(days=365)
        )
    ]
    scheduling.set_doctor_hours(esther, cast.chen, hours)
    with pytest.raises(InvalidInput) as refusal:
        scheduling.set_doctor_hours(esther, cast.chen, of_doctor(*[(1, "08:00", "12:00")] * 101))
    assert list(refusal.value.errors) == ["hours"]
