"""Vital signs over time: which are drawn, where their points and usual ranges stand, and that all can be read as words."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask, get_template_attribute
from hypothesis import given
from hypothesis import strategies as st

from clinic.records import VITALS
from clinic.web.appointments.vitals_chart import (
    BOTTOM,
    LEFT,
    MOST_MONTHS,
    RIGHT,
    TOP,
    Trend,
    Trends,
    _scale,
    vital_trends,
)
from tests.web.dom import Node, read

SPRING = date(2026, 3, 2)
AGE = 47


def trends(
    app: Flask, *signs: dict[str, Any] | None, language: str = "en", age: int | None = AGE, days: int = 7
) -> Trends:
    """What so many records tell, a week apart."""
    with app.test_request_context(headers={"Accept-Language": language}):
        return vital_trends(((SPRING + timedelta(days=days * n), each) for n, each in enumerate(signs)), age=age)


def one(app: Flask, *signs: dict[str, Any], **more: Any) -> Trend:
    """The only sign that is drawn."""
    (trend,) = trends(app, *signs, **more).drawn
    return trend


def shown(app: Flask, *signs: dict[str, Any], **more: Any) -> Node:
    """What the page shows of them."""
    with app.test_request_context():
        macro = get_template_attribute("components/vitals_chart.html", "vitals_over_time")
        return read(str(macro(trends(app, *signs, **more)))).tree


def test_a_sign_that_changes_is_drawn_and_a_steady_one_is_a_value(app: Flask) -> None:
    found = trends(
        app,
        {"weight": 62.5, "heart_rate": 80, "left_eye": "0.8", "oxygen_saturation": 98},
        {"weight": "62", "blood_pressure": "120/80", "left_eye": "0.9", "oxygen_saturation": 98},
        None,
        {"blood_pressure": "130/85", "height": "tall"},
        {"height": 160},
    )

    assert [trend.key for trend in found.drawn] == ["blood_pressure", "weight"]
    assert [len(trend.drawing.lines) for trend in found.drawn if trend.drawing] == [2, 1]
    assert found.drawn[0].rows == [(SPRING + timedelta(weeks=1), "120/80"), (SPRING + timedelta(weeks=3), "130/85")]
    assert [(trend.key, trend.now) for trend in found.steady] == [
        ("heart_rate", "80"),
        ("oxygen_saturation", "98"),
        ("height", "160"),
    ]


def test_nothing_measured_shows_nothing(app: Flask) -> None:
    assert not trends(app)
    assert shown(app, {"mood": "fine"}).text == ""


def test_the_newest_value_comes_first_with_its_change_and_range(app: Flask) -> None:
    tree = shown(app, {"blood_pressure": "148/92"}, {"blood_pressure": "136/88"}, {"blood_pressure": "128/84"})
    about = tree.one(class_="about").text

    assert about.startswith("Blood pressure 128/84 mmHg In the usual range 16 March 2026.")
    assert "Down from 136/88 on 9 March 2026." in about
    assert "Usual range: 90/60 to 139/89" in about
    legend = [node.text for node in tree.one(class_="legend").all("li")]
    assert legend == ["Upper value (systolic)", "Lower value (diastolic)", "Usual range in adults"]


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ("130/80", "128/80", "Down from 130/80 on 2 March 2026."),
        ("130/80", "130/85", "Up from 130/80 on 2 March 2026."),
        ("130/80", "135/75", "It was 130/80 on 2 March 2026."),
        ("130/80", "130/80", "The same as on 2 March 2026."),
    ],
)
def test_the_change_since_the_last_time(app: Flask, before: str, now: str, told: str) -> None:
    found = trends(app, {"blood_pressure": before}, {"blood_pressure": now})

    assert [*found.drawn, *found.steady][0].change.replace("\N{NO-BREAK SPACE}", " ") == told


@pytest.mark.parametrize(("value", "within"), [(59, False), (60, True), (100, True), (101, False)])
def test_what_lies_outside_the_usual_range_is_said(app: Flask, value: int, within: bool) -> None:
    trend = one(app, {"heart_rate": 80}, {"heart_rate": value})

    assert trend.within is within
    words = "In the usual range" if within else "Outside the usual range"
    assert words in shown(app, {"heart_rate": 80}, {"heart_rate": value}).text


@pytest.mark.parametrize("age", [None, 0, 15])
def test_children_are_not_measured_by_the_ranges_of_adults(app: Flask, age: int | None) -> None:
    trend = one(app, {"heart_rate": 140}, {"heart_rate": 120}, age=age)

    assert trend.usual == ""
    assert trend.drawing
    assert trend.drawing.bands == []
    assert "usual" not in shown(app, {"heart_rate": 140}, {"heart_rate": 120}, age=age).text


def test_later_stands_further_right_and_more_stands_higher(app: Flask) -> None:
    drawing = one(app, {"weight": 60}, {"weight": 64}, {"weight": 62}).drawing
    assert drawing
    dots = drawing.lines[0].dots

    assert (dots[0].x, dots[2].x) == (LEFT, RIGHT)
    assert dots[0].x < dots[1].x < dots[2].x
    assert dots[0].y > dots[2].y > dots[1].y
    assert (drawing.lines[0].first, drawing.lines[0].last) == ("60", "62")


def test_a_value_in_the_usual_range_stands_in_its_band(app: Flask) -> None:
    drawing = one(app, {"blood_pressure": "158/98"}, {"blood_pressure": "128/81"}).drawing
    assert drawing

    for line, band in zip(drawing.lines, drawing.bands, strict=True):
        assert line.dots[0].y < band.top < line.dots[1].y < band.bottom


def test_all_drawings_share_one_calendar(app: Flask) -> None:
    found = trends(app, {"weight": 60, "heart_rate": 70}, {"weight": 62}, {"heart_rate": 80, "weight": 61}, days=40)
    drawings = [trend.drawing for trend in found.drawn if trend.drawing]

    assert len(drawings) == 2
    assert drawings[0].marks == drawings[1].marks
    assert drawings[0].lines[0].dots[1].x == drawings[1].lines[0].dots[2].x


@pytest.mark.parametrize(
    ("days", "first", "labels"),
    [(7, "2 Mar", 2), (40, "Apr", 2), (300, "Apr", MOST_MONTHS)],
)
def test_the_calendar_names_a_few_months_or_the_days(app: Flask, days: int, first: str, labels: int) -> None:
    drawing = one(app, {"weight": 60}, {"weight": 62}, {"weight": 61}, days=days).drawing
    assert drawing
    told = [mark.label.replace("\N{NO-BREAK SPACE}", " ") for mark in drawing.marks]

    assert told[0] == first
    assert 2 <= len(told) <= labels
    assert all(LEFT <= mark.x <= RIGHT for mark in drawing.marks)


def test_two_visits_of_one_day_are_no_trouble(app: Flask) -> None:
    drawing = one(app, {"weight": 60}, {"weight": 61}, days=0).drawing

    assert drawing
    assert len(drawing.lines[0].dots) == 2
    assert all(LEFT <= dot.x <= RIGHT and TOP <= dot.y <= BOTTOM for dot in drawing.lines[0].dots)


@given(st.sampled_from(sorted(VITALS)), st.lists(st.decimals(0, 1, places=2), min_size=2, max_size=9, unique=True))
def test_no_drawing_reaches_to_what_cannot_be(key: str, shares: list[Decimal]) -> None:
    sign = VITALS[key]
    values = [sign.low + share * (sign.high - sign.low) for share in shares]
    scale = _scale(key, values)

    assert sign.low <= scale.low <= min(values)
    assert max(values) <= scale.high <= sign.high
    assert all(TOP <= scale.up(value) <= BOTTOM for value in values)


def test_no_number_is_invented(app: Flask) -> None:
    """Every number in a drawing was measured, or is an edge of the usual range."""
    tree = shown(
        app, {"oxygen_saturation": 93, "respiratory_rate": 15}, {"oxygen_saturation": 98, "respiratory_rate": 18}
    )
    numbers = [{node.text for node in each.all("text", class_="num")} for each in tree.all("svg", role="img")]

    days = {"2 Mar", "9 Mar"}
    assert [each - days for each in numbers] == [{"15", "18", "12", "20"}, {"93", "98", "96", "100"}]


def test_the_drawing_is_told_in_words_and_as_a_table(app: Flask) -> None:
    tree = shown(app, {"blood_pressure": "148/92"}, {"blood_pressure": "136/88"}, {"blood_pressure": "128/84"})
    picture = tree.one("svg", role="img")

    assert tree.one(id=picture.attrs["aria-labelledby"]).text == "Blood pressure"
    assert tree.one(id=picture.attrs["aria-describedby"]).text == (
        "3 measurements from 2 March 2026 to 16 March 2026; the first is 148/92, the last is 128/84 mmHg."
    )
    assert [row.text for row in tree.one("tbody").all("tr")] == [
        "16 March 2026 128/84",
        "9 March 2026 136/88",
        "2 March 2026 148/92",
    ]
    assert len(picture.all("polyline")) == 2
    assert len(picture.all("circle")) == 6
    assert not [node for node in tree if "style" in node.attrs]


@pytest.mark.parametrize(("language", "written"), [("en", "62.5"), ("vi", "62,5")])
def test_numbers_are_written_as_the_reader_does(app: Flask, language: str, written: str) -> None:
    assert one(app, {"weight": 62.5}, {"weight": 63}, language=language).rows[0][1] == written
