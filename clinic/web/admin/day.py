"""The office's first page: the day's appointments of the whole clinic."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from clinic import scheduling
from clinic.scheduling import AppointmentRow
from clinic.text.normalization import alphabetical
from clinic.web.admin.menu import blueprint
from clinic.web.kit.access import may_open, signed_in_actor
from clinic.web.kit.days import requested_day
from clinic.web.kit.list_filters import ListFilters, read_filters
from clinic.web.kit.page import page


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Show the appointments of a day by time, of one department, doctor or status where that is asked, and how many of
    each."""
    actor, day, filters = signed_in_actor(), requested_day(), read_filters("department", "doctor", "status")
    appointments = scheduling.day_of(actor, day.on)
    there = [row for row in appointments if _is_at(row, filters)]
    status = filters.one_of("status", scheduling.STATUSES)
    return page(
        "admin/home.html",
        fragments={"day-visits"},
        day=day,
        whole=len(appointments),
        there=there,
        appointments=[row for row in there if status in (None, row["status"])],
        filters=filters,
        still_open=scheduling.count_still_open(actor) if day.is_today else 0,
        to_settle=scheduling.count_to_settle(actor) if may_open("admin.settling") else 0,
        chosen=status,
        departments=_by_name({row["department"]["id"]: row["department"]["name"] for row in appointments}),
        doctors=_by_name({row["doctor"]["id"]: row["doctor"]["full_name"] for row in appointments}),
        counts={each: sum(row["status"] == each for row in there) for each in scheduling.STATUSES},
    )


def _is_at(row: AppointmentRow, filters: ListFilters) -> bool:
    in_department = filters.number("department") in (None, row["department"]["id"])
    return in_department and filters.number("doctor") in (None, row["doctor"]["id"])


def _by_name(named: dict[int, str]) -> list[tuple[int, str]]:
    """Return the departments or doctors of the day by name: id and name."""
    return sorted(named.items(), key=lambda pair: (alphabetical(pair[1]), pair[0]))
