"""A doctor's leave on pages: entered, also over booked visits, taken back; and the slots that it closes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from clinic import scheduling
from tests.people import Cast
from tests.web.conftest import LATER, TODAY, TOMORROW
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]
LEAVE = "/doctor/leave"
ENTER = "Add this leave"


def entered(app: Flask, cast: Cast, name: str = "chen") -> list[scheduling.LeaveRow]:
    """The leave of a doctor."""
    with app.app_context():
        return scheduling.leaves(cast.actor(name))


def take(app: Flask, cast: Cast, **more: object) -> int:
    """Enter leave of Dr Chen."""
    with app.app_context():
        return scheduling.take_leave(cast.actor("chen"), **{"first_day": TOMORROW, **more})  # type: ignore[arg-type]


def test_a_day_of_leave_closes_its_times_on_pages_and_in_the_api(app: Flask, as_: As, cast: Cast) -> None:
    answer = as_("chen").get(LEAVE).press(ENTER, first_day=str(TOMORROW), reason="Congress in Huế")

    assert (answer.status, answer.goes_to) == (303, LEAVE)
    page = answer.follow()
    assert "Tue 3 Mar Congress in Huế" in page.text
    booking = as_("ana").get(f"/book?department={cast.cardiology}&doctor={cast.chen}&day={TOMORROW}")
    assert "The doctor is away on this day." in booking.main.text
    with app.app_context():
        slots = scheduling.day_slots(doctor_id=cast.chen, on=TOMORROW).slots
    assert not any(slot.available for slot in slots)


def test_hours_of_a_day(app: Flask, as_: As, cast: Cast) -> None:
    page = as_("chen").get(LEAVE).press(ENTER, first_day=str(TOMORROW), from_time="13:00", to_time="15:00").follow()

    assert "Tue 3 Mar, 13:00–15:00" in page.text
    assert [f"{entered(app, cast)[0][name]:%H:%M}" for name in ("from_time", "to_time")] == ["13:00", "15:00"]


def test_over_booked_visits_it_is_entered_and_they_are_listed(
    app: Flask, as_: As, cast: Cast, appointment: Make
) -> None:
    appointment(LATER, "09:30")
    appointment(LATER, "10:00", status="cancelled")
    appointment(LATER, "10:30", doctor_id=cast.diallo, patient_id=cast.boris)
    answer = as_("chen").get(LEAVE).press(ENTER, first_day=str(TOMORROW), last_day=str(LATER), reason="Flu")

    assert (answer.status, answer.goes_to) == (303, LEAVE)
    assert len(entered(app, cast)) == 1
    page = answer.follow()
    assert "1 visit is booked at that time. It stays booked until you move or cancel it." in page.text
    assert len([link for link in page.main.all("a") if "reschedule" in link.attrs["href"]]) == 1
    move = page.click("Move Ana Nguyễn, Wed 4 Mar, 09:30")
    assert (move.status, move.h1) == (200, "Move Ana Nguyễn's visit")


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({}, "first_day", "Please fill this in."),
        ({"first_day": "tomorrow"}, "first_day", "Please enter a date"),
        ({"first_day": "2026-02-01"}, "first_day", "This day has passed."),
        ({"first_day": str(LATER), "last_day": str(TOMORROW)}, "last_day", "The last day can't be before the first."),
        ({"first_day": str(LATER), "from_time": "09:00"}, "to_time", "Please give both times"),
        (
            {"first_day": str(LATER), "from_time": "10:00", "to_time": "09:00"},
            "to_time",
            "The end must be after the start.",
        ),
        ({"first_day": str(LATER), "reason": "x" * 501}, "reason", "Please use at most 500 characters."),
    ],
)
def test_bad_input_says_what_is_wrong_and_keeps_the_rest(
    app: Flask, as_: As, cast: Cast, typed: dict[str, str], field: str, says: str
) -> None:
    answer = as_("chen").get(LEAVE).press(ENTER, **{"reason": "Wedding", **typed})

    assert answer.status == 422
    assert says in answer.main.one(id=f"{field}-err").text
    kept = answer.values(ENTER)
    assert {name: kept[name] for name in typed} == typed
    assert entered(app, cast) == []


def test_an_hour_that_is_none_is_refused(app: Flask, as_: As, cast: Cast) -> None:
    for hour in ("9", "25:00", "<b>"):
        answer = as_("chen").command(LEAVE, first_day=str(LATER), from_time=hour, to_time="15:00")
        assert answer.status == 422
    assert entered(app, cast) == []


def test_pressing_twice_enters_once(app: Flask, as_: As, cast: Cast) -> None:
    answers = [as_("chen").command(LEAVE, first_day=str(TOMORROW)) for _ in range(2)]

    assert [answer.status for answer in answers] == [303, 303]
    assert len(entered(app, cast)) == 1


def test_leave_over_leave_is_refused_with_the_other_entry_named(app: Flask, as_: As, cast: Cast) -> None:
    take(app, cast, last_day=LATER)
    answer = as_("chen").get(LEAVE).press(ENTER, first_day=str(LATER), from_time="13:00", to_time="15:00", reason="Flu")

    assert answer.status == 409
    assert "This overlaps with other leave." in answer.main.one(role="alert").text
    assert "Leave at that time Tue 3 Mar to Wed 4 Mar" in answer.main.text
    assert answer.values(ENTER)["reason"] == "Flu"
    assert len(entered(app, cast)) == 1


def test_leave_is_taken_back_after_a_question(app: Flask, as_: As, cast: Cast) -> None:
    take(app, cast)
    question = as_("chen").get(LEAVE).click("Remove : Tue 3 Mar", "aside")
    assert (question.status, question.h1) == (200, "Remove this leave?")
    assert len(entered(app, cast)) == 1
    answer = question.press("Remove the leave")

    assert (answer.status, answer.goes_to) == (303, LEAVE)
    assert "Those times can be booked again." in answer.follow().text
    assert entered(app, cast) == []


def test_past_leave_is_not_listed(app: Flask, as_: As, cast: Cast, clock_at: Callable[[str], object]) -> None:
    take(app, cast)
    clock_at("2026-03-05 09:00")

    assert "No leave yet." in as_("chen").get(LEAVE).text


@pytest.mark.parametrize(("name", "asked", "pressed"), [("diallo", 404, 303), ("ana", 403, 403), ("esther", 403, 403)])
def test_nobody_else_takes_it_back(app: Flask, as_: As, cast: Cast, name: str, asked: int, pressed: int) -> None:
    path = f"{LEAVE}/{take(app, cast)}/end"

    assert as_(name).get(path).status == asked
    assert as_(name).command(path).status == pressed
    assert len(entered(app, cast)) == 1


def test_missing_leave_is_not_found(as_: As) -> None:
    for number in (0, 999999, 99999999999):
        assert as_("chen").get(f"{LEAVE}/{number}/end").status == 404
        assert as_("chen").command(f"{LEAVE}/{number}/end").goes_to == LEAVE


def test_a_second_press_finds_it_gone(app: Flask, as_: As, cast: Cast) -> None:
    question = as_("chen").get(f"{LEAVE}/{take(app, cast)}/end")
    button = question.main.one("form").one("button").text
    first, second = question.press(button), question.press(button)

    assert first.goes_to == second.goes_to == LEAVE
    assert "This leave isn't on the list any more." in second.follow().text
    assert entered(app, cast) == []


@pytest.mark.parametrize("name", ["ana", "esther"])
def test_the_wrong_role_enters_none(as_: As, name: str) -> None:
    assert as_(name).get(LEAVE).status == 403
    assert as_(name).command(LEAVE, first_day=str(TODAY)).status == 403


def test_a_guest_signs_in_first(app: Flask, guest: Visitor, cast: Cast) -> None:
    assert guest.get(LEAVE).goes_to == f"/login?next={LEAVE}"
    assert guest.command(LEAVE, first_day=str(TOMORROW)).goes_to.startswith("/login")
    assert entered(app, cast) == []


def test_a_token_is_needed(app: Flask, as_: As, cast: Cast) -> None:
    number = take(app, cast)

    assert as_("chen").post(LEAVE, {"first_day": str(LATER)}).status == 400
    assert as_("chen").post(f"{LEAVE}/{number}/end", {}).status == 400
    assert len(entered(app, cast)) == 1
