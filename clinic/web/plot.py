"""Vital signs over time, drawn on the server: what the macro of templates/components/plot.html makes an SVG and a table of.

    plots = vital_plots((row["visit"]["date"], row["vital_signs"]) for row in found.results)

and in the template, with css/plot.css among the styles:

    {% from "components/plot.html" import vitals_over_time %}{{ vitals_over_time(plots) }}

Works with the numbers of records; which signs there are and their units are the domain's. Reads nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext

from clinic import records
from clinic.web import filters
from clinic.web.vital_signs import BLOOD_PRESSURE_LABEL, BLOOD_PRESSURE_UNIT

#: The drawing's own units; it grows and shrinks with the page.
WIDTH, HEIGHT = 360, 150
LEFT, RIGHT, TOP, BOTTOM = 38, 350, 10, 122
#: One measurement makes no line.
LEAST_POINTS = 2
#: How far apart grid lines may be, as multiples of a power of ten.
STEPS = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))
MOST_GAPS = 4

Measured = tuple[date, Mapping[str, Any] | None]


@dataclass(frozen=True)
class Dot:
    """One measurement in the drawing."""

    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """What is drawn as one line; blood pressure has two."""

    dots: list[Dot]

    @property
    def path(self) -> str:
        """The points of an SVG polyline."""
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)


@dataclass(frozen=True)
class Tick:
    """A grid line with its number."""

    y: float
    label: str


@dataclass(frozen=True)
class Plot:
    """One vital sign over time: the drawing, and the same numbers by day as they are written."""

    key: str
    label: str
    unit: str
    lines: list[Line]
    ticks: list[Tick]
    first: date
    last: date
    rows: list[tuple[date, str]]

    @property
    def summary(self) -> str:
        """What the drawing shows, for those who don't see it."""
        return gettext(
            "%(count)d measurements from %(first)s to %(last)s; the first is %(from)s, the last is %(to)s %(unit)s.",
            count=len(self.rows),
            first=filters.day_plain(self.first),
            last=filters.day_plain(self.last),
            unit=self.unit,
            **{"from": self.rows[0][1], "to": self.rows[-1][1]},
        )


def vital_plots(measured: Iterable[Measured]) -> list[Plot]:
    """Return a plot of each known sign that was measured at least twice, in the clinic's order.

    ``measured`` holds the day of a visit and the vital signs of its record, in any order.
    """
    found = sorted(((on, signs or {}) for on, signs in measured), key=lambda pair: pair[0])
    signs = [(records.BLOOD_PRESSURE, BLOOD_PRESSURE_LABEL, BLOOD_PRESSURE_UNIT)]
    signs += [(key, sign.label, gettext(sign.unit)) for key, sign in records.VITALS.items()]
    plots = (_plot(key, gettext(label), unit, found) for key, label, unit in signs)
    return [plot for plot in plots if plot is not None]


def _values(key: str, signs: Mapping[str, Any]) -> tuple[Decimal, ...]:
    """Return the numbers of one sign in one record: none, one, or two of a blood pressure."""
    value = signs.get(key)
    if key == records.BLOOD_PRESSURE:
        pair = records.pressure(value)
        return tuple(map(Decimal, pair)) if pair else ()
    number = records.number(value)
    return () if number is None else (number,)


def _plot(key: str, label: str, unit: str, measured: Sequence[tuple[date, Mapping[str, Any]]]) -> Plot | None:
    points = [(on, values) for on, signs in measured if (values := _values(key, signs))]
    if len(points) < LEAST_POINTS:
        return None
    first, last = points[0][0], points[-1][0]
    marks = _grid(min(min(values) for _on, values in points), max(max(values) for _on, values in points))
    return Plot(
        key=key,
        label=label,
        unit=unit,
        lines=[
            Line([Dot(_across(on, first, last), _up(values[part], marks)) for on, values in points])
            for part in range(len(points[0][1]))
        ],
        ticks=[Tick(_up(mark, marks), filters.number(mark)) for mark in marks],
        first=first,
        last=last,
        rows=[(on, "/".join(map(filters.number, values))) for on, values in points],
    )


def _grid(low: Decimal, high: Decimal) -> list[Decimal]:
    """Return round numbers from below ``low`` to above ``high``, at most ``MOST_GAPS`` apart; for equal ones around it.

    >>> [str(mark) for mark in _grid(Decimal("61.5"), Decimal(64))]
    ['61', '62', '63', '64']
    """
    if low == high:
        around = abs(low) / 20 or Decimal(1)
        low, high = low - around, high + around
    span = high - low
    power = Decimal(1).scaleb((span / MOST_GAPS).adjusted())
    step = next(power * step for step in STEPS if span / (power * step) <= MOST_GAPS)
    mark = low // step * step
    marks = [mark]
    while mark < high or len(marks) < LEAST_POINTS:
        mark += step
        marks.append(mark)
    return [each.normalize() + 0 for each in marks]


def _across(on: date, first: date, last: date) -> float:
    days = (last - first).days
    share = (on - first).days / days if days else 0.5
    return round(LEFT + 6 + share * (RIGHT - LEFT - 12), 1)


def _up(value: Decimal, marks: Sequence[Decimal]) -> float:
    share = float((value - marks[0]) / (marks[-1] - marks[0]))
    return round(BOTTOM - share * (BOTTOM - TOP), 1)
