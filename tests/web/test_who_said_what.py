"""What the patient told, what the clinic noted, what was moved, and the notes for colleagues, each in a place of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from clinic import scheduling
from clinic.i18n import LANGUAGES
from clinic.scheduling import SLOT_TIMES
from tests.people import Cast
from tests.web.conftest import LATER, TOMORROW
from tests.web.dom import Node
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
SECRET = "Hard of hearing on the left"


@pytest.fixture
def told(app: Flask, cast: Cast, appointment: Make) -> int:
    """A visit with Ana's own notes, moved by Dr Chen with a reason, and with notes by him and by the office."""
    number = appointment(LATER, "09:00", symptoms="Palpitations", reason="Check-up", notes="Mornings suit me best")
    with app.app_context():
        chen, esther = cast.actor("chen"), cast.actor("esther")
        scheduling.reschedule(chen, number, on=TOMORROW, at=SLOT_TIMES[4], reason="Bận đi công tác")
        scheduling.edit_appointment(chen, number, {"notes": "Bring the cuff"}, clinics_notes_only=True)
        whole = scheduling.appointment(esther, number)["notes"]
        scheduling.edit_appointment(
            esther, number, {"notes": f"{whole}\nUse the back door", "room_id": cast.heart_room}
        )
        scheduling.write_staff_notes(chen, number, SECRET)
    return number


def section(page: Sheet, identity: str) -> Node:
    """The section under the heading with this id."""
    (found,) = [each for each in page.main.all("section") if each.get("aria-labelledby") == identity]
    return found


def test_the_patient_reads_each_by_its_author(as_: As, told: int) -> None:
    page = as_("ana").get(f"/patient/appointments/{told}")
    said, noted, story = (section(page, name).text for name in ("advance", "clinic-notes", "story"))

    assert "Palpitations" in said
    assert "Mornings suit me best" in said
    for words in ("Bring the cuff", "back door", "Rescheduled", "Bận"):
        assert words not in said
    assert "Bring the cuff Dr Chen, 2 March 2026, 09:00" in noted
    assert "Use the back door Esther Office (office), 2 March 2026, 09:00" in noted
    assert "Mornings" not in noted
    assert "Dr Chen moved the visit from Wed 4 Mar, 09:00 to Tue 3 Mar, 10:00. Bận đi công tác" in story
    assert "Esther Office changed the room from 201 to 202. Esther Office changed the notes from the clinic." in story


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_reads_the_english_prefix_of_a_move(as_: As, told: int, language: str) -> None:
    for who, path in (("ana", "patient"), ("chen", "doctor"), ("esther", "admin")):
        page = as_(who).get(f"/{path}/appointments/{told}", headers={"Accept-Language": language})
        assert "Rescheduled" not in page.text
        assert "Bận đi công tác" in page.text


def test_doctor_and_office_read_the_same_and_the_notes_for_colleagues(as_: As, told: int) -> None:
    for who, path in (("chen", "/doctor"), ("esther", "/admin")):
        page = as_(who).get(f"{path}/appointments/{told}")
        assert "Mornings suit me best" in section(page, "advance").text
        assert "Bring the cuff Dr Chen" in section(page, "clinic-notes").text
        assert f"{SECRET} Dr Chen, 2 March 2026, 09:00" in section(page, "staff-notes").text
        assert "no-print" in section(page, "staff-notes").attrs["class"], "a printed sheet may go to the patient"


def test_the_patient_never_sees_the_notes_for_colleagues(as_: As, told: int) -> None:
    ana = as_("ana")
    as_("esther").get(f"/admin/appointments/{told}")
    appointment = f"/patient/appointments/{told}"
    for path in ("/patient/", "/patient/appointments", appointment, f"{appointment}/edit", f"{appointment}/cancel", f"{appointment}/reschedule",
                 f"{appointment}/visit.ics", f"{appointment}/record", "/patient/records", "/patient/trail"):  # fmt: skip
        html = ana.get(path).html
        assert SECRET not in html, path
        assert "colleagues" not in html, path


def test_the_doctor_changes_the_clinics_part_and_leaves_the_patients(
    app: Flask, cast: Cast, as_: As, told: int
) -> None:
    form = as_("chen").get(f"/doctor/appointments/{told}/notes")
    assert form.values("Save the notes")["notes"] == "Bring the cuff\nUse the back door"
    page = form.press("Save the notes", notes="Bring the cuff and your list").follow()

    assert "Bring the cuff and your list Dr Chen" in section(page, "clinic-notes").text
    assert "Mornings suit me best" in section(page, "advance").text
    with app.app_context():
        notes = scheduling.appointment(cast.actor("ana"), told)["notes"]
    assert notes == "Mornings suit me best\nRescheduled: Bận đi công tác\nBring the cuff and your list"


def test_the_office_saves_its_form_without_becoming_anybodys_author(as_: As, told: int) -> None:
    form = as_("esther").get(f"/admin/appointments/{told}/edit")
    page = form.press("Save", reason="Second opinion").follow()

    assert "Esther Office changed what was written before the visit." not in page.main.text, (
        "she reads of herself as you"
    )
    assert "You changed what was written before the visit." in page.main.text
    assert "Bring the cuff Dr Chen" in section(page, "clinic-notes").text


# --- writing to colleagues --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "base"), [("chen", "/doctor"), ("esther", "/admin")])
def test_notes_for_colleagues_are_written_and_their_versions_are_kept(
    as_: As, appointment: Make, who: str, base: str
) -> None:
    page = as_(who).get(f"{base}/appointments/{appointment()}")
    assert "No notes for colleagues yet." in page.main.text
    page = page.click("Write a note for colleagues").press("Save the notes", staff_notes="Quiet room").follow()
    assert "Quiet room" in section(page, "staff-notes").text
    form = page.click("Change the notes for colleagues")
    page = form.press("Save the notes", staff_notes="Quiet room, near the lift").follow()
    form = page.click("Change the notes for colleagues")
    assert form.values("Save the notes")["staff_notes"] == "Quiet room, near the lift"
    assert "Earlier versions" in form.main.text


def test_what_somebody_else_saved_meanwhile_stands_beside(app: Flask, cast: Cast, as_: As, appointment: Make) -> None:
    number = appointment()
    form = as_("chen").get(f"/doctor/appointments/{number}/staff-notes")
    with app.app_context():
        scheduling.write_staff_notes(cast.actor("esther"), number, "Theirs")
    answer = form.press("Save the notes", staff_notes="Mine")

    assert answer.status == 412
    assert "Saved in the meantime" in answer.main.text
    assert "Theirs" in answer.main.text
    page = answer.press("Save my version").follow()
    assert "Mine Dr Chen" in section(page, "staff-notes").text


def test_notes_for_colleagues_that_are_too_long_are_kept_in_the_form(as_: As, appointment: Make) -> None:
    form = as_("chen").get(f"/doctor/appointments/{appointment()}/staff-notes")
    answer = form.press("Save the notes", staff_notes="x" * 2001)
    assert answer.status == 422
    assert answer.values("Save the notes")["staff_notes"] == "x" * 2001
