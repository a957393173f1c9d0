"""Which times can be booked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask

from clinic import scheduling
from tests import factories
from tests.api.caller import Caller
from tests.api.conftest import LATER, TODAY
from tests.people import Cast


def ask(caller: Caller, cast: Cast, on: date = LATER, **more: object) -> dict[str, object]:
    """Return the query for Dr Chen's day."""
    return {"doctor_id": cast.chen, "date": on.isoformat(), **more}


@pytest.mark.parametrize("path", ["appointments/available-slots/", "available-slots/"])
def test_a_day_has_eighteen_slots_in_order(anyone: Caller, cast: Cast, path: str) -> None:
    body = anyone.get(path, ask(anyone, cast)).get_json()
    assert body["date"] == "2026-03-04"
    assert body["doctor"] == {"id": cast.chen, "full_name": "Dr Chen", "specialization": "General"}
    assert "department" not in body
    times = [slot["time"] for slot in body["available_slots"]]
    assert len(times) == 18
    assert times == sorted(times)
    assert (times[0], times[-1]) == ("08:00", "16:30")
    free = {"available": True, "room": "201", "reason": None}
    assert all(slot == {"time": slot["time"], **free} for slot in body["available_slots"])
    assert list(body["available_slots"][0]) == ["time", "available", "room", "reason"]


def test_the_department_is_answered_if_asked(anyone: Caller, cast: Cast) -> None:
    body = anyone.get("available-slots/", ask(anyone, cast, department_id=cast.cardiology)).get_json()
    assert body["department"] == {"id": cast.cardiology, "name": "Cardiology", "icon": "heartbeat"}


def test_what_is_past_or_taken_is_not_available(anyone: Caller, cast: Cast, appointment: Callable[..., int]) -> None:
    appointment(TODAY, "11:00")
    appointment(TODAY, "11:30", status="cancelled")
    slots = anyone.get("available-slots/", ask(anyone, cast, TODAY)).get_json()["available_slots"]
    refused = {slot["time"] for slot in slots if not slot["available"]}
    assert refused == {"08:00", "08:30", "09:00", "11:00"}
    assert all(slot["room"] is None for slot in slots if not slot["available"])
    assert [slot["reason"] for slot in slots[:8]] == ["past", "past", "past", None, None, None, "taken", None]


def test_whatever_closes_a_time_is_told(app: Flask, anyone: Caller, cast: Cast) -> None:
    on = TODAY + timedelta(days=1)
    with app.app_context():
        esther = cast.actor("esther")
        row: Any = {"weekday": on.isoweekday(), "from_time": time(9), "to_time": time(17)}
        scheduling.set_opening_hours(esther, [row])
        scheduling.add_closure(esther, first_day=on, from_time=time(10), to_time=time(11), name="Training")
        scheduling.take_leave(esther, doctor_id=cast.chen, first_day=on, from_time=time(11), to_time=time(12))
    slots = anyone.get("available-slots/", ask(anyone, cast, on)).get_json()["available_slots"]
    assert [slot["reason"] for slot in slots[:9]] == [
        "off_hours", "off_hours", None, None, "closed", "closed", "away", "away", None,
    ]  # fmt: skip


def test_nobody_is_told_when_a_patient_is_busy(app: Flask, as_: Callable[[str], Caller], cast: Cast) -> None:
    on = TODAY + timedelta(days=1)
    with app.app_context():
        factories.appointment(cast.ana, cast.diallo, on, "09:00")
    ana = as_("ana")
    slots = ana.get("available-slots/", ask(ana, cast, on)).get_json()["available_slots"]
    assert {slot["reason"] for slot in slots} == {None}


@pytest.mark.parametrize(("close", "code"), [("closure", "closed"), ("hours", "off_hours")])
def test_booking_and_moving_there_is_a_conflict_with_the_reason_as_code(
    app: Flask, as_: Callable[[str], Caller], cast: Cast, appointment: Callable[..., int], close: str, code: str
) -> None:
    on = TODAY + timedelta(days=1)
    visit = appointment(on + timedelta(days=1))
    with app.app_context():
        esther = cast.actor("esther")
        if close == "closure":
            scheduling.add_closure(esther, first_day=on, name="Tet")
        else:
            row: Any = {"weekday": on.isoweekday() + 1, "from_time": time(8), "to_time": time(17)}
            scheduling.set_opening_hours(esther, [row])
    ana = as_("ana")
    body = {"doctor_id": cast.chen, "department_id": cast.cardiology, "appointment_date": str(on)}
    booked = ana.post("appointments/", {**body, "appointment_time": "09:00"})
    assert (booked.status_code, booked.get_json()["code"]) == (409, code)
    assert list(booked.get_json()["errors"]) == ["appointment_time"]
    moved = ana.post(f"appointments/{visit}/reschedule/", {"new_date": str(on), "new_time": "09:00"})
    assert (moved.status_code, moved.get_json()["code"]) == (409, code)
    assert list(moved.get_json()["errors"]) == ["new_time"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"doctor_id": ""}, "doctor_id"),
        ({"doctor_id": "x"}, "doctor_id"),
        ({"date": ""}, "date"),
        ({"date": "tomorrow"}, "date"),
        ({"date": "2026-02-30"}, "date"),
        ({"date": "20260304"}, "date"),
        ({"date": "2026-03-01"}, "date"),
        ({"date": "2026-04-02"}, "date"),
        ({"date": "0001-01-01"}, "date"),
        ({"date": "9999-12-31"}, "date"),
        ({"department_id": "x"}, "department_id"),
    ],
)
def test_bad_parameters_are_400(anyone: Caller, cast: Cast, changed: dict[str, str], field: str) -> None:
    answer = anyone.get("appointments/available-slots/", {**ask(anyone, cast), **changed})
    assert answer.status_code == 400
    assert field in answer.get_json()["errors"]


def test_unknown_ones_are_404_and_a_doctor_of_elsewhere_is_400(anyone: Caller, cast: Cast) -> None:
    path = "appointments/available-slots/"
    for doctor_id in (cast.ana, 999, 99999999999):
        assert anyone.get(path, {**ask(anyone, cast), "doctor_id": doctor_id}).status_code == 404
    assert anyone.get(path, ask(anyone, cast, department_id=999)).status_code == 404
    assert anyone.get(path, ask(anyone, cast, department_id=cast.neurology)).status_code == 400
