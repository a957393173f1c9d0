"""Which times can be booked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

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
    assert all(slot == {"time": slot["time"], "available": True, "room": "201"} for slot in body["available_slots"])


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
