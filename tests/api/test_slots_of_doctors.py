"""The slots of several doctors and days, and who of a department is free next."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask

from clinic import scheduling
from clinic.db import db
from tests import factories
from tests.api.caller import Caller
from tests.api.conftest import LATER, TODAY
from tests.people import Cast
from tests.statements import count_statements

UNTIL = LATER + timedelta(days=2)


def ask(*doctors: object, **more: object) -> str:
    """The address of these doctors' slots on three days."""
    days = {"from": LATER, "until": UNTIL, **more}
    named = [f"doctor_id={each}" for each in doctors]
    return "slots/?" + "&".join([*named, *(f"{name}={value}" for name, value in days.items())])


def test_every_slot_of_each_doctor_and_day_as_available_slots_has_it(app: Flask, anyone: Caller, cast: Cast) -> None:
    with app.app_context():
        esther = cast.actor("esther")
        weekdays: list[Any] = [{"weekday": day, "from_time": time(9), "to_time": time(17)} for day in range(1, 8)]
        scheduling.set_opening_hours(esther, weekdays)
        scheduling.add_closure(esther, first_day=UNTIL, name="Tet")
        scheduling.take_leave(esther, doctor_id=cast.chen, first_day=LATER, from_time=time(10), to_time=time(11))
        factories.appointment(cast.ana, cast.diallo, LATER, "12:00")
    body = anyone.get(ask(cast.diallo, cast.chen, cast.diallo)).get_json()
    assert [each["doctor"]["id"] for each in body["doctors"]] == [cast.diallo, cast.chen]
    assert body["doctors"][1]["doctor"] == {"id": cast.chen, "full_name": "Dr Chen", "specialization": "General"}
    for each in body["doctors"]:
        assert [day["date"] for day in each["days"]] == [str(LATER + timedelta(days=ahead)) for ahead in range(3)]
        for day in each["days"]:
            query = {"doctor_id": each["doctor"]["id"], "date": day["date"]}
            alone = anyone.get("available-slots/", query).get_json()["available_slots"]
            assert day["available_slots"] == [
                {name: slot[name] for name in ("time", "available", "reason")} for slot in alone
            ]
    reasons = {slot["reason"] for each in body["doctors"] for day in each["days"] for slot in day["available_slots"]}
    assert reasons == {None, "off_hours", "closed", "away", "taken"}


def test_without_days_it_is_today(anyone: Caller, cast: Cast) -> None:
    [found] = anyone.get(f"slots/?doctor_id={cast.chen}&from=&until=").get_json()["doctors"]
    assert [day["date"] for day in found["days"]] == [str(TODAY)]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("", {"doctor_id"}),
        ("doctor_id=&doctor_id=", {"doctor_id"}),
        ("doctor_id=x&doctor_id=-1&from=soon&until=2026-02-30", {"doctor_id.0", "doctor_id.1", "from", "until"}),
        ("doctor_id=x&from=2026-03-01", {"doctor_id.0", "from"}),
        ("doctor_id=3&from=2026-03-05&until=2026-03-04", {"until"}),
        ("doctor_id=3&from=2026-03-05&until=2027-03-04", {"until"}),
        ("doctor_id=3&from=9999-12-31", {"from", "until"}),
        ("doctor_id=3&from=0001-01-01&until=9999-12-31", {"from", "until"}),
        ("&".join(f"doctor_id={number}" for number in range(1, 27)) + "&from=2026-03-01", {"doctor_id", "from"}),
    ],
)
def test_everything_wrong_is_told_at_once(anyone: Caller, query: str, fields: set[str]) -> None:
    answer = anyone.get(f"slots/?{query}")
    assert (answer.status_code, set(answer.get_json()["errors"])) == (400, fields)


def test_doctors_whom_nobody_can_book_are_named(anyone: Caller, cast: Cast) -> None:
    answer = anyone.get(ask(cast.chen, 999, cast.ana))
    assert (answer.status_code, answer.get_json()["code"]) == (404, "doctor_not_found")
    assert answer.get_json()["errors"]["doctor_id"] == [
        "We can't find doctor 999.",
        f"We can't find doctor {cast.ana}.",
    ]


def test_many_take_two_statements(app: Flask, anyone: Caller, cast: Cast) -> None:
    with app.app_context():
        engine = db.engine
        more = factories.add_all(
            [factories.doctor_row(f"Dr {number}", department_id=cast.cardiology) for number in range(24)]
        )
        for doctor in more[:3]:
            factories.leave(doctor, LATER, LATER)
        factories.appointments(18, cast.ana, more[0], first_day=UNTIL)
    path = ask(cast.chen, *more, **{"from": TODAY, "until": TODAY + timedelta(days=30)})
    for address in (path, f"departments/{cast.cardiology}/next-free/"):
        anyone.get(address)
        with count_statements(engine) as made:
            assert len(anyone.get(address).get_json()["doctors"]) == 25
        assert len(made) == 2, made


def test_a_department_tells_who_is_free_soonest(app: Flask, anyone: Caller, cast: Cast) -> None:
    with app.app_context():
        full = factories.doctor("Dr Full", department_id=cast.cardiology)
        early = factories.doctor("Dr Early", department_id=cast.cardiology)
        factories.leave(full, TODAY, TODAY + timedelta(days=60))
        factories.leave(cast.chen, TODAY, TODAY)
    path = f"departments/{cast.cardiology}/next-free/"
    found = anyone.get(path).get_json()["doctors"]
    assert [(each["doctor"]["id"], each["next_free"]) for each in found] == [
        (early, {"date": str(TODAY), "time": "09:30"}),
        (cast.chen, {"date": str(date(2026, 3, 3)), "time": "08:00"}),
        (full, None),
    ]
    with app.app_context():
        empty = factories.department("Dermatology")
        off = factories.department("Radiology", is_active=False)
    assert anyone.get(f"departments/{empty}/next-free/").get_json() == {"doctors": []}
    for number in (off, 999):
        answer = anyone.get(f"departments/{number}/next-free/")
        assert (answer.status_code, answer.get_json()["code"]) == (404, "department_not_found")
