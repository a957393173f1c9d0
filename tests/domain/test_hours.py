"""The clinic's hours, each doctor's, extra hours and closures: what may be entered, and what reads them."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest

from clinic import records, scheduling
from clinic.audit import AuditAction
from clinic.db import db, session
from clinic.errors import Conflict, InvalidInput, NotFound, Stale
from clinic.scheduling import SlotStatus
from tests import factories
from tests.domain.calendar_entries import MONDAY, TUESDAY, WEDNESDAY, of_doctor, reasons, week
from tests.people import Cast
from tests.statements import count_statements

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture(autouse=True)
def morning(clock_at: Any) -> None:
    """It is seven on a Monday."""
    clock_at("2026-03-02 07:00")


# --- weekly hours -----------------------------------------------------------------------------------------------------


def test_opening_hours_close_everything_else(cast: Cast) -> None:
    assert reasons(cast, TUESDAY) == {}
    scheduling.set_opening_hours(cast.actor("esther"), week((2, "08:00", "12:00"), (2, "13:00", "17:00")))
    assert reasons(cast, TUESDAY) == {"12:00": SlotStatus.OFF_HOURS, "12:30": SlotStatus.OFF_HOURS}
    assert len(reasons(cast, WEDNESDAY)) == 18
    assert [day.free for day in scheduling.free_days(cast.chen)[:4]] == [0, 16, 0, 0]
    assert scheduling.next_free([cast.chen])[cast.chen] == [scheduling.Moment(TUESDAY, time(8))]


def test_a_doctor_with_hours_follows_these_alone(cast: Cast) -> None:
    esther = cast.actor("esther")
    scheduling.set_opening_hours(esther, week((2, "08:00", "09:00")))
    scheduling.set_doctor_hours(esther, cast.chen, of_doctor((3, "16:00", "17:00")))
    assert len(reasons(cast, TUESDAY)) == 18
    assert len(reasons(cast, TUESDAY, "diallo")) == 16
    assert len(reasons(cast, WEDNESDAY)) == 16
    assert len(reasons(cast, WEDNESDAY, "diallo")) == 18


def test_a_doctors_hours_hold_from_and_until_a_day(cast: Cast) -> None:
    esther = cast.actor("esther")
    later = of_doctor((2, "08:00", "09:00"), since=WEDNESDAY)
    until = of_doctor((2, "16:00", "17:00"), until=TUESDAY)
    scheduling.set_doctor_hours(esther, cast.chen, [*until, *later])
    assert set(reasons(cast, TUESDAY)) == {f"{at:%H:%M}" for at in scheduling.SLOT_TIMES if at < time(16)}
    assert set(reasons(cast, TUESDAY + timedelta(days=7))) == {
        f"{at:%H:%M}" for at in scheduling.SLOT_TIMES if at >= time(9)
    }
    scheduling.set_doctor_hours(esther, cast.chen, until)
    assert reasons(cast, WEDNESDAY) == {}  # none are valid any more: the clinic's, which has none


def test_the_hours_say_in_which_room(cast: Cast) -> None:
    esther = cast.actor("esther")
    hours = of_doctor((2, "08:00", "09:00"), room=cast.heart_room) + of_doctor((2, "09:00", "10:00"))
    scheduling.set_doctor_hours(esther, cast.chen, hours)
    slots = scheduling.day_slots(doctor_id=cast.chen, on=TUESDAY).slots
    shown = [slot.room for slot in slots if slot.available]
    assert len(shown) == 4
    assert shown[0] == shown[1] != shown[2] == shown[3]
    booked = scheduling.book(
        cast.actor("ana"), doctor_id=cast.chen, department_id=cast.cardiology, on=TUESDAY, at=time(8)
    )
    assert booked["room"] is not None
    assert booked["room"]["id"] == cast.heart_room


@pytest.mark.parametrize(
    ("hours", "fields"),
    [
        (week((0, "08:00", "09:00")), {"hours.0.weekday"}),
        (
            week((1, "08:15", "09:00"), (8, "09:00", "17:30")),
            {"hours.0.from_time", "hours.1.weekday", "hours.1.to_time"},
        ),
        (week((1, "10:00", "10:00")), {"hours.0.to_time"}),
        (week((1, "08:00", "12:00"), (1, "11:00", "13:00")), {"hours.1.from_time"}),
        (week(*[(1, "08:00", "08:30")] * 101), {"hours"}),
    ],
)
def test_everything_that_is_wrong_with_a_week_is_said_at_once(cast: Cast, hours: Any, fields: set[str]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        scheduling.set_opening_hours(cast.actor("esther"), hours)
    assert fields in ({"hours"}, set(refusal.value.errors))
    assert scheduling.opening_hours()["hours"] == []


def test_a_doctors_week_is_checked_the_same_with_room_and_days(cast: Cast) -> None:
    hours = of_doctor((1, "08:00", "12:00"), room=cast.nerve_room, since=WEDNESDAY, until=TUESDAY)
    with pytest.raises(InvalidInput) as refusal:
        scheduling.set_doctor_hours(cast.actor("esther"), cast.chen, hours)
    assert set(refusal.value.errors) == {"hours.0.valid_until", "hours.0.room_id"}
    with pytest.raises(NotFound):
        scheduling.set_doctor_hours(cast.actor("esther"), cast.ana, [])
    with pytest.raises(NotFound):
        scheduling.doctor_hours(cast.ana)


def test_hours_may_overlap_where_never_both_hold(cast: Cast) -> None:
    hours = of_doctor((1, "08:00", "12:00"), until=TUESDAY) + of_doctor((1, "08:00", "17:00"), since=WEDNESDAY)
    scheduling.set_doctor_hours(cast.actor("esther"), cast.chen, hours)
    assert len(scheduling.doctor_hours(cast.chen)["hours"]) == 2


def test_nobody_overwrites_hours_that_they_have_not_seen(cast: Cast) -> None:
    esther = cast.actor("esther")
    seen = scheduling.opening_hours()["version"]
    scheduling.set_opening_hours(esther, week((1, "08:00", "12:00")), expected_version=seen)
    with pytest.raises(Stale):
        scheduling.set_opening_hours(esther, [], expected_version=seen)
    scheduling.set_opening_hours(esther, [], expected_version=scheduling.opening_hours()["version"])
    assert scheduling.opening_hours()["version"] == seen
    of_chen = scheduling.doctor_hours(cast.chen)["version"]
    scheduling.set_doctor_hours(esther, cast.chen, of_doctor((1, "08:00", "12:00")), expected_version=of_chen)
    with pytest.raises(Stale):
        scheduling.set_doctor_hours(esther, cast.chen, [], expected_version=of_chen)


# --- extra hours ------------------------------------------------------------------------------------------------------


def test_extra_hours_open_a_closed_day(cast: Cast) -> None:
    esther = cast.actor("esther")
    scheduling.set_opening_hours(esther, week((2, "08:00", "12:00")))
    scheduling.add_closure(esther, first_day=TUESDAY, name="Holiday")
    assert set(reasons(cast, TUESDAY).values()) == {SlotStatus.CLOSED}
    change = scheduling.add_extra_hours(esther, cast.chen, day=TUESDAY, from_time=time(13), to_time=time(14))
    assert "13:00" not in reasons(cast, TUESDAY)
    assert len(reasons(cast, TUESDAY)) == 16
    assert len(reasons(cast, TUESDAY, "diallo")) == 18
    again = scheduling.add_extra_hours(cast.actor("chen"), cast.chen, day=TUESDAY, from_time=time(13), to_time=time(14))
    assert again.id == change.id
    [row] = scheduling.extra_hours(cast.actor("chen"), cast.chen)
    scheduling.remove_extra_hours(cast.actor("chen"), row["id"])
    assert len(reasons(cast, TUESDAY)) == 18


def test_extra_hours_that_cannot_be(cast: Cast) -> None:
    esther, chen = cast.actor("esther"), cast.actor("chen")
    with pytest.raises(InvalidInput) as wrong:
        scheduling.add_extra_hours(
            esther, cast.chen, day=MONDAY - timedelta(days=1), from_time=time(9, 10), to_time=time(9), room_id=9999
        )
    assert set(wrong.value.errors) == {"day", "from_time", "to_time", "room_id"}
    scheduling.add_extra_hours(esther, cast.chen, day=TUESDAY, from_time=time(9), to_time=time(11))
    with pytest.raises(Conflict) as overlap:
        scheduling.add_extra_hours(esther, cast.chen, day=TUESDAY, from_time=time(10), to_time=time(12))
    assert (overlap.value.code, overlap.value.field) == ("hours_overlap", "from_time")
    scheduling.take_leave(chen, first_day=WEDNESDAY)
    with pytest.raises(Conflict) as leave:
        scheduling.add_extra_hours(chen, cast.chen, day=WEDNESDAY, from_time=time(9), to_time=time(11))
    assert leave.value.code == "leave_overlaps"
    with pytest.raises(NotFound):
        scheduling.add_extra_hours(chen, cast.diallo, day=TUESDAY, from_time=time(9), to_time=time(11))


# --- closures ---------------------------------------------------------------------------------------------------------


def test_a_closure_closes_every_doctor_and_tells_why(cast: Cast) -> None:
    esther = cast.actor("esther")
    number = scheduling.add_closure(esther, first_day=TUESDAY, last_day=WEDNESDAY, name="Tet", name_vi="Tết").id
    for doctor in ("chen", "diallo"):
        assert set(reasons(cast, TUESDAY, doctor).values()) == {SlotStatus.CLOSED}
    [told] = scheduling.closures(lang="vi")
    assert (told["name"], told["first_day"], told["last_day"], told["from_time"]) == ("Tết", TUESDAY, WEDNESDAY, None)
    assert [(day.free, day.closed) for day in scheduling.free_days(cast.chen)[:3]] == [
        (18, False),
        (0, True),
        (0, True),
    ]
    assert [row["name"] for row in scheduling.closures()] == ["Tet"]
    scheduling.remove_closure(esther, number)
    assert (reasons(cast, TUESDAY), scheduling.closures()) == ({}, [])
    with pytest.raises(NotFound):
        scheduling.remove_closure(esther, number)


def test_hours_of_a_day_are_closed(cast: Cast) -> None:
    scheduling.add_closure(
        cast.actor("esther"), first_day=TUESDAY, from_time=time(13), to_time=time(14), name="Training"
    )
    assert reasons(cast, TUESDAY) == {"13:00": SlotStatus.CLOSED, "13:30": SlotStatus.CLOSED}


def test_the_same_closure_is_entered_once(cast: Cast) -> None:
    esther = cast.actor("esther")
    entry: dict[str, Any] = {"first_day": TUESDAY, "name": "Tet"}
    number = scheduling.add_closure(esther, **entry).id
    assert scheduling.add_closure(esther, **entry).id == number
    holiday = scheduling.add_closure(esther, first_day=WEDNESDAY, name="Kings", holiday="VN Hung Kings").id
    again = scheduling.add_closure(esther, first_day=WEDNESDAY, name="Renamed", holiday="VN Hung Kings").id
    assert again == holiday
    assert len(scheduling.closures()) == 2
    entered = records.audit_trail(esther, action=AuditAction.CLOSURE_ENTERED)
    assert [line["details"]["name"] for line in entered.results] == ["Kings", "Tet"]


@pytest.mark.parametrize(
    ("entry", "fields"),
    [
        ({"first_day": MONDAY - timedelta(days=1), "name": ""}, {"first_day", "name"}),
        ({"first_day": TUESDAY, "last_day": MONDAY, "name": "x" * 81}, {"last_day", "name"}),
        ({"first_day": TUESDAY, "from_time": time(9), "name": "Tet"}, {"to_time"}),
        ({"first_day": TUESDAY, "from_time": time(9), "to_time": time(8, 15), "name": "Tet"}, {"to_time"}),
    ],
)
def test_what_is_wrong_with_a_closure_is_said_at_once(cast: Cast, entry: Any, fields: set[str]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        scheduling.add_closure(cast.actor("esther"), **entry)
    assert set(refusal.value.errors) == fields


def test_reading_hours_costs_no_statement(cast: Cast) -> None:
    esther = cast.actor("esther")
    scheduling.set_opening_hours(esther, week((2, "08:00", "12:00"), (3, "08:00", "12:00")))
    scheduling.set_doctor_hours(esther, cast.chen, of_doctor((2, "08:00", "12:00")))
    scheduling.add_closure(esther, first_day=WEDNESDAY, name="Tet")
    scheduling.add_extra_hours(esther, cast.chen, day=WEDNESDAY, from_time=time(9), to_time=time(10))
    session().rollback()
    with count_statements(db.engine) as statements:
        assert (
            len([slot for slot in scheduling.day_slots(doctor_id=cast.chen, on=WEDNESDAY).slots if slot.available]) == 2
        )
    assert len(statements) == 2


def test_numbers_count_open_slots_alone(cast: Cast) -> None:
    esther = cast.actor("esther")
    scheduling.set_opening_hours(esther, week((2, "08:00", "12:00")))
    factories.appointment(cast.ana, cast.chen, TUESDAY, "09:00")
    heat = scheduling.statistics(esther, first=TUESDAY, last=WEDNESDAY).heat
    assert (heat[2, time(9)], heat[2, time(8)]) == (0.5, 0)
    assert (heat[2, time(13)], heat[3, time(9)]) == (None, None)


def test_the_week_of_a_doctor_has_blocks_by_reason(cast: Cast) -> None:
    esther, chen = cast.actor("esther"), cast.actor("chen")
    scheduling.set_opening_hours(esther, week((2, "08:00", "12:00"), (2, "13:00", "16:00"), (3, "08:00", "17:00")))
    scheduling.add_closure(esther, first_day=WEDNESDAY, name="Tet")
    scheduling.take_leave(chen, first_day=TUESDAY, from_time=time(15), to_time=time(17))
    plans = scheduling.week(chen, MONDAY)
    blocks = {
        f"{at:%H:%M}": (str(each.reason), f"{each.end:%H:%M}", each.slots) for at, each in plans[1].blocks.items()
    }
    assert blocks == {"12:00": ("off_hours", "13:00", 2), "15:00": ("away", "17:00", 4)}
    assert [plan.closed_all_day for plan in plans[:3]] == [SlotStatus.OFF_HOURS, None, SlotStatus.CLOSED]
