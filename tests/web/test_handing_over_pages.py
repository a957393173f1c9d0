"""The pages on which a visit is handed over, and on which its doctor proposes another one."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from clinic import scheduling
from clinic.db import session
from clinic.scheduling.calendar_models import VisitToSettle
from tests import factories
from tests.people import Cast
from tests.web.conftest import LATER
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
VISIT, OWN = "/admin/appointments/{}", "/doctor/appointments/{}"


def choices(page: Sheet) -> list[str]:
    """The doctors and times that the page offers, in its order."""
    return [radio.attrs["value"] for radio in page.main.all("input") if radio.get("name") == "choice"]


def doctor_of(app: Flask, cast: Cast, number: int) -> tuple[int, str]:
    """With whom a visit is, and its status."""
    with app.app_context():
        row = scheduling.appointment(cast.actor("esther"), number)
        return row["doctor"]["id"], row["status"]


def test_who_is_free_at_the_same_time_comes_first_then_the_department(
    app: Flask, as_: As, cast: Cast, appointment: Make
) -> None:
    with app.app_context():
        eda = factories.doctor("Dr Eda", department_id=cast.cardiology)
        busy = factories.doctor("Dr Fay", department_id=cast.cardiology)
        away = factories.doctor("Dr Gia", department_id=cast.neurology)
        factories.leave(away, LATER, LATER)
    number = appointment(LATER, "09:00")
    appointment(LATER, "09:00", doctor_id=busy, patient_id=cast.boris)
    appointment(LATER, "09:30", doctor_id=cast.diallo)
    page = as_("esther").get(f"{VISIT.format(number)}/hand-over")
    offered = choices(page)
    assert offered[0] == f"{eda}@{LATER}T09:00"
    nearest = [f"{busy}@{LATER}T{at}" for at in ("08:00", "08:30", "10:00")]
    assert offered[1:4] == nearest, "at 09:30 the patient is busy"
    assert offered[4] == f"{cast.diallo}@{LATER}T09:00"
    assert all(each.startswith(f"{away}@") and str(LATER) not in each for each in offered[5:])
    assert page.main.text.index("Dr Eda") < page.main.text.index("Dr Fay") < page.main.text.index("Other departments")


def test_the_office_hands_over_and_says_how_the_patient_learns_of_it(
    app: Flask, as_: As, cast: Cast, appointment: Make
) -> None:
    number = appointment(LATER, "09:00", status="confirmed")
    page = as_("esther").get(VISIT.format(number)).click("Hand over")
    choice = f"{cast.diallo}@{LATER}T09:00"
    done = page.press("Hand over", choice=choice, reason="Ill").follow()
    assert "Dr Diallo now has this visit on" in done.text
    assert "We'll e-mail the patient." in done.text
    assert "You handed the visit over from Dr Chen to Dr Diallo." in done.main.text
    assert doctor_of(app, cast, number) == (cast.diallo, "confirmed")
    assert page.press("Hand over", choice=choice).status == 303, "a second press finds it done"


def test_what_cant_be_is_said_at_the_choice_and_keeps_what_was_typed(
    app: Flask, as_: As, cast: Cast, appointment: Make
) -> None:
    number = appointment(LATER, "09:00")
    page = as_("esther").get(f"{VISIT.format(number)}/hand-over")
    for nonsense in ("", "x", "1@", "@", f"{10**30}@{LATER}T09:00", f"{cast.diallo}@{LATER}T09:07"):
        refused = page.press("Hand over", choice=nonsense, reason="Ill")
        assert refused.status == 422, nonsense
        assert refused.main.one(id="choice-err").text.startswith("Please choose a ")
        assert refused.main.one("textarea").text.strip() == "Ill"
    appointment(LATER, "09:00", doctor_id=cast.diallo, patient_id=cast.boris)
    refused = page.press("Hand over", choice=f"{cast.diallo}@{LATER}T09:00", reason="Ill")
    assert refused.status == 409
    assert "This time has just been taken." in refused.main.text
    assert doctor_of(app, cast, number) == (cast.chen, "booked")


def test_a_page_that_is_no_longer_true_hands_nothing_over(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment(LATER, "09:00")
    page = as_("esther").get(f"{VISIT.format(number)}/hand-over")
    with app.app_context():
        scheduling.cancel(cast.actor("esther"), number)
    refused = page.press("Hand over", choice=f"{cast.diallo}@{LATER}T09:00", reason="Ill")
    assert refused.status == 409
    assert "This visit was cancelled." in refused.main.text
    assert "Ill" in refused.main.text


def test_without_anybody_else_it_says_so(app: Flask, as_: As, appointment: Make) -> None:
    number = appointment(LATER, "09:00")
    with app.app_context():
        scheduling.switch_account("diallo@clinic.example", active=False)
    page = as_("esther").get(f"{VISIT.format(number)}/hand-over")
    assert "No other doctor is free within a week of this visit" in page.main.text


def test_a_doctor_proposes_another_one(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    number = appointment(LATER, "09:00")
    page = as_("chen").get(OWN.format(number)).click("Propose another doctor")
    done = page.press("Propose", doctor_id=str(cast.diallo), reason="His field").follow()
    assert "Reception now looks for another doctor." in done.text
    with app.app_context():
        waiting = session().scalars(select(VisitToSettle)).one()
        assert (waiting.appointment_id, str(waiting.cause), waiting.cause_id) == (number, "handing_over", cast.diallo)
    assert doctor_of(app, cast, number) == (cast.chen, "booked")
