"""The office's first page: the day's visits of the whole clinic."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask.typing import ResponseReturnValue

from clinic import scheduling
from clinic.web.access import the_actor
from clinic.web.admin.office import blueprint
from clinic.web.asked import Asked, asked
from clinic.web.day import asked_day
from clinic.web.page import page


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Show the visits of a day by time and how many stand where, of one department or doctor where that is asked."""
    actor, day, wish = the_actor(), asked_day(), asked("department", "doctor")
    visits = scheduling.day_of(actor, day.on)
    shown = [row for row in visits if _is_of(row, wish)]
    return page(
        "admin/home.html",
        day=day,
        visits=shown,
        asked=wish,
        still_open=scheduling.count_still_open(actor) if day.is_today else 0,
        departments=_groups(visits, "department", "name"),
        doctors=_groups(visits, "doctor", "full_name"),
        counts={status: sum(row["status"] == status for row in shown) for status in scheduling.STATUSES},
    )


def _is_of(row: dict[str, Any], wish: Asked) -> bool:
    return all(wish.number(name) in (None, row[name]["id"]) for name in ("department", "doctor"))


def _groups(visits: list[dict[str, Any]], kind: str, name: str) -> list[tuple[int, str, int]]:
    """Return the departments or doctors of the day by name: id, name, number of visits."""
    counts = Counter((row[kind]["id"], row[kind][name]) for row in visits)
    return sorted(((number, words, count) for (number, words), count in counts.items()), key=lambda group: group[1])
