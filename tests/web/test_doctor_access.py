"""The doctor's pages: the same questions to each of them. Who may, whose visit, what a command refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from clinic import scheduling
from tests.people import Cast
from tests.web.conftest import LATER
from tests.web.visitor import HTMX, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]

PAGES = ["", "/service", "/record", "/cancel", "/reschedule", "/propose", "/notes"]
COMMANDS = ["/confirm", "/complete", "/service", "/record", "/cancel", "/reschedule", "/propose", "/notes"]
APPOINTMENTS = "/doctor/appointments/{}"


def events(app: Flask, cast: Cast, number: int) -> list[str]:
    """What happened to a visit."""
    with app.app_context():
        return [event["what"] for event in scheduling.history(cast.actor("esther"), number)]


@pytest.mark.parametrize("page", PAGES)
def test_the_visits_doctor_sees_it(as_: As, appointment: Make, page: str) -> None:
    answer = as_("chen").get(APPOINTMENTS.format(appointment(status="confirmed")) + page)

    assert answer.status == 200
    assert "Ana Nguyễn" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("page", PAGES)
def test_another_doctors_visit_is_as_unknown_as_a_missing_one(as_: As, appointment: Make, page: str) -> None:
    there, missing = (as_("diallo").get(APPOINTMENTS.format(number) + page) for number in (appointment(), 999999))

    assert (there.status, missing.status) == (404, 404)
    assert there.h1 == missing.h1


def test_another_doctors_visit_cant_be_opened_from_the_day(as_: As, appointment: Make) -> None:
    number = appointment()

    assert as_("diallo").get(f"/doctor/?day={LATER}&visit={number}").status == 404
    assert as_("chen").get(f"/doctor/?day={LATER}&visit=999999").status == 404
    assert as_("chen").get(f"/doctor/?day={LATER}&visit=-1").status == 404


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("name", "status"), [("diallo", 404), ("ana", 403), ("boris", 403), ("esther", 403)])
def test_nobody_else_does_anything_with_a_visit(
    app: Flask, as_: As, cast: Cast, appointment: Make, command: str, name: str, status: int
) -> None:
    number = appointment(status="confirmed")
    fields = {"service_id": str(cast.ecg), "diagnosis": "Flu", "version": "0"}

    assert as_(name).command(APPOINTMENTS.format(number) + command, **fields).status == status
    assert events(app, cast, number) == ["created"]
    assert "Nothing written yet." in as_("chen").get(APPOINTMENTS.format(number)).text


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_visit_is_not_found(as_: As, cast: Cast, command: str) -> None:
    for number in ("999999", "0", "99999999999"):
        assert as_("chen").command(APPOINTMENTS.format(number) + command, diagnosis="Flu").status == 404


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", ["ana", "esther"])
def test_the_wrong_role_is_refused_whatever_the_id(as_: As, appointment: Make, page: str, name: str) -> None:
    assert as_(name).get(APPOINTMENTS.format(appointment()) + page).status == 403
    for number in ("999999", "9" * 11, "9" * 5000):
        assert as_(name).get(APPOINTMENTS.format(number) + page).status == 403


@pytest.mark.parametrize("page", PAGES)
def test_a_guest_signs_in_first(guest: Visitor, appointment: Make, page: str) -> None:
    path = APPOINTMENTS.format(appointment()) + page

    assert guest.get(path).goes_to == f"/login?next={path}"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_guests_command_does_nothing(app: Flask, guest: Visitor, cast: Cast, appointment: Make, command: str) -> None:
    number = appointment(status="confirmed")

    assert guest.command(APPOINTMENTS.format(number) + command, diagnosis="Flu").goes_to.startswith("/login")
    assert events(app, cast, number) == ["created"]


def test_a_visit_is_not_confirmed_by_looking(as_: As, appointment: Make) -> None:
    answer = as_("chen").get(APPOINTMENTS.format(appointment()) + "/confirm")

    assert answer.status == 405
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_without_its_token_is_refused(
    app: Flask, as_: As, cast: Cast, appointment: Make, command: str
) -> None:
    number = appointment(status="confirmed")

    assert as_("chen").post(APPOINTMENTS.format(number) + command, {"diagnosis": "Flu"}).status == 400
    assert events(app, cast, number) == ["created"]


def test_a_swap_of_an_ended_session_leaves_the_page(guest: Visitor) -> None:
    answer = guest.get("/doctor/", headers={**HTMX, "HX-Target": "day-view"})

    assert answer.headers["HX-Redirect"] == "/login?next=/doctor/"
