"""Public holidays, proposed by country and year, taken over as closures: one, or all by one press, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from clinic import scheduling
from tests.web.visitor import Visitor

As = Callable[[str], Visitor]
PAGE = "/admin/closures/holidays"
ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"])


def test_tet_is_one_holiday_with_its_names_in_both_languages() -> None:
    (tet,) = [each for each in scheduling.public_holidays("VN", 2027) if "Lunar New Year" in each.name]

    assert (tet.first_day, tet.last_day) == (date(2027, 2, 4), date(2027, 2, 10))
    assert (tet.name, tet.name_vi) == ("Lunar New Year", "Tết Nguyên Đán")
    german = {each.first_day: (each.name, each.name_vi) for each in scheduling.public_holidays("DE", 2027)}
    assert german[date(2027, 12, 25)] == ("Christmas Day", "")
    assert scheduling.public_holidays("XX", 2027) == ()
    assert {"VN", "DE", "JP"} <= set(scheduling.holiday_countries())


@ONE_ENGINE
def test_one_is_taken_over_and_then_all_and_none_twice(app: Flask, as_: As) -> None:
    page = as_("esther").get("/admin/closures").click("Public holidays").press("Show", year="2027")
    page = page.press("Take over : Lunar New Year")
    page = page.follow()
    assert "1 holiday is taken over." in page.main.text
    with app.app_context():
        (tet,) = scheduling.closures(lang="vi")
    assert (tet["name"], tet["first_day"]) == ("Tết Nguyên Đán", date(2027, 2, 4))

    (every,) = [each.text for each in page.main.all("button") if each.text.startswith("Take over all")]
    done = page.press(every)
    again = page.press(every)
    assert done.status == 303
    with app.app_context():
        known = [row["holiday"] for row in scheduling.closures()]
    assert len(known) == len(set(known)) == len(scheduling.public_holidays("VN", 2027)) > 5
    assert again.status in (303, 422)
    assert not [each for each in done.follow().main.all("button") if "Take over" in each.text]


@ONE_ENGINE
def test_visits_on_them_are_shown_first(app: Flask, as_: As, appointment: Callable[..., int]) -> None:
    appointment(date(2026, 4, 30), "09:00")
    page = as_("esther").get(f"{PAGE}?country=VN&year=2026")
    (every,) = [each.text for each in page.main.all("button") if each.text.startswith("Take over all")]
    page = page.press(every)

    assert page.status == 409
    assert "1 visit would be left without time" in page.main.text
    with app.app_context():
        assert scheduling.closures() == []
    page = page.press("Take over anyway").follow()
    assert "1 visit now has no time and needs to be settled." in page.main.text


@ONE_ENGINE
def test_what_is_no_country_year_or_holiday_is_nothing(as_: As) -> None:
    esther = as_("esther")
    assert esther.get(f"{PAGE}?country=x&year=99999").status == 200
    page = esther.get(PAGE)
    token = page.tree.one("main").all("input", name="csrf_token")[0].attrs["value"]
    assert esther.post(PAGE, {"csrf_token": token, "take": "x", "expected_count": "x"}).status == 422
