"""Vital signs as drawings: which signs get one, where their points stand, and that the numbers can be read as words."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask, get_template_attribute
from hypothesis import given
from hypothesis import strategies as st

from clinic.web.plot import BOTTOM, LEFT, MOST_GAPS, RIGHT, TOP, Plot, _grid, vital_plots
from tests.web.dom import Node, read

SPRING = date(2026, 3, 2)


def plots(app: Flask, *signs: dict[str, Any] | None, language: str = "en") -> list[Plot]:
    """The plots of so many records, a week apart."""
    with app.test_request_context(headers={"Accept-Language": language}):
        return vital_plots((SPRING + timedelta(weeks=week), each) for week, each in enumerate(signs))


def drawn(app: Flask, *signs: dict[str, Any]) -> Node:
    """What the page shows of them."""
    with app.test_request_context():
        macro = get_template_attribute("components/plot.html", "vitals_over_time")
        return read(str(macro(plots(app, *signs))))[0]


def test_a_sign_measured_twice_gets_a_plot_and_others_dont(app: Flask) -> None:
    found = plots(
        app,
        {"weight": 62.5, "heart_rate": 80, "left_eye": "0.8"},
        {"weight": "62", "blood_pressure": "120/80", "left_eye": "0.9"},
        None,
        {"blood_pressure": "130/85", "height": "tall"},
        {"height": 160},
    )

    assert [plot.key for plot in found] == ["blood_pressure", "weight"]
    assert [len(plot.lines) for plot in found] == [2, 1]
    assert found[0].rows == [(SPRING + timedelta(weeks=1), "120/80"), (SPRING + timedelta(weeks=3), "130/85")]


def test_nothing_measured_twice_draws_nothing(app: Flask) -> None:
    assert plots(app) == []
    assert not list(drawn(app, {"weight": 60}))


def test_later_stands_further_right_and_more_stands_higher(app: Flask) -> None:
    (plot,) = plots(app, {"weight": 60}, {"weight": 64}, {"weight": 62})
    dots = plot.lines[0].dots

    assert dots[0].x < dots[1].x < dots[2].x
    assert dots[0].y > dots[2].y > dots[1].y
    assert {tick.label for tick in plot.ticks} == {"60", "61", "62", "63", "64"}


def test_two_visits_of_one_day_and_equal_values_are_no_trouble(app: Flask) -> None:
    with app.test_request_context():
        (plot,) = vital_plots([(SPRING, {"weight": 60}), (SPRING, {"weight": 60})])

    assert len(plot.lines[0].dots) == 2
    assert all(LEFT <= dot.x <= RIGHT and TOP <= dot.y <= BOTTOM for dot in plot.lines[0].dots)


@given(
    st.decimals(Decimal("0.3"), Decimal(500), places=1),
    st.decimals(Decimal("0.3"), Decimal(500), places=1),
)
def test_the_grid_holds_all_and_has_few_lines(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    marks = _grid(low, high)

    assert marks[0] <= low
    assert high <= marks[-1]
    assert 2 <= len(marks) <= MOST_GAPS + 2
    assert len({after - before for before, after in pairwise(marks)}) == 1


def test_the_drawing_is_told_in_words_and_as_a_table(app: Flask) -> None:
    tree = drawn(app, {"blood_pressure": "148/92"}, {"blood_pressure": "136/88"}, {"blood_pressure": "128/84"})
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
    (plot,) = plots(app, {"weight": 62.5}, {"weight": 63}, language=language)

    assert plot.rows[0][1] == written
