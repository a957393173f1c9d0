"""A doctor's leave as the office enters it: it closes slots, lists the visits in it, and is taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from clinic import scheduling
from tests.people import Cast
from tests.web.conftest import LATER, TOMORROW
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
ENTER = "Add this leave"


def leave_page(as_: As, cast: Cast) -> Sheet:
    """The office's page of Dr Chen's leave, from the list of doctors."""
    return as_("esther").get("/admin/doctors").click("Dr Chen").click("Leave")


def free(app: Flask, cast: Cast) -> list[bool]:
    """Which of Dr Chen's times of tomorrow can be booked."""
    with app.app_context():
        return [slot.available for slot in scheduling.day_slots(doctor_id=cast.chen, on=TOMORROW).slots]


def test_the_office_enters_leave_and_takes_it_back(app: Flask, as_: As, cast: Cast) -> None:
    page = leave_page(as_, cast)
    assert page.h1 == "Leave for Dr Chen"
    answer = page.press(ENTER, first_day=str(TOMORROW), reason="Ill")

    assert answer.status == 303
    entered = answer.follow()
    assert "The leave is added." in entered.text
    assert "Tue 3 Mar Ill" in entered.main.text
    assert not any(free(app, cast))
    assert "Tue 3 Mar Ill" in as_("chen").get("/doctor/leave").text

    ask = entered.click("Remove : Tue 3 Mar")
    assert ask.h1 == "Remove this leave for Dr Chen?"
    back = ask.press("Remove the leave").follow()
    assert "No leave yet." in back.main.text
    assert all(free(app, cast))


def test_a_second_press_enters_it_once(app: Flask, as_: As, cast: Cast) -> None:
    page = leave_page(as_, cast)
    for _press in range(2):
        assert page.press(ENTER, first_day=str(TOMORROW)).status == 303

    with app.app_context():
        assert len(scheduling.leaves(cast.actor("esther"), doctor_id=cast.chen)) == 1


def test_visits_of_this_doctor_alone_are_listed_to_be_settled(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(LATER, "09:30")
    appointment(LATER, "10:30", doctor_id=cast.diallo, patient_id=cast.boris)
    answer = leave_page(as_, cast).press(ENTER, first_day=str(TOMORROW), last_day=str(LATER), reason="Flu")

    assert answer.status == 303
    page = answer.follow()
    assert page.h1 == "Dr Chen is away"
    moves = [link.attrs["href"] for link in page.main.all("a") if "reschedule" in link.attrs["href"]]
    assert len(moves) == 1
    moving = page.click("Another time : Ana Nguyễn")
    assert moving.status == 200
    assert moving.path.startswith("/admin/appointments/")


def test_faults_keep_what_was_typed(as_: As, cast: Cast) -> None:
    refused = leave_page(as_, cast).press(
        ENTER, first_day=str(LATER), last_day=str(LATER - timedelta(days=1)), reason="Holiday"
    )

    assert refused.status == 422
    assert "The last day can't be before the first." in refused.main.text
    assert refused.values(ENTER)["reason"] == "Holiday"


def test_leave_of_another_doctor_or_of_nobody_is_not_found(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        number = scheduling.take_leave(cast.actor("diallo"), first_day=TOMORROW)

    assert as_("esther").get(f"/admin/doctors/{cast.chen}/leave/{number}/end").status == 404
    assert as_("esther").get(f"/admin/doctors/{cast.ana}/leave").status == 404
    assert as_("esther").get(f"/admin/doctors/{cast.diallo}/leave/{number}/end").status == 200
