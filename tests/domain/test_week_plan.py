"""A doctor's week and month to plan by: what is free, what closes a day and why, and whose days somebody sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest

from clinic import scheduling
from clinic.db import db
from clinic.errors import Forbidden, NotFound
from clinic.policy import Actor
from clinic.scheduling import LAST_MONTH, MonthDay, SlotStatus
from clinic.settings import BookingRules
from tests import factories
from tests.people import Cast
from tests.statements import count_statements

pytestmark = [pytest.mark.usefixtures("app_context"), pytest.mark.engine("sqlite")]

MONDAY = date(2026, 3, 2)
TUESDAY, WEDNESDAY, SUNDAY = (MONDAY + timedelta(days=ahead) for ahead in (1, 2, 6))
MOST_STATEMENTS = 4


@pytest.fixture(autouse=True)
def morning(clock_at: Callable[[str], datetime]) -> datetime:
    """Monday, a quarter past ten."""
    return clock_at("2026-03-02 10:15")


@pytest.fixture
def chen(cast: Cast) -> Actor:
    return cast.actor("chen")


@pytest.fixture
def esther(cast: Cast) -> Actor:
    return cast.actor("esther")


def of_day(weeks: list[list[MonthDay]], on: date) -> MonthDay:
    """A day of a month."""
    (found,) = [day for days in weeks for day in days if day.date == on]
    return found


def hours(*texts: str) -> frozenset[time]:
    return frozenset(map(time.fromisoformat, texts))


# --- what is free -----------------------------------------------------------------------------------------------------


def test_a_time_is_open_if_it_is_to_come_and_nothing_stands_in_its_way(cast: Cast, chen: Actor) -> None:
    waiting = factories.appointment(cast.ana, cast.chen, MONDAY, "16:00")
    factories.appointment(cast.boris, cast.chen, MONDAY, "16:30", status="cancelled")
    factories.hold(waiting, cast.chen, MONDAY, "15:30")
    scheduling.take_leave(chen, first_day=MONDAY, from_time=time(11), to_time=time(15))

    today = scheduling.week(chen, MONDAY)[0]

    assert today.open == hours("10:30", "15:00", "16:30")
    assert (today.free, today.held, set(today.appointments)) == (3, hours("15:30"), {time(16)})
    assert (today.capacity, today.away) == (10, frozenset(at for at in scheduling.SLOT_TIMES if 11 <= at.hour < 15))


def test_days_beyond_the_horizon_can_be_closed_but_not_booked(chen: Actor, clinic_has: Callable[..., object]) -> None:
    clinic_has(booking=BookingRules(horizon_days=7))
    plans = {plan.date: plan for plan in scheduling.week(chen, MONDAY, days=10)}

    assert (plans[MONDAY + timedelta(days=7)].free, plans[MONDAY + timedelta(days=8)].free) == (18, None)
    assert len(plans[MONDAY + timedelta(days=8)].open) == len(scheduling.SLOT_TIMES)
    assert scheduling.week(chen, MONDAY - timedelta(days=1))[0].open == frozenset()


def test_how_soon_patients_book_does_not_bind_who_works_here(chen: Actor, clinic_has: Callable[..., object]) -> None:
    clinic_has(booking=BookingRules(lead_hours=48))

    assert scheduling.week(chen, MONDAY)[1].free == len(scheduling.SLOT_TIMES)


# --- what closes a day ------------------------------------------------------------------------------------------------


def test_a_closure_is_told_by_its_name_over_past_days_too(cast: Cast, chen: Actor) -> None:
    factories.closure(MONDAY - timedelta(days=1), name="Founding day")
    scheduling.add_closure(
        cast.actor("esther"),
        first_day=TUESDAY,
        from_time=time(13),
        to_time=time(17),
        name="Training",
        name_vi="Tập huấn",
    )
    before, _monday, tuesday = scheduling.week(chen.with_language("vi"), MONDAY - timedelta(days=1), days=3)

    assert [(block.reason, block.name) for block in before.blocks.values()] == [(SlotStatus.CLOSED, "Founding day")]
    [(at, block)] = tuesday.blocks.items()
    assert (at, block.end, block.slots, block.name) == (time(13), time(17), 8, "Tập huấn")


def test_a_visit_that_lost_its_time_parts_the_block(cast: Cast, chen: Actor) -> None:
    factories.appointment(cast.ana, cast.chen, TUESDAY, "09:00")
    factories.closure(TUESDAY)
    tuesday = scheduling.week(chen, MONDAY)[1]

    assert [(at, block.slots) for at, block in tuesday.blocks.items()] == [(time(8), 2), (time(9, 30), 15)]
    assert (tuesday.closed_all_day, set(tuesday.appointments)) == (SlotStatus.CLOSED, {time(9)})


# --- the month --------------------------------------------------------------------------------------------------------


def test_a_month_counts_visits_and_what_is_free(cast: Cast, chen: Actor, esther: Actor) -> None:
    for at in ("09:00", "09:30"):
        factories.appointment(cast.ana, cast.chen, WEDNESDAY, at)
    factories.appointment(cast.ana, cast.chen, WEDNESDAY, "10:00", status="cancelled")
    factories.appointment(cast.boris, cast.diallo, WEDNESDAY, "10:30")
    scheduling.take_leave(chen, first_day=TUESDAY)
    scheduling.take_leave(chen, first_day=WEDNESDAY, from_time=time(15), to_time=time(17))
    scheduling.add_closure(esther, first_day=SUNDAY, name="Festival")
    weeks = scheduling.month(chen, SUNDAY)

    assert [(days[0].date, days[-1].date) for days in weeks][:: len(weeks) - 1] == [
        (date(2026, 2, 23), date(2026, 3, 1)),
        (date(2026, 3, 30), date(2026, 4, 5)),
    ]
    assert [of_day(weeks, on).outside for on in (date(2026, 2, 28), MONDAY, date(2026, 4, 1))] == [True, False, True]
    wednesday, tuesday, sunday = (of_day(weeks, on) for on in (WEDNESDAY, TUESDAY, SUNDAY))
    assert (wednesday.appointment_count, wednesday.capacity, wednesday.free) == (2, 14, 12)
    assert [(at, block.reason) for at, block in wednesday.interruptions.items()] == [(time(15), SlotStatus.AWAY)]
    assert (tuesday.closed_all_day, tuesday.closure, tuesday.interruptions) == (SlotStatus.AWAY, None, {})
    assert (sunday.closed_all_day, sunday.closure) == (SlotStatus.CLOSED, "Festival")


def test_what_lies_outside_hours_is_no_interruption(chen: Actor, esther: Actor) -> None:
    day: scheduling.OpeningHoursRow = {"weekday": 1, "from_time": time(8), "to_time": time(12)}
    scheduling.set_opening_hours(esther, [day])
    weeks = scheduling.month(chen, MONDAY)

    monday = of_day(weeks, MONDAY + timedelta(days=7))
    assert (monday.interruptions, monday.capacity, monday.free) == ({}, 8, 8)
    assert of_day(weeks, SUNDAY).closed_all_day is SlotStatus.OFF_HOURS


@pytest.mark.parametrize("on", [date.min, date(2027, 2, 1), LAST_MONTH, date.max])
def test_a_month_is_whole_weeks_wherever_it_lies(chen: Actor, on: date) -> None:
    weeks = scheduling.month(chen, on)
    dates = [day.date for days in weeks for day in days]

    assert dates == [dates[0] + timedelta(days=ahead) for ahead in range(len(dates))]
    assert {len(days) for days in weeks} == {7}
    assert dates[0].weekday() == 0
    inside = [day.date for days in weeks for day in days if not day.outside]
    assert (inside[0].day, inside[0].month) == (1, min(on, LAST_MONTH).month)


# --- whose, and at which cost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("read", [scheduling.week, scheduling.month])
def test_whose_days_somebody_sees(cast: Cast, read: Callable[..., list[object]]) -> None:
    chen, esther, ana = (cast.actor(name) for name in ("chen", "esther", "ana"))

    assert read(esther, MONDAY, doctor_id=cast.chen) == read(chen, MONDAY) == read(chen, MONDAY, doctor_id=cast.chen)
    with pytest.raises(NotFound):
        read(chen, MONDAY, doctor_id=cast.diallo)
    for actor, whose in ((esther, None), (ana, None), (ana, cast.chen)):
        with pytest.raises(Forbidden):
            read(actor, MONDAY, doctor_id=whose)


@pytest.mark.parametrize("read", [scheduling.week, scheduling.month])
def test_it_costs_as_much_however_full_it_is(cast: Cast, chen: Actor, read: Callable[..., list[object]]) -> None:
    read(chen, MONDAY)
    counted = []
    for ahead, more in ((1, 10), (2, 60)):
        factories.appointments(more, cast.ana, cast.chen, first_day=MONDAY + timedelta(days=ahead))
        factories.closure(MONDAY + timedelta(days=ahead))
        with count_statements(db.engine) as asked:
            read(chen, MONDAY)
        counted.append(len([each for each in asked if each.lstrip().startswith("SELECT")]))

    assert counted[0] == counted[1] <= MOST_STATEMENTS
