"""The office's first page: the day's visits of the whole clinic."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from clinic import scheduling
from clinic.web.access import the_actor
from clinic.web.admin.office import blueprint
from clinic.web.day import asked_day
from clinic.web.page import page


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Show the visits of a day by time, and how many stand where."""
    day = asked_day()
    visits = scheduling.day_of(the_actor(), day.on)
    return page(
        "admin/home.html",
        day=day,
        visits=visits,
        counts={status: sum(row["status"] == status for row in visits) for status in scheduling.STATUSES},
    )
