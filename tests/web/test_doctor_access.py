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

PAGES = ["", "/service", "/record", "/cancel", "/reschedule", "/notes"]
COMMANDS = ["/confirm", "/complete", "/service", "/record", "/cancel", "/reschedule", "/notes"]
VISITS = "/doctor/appointments/{}"


def events(app: Flask, cast: Cast, number: int) -> list[str]:
    """What happened to a visit."""
    with app.app_context():
        return [event["what"] for event in scheduling.history(cast.actor("esther"), number)]


@pytest.mark.parametrize("page", PAGES)
def test_the_visits_doctor_sees_it(as_: As, visit: Make, page: str) -> None:
    answer = as_("chen").get(VISITS.format(visit(status="confirmed")) + page)

    assert answer.status == 200
    assert "Ana Nguyễn" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("page", PAGES)
def test_another_doctors_visit_is_as_unknown_as_a_missing_one(as_: As, visit: Make, page: str) -> None:
    there, missing = (as_("diallo").get(VISITS.format(number) + page) for number in (visit(), 999999))

    assert (there.status, missing.status) == (404, 404)
    assert there.h1 == missing.h1


def test_another_doctors_visit_cant_be_opened_from_the_day(as_: As, visit: Make) -> None:
    number = visit()

    assert as_("diallo").get(f"/doctor/?day={LATER}&visit={number}").status == 404
    assert as_("chen").get(f"/doctor/?day={LATER}&visit=999999").status == 404
    assert as_("chen").get(f"/doctor/?day={LATER}&visit=-1").status == 404


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("name", "status"), [("diallo", 404), ("ana", 403), ("boris", 403), ("esther", 403)])
def test_nobody_else_does_anything_with_a_visit(
    app: Flask, as_: As, cast: Cast, visit: Make, command: str, name: str, status: int
) -> None:
    number = visit(status="confirmed")
    fields = {"service_id": str(cast.ecg), "diagnosis": "Flu", "version": "0"}

    assert as_(name).command(VISITS.format(number) + command, **fields).status == status
    assert events(app, cast, number) == ["created"]
    assert "Nothing written yet." in as_("chen").get(VISITS.format(number)).text


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_visit_is_not_found(as_: As, cast: Cast, command: str) -> None:
    for number in ("999999", "0", "99999999999"):
        assert as_("chen").command(VISITS.format(number) + command, diagnosis="Flu").status == 404


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", ["ana", "esther"])
def test_the_wrong_role_is_refused_whatever_the_id(as_: As, visit: Make, page: str, name: str) -> None:
    assert as_(name).get(VISITS.format(visit()) + page).status == 403
    assert as_(name).get(VISITS.format(999999) + page).status == 403


@pytest.mark.parametrize("page", PAGES)
def test_a_guest_signs_in_first(guest: Visitor, visit: Make, page: str) -> None:
    path = VISITS.format(visit()) + page

    assert guest.get(path).goes_to == f"/login?next={path}"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_guests_command_does_nothing(app: Flask, guest: Visitor, cast: Cast, visit: Make, command: str) -> None:
    number = visit(status="confirmed")

    assert guest.command(VISITS.format(number) + command, diagnosis="Flu").goes_to.startswith("/login")
    assert events(app, cast, number) == ["created"]


def test_a_visit_is_not_confirmed_by_looking(as_: As, visit: Make) -> None:
    answer = as_("chen").get(VISITS.format(visit()) + "/confirm")

    assert answer.status == 405
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_without_its_token_is_refused(app: Flask, as_: As, cast: Cast, visit: Make, command: str) -> None:
    number = visit(status="confirmed")

    assert as_("chen").post(VISITS.format(number) + command, {"diagnosis": "Flu"}).status == 400
    assert events(app, cast, number) == ["created"]


def test_a_swap_of_an_ended_session_leaves_the_page(guest: Visitor) -> None:
    answer = guest.get("/doctor/", headers={**HTMX, "HX-Target": "desk"})

    assert answer.headers["HX-Redirect"] == "/login?next=/doctor/"
