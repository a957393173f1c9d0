"""The clinic's opening hours and each doctor's, entered by the office without JavaScript: rows are pressed into a form, what is
saved holds at once, and visits that would lose their time are shown first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from flask import Flask

from clinic import scheduling
from clinic.policy import Duty
from tests import factories
from tests.people import Cast
from tests.web.conftest import LATER, TODAY
from tests.web.visitor import HTMX, Sheet, Visitor, signed_in

As = Callable[[str], Visitor]
Make = Callable[..., int]
PAGE = "/admin/opening-hours"
USUAL = "Fill in Monday to Friday, with a break at noon"
EMPTY = "As nothing is entered, the clinic is open from 08:00 to 17:00 each day."


@pytest.fixture
def entered(app: Flask, cast: Cast) -> Callable[..., None]:
    """Enters hours of Dr Chen as Esther: weekday, from, until, and more of the row."""

    def enter(*stretches: tuple[int, int, int], **more: Any) -> None:
        rows = [
            {"weekday": day, "from_time": time(start), "to_time": time(end), "room_id": None, "valid_from": None}
            | {"valid_until": None, **more}
            for day, start, end in stretches
        ]
        with app.app_context():
            week = scheduling.doctor_hours(cast.chen)
            scheduling.set_doctor_hours(cast.actor("esther"), cast.chen, [*week["hours"], *rows])  # type: ignore[list-item]

    return enter


def of_clinic(app: Flask) -> list[tuple[int, str, str]]:
    """The opening hours that are stored."""
    with app.app_context():
        rows = scheduling.opening_hours()["hours"]
    return [(row["weekday"], f"{row['from_time']:%H:%M}", f"{row['to_time']:%H:%M}") for row in rows]


def lines(page: Sheet) -> list[str]:
    """The weeks that a page shows, line by line."""
    return [row.text for shown in page.main.all("dl", class_="week-lines") for row in shown.all("div")]


def test_a_week_is_entered_by_presses_and_saved(app: Flask, as_: As, guest: Visitor, cast: Cast) -> None:
    page = as_("esther").get(PAGE)
    assert EMPTY in page.main.text

    page = page.press("Add hours : Monday")
    assert page.status == 200
    assert EMPTY not in page.main.text
    assert "autofocus" in page.tree.one("select", name="hours-0-from_time").attrs
    page = page.press("Add hours : Monday")
    page = page.press("Copy to Tuesday to Friday")
    page = page.press("Remove Friday, 13:00 to 17:00")
    page = page.press("Add hours : Saturday", **{"hours-0-from_time": "09:00"})
    assert of_clinic(app) == [], "presses save nothing"

    answer = page.press("Save")
    assert (answer.status, answer.goes_to) == (303, PAGE)
    assert "The opening hours are saved." in answer.follow().main.text
    days = [(day, "08:00", "12:00") for day in range(1, 7)] + [(day, "13:00", "17:00") for day in range(1, 5)]
    assert of_clinic(app) == sorted([(1, "09:00", "12:00"), *days[1:]])
    monday = guest.client.get(f"/api/v1/available-slots/?doctor_id={cast.chen}&date=2026-03-09").get_json()
    assert [slot["reason"] for slot in monday["available_slots"]][:3] == ["off_hours", "off_hours", None]


def test_a_usual_week_is_one_press_and_taking_all_out_opens_each_day_again(app: Flask, as_: As) -> None:
    page = as_("esther").get(PAGE).press(USUAL).press("Save").follow()
    assert len(of_clinic(app)) == 10
    assert page.main.text.count("closed") == 2

    for _ in range(10):
        page = page.visitor.post(PAGE, page.values("Save") | {"press": "remove-0"})
    assert EMPTY in page.main.text
    assert page.press("Save").status == 303
    assert of_clinic(app) == []


def test_htmx_swaps_the_rows_alone(as_: As) -> None:
    esther = as_("esther")
    fields = esther.get(PAGE).values("Save") | {"press": "add-2"}
    part = esther.post(PAGE, fields, headers={**HTMX, "HX-Target": "week-hours"})
    whole = esther.post(PAGE, fields)

    assert "<html" not in part.html
    assert str(part.tree.one(id="week-hours").text) == whole.tree.one(id="week-hours").text


def test_all_that_is_wrong_is_said_at_once_on_its_row(app: Flask, as_: As) -> None:
    page = as_("esther").get(PAGE).press(USUAL)
    wrong = {"hours-0-to_time": "08:00", "hours-3-from_time": "11:00", "hours-4-from_time": "later"}
    page = page.press("Save", **wrong)
    assert page.status == 422
    listed = [link.text for link in page.main.one("div", class_="error").all("a")]
    assert listed == [
        "Monday 1, until: The end must be after the start.",
        "Tuesday 2, from: This overlaps with other hours of the same day.",
        "Wednesday 1, from: Please choose a time.",
    ]
    assert page.values("Save")["hours-3-from_time"] == "11:00"
    assert of_clinic(app) == []


def test_visits_that_lose_their_time_are_shown_before_it_is_saved(app: Flask, as_: As, appointment: Make) -> None:
    number = appointment(LATER, "16:00")
    page = as_("esther").get(PAGE).press(USUAL)
    page = page.press("Save", **{f"hours-{row}-to_time": "15:00" for row in (1, 3, 5, 7, 9)})

    assert page.status == 409
    shown = page.main.one("section", class_="warn")
    assert "1 visit would be left without time" in shown.text
    assert "Ana" in shown.text
    assert shown.one("a").attrs["href"] == f"/admin/appointments/{number}"
    assert of_clinic(app) == []

    done = page.press("Save anyway").follow()
    assert "1 visit now has no time and needs to be settled." in done.main.text
    assert len(of_clinic(app)) == 10


def test_who_may_not_see_visits_is_told_how_many_there_are(app: Flask, cast: Cast, appointment: Make) -> None:
    appointment(LATER, "12:00")
    with app.app_context():
        number = factories.admin("Fran Front", "fran@clinic.example", Duty.CATALOGUE)
    page = signed_in(app, number).get(PAGE).press(USUAL).press("Save")

    assert "1 visit would be left without time" in page.main.text
    assert "Ana" not in page.main.text
    assert "And 1 more." in page.main.text


def test_who_saved_meanwhile_is_shown_beside_and_not_written_over(app: Flask, as_: As, cast: Cast) -> None:
    page = as_("esther").get(PAGE).press(USUAL)
    with app.app_context():
        sunday = [{"weekday": 7, "from_time": time(9), "to_time": time(11)}]
        scheduling.set_opening_hours(cast.actor("esther"), sunday)  # type: ignore[arg-type]
    page = page.press("Save")

    assert page.status == 409
    assert "changed by somebody else" in page.main.text
    assert lines(page) == ["Monday to Saturday closed", "Sunday 09:00–11:00"]
    assert page.press("Save my version").status == 303
    assert len(of_clinic(app)) == 10


def test_the_same_form_sent_twice_is_saved_once(app: Flask, as_: As) -> None:
    page = as_("esther").get(PAGE).press(USUAL)
    assert [page.press("Save").status, page.press("Save").status] == [303, 303]


def test_a_doctor_follows_the_clinic_until_hours_are_entered(app: Flask, as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/doctors/{cast.chen}").click("Hours")
    assert page.h1 == "Hours of Dr Chen"
    assert "Follows the clinic's opening hours" in page.main.text
    assert EMPTY in page.main.text

    page = page.click("Enter hours").press("Add hours : Tuesday")
    rooms = page.tree.one("select", name="hours-0-room_id")
    assert rooms.text.split() != []
    page = page.press("Save", **{"hours-0-room_id": str(cast.heart_room)}).follow()
    assert "The hours of Dr Chen are saved." in page.main.text
    assert "Follows the clinic's" not in page.main.text
    (tuesday,) = [line for line in lines(page) if line.startswith("Tuesday")]
    assert tuesday.startswith("Tuesday 08:00–12:00 (Room ")


def test_hours_that_hold_now_and_later_ones_are_told_apart(as_: As, cast: Cast, entered: Callable[..., None]) -> None:
    entered((1, 8, 12), valid_until=date(2026, 4, 30))
    entered((1, 13, 17), valid_from=date(2026, 5, 1))
    entered((2, 13, 17), valid_until=date(2026, 2, 1))
    page = as_("esther").get(f"/admin/doctors/{cast.chen}/hours")

    heads = [part.one("div", class_="hours-head").text for part in page.main.all("section")]
    assert heads == ["Until 1 February 2026 Over", "Until 30 April 2026 Now", "From 1 May 2026 Later"]
    page = page.click("Change : From 1 May 2026")
    assert page.values("Save")["valid_from"] == "2026-05-01"
    page = page.press("Save", valid_from="2026-06-01", valid_until="2026-05-01")
    assert page.status == 422
    assert "The last day can't be before the first." in page.main.text
    page = page.press("Save", valid_until="").follow()
    assert "From 1 June 2026" in page.main.text
    assert "From 1 May 2026" not in page.main.text


def test_overlaps_with_hours_of_other_days_are_refused(as_: As, cast: Cast, entered: Callable[..., None]) -> None:
    entered((1, 8, 12), valid_until=date(2026, 4, 30))
    page = as_("esther").get(f"/admin/doctors/{cast.chen}/hours/edit").press("Add hours : Monday").press("Save")

    assert page.status == 422
    assert "Monday 1, from: This overlaps with other hours of the same day." in page.main.text


def test_removing_hours_asks_and_shows_visits_first(
    as_: As, cast: Cast, appointment: Make, entered: Callable[..., None], app: Flask
) -> None:
    with app.app_context():
        week = [{"weekday": day, "from_time": time(8), "to_time": time(12)} for day in range(1, 8)]
        scheduling.set_opening_hours(cast.actor("esther"), week)  # type: ignore[arg-type]
    entered(*[(day, 8, 17) for day in range(1, 8)])
    appointment(LATER, "15:00")
    page = as_("esther").get(f"/admin/doctors/{cast.chen}/hours").click("Remove : Without end")
    second = page.press("Remove the hours")
    assert second.status == 409
    assert "1 visit would be left without time" in second.main.text

    page = second.press("Remove anyway").follow()
    assert "The hours are removed." in page.main.text
    assert "Follows the clinic's opening hours" in page.main.text
    again = second.press("Remove anyway")
    assert again.status == 303
    assert "aren't on the list any more" in again.follow().main.text


def test_a_room_that_was_chosen_while_others_entered_hours_is_not_thrown_away(
    app: Flask, as_: As, cast: Cast, entered: Callable[..., None]
) -> None:
    entered((1, 8, 12))
    page = as_("esther").get(f"/admin/doctors/{cast.chen}/hours/edit?from=&until=")
    entered((3, 8, 12), valid_from=date(2027, 1, 1))
    page = page.press("Save", **{"hours-0-room_id": str(cast.heart_room)})
    assert (page.status, "changed by somebody else" in page.main.text) == (409, True)
    assert page.press("Save my version").status == 303
    with app.app_context():
        rooms = {row["weekday"]: row["room_id"] for row in scheduling.doctor_hours(cast.chen)["hours"]}
    assert rooms == {1: cast.heart_room, 3: None}


def test_hours_that_were_rewritten_meanwhile_are_not_removed_unseen(
    app: Flask, as_: As, cast: Cast, entered: Callable[..., None]
) -> None:
    entered((1, 8, 12))
    page = as_("esther").get(f"/admin/doctors/{cast.chen}/hours/remove?from=&until=")
    entered((2, 8, 12))
    page = page.press("Remove the hours")
    assert (page.status, "changed by somebody else" in page.main.text) == (409, True)
    assert page.press("Remove the hours").status == 303
    with app.app_context():
        assert scheduling.doctor_hours(cast.chen)["hours"] == []


def test_a_time_of_another_zone_is_none(as_: As, cast: Cast) -> None:
    page = as_("esther").get(PAGE).press(USUAL)
    values = page.values("Save") | {"hours-0-from_time": "08:00+07:00"}
    assert page.visitor.post(PAGE, values).status == 422


def test_hostile_rows_are_no_rows(app: Flask, as_: As) -> None:
    esther = as_("esther")
    token = esther.get(PAGE).values("Save")
    for fields in (
        {"hours-²-weekday": "1", "hours-99999999999-weekday": "1"},
        {"hours-0-weekday": "x", "hours-0-from_time": "08:00", "hours-0-to_time": "09:00"},
        {"press": "remove-99999"},
        {"press": "add-x"},
        {"expected_count": "x"},
    ):
        assert esther.post(PAGE, token | fields).status in (200, 303, 409, 422)
    many = {
        f"hours-{number}-{key}": value
        for number in range(150)
        for key, value in (("weekday", "1"), ("from_time", "08:00"))
    }
    assert esther.post(PAGE, token | many).status == 422
    assert of_clinic(app) == []


def test_the_public_is_told_when_the_clinic_is_open_and_when_a_doctor_is_there(
    app: Flask, as_: As, guest: Visitor, cast: Cast, entered: Callable[..., None]
) -> None:
    assert "Open today" not in guest.get("/contact").main.text
    as_("esther").get(PAGE).press(USUAL).press("Save")
    page = guest.get("/contact")
    assert "Open today until 17:00" in page.main.text
    assert "Monday to Friday 08:00–12:00, 13:00–17:00" in page.main.text
    with app.app_context():
        scheduling.add_closure(cast.actor("esther"), first_day=TODAY, name="Flood")
    page = guest.get("/contact")
    assert "Closed today: Flood" in page.main.text
    assert "Flood Mon 2 Mar" in page.main.text

    assert "Weekly hours" not in guest.get(f"/doctors/{cast.chen}").main.text
    entered((2, 8, 12))
    assert "Tuesday 08:00–12:00" in guest.get(f"/doctors/{cast.chen}").main.text
