"""What several people write about one visit: nobody's words are written over unseen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time

import pytest
from flask import Flask

from clinic import scheduling
from tests.people import Cast
from tests.web.conftest import LATER
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
#: By form: who else writes and what, who comes later, where, by which button, and what they typed.
CLASHES: dict[str, tuple[str, scheduling.AppointmentChanges, str, str, str, str]] = {
    "the doctor's notes": ("esther", {"notes": "Brings an interpreter"}, "chen", "doctor", "notes", "Save the notes"),
    "the office's correction": ("chen", {"notes": "Comes fasting"}, "esther", "admin", "edit", "Save"),
    "what the patient tells": ("esther", {"symptoms": "Chest pain"}, "ana", "patient", "edit", "Save"),
}


@pytest.mark.parametrize("clash", CLASHES)
def test_who_saves_later_sees_what_was_saved_meanwhile(
    app: Flask, as_: As, cast: Cast, appointment: Make, clash: str
) -> None:
    other, meanwhile, who, role, path, button = CLASHES[clash]
    number = appointment()
    [(field, theirs)] = meanwhile.items()
    page = as_(who).get(f"/{role}/appointments/{number}/{path}")
    with app.app_context():
        scheduling.edit_appointment(cast.actor(other), number, meanwhile)
    stale = page.press(button, **{field: "Mine"})

    assert stale.status == 412
    assert "Somebody changed this visit after you opened it." in stale.main.one(role="alert").text
    assert [node.one("p", class_="prose").text for node in stale.main.all("div", class_="theirs")] == [theirs]
    assert stale.values("Save my version")[field] == "Mine"
    assert stale.click("Use their version").values(button)[field] == theirs, "nothing was written over"
    assert stale.press("Save my version").status == 303
    with app.app_context():
        saved: Mapping[str, object] = scheduling.appointment(cast.actor(who), number)
        assert saved[field] == "Mine"


def test_a_room_that_was_given_meanwhile_is_named(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    """Also if nobody can choose it any more."""
    number = appointment(room_id=cast.chens_room)
    page = as_("esther").get(f"/admin/appointments/{number}/edit")
    with app.app_context():
        esther = cast.actor("esther")
        scheduling.edit_appointment(esther, number, {"room_id": cast.heart_room})
        scheduling.switch(esther, scheduling.EntryKind.ROOM, cast.heart_room, active=False, expected_count=1)
    stale = page.press("Save", room_id=str(cast.nerve_room))

    assert stale.status == 412
    assert "202" in stale.main.one("div", class_="theirs").text
    assert stale.values("Save my version")["room_id"] == str(cast.nerve_room)


def test_a_move_is_such_a_change_and_a_confirmation_is_none(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment()
    address = f"/doctor/appointments/{number}/notes"
    page = as_("chen").get(address)
    with app.app_context():
        scheduling.confirm(cast.actor("chen"), number)
    assert page.press("Save the notes", notes="One").status == 303

    page = as_("chen").get(address)
    with app.app_context():
        scheduling.reschedule(cast.actor("ana"), number, on=LATER, at=time(10), reason="The bus")
    stale = page.press("Save the notes", notes="Two")
    assert stale.status == 412
    assert stale.press("Save my version").status == 303
    with app.app_context():
        notes = scheduling.appointment(cast.actor("ana"), number)["notes"]
    assert notes == "Rescheduled: The bus\nTwo", "the line of the move stays"


@pytest.mark.parametrize("version", ["", "x", "0", "9" * 30, "٣"])
def test_a_version_that_cannot_be_read_is_stale(as_: As, appointment: Make, version: str) -> None:
    page = as_("chen").get(f"/doctor/appointments/{appointment()}/notes")
    assert page.press("Save the notes", version=version, notes="Typed").status == 412


@pytest.mark.parametrize(
    "path", ["doctor/appointments/{}/notes", "admin/appointments/{}/edit", "patient/appointments/{}/edit"]
)
def test_a_form_without_its_version_writes_over_nothing(as_: As, appointment: Make, path: str) -> None:
    who = {"doctor": "chen", "admin": "esther", "patient": "ana"}[path.partition("/")[0]]
    assert as_(who).command(f"/{path.format(appointment())}", notes="Mine", symptoms="Mine").status == 412


def test_nor_does_a_doctors_entry_without_its_version(as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/doctors/{cast.chen}")
    fields = page.values("Save")
    del fields["version"]
    assert page.visitor.post(page.path, fields).status == 412
