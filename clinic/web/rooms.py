"""Where the rooms are, for everybody who is signed in."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from clinic import directory
from clinic.web.access import chosen_language, the_actor
from clinic.web.asked import asked
from clinic.web.page import page
from clinic.web.public import blueprint


@blueprint.get("/rooms")
def rooms() -> ResponseReturnValue:
    """List the rooms by floor, of one department where the address asks for it."""
    departments = {row["id"]: row["name"] for row in directory.departments(lang=chosen_language()).results}
    wish = asked("department", "unassigned")
    chosen = wish.number("department")
    found = directory.rooms(
        the_actor(),
        department_id=chosen if chosen in departments else None,
        unassigned=wish.text("unassigned") == "1",
    )
    return page(
        "public/rooms.html",
        rooms=found.results,
        departments=departments,
        asked=wish,
        unknown=bool(wish.text("department")) and chosen not in departments,
    )
