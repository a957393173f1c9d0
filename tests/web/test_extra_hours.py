"""Extra hours of a doctor, opened by the doctor or by reception, and taken back with the visits in them shown first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.people import Cast
from tests.web.conftest import LATER
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


def test_a_doctor_opens_a_closed_day_and_takes_it_back(as_: As, cast: Cast, appointment: Callable[..., int]) -> None:
    as_("esther").get("/admin/closures").press("Close at this time", first_day=LATER.isoformat(), name="Holiday")
    chen = as_("chen")
    page = chen.get("/doctor/leave").click("See patients at other times: extra hours")
    hours = {"day": LATER.isoformat(), "from_time": "09:00", "to_time": "11:00"}
    page = page.press("Open these hours", **hours).follow()
    assert "Those times can be booked now." in page.main.text
    assert "Wed 4 Mar, 09:00–11:00" in page.tree.one("aside").text
    slots = chen.client.get(f"/api/v1/available-slots/?doctor_id={cast.chen}&date={LATER}").get_json()
    assert [slot["time"] for slot in slots["available_slots"] if not slot["reason"]] == [
        "09:00",
        "09:30",
        "10:00",
        "10:30",
    ]

    number = appointment(LATER, "10:00")
    page = page.click("Remove : Wed 4 Mar, 09:00–11:00", "aside")
    refused = page.press("Remove the hours")
    assert refused.status == 409
    assert refused.main.one("section", class_="warn").one("a").attrs["href"] == f"/doctor/appointments/{number}"
    done = refused.press("Remove anyway").follow()
    assert "1 visit now has no time and needs to be settled." in done.main.text
    assert "aren't on the list any more" in refused.press("Remove anyway").follow().main.text


def test_reception_opens_them_for_any_doctor_and_is_told_what_is_wrong(as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/doctors/{cast.chen}/hours").click("Extra hours")
    wrong = page.press("Open these hours", day="2026-03-01", from_time="12:00", to_time="09:00")
    assert wrong.status == 422
    faults = [link.text.partition(":")[0] for link in wrong.main.one("div", class_="error").all("a")]
    assert faults == ["Day", "Until"]

    hours = {"day": LATER.isoformat(), "from_time": "09:00", "to_time": "11:00"}
    assert page.press("Open these hours", **hours).status == 303
    assert page.press("Open these hours", **hours).status == 303, "sent twice, entered once"
    over = page.press("Open these hours", **{**hours, "from_time": "10:00"})
    assert over.status == 409
    assert "This overlaps with other extra hours of the day." in over.main.text
    assert as_("esther").get(f"/admin/doctors/{cast.chen}/extra-hours").main.text.count("09:00–11:00") == 2
