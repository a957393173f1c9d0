"""Where the rooms are, for everybody who is signed in."""

from __future__ import annotations

from itertools import groupby

from flask.typing import ResponseReturnValue

from clinic import directory
from clinic.directory import RoomRow
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.list_filters import read_filters
from clinic.web.kit.page import page
from clinic.web.kit.preferences import chosen_language
from clinic.web.public.home import blueprint


@blueprint.get("/rooms")
def rooms() -> ResponseReturnValue:
    """List the rooms by floor, of one department where the address asks for it."""
    departments = {row["id"]: row["name"] for row in directory.departments(lang=chosen_language()).results}
    filters = read_filters("department", "unassigned")
    chosen = filters.number("department")
    found = directory.rooms(
        signed_in_actor(),
        department_id=chosen if chosen in departments else None,
        unassigned=filters.text("unassigned") == "1",
    )
    return page(
        "public/rooms.html",
        floors=_by_floor(found.results, departments),
        departments=departments,
        filters=filters,
        unknown=bool(filters.text("department")) and chosen not in departments,
    )


def _by_floor(
    rooms: list[RoomRow], departments: dict[int, str]
) -> list[tuple[int, list[tuple[int | None, list[RoomRow]]]]]:
    """Return the rooms floor by floor, and there by department in the order of names; those of none that is open, last."""

    def department_of(room: RoomRow) -> int | None:
        return room["department"] if room["department"] in departments else None

    def place(room: RoomRow) -> tuple[bool, str]:
        number = department_of(room)
        return (number is None, departments.get(number or 0, ""))

    floors = []
    for floor, there in groupby(rooms, lambda room: room["floor"]):
        ordered = sorted(there, key=place)
        floors.append((floor, [(number, list(group)) for number, group in groupby(ordered, department_of)]))
    return floors
