"""A form with a version that is sent twice: the second press finds saved what it wants to save, and says no other thing
than the first. What somebody else saved meanwhile is tested with each form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from clinic import records, scheduling
from tests.people import Cast
from tests.web.visitor import Visitor, birthday

As = Callable[[str], Visitor]
#: By name: who types, the form's address, its button, and what is typed, not quite as it is kept.
FORMS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "reason": ("ana", "/patient/appointments/{coming}/edit", "Save", {"reason": " Đau\u00a0đầu\r\nvà ho "}),
    "visit": ("esther", "/admin/appointments/{coming}/edit", "Save", {"notes": "Bring your papers\r\nplease "}),
    "notes": ("chen", "/doctor/appointments/{coming}/notes", "Save the notes", {"notes": "Come early\r\nplease"}),
    "staff notes": ("chen", "/doctor/appointments/{coming}/staff-notes", "Save the notes", {"staff_notes": "Late\r\nagain"}),
    "record": (
        "chen",
        "/doctor/appointments/{seen}/record",
        "Save the record",
        {"diagnosis": "Cúm\r\nmùa", "temperature": "38,50 °C", "blood_pressure": "120/80 mmHg", "heart_rate": "72"},
    ),
    "own details": (
        "ana",
        "/patient/profile",
        "Save",
        {"full_name": "Ana  Nguyễn", "phone_num": "+84 911 111 112", **birthday("1990-05-31")},
    ),
    "doctor's profile": ("chen", "/doctor/profile", "Save the profile", {"phone_num": "0911 111 113", "bio": "Heart\r\nand lung"}),
    "office's profile": ("esther", "/admin/profile", "Save", {"phone_num": "0911.111.114"}),
    "account": (
        "esther",
        "/admin/users/{ana}",
        "Save",
        {"email": "ANA.new@Example.com", "phone_num": "091-111-1115", "address": " 5 Trần Phú "},
    ),
    "doctor": ("esther", "/admin/doctors/{chen}", "Save", {"consultation_fee": "350.000 ₫", "bio": "Heart\r\nand lung"}),
    "department": ("esther", "/admin/departments/{cardiology}", "Save", {"health_examination_fee": "150.000"}),
    "service": ("esther", "/admin/services/{ecg}", "Save", {"description": "Ten\r\nminutes "}),
    "room": ("esther", "/admin/rooms/{heart_room}", "Save", {"floor": "3"}),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_the_second_press_finds_it_saved(as_: As, places: dict[str, Any], name: str) -> None:
    person, path, button, typed = FORMS[name]
    page = as_(person).get(path.format(**places))
    first = page.press(button, **typed)
    assert first.status == 303, first.main.text
    said = first.follow().tree.one(id="flash").text
    second = page.press(button, **typed)

    assert (second.status, second.goes_to) == (303, first.goes_to), second.main.text
    assert second.follow().tree.one(id="flash").text == said
    for _ in range(2):
        page.press(button, **typed)
    assert page.visitor.get(first.goes_to).tree.one(id="flash").text == said, "pressed twice, said once"
    key, value = next(iter(typed.items()))
    assert page.press(button, **{**typed, key: f"{value} 5" if name != "room" else "4"}).status in (412, 422)


def test_it_is_saved_once(app: Flask, as_: As, cast: Cast, places: dict[str, Any]) -> None:
    for name in ("record", "staff notes", "reason"):
        person, path, button, typed = FORMS[name]
        page = as_(person).get(path.format(**places))
        page.press(button, **typed)
        page.press(button, **typed)
    with app.app_context():
        chen = cast.actor("chen")
        assert [each["version"] for each in records.revisions(chen, places["seen"])] == [1]
        assert [each.version for each in scheduling.staff_notes(chen, places["coming"])] == [1]
        assert scheduling.appointment(chen, places["coming"])["version"] == 2
