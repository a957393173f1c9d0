"""Whatever hours, closures, leave, visits and held slots are: whoever asks for a slot is told the same, and booking and moving
do what was told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic import clock, scheduling
from clinic.db import rolled_back, session, transaction
from clinic.errors import DomainError
from clinic.policy import Actor
from clinic.scheduling import DeskAppointment, DeskBlock, Moment, SlotStatus
from clinic.scheduling.calendar import HOURS, SLOT_TIMES
from clinic.scheduling.calendar_models import SlotHold
from clinic.settings import BookingRules
from tests import factories
from tests.people import Cast

pytestmark = pytest.mark.usefixtures("app_context")

TODAY = date(2026, 3, 2)  # a Monday
NOW, LEAD = "09:40", 3
DAYS = [TODAY + timedelta(days=ahead) for ahead in range(3)]
#: Where a visit stands that is to be moved: far from all that is asked.
ELSEWHERE = TODAY + timedelta(days=14)
ALL = frozenset(range(len(SLOT_TIMES)))

#: Numbers of slots.
Slots = frozenset[int]
slots = st.frozensets(st.sampled_from(sorted(ALL)), max_size=len(ALL))
few = st.frozensets(st.sampled_from(sorted(ALL)), max_size=4)
by_day = st.dictionaries(st.sampled_from(DAYS), slots, max_size=3)
few_by_day = st.dictionaries(st.sampled_from(DAYS), few, max_size=3)
#: Of a day, all of it or a run of slots.
runs = st.tuples(st.integers(0, 17), st.integers(0, 17)).map(lambda ends: frozenset(range(min(ends), max(ends) + 1)))
closed_by_day = st.dictionaries(st.sampled_from(DAYS), st.one_of(st.just(ALL), runs), max_size=2)


@dataclass(frozen=True)
class Plan:
    """What is known of Dr Chen's three days, by the numbers of the slots. Without any hours the whole grid is open."""

    clinic: dict[date, Slots]
    doctor: dict[date, Slots]
    extra: dict[date, Slots]
    closures: dict[date, Slots]
    leave: dict[date, Slots]
    booked: dict[date, Slots]
    own: dict[date, Slots]
    held: dict[date, Slots]

    def why(self, on: date, number: int, *, whom: str = "ana") -> SlotStatus | None:
        """Why a slot can't be booked by somebody: told by this table alone."""
        at = datetime.combine(on, SLOT_TIMES[number])
        now = datetime.combine(TODAY, time.fromisoformat(NOW))
        weekly = self.doctor if any(self.doctor.values()) else self.clinic
        is_open = number in weekly.get(on, ()) if any(weekly.values()) else True
        told = [
            (at <= now, SlotStatus.PAST),
            (whom == "ana" and number in self.own.get(on, ()), SlotStatus.YOURS),
            (number in self.booked.get(on, ()) or number in self.held.get(on, ()), SlotStatus.TAKEN),
            (number in self.leave.get(on, ()), SlotStatus.AWAY),
            (number in self.extra.get(on, ()), None),
            (number in self.closures.get(on, ()), SlotStatus.CLOSED),
            (not is_open, SlotStatus.OFF_HOURS),
            (True, None),
        ]
        reason = next(reason for holds, reason in told if holds)
        if reason is None and whom != "esther" and at < now + timedelta(hours=LEAD):
            return SlotStatus.TOO_SOON
        return reason

    def code(self, on: date, number: int) -> str:
        """What Ana is answered who wants to have the slot."""
        reason = self.why(on, number)
        others = self.why(on, number, whom="boris")
        if reason is SlotStatus.YOURS and others in (SlotStatus.TAKEN, SlotStatus.AWAY):
            return "slot_taken"
        codes = {
            None: "done",
            SlotStatus.PAST: "validation_error",
            SlotStatus.YOURS: "patient_busy",
            SlotStatus.TAKEN: "slot_taken",
            SlotStatus.AWAY: "slot_taken",
        }
        return codes.get(reason) or str(reason)


plans = st.builds(Plan, by_day, by_day, few_by_day, closed_by_day, closed_by_day, few_by_day, few_by_day, few_by_day)


def stretches(numbers: Collection[int]) -> list[tuple[time, time]]:
    """Slots as stretches of the day."""
    found = []
    for _key, run in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0]):
        members = [number for _index, number in run]
        found.append((HOURS[members[0]], HOURS[members[-1] + 1]))
    return found


def each_stretch(days: dict[date, Slots]) -> Iterator[tuple[date, time, time]]:
    """The stretches of several days."""
    for on, numbers in days.items():
        for start, end in stretches(numbers):
            yield on, start, end


def each_slot(days: dict[date, Slots]) -> Iterator[tuple[date, time]]:
    """The slots of several days."""
    for on, numbers in days.items():
        for number in sorted(numbers):
            yield on, SLOT_TIMES[number]


def weekly(hours: dict[date, Slots]) -> list[Any]:
    """Hours of the days as those of their weekdays."""
    return [{"weekday": on.isoweekday(), "from_time": start, "to_time": end} for on, start, end in each_stretch(hours)]


def span(on: date, numbers: Slots) -> dict[str, Any]:
    """A run of slots as the days and hours of an entry."""
    [(start, end)] = stretches(numbers)
    return {"first_day": on} | ({} if numbers == ALL else {"from_time": start, "to_time": end})


def enter(plan: Plan, cast: Cast, esther: Actor) -> None:
    """Write what a plan says, hours and closures by their commands."""
    for on, numbers in plan.leave.items():
        scheduling.take_leave(esther, doctor_id=cast.chen, **span(on, numbers))
    for on, numbers in plan.closures.items():
        scheduling.add_closure(esther, name="Holiday", **span(on, numbers))
    scheduling.set_opening_hours(esther, weekly(plan.clinic))
    valid = {"room_id": None, "valid_from": None, "valid_until": None}
    of_doctor: list[Any] = [row | valid for row in weekly(plan.doctor)]
    scheduling.set_doctor_hours(esther, cast.chen, of_doctor)
    with transaction() as current:
        for on, start, end in each_stretch(plan.extra):
            factories.extra_hours(cast.chen, on, f"{start:%H:%M}", f"{end:%H:%M}")
        for on, at in each_slot(plan.booked):
            factories.appointment(cast.boris, cast.chen, on, at)
        for on, at in each_slot(plan.own):
            factories.appointment(cast.ana, cast.diallo, on, at)
        other = factories.appointment(cast.boris, cast.diallo, ELSEWHERE)
        until = clock.now() + timedelta(hours=1)
        current.add_all(
            SlotHold(
                doctor_id=cast.chen, appointment_date=on, appointment_time=at, for_appointment_id=other, until=until
            )
            for on, at in each_slot(plan.held)
        )
        current.flush()


def _day_desk_agrees(
    cast: Cast, esther: Actor, plan: Plan, asked: date, expected: Collection[SlotStatus | None]
) -> None:
    """The day desk tells the same of each slot, and shows each visit, each free time and each block once."""
    [chen] = [each for each in scheduling.day_desk(esther, asked).doctors if each.id == cast.chen]
    assert list(chen.reasons.values()) == expected
    assert {at for at, cell in chen.cells.items() if cell is None} == {
        at for at, why in zip(SLOT_TIMES, expected, strict=True) if why is None
    }
    booked = {at for at, cell in chen.cells.items() if isinstance(cell, DeskAppointment)}
    assert booked == {SLOT_TIMES[number] for number in plan.booked.get(asked, ())}
    covered = [cell.slots if isinstance(cell, DeskBlock) else 1 for cell in chen.cells.values()]
    assert sum(covered) == len(SLOT_TIMES)


def came_of(do: Callable[[], object]) -> str:
    """What came of a command, in a word; nothing of it stays."""
    with rolled_back():
        try:
            do()
        except DomainError as refusal:
            return refusal.code
        return "done"


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(plan=plans, asked=st.sampled_from(DAYS))
def test_all_who_ask_are_told_the_same_and_booking_does_it(
    cast: Cast, clock_at: Any, clinic_has: Any, plan: Plan, asked: date
) -> None:
    clock_at(f"{TODAY} {NOW}")
    clinic_has(booking=BookingRules(lead_hours=LEAD))
    ana, esther = cast.actor("ana"), cast.actor("esther")
    with rolled_back():
        enter(plan, cast, esther)
        visit = factories.appointment(cast.ana, cast.chen, ELSEWHERE)
        expected = {on: [plan.why(on, number) for number in range(len(SLOT_TIMES))] for on in DAYS}
        for on in DAYS:
            assert [
                slot.reason for slot in scheduling.day_slots(doctor_id=cast.chen, on=on, actor=ana).slots
            ] == expected[on]
            board = scheduling.board([cast.chen], doctor_id=cast.chen, on=on, actor=ana)
            assert [slot.reason for slot in board.slots] == expected[on]
            free = expected[on].count(None)
            assert next(day.free for day in board.days if day.date == on) == free
            assert next(day.free for day in scheduling.free_days(cast.chen, actor=ana) if day.date == on) == free
        guests = [
            Moment(on, at)
            for on in DAYS
            for number, at in enumerate(SLOT_TIMES)
            if plan.why(on, number, whom="boris") is None
        ]
        shown = [each for each in scheduling.next_free([cast.chen], count=54)[cast.chen] if each.date in DAYS]
        assert shown == guests[: len(shown)]
        assert len(shown) == min(54, len(guests))
        offices = [plan.why(asked, number, whom="esther") for number in range(len(SLOT_TIMES))]
        assert [
            slot.reason for slot in scheduling.day_slots(doctor_id=cast.chen, on=asked, actor=esther).slots
        ] == offices
        _day_desk_agrees(cast, esther, plan, asked, offices)
        for number, at in enumerate(SLOT_TIMES):
            booked = came_of(
                lambda: scheduling.book(
                    ana,
                    doctor_id=cast.chen,
                    department_id=cast.cardiology,
                    on=asked,
                    at=at,  # noqa: B023
                )
            )
            moved = came_of(lambda: scheduling.reschedule(ana, visit, on=asked, at=at))  # noqa: B023
            assert (booked, moved) == (plan.code(asked, number),) * 2, (asked, at)
    session().rollback()
