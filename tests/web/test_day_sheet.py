"""The day on paper: for the wall, and with phone numbers."""

from __future__ import annotations

from collections.abc import Callable

from tests.people import Cast
from tests.web.conftest import TODAY, TOMORROW
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
Make = Callable[..., int]


def test_the_day_is_printed_for_the_wall_and_with_phone_numbers(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(TODAY, "10:00")
    appointment(TODAY, "11:00", doctor_id=cast.diallo, patient_id=cast.boris)
    appointment(TODAY, "12:00", status="cancelled")
    wall = as_("esther").get("/admin/").click("Day sheet to print")
    assert [each.text for each in wall.main.all("section")] == [
        "Dr Chen Monday 2 March 2026 · Cardiology Dr Chen Time Patient 10:00 Nguyễn A.",
        "Dr Diallo Monday 2 March 2026 · Neurology Dr Diallo Time Patient 11:00 Đặng B.",
    ]
    assert "090 123 4567" not in wall.main.text
    assert "Ana" not in wall.main.text
    phones = wall.click("With phone numbers, by department")
    assert [each.text for each in phones.main.all("tbody")] == [
        "10:00 Ana Nguyễn Dr Chen 35 090 123 4567 To confirm",
        "11:00 Boris Đặng Dr Diallo 35 090 123 4567 To confirm",
    ]
    assert "No visits on this day" in as_("esther").get(f"/admin/desk/sheet?day={TOMORROW}").main.text
