"""A doctor's own profile, and the notes on a visit: changed, refused with what was typed, and nobody's text lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from clinic import directory, scheduling
from tests import factories
from tests.people import Cast
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
PROFILE = "/doctor/profile"
SAVE = "Save the profile"
NOTES = "/doctor/appointments/{}/notes"


def me(app: Flask, cast: Cast, name: str = "chen") -> directory.Profile:
    """A profile."""
    with app.app_context():
        return directory.me(cast.actor(name))


def test_what_a_doctor_may_change(app: Flask, as_: As, cast: Cast) -> None:
    answer = (
        as_("chen")
        .get(PROFILE)
        .press(
            SAVE,
            full_name="Dr Chen Wei",
            phone_num="0987654321",
            room=str(cast.heart_room),
            title="Consultant",
            specialization="Heart rhythm",
            bio="Listens first.\nThen asks.",
        )
    )

    assert (answer.status, answer.goes_to) == (303, PROFILE)
    assert "Your profile is saved." in answer.follow().tree.one(id="flash").text
    saved = me(app, cast)
    assert (saved["full_name"], saved["phone_num"]) == ("Dr Chen Wei", "0987654321")
    assert {name: saved["doctor_profile"][name] for name in ("room_id", "title", "specialization", "bio")} == {
        "room_id": cast.heart_room,
        "title": "Consultant",
        "specialization": "Heart rhythm",
        "bio": "Listens first.\nThen asks.",
    }


def test_rooms_to_choose_are_the_own_and_nobodys(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        factories.doctor("Dr Ngô", department_id=cast.cardiology, room_id=cast.heart_room)
        factories.room("999", is_active=False)
    page = as_("chen").get(PROFILE)

    assert [option.text for option in page.main.one(id="room").all("option")] == [
        "No room of my own",
        "Floor 2, room 201",
        "Floor 3, room 301",
    ]
    assert page.values(SAVE)["room"] == str(cast.chens_room)
    assert page.press(SAVE, room="").status == 303
    assert me(app, cast)["doctor_profile"]["room_id"] is None


def test_a_room_that_somebody_took_meanwhile(app: Flask, as_: As, cast: Cast) -> None:
    page = as_("chen").get(PROFILE)
    with app.app_context():
        factories.doctor("Dr Ngô", department_id=cast.cardiology, room_id=cast.heart_room)
    answer = page.press(SAVE, room=str(cast.heart_room), bio="Kept")

    assert answer.status == 409
    assert "This room belongs to another doctor." in answer.main.one(id="room-err").text
    assert answer.values(SAVE)["bio"] == "Kept"


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("full_name", "", "Please fill this in."),
        ("full_name", "x" * 151, "Please use at most"),
        ("phone_num", "12", "Please enter a phone number"),
        ("title", "x" * 101, "Please use at most 100 characters."),
        ("bio", "x" * 2001, "Please use at most 2000 characters."),
    ],
)
def test_bad_input_keeps_what_was_typed(app: Flask, as_: As, cast: Cast, field: str, typed: str, says: str) -> None:
    before = me(app, cast)
    answer = as_("chen").get(PROFILE).press(SAVE, **{"specialization": "Kept", field: typed})

    assert answer.status == 422
    assert says in answer.main.one(id=f"{field}-err").text
    assert (answer.values(SAVE)[field], answer.values(SAVE)["specialization"]) == (typed, "Kept")
    assert me(app, cast) == before


def test_what_was_saved_elsewhere_stands_beside_what_was_typed(app: Flask, as_: As, cast: Cast) -> None:
    page = as_("chen").get(PROFILE)
    with app.app_context():
        directory.update_me(cast.actor("chen"), {"phone_num": "0911111111", "doctor_profile": {"title": "Head"}})
    answer = page.press(SAVE, bio="Mine")

    assert answer.status == 412
    assert [each.text for each in answer.main.all(class_="theirs")] == [
        "Saved in the meantime : Phone 0911111111",
        "Saved in the meantime : Title Head",
        "Saved in the meantime : About you Sees people of all ages.",
    ]
    assert me(app, cast)["doctor_profile"]["bio"] != "Mine"
    assert answer.press("Save my version").status == 303
    assert (me(app, cast)["doctor_profile"]["bio"], me(app, cast)["phone_num"]) == ("Mine", "0901234567")


def test_a_version_that_is_none_is_stale(as_: As) -> None:
    for version in ("", "x", "-1", "9" * 30):
        answer = as_("chen").command(PROFILE, full_name="Dr Chen", phone_num="0901234567", version=version)
        assert answer.status == 412, version


def test_who_may(app: Flask, as_: As, guest: Visitor, cast: Cast) -> None:
    for name in ("ana", "esther"):
        assert as_(name).get(PROFILE).status == 403
        assert as_(name).command(PROFILE, full_name="X").status == 403
    assert guest.get(PROFILE).goes_to == f"/login?next={PROFILE}"
    assert guest.command(PROFILE).goes_to.startswith("/login")
    assert as_("chen").post(PROFILE, {"full_name": "X"}).status == 400
    assert me(app, cast)["full_name"] == "Dr Chen"


# --- notes ----------------------------------------------------------------------------------------------------------


def test_notes_from_the_visit_and_back(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment()
    page = as_("chen").get(f"/doctor/appointments/{number}").click("Add a note")
    answer = page.press("Save the notes", notes="Fasting since midnight\nWheelchair")

    assert (answer.status, answer.goes_to) == (303, f"/doctor/appointments/{number}")
    shown = answer.follow()
    assert "Fasting since midnight Wheelchair" in shown.main.text
    assert shown.click("Change the notes").values("Save the notes")["notes"] == "Fasting since midnight\nWheelchair"
    with app.app_context():
        assert scheduling.appointment(cast.actor("ana"), number)["notes"] == "Fasting since midnight\nWheelchair"


def test_notes_that_are_too_long_are_kept(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment(notes="Before")
    for typed in ("x" * 4001, "a\x07b"):
        answer = as_("chen").get(NOTES.format(number)).press("Save the notes", notes=typed)
        assert answer.status == 422
        assert answer.values("Save the notes")["notes"] == typed
    with app.app_context():
        assert scheduling.appointment(cast.actor("ana"), number)["notes"] == "Before"
