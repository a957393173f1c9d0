"""Slots: which times of a doctor's day can be booked, why the others can't, and which room a booking would get."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from clinic import clock, scheduling
from clinic.accounts.models import User
from clinic.db import MAX_ID, transaction
from clinic.directory.models import Department
from clinic.errors import InvalidInput, NotFound
from clinic.scheduling import SLOT_TIMES, Moment, SlotStatus
from tests import factories
from tests.factories import appointment

pytestmark = pytest.mark.usefixtures("app_context")

MONDAY = date(2026, 3, 2)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def monday(clock_at):
    """Monday morning, before the clinic opens; the clock stands."""
    return clock_at("2026-03-02 07:00")


def shown(slots) -> dict[str, str]:
    """The slots that can't be booked with their reasons: {"09:00": "taken"}."""
    return {f"{slot.time:%H:%M}": str(slot.reason) for slot in slots if slot.reason is not None}


def test_a_day_has_eighteen_slots_of_its_doctor(cast, monday):
    day = scheduling.day_slots(doctor_id=cast.chen, on=TUESDAY, department_id=cast.cardiology, lang="vi")
    assert [slot.time for slot in day.slots] == list(SLOT_TIMES)
    assert all(slot.available and slot.room == "201" for slot in day.slots)
    assert day.date == TUESDAY
    assert day.doctor == {"id": cast.chen, "full_name": "Dr Chen", "specialization": "Tổng quát"}
    assert day.department == {"id": cast.cardiology, "name": "Tim mạch", "icon": "heartbeat"}
    assert scheduling.day_slots(doctor_id=cast.chen, on=TUESDAY).department is None


@pytest.mark.parametrize(
    ("now", "past", "first_free"),
    [
        ("2026-03-02 00:00", 0, "08:00"),
        ("2026-03-02 07:59", 0, "08:00"),
        ("2026-03-02 08:00", 1, "08:30"),
        ("2026-03-02 16:29", 17, "16:30"),
        ("2026-03-02 16:30", 18, None),
        ("2026-03-02 23:59", 18, None),
    ],
)
def test_what_has_begun_today_is_past_by_the_clinics_clock(cast, clock_at, now, past, first_free):
    clock_at(now)
    slots = scheduling.day_slots(doctor_id=cast.chen, on=MONDAY).slots
    assert [slot.reason for slot in slots] == [SlotStatus.PAST] * past + [None] * (18 - past)
    assert all((slot.room is None) is (slot.reason is not None) for slot in slots)
    free = next((f"{slot.time:%H:%M}" for slot in slots if slot.available), None)
    assert free == first_free


def test_taken_by_others_yours_with_whomever_and_free_again_once_cancelled(cast, monday):
    appointment(cast.boris, cast.chen, TUESDAY, "09:00")
    appointment(cast.ana, cast.chen, TUESDAY, "10:00", status="confirmed")
    appointment(cast.ana, cast.diallo, TUESDAY, "11:00")
    appointment(cast.boris, cast.chen, TUESDAY, "12:00", status="completed")
    appointment(cast.boris, cast.chen, TUESDAY, "13:00", status="cancelled")
    chens = {"doctor_id": cast.chen, "on": TUESDAY}
    for_guests = {"09:00": "taken", "10:00": "taken", "12:00": "taken"}
    assert shown(scheduling.day_slots(**chens).slots) == for_guests
    assert shown(scheduling.day_slots(**chens, actor=cast.actor("ana")).slots) == {
        "09:00": "taken", "10:00": "yours", "11:00": "yours", "12:00": "taken",
    }  # fmt: skip
    for name in ("chen", "diallo", "esther"):
        assert shown(scheduling.day_slots(**chens, actor=cast.actor(name)).slots) == for_guests


@pytest.mark.parametrize("now", ["2026-03-02 00:00", "2026-03-02 23:59:59"])
@pytest.mark.parametrize(("ahead", "said"), [(-1, "This day has passed."), (31, "Visits can be booked up to 30 days")])
def test_the_days_from_today_to_thirty_ahead_can_be_booked(cast, clock_at, now, ahead, said):
    clock_at(now)
    for good in (0, 30):
        assert len(scheduling.day_slots(doctor_id=cast.chen, on=MONDAY + timedelta(days=good)).slots) == 18
    with pytest.raises(InvalidInput) as refusal:
        scheduling.day_slots(doctor_id=cast.chen, on=MONDAY + timedelta(days=ahead))
    assert said in refusal.value.field_texts(str)["date"][0]


def test_midnight_in_the_clinic_moves_the_bookable_days(cast, clock_at):
    for now, last in (("2026-03-02 23:59:59", date(2026, 4, 1)), ("2026-03-03 00:00", date(2026, 4, 2))):
        clock_at(now)
        assert scheduling.free_days(cast.chen)[-1].date == last


@pytest.mark.parametrize("unknown", [0, -1, 424242, MAX_ID, MAX_ID + 1, 10**30])
def test_there_are_no_slots_of_an_unknown_doctor_or_department(cast, monday, unknown):
    with pytest.raises(NotFound):
        scheduling.day_slots(doctor_id=unknown, on=TUESDAY)
    with pytest.raises(NotFound):
        scheduling.day_slots(doctor_id=cast.chen, on=TUESDAY, department_id=unknown)


def test_nor_of_one_who_is_not_in_service(cast, monday):
    with transaction() as session:
        session.execute(update(User).where(User.id == cast.chen).values(is_active=False))
        session.execute(update(Department).where(Department.id == cast.neurology).values(is_active=False))
    for doctor in (cast.chen, cast.diallo, cast.ana):
        with pytest.raises(NotFound):
            scheduling.day_slots(doctor_id=doctor, on=TUESDAY)


def test_a_doctor_of_another_department_is_bad_input(cast, monday):
    with pytest.raises(InvalidInput) as refusal:
        scheduling.day_slots(doctor_id=cast.chen, on=TUESDAY, department_id=cast.neurology)
    assert list(refusal.value.errors) == ["doctor_id"]


# --- which room a booking would get -----------------------------------------------------------------------------------


def room_at_nine(doctor_id: int) -> str | None:
    """The room that Tuesday's nine o'clock slot names."""
    day = scheduling.day_slots(doctor_id=doctor_id, on=TUESDAY)
    return next(slot.room for slot in day.slots if f"{slot.time:%H:%M}" == "09:00")


def test_the_rooms_are_offered_in_the_apis_order(cast, monday, book):
    """The doctor's own; then the department's by floor and number, those that are no doctor's own first; then none."""
    own = factories.room("900", floor=9)  # the own room needn't be the department's
    doctor = factories.doctor("Dr Own", department_id=cast.cardiology, room_id=own)
    factories.room("101", floor=1, department_id=cast.cardiology, is_active=False)
    factories.room("102", floor=1, department_id=cast.neurology)
    factories.room("103", floor=1)
    factories.room("110", floor=1, department_id=cast.cardiology)
    factories.room("20", floor=2, department_id=cast.cardiology)
    offered = []
    for _ in range(7):
        number = room_at_nine(doctor)
        offered.append(number)
        if number is None:
            break
        colleague = factories.doctor("Dr Busy", department_id=cast.cardiology)
        patient = factories.patient("Somebody")
        used = {"900": own, "110": None}.get(number)
        room_id = used or _id_of_room(number)
        appointment(patient, colleague, TUESDAY, "09:00", room_id=room_id)
    assert offered == ["900", "110", "20", "202", "201", None]


def _id_of_room(number: str) -> int:
    from clinic.directory.models import Room  # noqa: PLC0415

    with transaction() as session:
        return session.query(Room.id).filter_by(room_number=number).scalar()


def test_an_own_room_that_is_out_of_service_is_passed_over(cast, monday):
    from clinic.directory.models import Room  # noqa: PLC0415

    with transaction() as session:
        session.get_one(Room, cast.chens_room).is_active = False
    assert room_at_nine(cast.chen) == "202"


def test_a_cancelled_visit_sets_its_room_free(cast, monday):
    taken = appointment(cast.ana, cast.diallo, TUESDAY, "09:00", room_id=cast.chens_room)
    assert room_at_nine(cast.chen) == "202"
    scheduling.cancel(cast.actor("esther"), taken)
    assert room_at_nine(cast.chen) == "201"


# --- days and next times ----------------------------------------------------------------------------------------------


def test_free_days_count_what_is_left_for_the_one_who_asks(cast, monday):
    appointment(cast.boris, cast.chen, MONDAY, "09:00")
    appointment(cast.ana, cast.diallo, MONDAY, "10:00")
    appointment(cast.boris, cast.chen, TUESDAY, "09:00", status="cancelled")
    guests, anas = scheduling.free_days(cast.chen), scheduling.free_days(cast.chen, actor=cast.actor("ana"))
    assert len(guests) == 31
    assert [guests[0].free, guests[1].free, anas[0].free, anas[1].free] == [17, 18, 16, 18]


def test_the_next_free_times_of_several_doctors(cast, clock_at):
    clock_at("2026-03-02 16:00")
    appointment(cast.boris, cast.chen, MONDAY, "16:30")
    assert scheduling.next_free([cast.chen, cast.diallo], count=2) == {
        cast.chen: [Moment(TUESDAY, SLOT_TIMES[0]), Moment(TUESDAY, SLOT_TIMES[1])],
        cast.diallo: [Moment(MONDAY, SLOT_TIMES[17]), Moment(TUESDAY, SLOT_TIMES[0])],
    }
    assert scheduling.next_free([]) == {}


def test_those_who_are_free_soonest(cast, clock_at):
    clock_at("2026-03-02 16:00")
    appointment(cast.boris, cast.chen, MONDAY, "16:30")
    both = [cast.chen, cast.diallo]
    soon = scheduling.free_soonest(both, most=2, days=4, times=3)
    assert list(soon) == [cast.diallo, cast.chen]
    assert {number: each.next_free for number, each in soon.items()} == {
        number: times[0] for number, times in scheduling.next_free(both).items()
    }
    assert {number: each.days for number, each in soon.items()} == scheduling.next_days(both, days=4, times=3)
    first = scheduling.free_soonest(both, most=1, days=4, times=3)
    assert {number: each.days for number, each in first.items()} == scheduling.next_days([cast.diallo], days=4, times=3)
    assert scheduling.free_soonest([], most=2, days=4, times=3) == {}


def test_who_is_free_much_later_is_still_among_those_who_are_free_soonest(cast, clock_at):
    clock_at("2026-03-02 16:00")
    for name in ("chen", "diallo"):
        scheduling.take_leave(cast.actor(name), first_day=MONDAY, last_day=MONDAY + timedelta(days=20))
    soon = scheduling.free_soonest([cast.chen, cast.diallo], most=2, days=4, times=3)
    assert [each.next_free.date for each in soon.values()] == [MONDAY + timedelta(days=21)] * 2
    assert [each.days for each in soon.values()] == [[], []]
    scheduling.take_leave(
        cast.actor("chen"), first_day=MONDAY + timedelta(days=21), last_day=MONDAY + timedelta(days=40)
    )
    assert list(scheduling.free_soonest([cast.chen, cast.diallo], most=2, days=4, times=3)) == [cast.diallo]


def test_the_three_nearest_times_to_a_taken_one_leave_out_ones_own_visits(cast, monday):
    appointment(cast.boris, cast.chen, TUESDAY, "09:00")
    appointment(cast.ana, cast.diallo, TUESDAY, "09:30")
    nine = SLOT_TIMES[2]
    guests = scheduling.nearest_free(doctor_id=cast.chen, on=TUESDAY, at=nine)
    anas = scheduling.nearest_free(doctor_id=cast.chen, on=TUESDAY, at=nine, actor=cast.actor("ana"))
    assert [f"{moment.time:%H:%M}" for moment in guests] == ["08:00", "08:30", "09:30"]
    assert [f"{moment.time:%H:%M}" for moment in anas] == ["08:00", "08:30", "10:00"]


def test_a_doctor_who_is_booked_out_has_no_next_time(cast, clock_at):
    clock_at("2026-03-02 16:30")
    for ahead in range(31):
        for at in SLOT_TIMES:
            appointment(cast.boris, cast.chen, MONDAY + timedelta(days=ahead), at)
    assert scheduling.next_free([cast.chen]) == {cast.chen: []}
    assert scheduling.nearest_free(doctor_id=cast.chen, on=TUESDAY, at=SLOT_TIMES[0]) == []
    assert {day.free for day in scheduling.free_days(cast.chen)} == {0}


# --- the booking page's board -----------------------------------------------------------------------------------------


def test_the_board_tells_the_same_as_its_parts(cast, monday):
    appointment(cast.boris, cast.chen, MONDAY, "08:00")
    appointment(cast.ana, cast.diallo, TUESDAY, "10:00")
    ana = cast.actor("ana")
    board = scheduling.board([cast.chen, cast.diallo], doctor_id=cast.chen, on=TUESDAY, actor=ana)
    assert board.days == scheduling.free_days(cast.chen, actor=ana)
    of_the_day = scheduling.day_slots(doctor_id=cast.chen, on=TUESDAY, actor=ana).slots
    assert [(slot.time, slot.reason) for slot in board.slots] == [(slot.time, slot.reason) for slot in of_the_day]
    assert board.next_free == {cast.chen: Moment(MONDAY, SLOT_TIMES[1]), cast.diallo: Moment(MONDAY, SLOT_TIMES[0])}


def test_the_board_shows_what_was_chosen_so_far(cast, monday):
    assert scheduling.board([]) == scheduling.Board({}, [], [])
    undecided = scheduling.board([cast.chen])
    assert (list(undecided.next_free), undecided.days, undecided.slots) == ([cast.chen], [], [])
    beyond = scheduling.board([cast.chen], doctor_id=cast.chen, on=clock.today() + timedelta(days=31))
    assert (len(beyond.days), beyond.slots) == (31, [])


def test_only_the_office_sees_when_a_patient_it_books_for_is_busy(cast, monday):
    appointment(cast.ana, cast.diallo, TUESDAY, "10:00")
    for who, busy in (("esther", True), ("ana", True), ("chen", False), ("boris", False), (None, False)):
        actor = cast.actor(who) if who else None
        board = scheduling.board([cast.chen], doctor_id=cast.chen, on=TUESDAY, actor=actor, patient_id=cast.ana)
        assert shown(board.slots) == ({"10:00": "yours"} if busy else {}), who
        near = scheduling.nearest_free(
            doctor_id=cast.chen, on=TUESDAY, at=SLOT_TIMES[4], actor=actor, patient_id=cast.ana, count=18
        )
        assert (Moment(TUESDAY, SLOT_TIMES[4]) in near) is not busy, who
