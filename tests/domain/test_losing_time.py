"""What a change of the clinic's calendar leaves without time: visits that are listed, and times that nobody gets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest

from clinic import records, scheduling
from clinic.audit import AuditAction
from clinic.errors import Conflict
from clinic.scheduling import EntryKind, SlotStatus
from clinic.settings import BookingRules
from tests import factories
from tests.domain.calendar_entries import MONDAY, TUESDAY, WEDNESDAY, of_doctor, reasons, to_settle, week
from tests.people import Cast

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture(autouse=True)
def morning(clock_at: Any) -> None:
    """It is seven on a Monday."""
    clock_at("2026-03-02 07:00")


# --- what loses its time ----------------------------------------------------------------------------------------------

Change = Callable[[Cast, int | None], scheduling.CalendarChange]


def _closure(cast: Cast, count: int | None) -> scheduling.CalendarChange:
    return scheduling.add_closure(cast.actor("esther"), first_day=TUESDAY, name="Tet", expected_count=count)


def _hours(cast: Cast, count: int | None) -> scheduling.CalendarChange:
    return scheduling.set_opening_hours(cast.actor("esther"), week((3, "08:00", "17:00")), expected_count=count)


def _own(cast: Cast, count: int | None) -> scheduling.CalendarChange:
    return scheduling.set_doctor_hours(
        cast.actor("esther"), cast.chen, of_doctor((3, "08:00", "17:00")), expected_count=count
    )


@pytest.mark.parametrize(("change", "cause"), [(_closure, "closure"), (_hours, "hours"), (_own, "hours")])
def test_visits_that_lose_their_time_are_listed_and_wait(cast: Cast, change: Change, cause: str) -> None:
    later = factories.appointment(cast.boris, cast.chen, TUESDAY, "10:00")
    first = factories.appointment(cast.ana, cast.chen, TUESDAY, "09:00", status="confirmed")
    factories.appointment(cast.ana, cast.chen, TUESDAY, "11:00", status="cancelled")
    factories.appointment(cast.ana, cast.chen, WEDNESDAY, "09:00")
    with pytest.raises(Conflict) as refusal:
        change(cast, 0)
    assert (refusal.value.code, refusal.value.params) == ("visits_booked", {"count": 2, "appointments": [first, later]})
    assert (reasons(cast, TUESDAY).get("08:00"), to_settle()) == (None, [])
    assert change(cast, 2).appointments == [first, later]
    assert to_settle() == [(first, cause, None), (later, cause, None)]
    assert change(cast, 0).appointments == []  # they wait already


def test_what_has_its_time_again_is_kept(cast: Cast) -> None:
    esther = cast.actor("esther")
    visit = factories.appointment(cast.ana, cast.chen, TUESDAY, "09:00")
    closure = scheduling.add_closure(esther, first_day=TUESDAY, name="Tet").id
    other = scheduling.add_closure(esther, first_day=TUESDAY, name="Repairs").id
    scheduling.remove_closure(esther, closure)
    assert to_settle() == [(visit, "closure", None)]  # still closed by the other one
    scheduling.remove_closure(esther, other)
    assert to_settle() == [(visit, "closure", "kept")]
    scheduling.set_opening_hours(esther, week((3, "08:00", "17:00")))
    assert to_settle()[1:] == [(visit, "hours", None)]
    scheduling.add_extra_hours(esther, cast.chen, day=TUESDAY, from_time=time(9), to_time=time(10))
    assert to_settle()[1:] == [(visit, "hours", "kept")]
    [extra] = scheduling.extra_hours(esther, cast.chen)
    assert scheduling.remove_extra_hours(esther, extra["id"], expected_count=1).appointments == [visit]
    assert to_settle()[2:] == [(visit, "hours", None)]


def test_whoever_changes_such_a_visit_settles_it_and_frees_what_was_held(cast: Cast) -> None:
    esther, chen = cast.actor("esther"), cast.actor("chen")
    for at in ("09:00", "10:00", "11:00", "11:30"):
        factories.appointment(cast.ana, cast.chen, TUESDAY, at, status="confirmed")
    moved, cancelled, completed, confirmed = _closure(cast, 4).appointments
    factories.hold(moved, cast.chen, WEDNESDAY, "09:00")
    factories.hold(confirmed, cast.chen, WEDNESDAY, "10:00")
    assert set(reasons(cast, WEDNESDAY)) == {"09:00", "10:00"}
    scheduling.reschedule(cast.actor("ana"), moved, on=WEDNESDAY, at=time(11))
    scheduling.cancel(esther, cancelled)
    scheduling.complete(chen, completed)
    scheduling.assign_service(chen, confirmed, cast.ecg)
    assert to_settle() == [
        (moved, "closure", "moved"),
        (cancelled, "closure", "cancelled"),
        (completed, "closure", "gone"),
        (confirmed, "closure", None),
    ]
    assert set(reasons(cast, WEDNESDAY)) == {"10:00", "11:00"}


def test_a_visit_is_kept_in_another_room_than_the_one_that_was_switched_off(cast: Cast, book: Any) -> None:
    esther, visit = cast.actor("esther"), book(on=TUESDAY)
    scheduling.switch(esther, EntryKind.ROOM, visit["room"]["id"], active=False, expected_count=1)
    assert to_settle() == [(visit["id"], "switched_off", None)]
    scheduling.edit_appointment(esther, visit["id"], {"room_id": cast.heart_room})
    assert to_settle() == [(visit["id"], "switched_off", "kept")]


def test_each_change_is_audited(cast: Cast) -> None:
    esther = cast.actor("esther")
    factories.appointment(cast.ana, cast.chen, TUESDAY, "09:00")
    _own(cast, None)
    [line] = records.audit_trail(esther, action=AuditAction.DOCTOR_HOURS_CHANGED).results
    assert (line["actor_id"], line["subject_id"], line["details"]) == (
        cast.esther, cast.chen, {"stretches": 1, "appointment_count": 1},
    )  # fmt: skip
    _hours(cast, None)
    [line] = records.audit_trail(esther, action=AuditAction.OPENING_HOURS_CHANGED).results
    assert (line["subject_id"], line["details"]) == (0, {"stretches": 1, "appointment_count": 0})


# --- booking ----------------------------------------------------------------------------------------------------------


def refused(do: Callable[[], object]) -> tuple[str, list[str]]:
    """The code and the fields of a refusal."""
    with pytest.raises(Conflict) as refusal:
        do()
    return refusal.value.code, list(refusal.value.errors)


@pytest.mark.parametrize(("change", "code"), [(_closure, "closed"), (_hours, "off_hours"), (_own, "off_hours")])
def test_nobody_books_or_moves_to_what_is_closed(cast: Cast, book: Any, change: Change, code: str) -> None:
    visit = book(on=WEDNESDAY)["id"]
    change(cast, 0)
    for name, more in (("ana", {}), ("esther", {"patient_id": cast.ana})):
        assert refused(lambda: book(name, on=TUESDAY, **more)) == (code, ["appointment_time"])  # noqa: B023
        moved = refused(lambda: scheduling.reschedule(cast.actor(name), visit, on=TUESDAY, at=time(9)))  # noqa: B023
        assert moved == (code, ["new_time"])
    assert refused(lambda: scheduling.reschedule(cast.actor("chen"), visit, on=TUESDAY, at=time(9)))[0] == code


def test_patients_book_some_hours_ahead_and_the_office_at_once(cast: Cast, book: Any, clinic_has: Any) -> None:
    clinic_has(booking=BookingRules(lead_hours=3))
    slots = scheduling.day_slots(doctor_id=cast.chen, on=MONDAY, actor=cast.actor("ana")).slots
    assert [slot.time for slot in slots if slot.reason is SlotStatus.TOO_SOON] == [
        at for at in scheduling.SLOT_TIMES if at < time(10)
    ]
    assert scheduling.free_days(cast.chen)[0].free == 14
    assert scheduling.free_days(cast.chen, actor=cast.actor("esther"))[0].free == 18
    assert refused(lambda: book(on=MONDAY, at="09:30")) == ("too_soon", ["appointment_time"])
    assert book("esther", patient_id=cast.boris, on=MONDAY, at="09:30")["status"] == "booked"
    assert book(on=MONDAY, at="10:00")["status"] == "booked"
