"""Closing the clinic: what is entered closes times at once, visits that lose theirs are shown first, and it is taken back."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from clinic import scheduling
from tests import factories
from tests.people import Cast
from tests.web.conftest import LATER, TODAY
from tests.web.visitor import Sheet, Visitor

As = Callable[[str], Visitor]
PAGE = "/admin/closures"
CLOSE = "Close at this time"


def listed(page: Sheet) -> list[str]:
    """The closures that the page lists."""
    return [row.text for shown in page.main.all("ul", class_="closures") for row in shown.all("li")]


def test_the_clinic_is_closed_and_opened_again(app: Flask, as_: As, guest: Visitor, cast: Cast) -> None:
    esther = as_("esther")
    page = esther.get(PAGE)
    assert "No closed days yet." in page.main.text
    day = {"first_day": LATER.isoformat(), "name": "Staff training", "name_vi": "Tập huấn"}
    page = page.press(CLOSE, **day, from_time="13:00", to_time="17:00").follow()

    assert "The closure is added." in page.main.text
    (line,) = listed(page)
    assert line.startswith("Staff training Wed 4 Mar, 13:00–17:00")
    address = f"/api/v1/available-slots/?doctor_id={cast.chen}&date={LATER}"
    reasons = [slot["reason"] for slot in guest.client.get(address).get_json()["available_slots"]]
    assert reasons == [None] * 10 + ["closed"] * 8
    esther.client.set_cookie("lang", "vi")
    assert listed(esther.get(PAGE))[0].startswith("Tập huấn")
    esther.client.delete_cookie("lang")

    page = page.click("Remove : Staff training, Wed 4 Mar, 13:00–17:00")
    answer = page.press("Remove the closure")
    assert "The closure is removed." in answer.follow().main.text
    assert "isn't on the list any more" in page.press("Remove the closure").follow().main.text
    assert listed(esther.get(PAGE)) == []


def test_all_that_is_wrong_is_said_at_once_and_what_was_typed_stays(as_: As) -> None:
    wrong = {"first_day": "2026-03-01", "last_day": "2026-02-01", "from_time": "13:00", "name": "", "name_vi": "x" * 81}
    page = as_("esther").get(PAGE).press(CLOSE, **wrong)

    assert page.status == 422
    faults = [link.text.partition(":")[0] for link in page.main.one("div", class_="error").all("a")]
    assert faults == ["First day", "Last day", "Until", "Reason in English", "Reason in Vietnamese"]
    assert page.values(CLOSE)["first_day"] == "2026-03-01"
    assert as_("esther").get(PAGE).press(CLOSE, first_day="soon", name="x").status == 422


def test_visits_are_shown_before_it_is_closed_over_them(
    app: Flask, as_: As, cast: Cast, appointment: Callable[..., int]
) -> None:
    number = appointment(LATER, "16:00")
    page = as_("esther").get(PAGE).press(CLOSE, first_day=LATER.isoformat(), name="Power cut")
    assert page.status == 409
    assert "1 visit would be left without time" in page.main.text
    assert page.main.one("section", class_="warn").one("a").attrs["href"] == f"/admin/appointments/{number}"
    with app.app_context():
        assert scheduling.closures() == []
        factories.appointment(cast.boris, cast.chen, LATER, "10:00")

    page = page.press("Close anyway")
    assert page.status == 409
    assert "2 visits would be left without time" in page.main.text, "another one was booked meanwhile"
    page = page.press("Close anyway").follow()
    assert "2 visits now have no time and need to be settled." in page.main.text
    assert TODAY < LATER
