"""The calendar: which slots there are, which can be booked, and why the others can't. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.scheduling import calendar
from clinic.scheduling.calendar import SLOT_TIMES, Moment, Slot, SlotStatus
from clinic.settings import BookingRules

CLINIC = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = date(2026, 3, 2)
TUESDAY = MONDAY + timedelta(days=1)
DAYS = calendar.bookable_days(MONDAY, BookingRules())


def at(clock: str, on: date = MONDAY) -> datetime:
    """A moment of the clinic's clock."""
    return datetime.combine(on, time.fromisoformat(clock), CLINIC)


def slot(clock: str, on: date = MONDAY) -> Moment:
    """A slot's start."""
    return Moment(on, time.fromisoformat(clock))


moments = st.builds(
    Moment,
    st.dates(MONDAY, MONDAY + timedelta(days=BookingRules().horizon_days)),
    st.sampled_from(SLOT_TIMES),
)
clocks = st.datetimes(datetime(2026, 3, 2), datetime(2026, 3, 2, 23, 59, 59), timezones=st.just(CLINIC))


def test_the_day_has_eighteen_slots_from_eight_to_half_past_four():
    assert [f"{start:%H:%M}" for start in SLOT_TIMES] == [
        "08:00", "08:30", "09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00",
        "12:30", "13:00", "13:30", "14:00", "14:30", "15:00", "15:30", "16:00", "16:30",
    ]  # fmt: skip


@given(st.integers(5, 120))
def test_slots_of_any_length_follow_each_other_and_are_over_in_time(minutes):
    times = calendar.slot_times(calendar.DAY_STARTS, calendar.DAY_ENDS, minutes)
    starts = [datetime.combine(MONDAY, each) for each in times]
    end = datetime.combine(MONDAY, calendar.DAY_ENDS)
    assert times[0] == calendar.DAY_STARTS
    assert {second - first for first, second in pairwise(starts)} == {timedelta(minutes=minutes)}
    assert end - timedelta(minutes=2 * minutes) < starts[-1] <= end - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("moment", "start"), [("07:59", "08:00"), ("08:00", "08:00"), ("08:29", "08:00"), ("16:59", "16:30")]
)
def test_a_time_falls_into_a_slot(moment, start):
    found = calendar.slot_of(time.fromisoformat(moment))
    assert f"{found:%H:%M}" == start
    assert calendar.slot_end(found) in calendar.HOURS


@pytest.mark.parametrize(
    ("now", "start", "reason"),
    [
        ("07:59", "08:00", None),
        ("07:59:59", "08:00", None),
        ("08:00", "08:00", SlotStatus.PAST),
        ("08:00", "08:30", None),
        ("08:29:59", "08:30", None),
        ("08:30:01", "08:30", SlotStatus.PAST),
        ("16:29", "16:30", None),
        ("16:30", "16:30", SlotStatus.PAST),
        ("23:59", "16:30", SlotStatus.PAST),
    ],
)
def test_a_slot_is_past_from_the_second_in_which_it_begins(now, start, reason):
    assert calendar.why_unavailable(slot(start), now=at(now), taken=()) is reason


def test_yesterday_is_past_and_tomorrow_is_not():
    now = at("12:00")
    assert calendar.why_unavailable(slot("16:30", MONDAY - timedelta(days=1)), now=now, taken=()) is SlotStatus.PAST
    assert calendar.why_unavailable(slot("08:00", TUESDAY), now=now, taken=()) is None


@pytest.mark.parametrize(
    ("now", "taken", "own", "reason"),
    [
        ("07:00", False, False, None),
        ("07:00", True, False, SlotStatus.TAKEN),
        ("07:00", False, True, SlotStatus.YOURS),
        ("07:00", True, True, SlotStatus.YOURS),  # the visit with this doctor is the patient's own
        ("10:00", True, True, SlotStatus.PAST),  # what has begun is past, whoever has it
    ],
)
def test_each_reason_comes_before_the_weaker_ones(now, taken, own, reason):
    nine = slot("09:00")
    found = calendar.why_unavailable(nine, now=at(now), taken=[nine] if taken else [], own=[nine] if own else [])
    assert found is reason


def test_a_day_lists_every_slot_in_order_and_a_room_only_where_one_can_be_had():
    shown = calendar.day_slots(
        MONDAY, now=at("08:10"), taken={slot("09:00")}, own={slot("10:00")}, room=lambda start: f"R{start.hour}"
    )
    assert [each.time for each in shown] == list(SLOT_TIMES)
    assert shown[:5] == [
        Slot(time(8), SlotStatus.PAST, None),
        Slot(time(8, 30), None, "R8"),
        Slot(time(9), SlotStatus.TAKEN, None),
        Slot(time(9, 30), None, "R9"),
        Slot(time(10), SlotStatus.YOURS, None),
    ]
    assert [each.available for each in shown[:5]] == [False, True, False, True, False]


def test_today_and_thirty_days_ahead_can_be_booked():
    days = calendar.bookable_days(MONDAY, BookingRules())
    assert (days[0], days[-1], len(days)) == (MONDAY, MONDAY + timedelta(days=30), 31)


def test_a_clinic_may_decide_how_far_ahead_one_books():
    assert calendar.bookable_days(MONDAY, BookingRules(horizon_days=1)) == [MONDAY, TUESDAY]


def test_free_days_count_what_is_left_of_each_day():
    days = calendar.free_days(DAYS, now=at("12:00"), taken={slot("15:00"), slot("09:00", TUESDAY)}, own={slot("16:00")})
    assert (days[0].date, days[0].free) == (MONDAY, 7)  # 12:30 to 16:30 are nine, two of them are taken
    assert (days[1].date, days[1].free) == (TUESDAY, 17)
    assert {day.free for day in days[2:]} == {18}
    assert [day.share for day in days[:3]] == [7 / 18, 17 / 18, 1]


@given(clocks, st.sets(moments), st.sets(moments), st.sets(moments))
def test_the_days_the_slots_and_the_free_times_tell_the_same(now, taken, own, leave):
    def away(on: date) -> dict[Moment, SlotStatus]:
        return {moment: SlotStatus.AWAY for moment in leave if moment.date == on}

    ahead = calendar.bookable_days(now.date(), BookingRules())
    days = calendar.free_days(ahead, now=now, taken=taken, own=own, away=away)
    free = list(calendar.free_moments(ahead, now=now, taken=taken, own=own, away=away))
    assert [day.free for day in days] == [
        sum(each.available for each in calendar.day_slots(day.date, now=now, taken=taken, own=own, away=away))
        for day in days
    ]
    assert sum(day.free for day in days) == len(free)
    assert calendar.free_by_day(ahead, now=now, taken=taken, own=own, away=away) == {
        on: [moment for moment in free if moment.date == on] for on in ahead
    }
    assert free == sorted(set(free))
    assert not set(free) & (taken | own | leave)
    assert all((calendar.why_unavailable(each, now=now, taken=taken, own=own, away=away) is None) for each in free)
    assert all(datetime.combine(moment.date, moment.time, CLINIC) > now for moment in free)


@given(st.lists(moments, unique=True).map(sorted), moments, st.integers(0, 5))
def test_the_nearest_times_come_in_order_and_none_left_out_is_nearer(free, target, count):
    def away(moment: Moment) -> timedelta:
        return abs(datetime.combine(moment.date, moment.time) - datetime.combine(target.date, target.time))

    found = calendar.nearest(free, target, count)
    assert found == sorted(found)
    assert len(found) == min(count, len(free))
    left_out = set(free) - set(found)
    assert not found or not left_out or max(map(away, found)) <= min(map(away, left_out))


@given(st.lists(moments, unique=True).map(sorted), st.integers(0, 5))
def test_the_soonest_are_the_first(free, count):
    assert calendar.soonest(iter(free), count) == free[:count]


# --- gaps -------------------------------------------------------------------------------------------------------------


def test_gaps_are_the_free_and_the_closed_stretches_between_visits():
    slots = calendar.day_slots(
        MONDAY,
        now=at("09:10"),
        taken={slot("10:00"), slot("10:30"), slot("16:30")},
        away=lambda on: {slot(text, on): SlotStatus.AWAY for text in ("13:00", "13:30", "14:00", "14:30")},
    )

    assert [(f"{gap.start:%H:%M}", f"{gap.end:%H:%M}", gap.away) for gap in calendar.gaps(slots)] == [
        ("09:30", "10:00", False),
        ("11:00", "13:00", False),
        ("13:00", "15:00", True),
        ("15:00", "16:30", False),
    ]


@given(now=clocks, taken=st.frozensets(moments), leave=st.frozensets(st.sampled_from(SLOT_TIMES)))
def test_gaps_and_other_slots_make_the_day(now, taken, leave):
    slots = calendar.day_slots(
        MONDAY, now=now, taken=taken, away=lambda on: {Moment(on, time): SlotStatus.AWAY for time in leave}
    )
    found = calendar.gaps(slots)

    covered = {each.time for each in slots for gap in found if gap.start <= each.time < gap.end}
    assert covered == {each.time for each in slots if each.reason in (None, SlotStatus.AWAY)}
    assert all(first.end <= second.start for first, second in pairwise(found))
    assert all(first.end < second.start or first.away != second.away for first, second in pairwise(found))
