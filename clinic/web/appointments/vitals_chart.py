"""Vital signs over time: the newest value, how it changed, where the usual range lies, and a drawing made on the server.

    trends = vital_trends(((row["appointment"]["date"], row["vital_signs"]) for row in found.results), age=47)

and in the template, with css/plot.css among the styles:

    {% from "components/vitals_chart.html" import vitals_over_time %}{{ vitals_over_time(trends) }}

Works with the numbers of records; which signs there are, their units and usual ranges are the domain's. Reads nothing by
itself. All drawings share one calendar. They have no scale at the side: the first and last values and the edges of the
usual range stand beside what they measure, so that no axis invents a number that nobody measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import gettext

from clinic import records
from clinic.records import VitalSigns
from clinic.web.appointments.vital_signs import BLOOD_PRESSURE_LABEL, BLOOD_PRESSURE_UNIT
from clinic.web.kit import date_formatting, formatting

#: The drawing's own units; it grows and shrinks with the page.
WIDTH, HEIGHT = 360, 152
#: Where the edges of the usual range are drawn to, where the first and last measurements stand, and the base line.
EDGE_LEFT, EDGE_RIGHT, LEFT, RIGHT, TOP, BOTTOM = 6, 354, 50, 312, 20, 126
#: One measurement makes no line.
LEAST_POINTS = 2
#: So much of what is drawn stays free above and below it.
MARGIN = Decimal("0.08")
#: A drawing covers at least this share of its greatest value: small changes have to look small.
LEAST_SPAN = Decimal("0.05")
#: A band has to be so high for the numbers of both its edges to stand in it.
LABELLED_BAND = 34
MOST_MONTHS = 6
#: Of how many records a page draws the signs; those of its list's first page are among them.
MOST_RECORDS = 30

Measured = tuple[date, VitalSigns | None]


@dataclass(frozen=True)
class Dot:
    """One measurement in the drawing."""

    x: float
    y: float


@dataclass(frozen=True)
class ChartLine:
    """What is drawn as one line, with the first and last numbers; blood pressure has two."""

    dots: list[Dot]
    first: str
    last: str

    @property
    def path(self) -> str:
        """The points of an SVG polyline."""
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)

    @property
    def rises(self) -> bool:
        """Return whether the line goes up from its first point: then that point's number stands below it."""
        return self.dots[1].y < self.dots[0].y


@dataclass(frozen=True)
class Band:
    """The usual range of one line, with the numbers of its edges."""

    top: float
    bottom: float
    low: str
    high: str

    @property
    def height(self) -> float:
        """How high the band is."""
        return round(self.bottom - self.top, 1)

    @property
    def labelled(self) -> bool:
        """Return whether there is room for its numbers."""
        return self.height >= LABELLED_BAND


@dataclass(frozen=True)
class Mark:
    """A month or day on the calendar below the drawing."""

    x: float
    label: str


@dataclass(frozen=True)
class Drawing:
    """What the template draws of one vital sign."""

    lines: list[ChartLine]
    bands: list[Band]
    marks: list[Mark]


@dataclass(frozen=True)
class Trend:
    """One vital sign over time. ``rows`` are its values as they are written by day, the oldest first.

    ``usual`` is its usual range in words, "" where there is none, and ``within`` whether the newest value lies in it.
    There is no ``drawing`` of what was measured once or stayed the same.
    """

    key: str
    label: str
    unit: str
    rows: list[tuple[date, str]]
    usual: str
    within: bool
    change: str
    drawing: Drawing | None

    @property
    def now(self) -> str:
        """The newest value."""
        return self.rows[-1][1]

    @property
    def on(self) -> date:
        """The day of the newest value."""
        return self.rows[-1][0]

    @property
    def since(self) -> date:
        """The day of the oldest value."""
        return self.rows[0][0]

    @property
    def summary(self) -> str:
        """What the drawing shows, for those who don't see it."""
        return gettext(
            "%(count)d measurements from %(first)s to %(last)s; the first is %(from)s, the last is %(to)s %(unit)s.",
            count=len(self.rows),
            first=date_formatting.day_plain(self.since),
            last=date_formatting.day_plain(self.on),
            unit=self.unit,
            **{"from": self.rows[0][1], "to": self.now},
        )


@dataclass(frozen=True)
class Trends:
    """The vital signs that changed, and those that stayed the same or were measured once."""

    drawn: list[Trend]
    steady: list[Trend]

    def __bool__(self) -> bool:
        """Return whether anything was measured."""
        return bool(self.drawn or self.steady)

    @property
    def first(self) -> date:
        """The day of the oldest measurement that is drawn."""
        return min(trend.since for trend in self.drawn)

    @property
    def last(self) -> date:
        """The day of the newest measurement that is drawn."""
        return max(trend.on for trend in self.drawn)


_Point = tuple[date, tuple[Decimal, ...]]


def vital_trends(measured: Iterable[Measured], *, age: int | None = None) -> Trends:
    """Return each known sign that was measured, in the clinic's order.

    ``measured`` holds the day of an appointment and the vital signs of its record, in any order. ``age`` is the
    patient's in years: usual ranges are those of adults.
    """
    found = sorted(((on, signs or {}) for on, signs in measured), key=lambda pair: pair[0])
    known = [(records.BLOOD_PRESSURE, BLOOD_PRESSURE_LABEL, BLOOD_PRESSURE_UNIT)]
    known += [(key, sign.label, gettext(sign.unit)) for key, sign in records.VITALS.items()]
    points = {key: _points(key, found) for key, _label, _unit in known}
    changing = {
        key for key, each in points.items() if not records.is_steady(key, [values for _on, values in each], age)
    }
    days = [on for key in changing for on, _values in points[key]]
    calendar = _Calendar(min(days), max(days)) if days else None
    trends = [
        _trend(key, gettext(label), unit, points[key], age, calendar if key in changing else None)
        for key, label, unit in known
        if points[key]
    ]
    return Trends([each for each in trends if each.drawing], [each for each in trends if not each.drawing])


def _points(key: str, measured: Sequence[tuple[date, VitalSigns]]) -> list[_Point]:
    return [(on, values) for on, signs in measured if (values := _values(key, signs))]


def _values(key: str, signs: VitalSigns) -> tuple[Decimal, ...]:
    """Return the numbers of one sign in one record: none, one, or two of a blood pressure."""
    value = signs.get(key)
    if key == records.BLOOD_PRESSURE:
        pair = records.pressure(value)
        return tuple(map(Decimal, pair)) if pair else ()
    number = records.number(value)
    return () if number is None else (number,)


def _trend(
    key: str, label: str, unit: str, points: Sequence[_Point], age: int | None, calendar: _Calendar | None
) -> Trend:
    ranges = () if age is None else records.normal_ranges(key, age)
    newest = points[-1][1]
    return Trend(
        key=key,
        label=label,
        unit=unit,
        rows=[(on, _written(values)) for on, values in points],
        usual=_usual(ranges),
        within=all(value in each for each, value in zip(ranges, newest, strict=False)),
        change=_change(points),
        drawing=_drawing(key, points, ranges, calendar) if calendar else None,
    )


def _written(values: Iterable[Decimal]) -> str:
    return "/".join(map(formatting.number, values))


def _usual(ranges: Sequence[records.NormalRange]) -> str:
    """Return e.g. "60 to 100" or "90/60 to 139/89", "" without a range."""
    if not ranges:
        return ""
    low, high = _written(each.low for each in ranges), _written(each.high for each in ranges)
    return gettext("%(low)s to %(high)s", low=low, high=high)


def _change(points: Sequence[_Point]) -> str:
    """Return how the newest value differs from the one before, "" where there is none."""
    if len(points) < LEAST_POINTS:
        return ""
    (on, before), (_on, now) = points[-2:]
    values = {"value": _written(before), "day": date_formatting.day_plain(on)}
    if before == now:
        return gettext("The same as on %(day)s.", **values)
    if all(new <= old for old, new in zip(before, now, strict=True)):
        return gettext("Down from %(value)s on %(day)s.", **values)
    if all(new >= old for old, new in zip(before, now, strict=True)):
        return gettext("Up from %(value)s on %(day)s.", **values)
    return gettext("It was %(value)s on %(day)s.", **values)


# --- where everything stands in a drawing -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Calendar:
    """The days that all drawings span, from left to right."""

    first: date
    last: date

    def across(self, on: date) -> float:
        days = (self.last - self.first).days
        share = (on - self.first).days / days if days else 0.5
        return round(LEFT + share * (RIGHT - LEFT), 1)

    @property
    def marks(self) -> list[Mark]:
        """The months that begin within the days; where these are too few, the first and the last day."""
        months = [
            date(number // 12, number % 12 + 1, 1) for number in range(_month(self.first) + 1, _month(self.last) + 1)
        ]
        if len(months) >= LEAST_POINTS:
            step = -(-len(months) // MOST_MONTHS)
            return [Mark(self.across(on), _month_label(on)) for on in months[::step]]
        ends = sorted({self.first, self.last})
        return [Mark(self.across(on), date_formatting.day_month(on)) for on in ends]


def _month(on: date) -> int:
    return on.year * 12 + on.month - 1


def _month_label(on: date) -> str:
    """Return a month's short name; with the year in January."""
    return f"{date_formatting.month_short(on)} {on.year}" if on.month == 1 else date_formatting.month_short(on)


@dataclass(frozen=True)
class _Scale:
    """The values that a drawing spans, from below to above."""

    low: Decimal
    high: Decimal

    def up(self, value: Decimal) -> float:
        share = float((value - self.low) / (self.high - self.low))
        return round(BOTTOM - share * (BOTTOM - TOP), 1)


def _scale(key: str, values: Iterable[Decimal]) -> _Scale:
    """Return a scale that holds all ``values``, and none that can't be true of the sign: no saturation above 100 %."""
    every = list(values)
    low, high = min(every), max(every)
    missing = max(high * LEAST_SPAN - (high - low), Decimal(0))
    around = (high - low + missing) * MARGIN + missing / 2
    sign = records.VITALS.get(key)
    if sign is None:
        return _Scale(low - around, high + around)
    return _Scale(min(low, max(low - around, sign.low)), max(high, min(high + around, sign.high)))


def _drawing(key: str, points: Sequence[_Point], ranges: Sequence[records.NormalRange], calendar: _Calendar) -> Drawing:
    edges = [edge for each in ranges for edge in (each.low, each.high)]
    scale = _scale(key, [*(value for _on, values in points for value in values), *edges])
    return Drawing(
        lines=[
            ChartLine(
                [Dot(calendar.across(on), scale.up(values[part])) for on, values in points],
                formatting.number(points[0][1][part]),
                formatting.number(points[-1][1][part]),
            )
            for part in range(len(points[0][1]))
        ],
        bands=[
            Band(scale.up(each.high), scale.up(each.low), formatting.number(each.low), formatting.number(each.high))
            for each in ranges
        ],
        marks=calendar.marks,
    )
