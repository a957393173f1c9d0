"""Leave: no time is closed twice, so that taking one entry back opens what it says; visits in it wait to be settled."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest

from clinic import mail, records, scheduling
from clinic.audit import AuditAction
from clinic.errors import Conflict, InvalidInput
from clinic.scheduling import SettlingCause, ToCall
from clinic.scheduling.attendance import attendance
from clinic.scheduling.calendar import Moment, moments_of
from clinic.scheduling.spans import Span
from tests import factories
from tests.people import CHEN, Cast

pytestmark = pytest.mark.usefixtures("app_context")

MONDAY = date(2026, 3, 2)


@pytest.fixture
def visit(cast: Cast) -> Any:
    """Book visits with Dr Chen: ``visit(day, "09:00")``."""

    def make(on: date, at: str, *, doctor_id: int = cast.chen, patient_id: int = cast.ana, **more: Any) -> int:
        return factories.appointment(patient_id, doctor_id, on, at, **more)

    return make


def leave(first: int, last: int | None = None, hours: tuple[int, int] | None = None) -> dict[str, Any]:
    """Leave from one day of March to another, or of hours."""
    days = {
        "first_day": MONDAY + timedelta(days=first),
        "last_day": MONDAY + timedelta(days=first if last is None else last),
    }
    return days if hours is None else days | {"from_time": time(hours[0]), "to_time": time(hours[1])}


@pytest.mark.parametrize("entry", [leave(3, 5), leave(4), leave(4, hours=(9, 10))])
def test_the_same_leave_is_entered_once(cast: Cast, clock_at: Any, entry: Any) -> None:
    clock_at("2026-03-02 07:00")
    number = scheduling.take_leave(cast.actor("chen"), **entry)
    again = scheduling.take_leave(cast.actor("esther"), **entry, reason="Ill", doctor_id=cast.chen)
    assert again == number
    assert [row["id"] for row in scheduling.leaves(cast.actor("chen"))] == [number]


@pytest.mark.parametrize(
    ("present", "more", "overlaps"),
    [
        (leave(3, 5), leave(4), True),
        (leave(4), leave(3, 5), True),
        (leave(3, 5), leave(5, 8), True),
        (leave(3, 5), leave(1, 3), True),
        (leave(3, 5), leave(6), False),
        (leave(3, 5), leave(1, 2), False),
        (leave(3, 5), leave(4, hours=(9, 10)), True),
        (leave(4, hours=(9, 10)), leave(3, 5), True),
        (leave(4, hours=(9, 12)), leave(4, hours=(11, 15)), True),
        (leave(4, hours=(9, 12)), leave(4, hours=(10, 11)), True),
        (leave(4, hours=(9, 12)), leave(4, hours=(12, 15)), False),
        (leave(4, hours=(9, 12)), leave(4, hours=(8, 9)), False),
        (leave(4, hours=(9, 12)), leave(5, hours=(9, 12)), False),
    ],
)
def test_leave_over_leave_is_refused(cast: Cast, clock_at: Any, present: Any, more: Any, overlaps: bool) -> None:
    clock_at("2026-03-02 07:00")
    chen, diallo = cast.actor("chen"), cast.actor("diallo")
    number = scheduling.take_leave(chen, **present)
    scheduling.take_leave(diallo, **more)  # somebody else's never stands in the way
    if not overlaps:
        scheduling.take_leave(chen, **more)
        assert len(scheduling.leaves(chen)) == 2
        return
    for actor in (chen, cast.actor("esther")):
        with pytest.raises(Conflict) as refusal:
            scheduling.take_leave(actor, **more, doctor_id=cast.chen)
        assert (refusal.value.code, refusal.value.field, refusal.value.params["leaves"]) == (
            "leave_overlaps", "first_day", [number],
        )  # fmt: skip
    scheduling.end_leave(chen, number)
    scheduling.take_leave(chen, **more)
    assert len(scheduling.leaves(chen)) == 1


def test_the_same_leave_with_another_reason_has_that_one(cast: Cast, day: Any) -> None:
    """Correcting a reason opens no time in between, and nothing that was typed is dropped."""
    chen, esther = cast.actor("chen"), cast.actor("esther")
    number = scheduling.take_leave(chen, first_day=day(5), reason="Holiday")
    for reason in ("Conference", "Conference", "", None):
        assert scheduling.take_leave(esther, first_day=day(5), reason=reason, doctor_id=cast.chen) == number
    assert [row["reason"] for row in scheduling.leaves(chen)] == ["Conference"]
    [line] = records.audit_trail(esther, action=AuditAction.LEAVE_CHANGED).results
    assert (line["actor_id"], line["subject_id"], line["details"]["leave"]) == (cast.esther, cast.chen, number)


# --- visits in it ----------------------------------------------------------------------------------------------------


def test_leave_over_visits_closes_the_times_and_lets_them_wait(cast: Cast, clock_at: Any, visit: Any) -> None:
    """They stay booked, and nobody is told anything yet."""
    clock_at("2026-03-02 10:00")
    first, later = visit(MONDAY, "14:00", status="confirmed"), visit(MONDAY + timedelta(days=1), "08:00")
    visit(MONDAY, "09:30")  # has begun
    visit(MONDAY, "15:00", status="cancelled")
    visit(MONDAY, "16:00", doctor_id=cast.diallo)
    visit(MONDAY + timedelta(days=2), "08:00")
    number = scheduling.take_leave(cast.actor("chen"), **leave(0, 1), reason="Ill")

    for name in ("chen", "esther"):
        found = scheduling.visits_to_settle(cast.actor(name))
        assert [(each.id, each.cause, each.cause_id) for each in found] == [
            (first, "leave", number),
            (later, "leave", number),
        ]
        assert [each.appointment["status"] for each in found] == ["confirmed", "booked"]
    assert scheduling.visits_to_settle(cast.actor("diallo")) == []
    assert scheduling.visits_to_settle(cast.actor("esther"), cause=SettlingCause.LEAVE, cause_id=number + 1) == []
    assert scheduling.count_to_settle(cast.actor("esther")) == 2
    assert not any(slot.available for slot in scheduling.day_slots(doctor_id=cast.chen, on=MONDAY).slots)
    assert mail.all_mail() == []


def test_hours_of_leave_let_only_visits_in_them_wait(cast: Cast, clock_at: Any, visit: Any) -> None:
    clock_at("2026-03-02 07:00")
    within = visit(MONDAY, "09:30")
    visit(MONDAY, "10:00")
    scheduling.take_leave(cast.actor("chen"), **leave(0, hours=(9, 10)))
    assert [each.id for each in scheduling.visits_to_settle(cast.actor("chen"))] == [within]


def test_leave_that_is_taken_back_keeps_the_visits_that_wait_for_it(cast: Cast, clock_at: Any, visit: Any) -> None:
    clock_at("2026-03-02 07:00")
    visit(MONDAY, "09:00")
    other = visit(MONDAY + timedelta(days=1), "09:00")
    first, second = (scheduling.take_leave(cast.actor("chen"), **leave(each)) for each in (0, 1))
    scheduling.end_leave(cast.actor("esther"), first)
    assert [(each.id, each.cause_id) for each in scheduling.visits_to_settle(cast.actor("chen"))] == [(other, second)]
    again = scheduling.take_leave(cast.actor("chen"), **leave(0))
    assert [each.cause_id for each in scheduling.visits_to_settle(cast.actor("chen"))] == [again, second]


def test_a_visit_on_a_closed_day_still_waits_when_leave_is_taken_back(cast: Cast, clock_at: Any, visit: Any) -> None:
    clock_at("2026-03-02 07:00")
    waiting = visit(MONDAY + timedelta(days=1), "09:00")
    number = scheduling.take_leave(cast.actor("chen"), **leave(1))
    scheduling.add_closure(cast.actor("esther"), first_day=MONDAY + timedelta(days=1), name="Anniversary")
    scheduling.end_leave(cast.actor("chen"), number)
    assert [each.id for each in scheduling.visits_to_settle(cast.actor("chen"))] == [waiting]


def test_what_is_over_or_cancelled_meanwhile_waits_no_longer(cast: Cast, clock_at: Any, visit: Any) -> None:
    clock_at("2026-03-02 07:00")
    cancelled = visit(MONDAY, "09:00")
    visit(MONDAY, "10:00")
    scheduling.take_leave(cast.actor("chen"), **leave(0))
    scheduling.cancel(cast.actor("esther"), cancelled)
    assert scheduling.count_to_settle(cast.actor("chen")) == 1
    clock_at("2026-03-02 10:00")
    assert scheduling.count_to_settle(cast.actor("chen")) == 0
    assert scheduling.visits_to_settle(cast.actor("chen")) == []


@pytest.mark.parametrize(
    ("email", "given_up", "expected"),
    [
        ("lan@example.com", False, None),
        ("lan@example.com", True, ToCall.NOT_DELIVERED),
        (None, False, ToCall.NO_EMAIL),
    ],
)
def test_who_can_not_be_mailed_is_to_be_called(
    cast: Cast, clock_at: Any, visit: Any, email: str | None, given_up: bool, expected: Any
) -> None:
    clock_at("2026-03-02 07:00")
    patient = factories.patient("Lan", email) if email else factories.patient_without_email("Lan")
    visit(MONDAY, "09:00", patient_id=patient)
    if given_up:
        factories.given_up_mail(to="lan@example.com")
    scheduling.take_leave(cast.actor("chen"), **leave(0))
    [found] = scheduling.visits_to_settle(cast.actor("esther"))
    assert (found.to_call, found.age, found.gender) == (expected, 35, "female")


# --- absences ---------------------------------------------------------------------------------------------------------


def test_absences_tell_all_readers_the_same(cast: Cast, clock_at: Any) -> None:
    """Whatever keeps a doctor away does so for those who book, in the doctor's week and in the statistics."""
    clock_at("2026-03-02 07:00")
    chen, day = cast.actor("chen"), MONDAY + timedelta(days=1)
    scheduling.take_leave(chen, first_day=day, from_time=time(9), to_time=time(11))
    expected = {at for at in scheduling.SLOT_TIMES if time(9) <= at < time(11)}
    away = attendance([cast.chen], day, day)[cast.chen]

    assert {moment.time for moment in away.slots_away([MONDAY, day])} == expected
    assert {
        at for at in scheduling.SLOT_TIMES if away.of_day(day).get(Moment(day, at)) is scheduling.SlotStatus.AWAY
    } == expected
    shown = scheduling.day_slots(doctor_id=cast.chen, on=day).slots
    assert {slot.time for slot in shown if slot.reason is scheduling.SlotStatus.AWAY} == expected
    assert scheduling.week(chen, MONDAY)[1].away == expected
    heat = scheduling.statistics(cast.actor("esther"), first=day, last=day).heat
    assert heat.keys() == {(day.isoweekday(), at) for at in scheduling.SLOT_TIMES}
    with pytest.raises(Conflict, match="away"):
        scheduling.book(cast.actor("ana"), doctor_id=cast.chen, department_id=cast.cardiology, on=day, at=time(9, 30))


def test_a_doctor_whom_nobody_books_is_closed_but_not_away(cast: Cast) -> None:
    scheduling.switch_account(CHEN, active=False)
    found = attendance([cast.chen, cast.diallo, 999], MONDAY, MONDAY)
    noon = Moment(MONDAY, time(12))

    assert [found[each].of_day(MONDAY).get(noon) for each in (cast.chen, cast.diallo, 999)] == [
        scheduling.SlotStatus.CLOSED,
        None,
        scheduling.SlotStatus.CLOSED,
    ]
    assert not any(each.why_closed(noon) is scheduling.SlotStatus.AWAY for each in found.values())


@pytest.mark.parametrize(
    ("entry", "fields"),
    [
        (leave(3, 2), ["last_day"]),
        (leave(3, 400), ["last_day"]),
        (leave(3) | {"from_time": time(9)}, ["to_time"]),
        (leave(3, 4, hours=(9, 10)), ["last_day"]),
        (leave(3, hours=(9, 9)), ["to_time"]),
        (leave(3) | {"from_time": time(9, 10), "to_time": time(10, 20)}, ["from_time", "to_time"]),
    ],
)
def test_leave_that_can_not_be_is_refused_on_its_fields(
    cast: Cast, clock_at: Any, field_of: Any, entry: Any, fields: list[str]
) -> None:
    clock_at("2026-03-02 07:00")
    with pytest.raises(InvalidInput) as refusal:
        scheduling.take_leave(cast.actor("chen"), **entry)
    assert field_of(refusal) == fields
    assert scheduling.leaves(cast.actor("chen")) == []


@pytest.mark.parametrize(
    ("hours", "closed"),
    [
        (("09:00", "10:00"), ["09:00", "09:30"]),
        (("09:10", "09:20"), ["09:00"]),
        (("09:20", "09:40"), ["09:00", "09:30"]),
        (("08:40", "09:00"), ["08:30"]),
        (("10:00", "10:20"), ["10:00"]),
    ],
)
def test_hours_of_another_grid_close_every_slot_that_they_touch(hours: tuple[str, str], closed: list[str]) -> None:
    """Leave stays as it was entered when the slots' length changes."""
    span = Span(MONDAY, MONDAY, *map(time.fromisoformat, hours))
    assert [f"{moment.time:%H:%M}" for moment in moments_of(MONDAY) if span.covers(moment)] == closed
