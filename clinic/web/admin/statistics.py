"""The clinic's numbers over a period, as bars and a heat map drawn on the server beside the same numbers in tables."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import clock, scheduling
from clinic.errors import InvalidInput
from clinic.web.admin.menu import blueprint
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.list_filters import ListFilters, read_filters
from clinic.web.kit.page import page

#: Four weeks, today the last day of them.
USUAL = timedelta(days=27)
#: Any Monday: only its weekday is shown.
MONDAY = date(2024, 1, 1)
WARMEST = 5

#: A percentage, and how warm it is.
Cell = tuple[int | None, int]


@blueprint.get("/numbers")
def statistics() -> ResponseReturnValue:
    """Show the numbers of the period that the address asks for, else of the last weeks."""
    filters = read_filters("first", "last")
    last = filters.day("last") or max(clock.today(), filters.day("first") or date.min)
    first = filters.day("first") or last - min(USUAL, last - date.min)
    try:
        found = scheduling.statistics(signed_in_actor(), first=first, last=last)
    except InvalidInput as refusal:
        fault = " ".join(refusal.field_texts(gettext)["last"])
        return page(
            "admin/statistics.html", status=422, filters=_filled(filters, first, last), fault=fault, statistics=None
        )
    heat, most = _heat(found.heat)
    return page(
        "admin/statistics.html",
        filters=_filled(filters, first, last),
        fault="",
        statistics=found,
        weeks=_busiest(found.by_day),
        statuses=[(str(status), count) for status, count in found.by_status.items()],
        weekdays=[MONDAY + timedelta(days=number - 1) for number in sorted({day for day, _at in found.heat})],
        heat=heat,
        steps=[(most * warmth // WARMEST, warmth) for warmth in range(WARMEST + 1)] if most else [],
        hours=(scheduling.HOURS[0], scheduling.HOURS[-1]),
    )


def _filled(filters: ListFilters, first: date, last: date) -> ListFilters:
    """Return the filters with the days that are shown where none were typed."""
    shown = {"first": first.isoformat(), "last": last.isoformat()}
    return ListFilters({name: filters.text(name) or shown[name] for name in shown})


def _busiest(by_day: list[tuple[date, int]]) -> int:
    return max((count for _on, count in by_day), default=0)


def _heat(shares: dict[tuple[int, time], float | None]) -> tuple[list[tuple[time, list[Cell]]], int]:
    """Return a line for each time: for each weekday the percentage of capacity used, None where there was none, and how
    warm it is (0 to 5); and the greatest percentage, which is the warmest: a clinic is never full at all times.
    """
    percents = {when: None if share is None else round(share * 100) for when, share in shares.items()}
    most = max((percent for percent in percents.values() if percent), default=0)
    lines: dict[time, list[Cell]] = {}
    for (_day, at), percent in sorted(percents.items(), key=_by_time):
        lines.setdefault(at, []).append((percent, -(-percent * WARMEST // most) if percent else 0))
    return list(lines.items()), most


def _by_time(entry: tuple[tuple[int, time], int | None]) -> Any:
    (day, at), _percent = entry
    return at, day
