"""A day before anybody has booked: hours open it, closures and leave close it, in one order."""

from __future__ import annotations

from datetime import date, time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from clinic.scheduling import calendar
from clinic.scheduling.calendar import HOURS, SLOT_TIMES, Moment, SlotStatus, slot_end
from clinic.scheduling.day_frame import ALL_DAY, DayFrame, Stretch, closed_moments, closed_times, joined

MONDAY = date(2026, 3, 2)


def stretch(start: str, end: str) -> Stretch:
    return Stretch(time.fromisoformat(start), time.fromisoformat(end))


MORNING, AFTERNOON, LUNCH = stretch("08:00", "12:00"), stretch("13:00", "17:00"), stretch("12:00", "13:00")
stretches = (
    st.lists(st.sampled_from(range(len(HOURS))), min_size=2, max_size=2, unique=True)
    .map(sorted)
    .map(lambda pair: Stretch(HOURS[pair[0]], HOURS[pair[1]]))
)
some = st.lists(stretches, max_size=3).map(tuple)
frames = st.builds(DayFrame, some, some, some, some, st.booleans())


def closed(frame: DayFrame) -> dict[str, SlotStatus]:
    return {f"{at:%H:%M}": reason for at, reason in closed_times(frame).items()}


def test_a_clinic_that_has_entered_nothing_is_open_on_the_whole_grid() -> None:
    assert closed(DayFrame()) == {}


def test_lunch_lies_between_two_stretches() -> None:
    assert closed(DayFrame(hours=(MORNING, AFTERNOON))) == {
        "12:00": SlotStatus.OFF_HOURS, "12:30": SlotStatus.OFF_HOURS,
    }  # fmt: skip


def test_a_day_without_hours_is_off() -> None:
    assert set(closed(DayFrame(hours=())).values()) == {SlotStatus.OFF_HOURS}


def test_extra_hours_open_what_hours_and_closures_close_but_not_leave() -> None:
    frame = DayFrame((), (stretch("09:00", "10:00"),), (ALL_DAY,), (stretch("09:30", "10:00"),))
    found = closed(frame)
    assert "09:00" not in found
    assert (found["08:30"], found["09:30"], found["10:00"]) == (SlotStatus.CLOSED, SlotStatus.AWAY, SlotStatus.CLOSED)


def test_what_touches_counts_as_one() -> None:
    assert joined([AFTERNOON, LUNCH, MORNING]) == (ALL_DAY,)
    assert closed(DayFrame(hours=(stretch("08:00", "12:30"), stretch("12:00", "17:00")))) == {}


def test_of_several_reasons_leave_is_said_before_a_closure_before_the_hours() -> None:
    at = "12:00"
    assert closed(DayFrame((), (), (), ()))[at] is SlotStatus.OFF_HOURS
    assert closed(DayFrame((), (), (LUNCH,), ()))[at] is SlotStatus.CLOSED
    assert closed(DayFrame((), (), (LUNCH,), (LUNCH,)))[at] is SlotStatus.AWAY
    assert closed(DayFrame((), (LUNCH,), (LUNCH,), (LUNCH,), False))[at] is SlotStatus.AWAY
    assert closed(DayFrame((), (LUNCH,), (), (), False))[at] is SlotStatus.CLOSED


@given(frames)
def test_each_minute_of_a_slot_decides(frame: DayFrame) -> None:
    """The same, told by the half hours of the grid: every part of a slot must be open, and none closed."""
    found = closed_times(frame)
    for at in SLOT_TIMES:
        slot = Stretch(at, slot_end(at))
        inside = {name: any(slot.overlaps(each) for each in getattr(frame, name)) for name in frame._fields[:4]}
        if inside["leave"]:
            expected: SlotStatus | None = SlotStatus.AWAY
        elif not frame.bookable:
            expected = SlotStatus.CLOSED
        elif inside["extra"]:
            expected = None
        elif inside["closures"]:
            expected = SlotStatus.CLOSED
        else:
            expected = None if inside["hours"] else SlotStatus.OFF_HOURS
        assert found.get(at) is expected
    assert closed_moments(MONDAY, frame) == {Moment(MONDAY, at): reason for at, reason in found.items()}


@given(st.lists(stretches, max_size=5))
def test_the_union_is_in_order_and_nothing_of_it_touches(parts: list[Stretch]) -> None:
    union = joined(parts)
    assert all(one.end < other.start for one, other in pairwise(union))
    for at in SLOT_TIMES:
        slot = Stretch(at, slot_end(at))
        assert any(map(slot.overlaps, parts)) == any(map(slot.overlaps, union))


def test_the_day_is_as_long_as_the_grid() -> None:
    assert (ALL_DAY.start, ALL_DAY.end) == (calendar.DAY_STARTS, calendar.DAY_ENDS)
