"""A day on paper: for the wall, on which nobody is named in full, and for reception, with phone numbers."""

from __future__ import annotations

from typing import NamedTuple

from flask import request
from flask.typing import ResponseReturnValue

from clinic import scheduling
from clinic.scheduling import DayDesk, DeskAppointment
from clinic.web.admin import desk_grid
from clinic.web.admin.desk_place import requested_place
from clinic.web.admin.menu import blueprint
from clinic.web.kit import formatting
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.page import page


class SheetLine(NamedTuple):
    """An appointment on paper; ``doctor`` is "" on a sheet of one doctor."""

    appointment: DeskAppointment
    patient: str
    doctor: str
    age: str
    status: str


class Sheet(NamedTuple):
    """A page of its own: whose it is, and the appointments by time."""

    title: str
    subtitle: str
    lines: list[SheetLine]


@blueprint.get("/desk/sheet")
def day_sheet() -> ResponseReturnValue:
    """Show a day as it is printed, a page for each doctor, or for each department (``by=department``): for the wall, or
    with phone numbers (``phones=1``)."""
    place = requested_place()
    with_phones, by_department = request.args.get("phones") == "1", request.args.get("by") == "department"
    desk = scheduling.day_desk(signed_in_actor(), place.day.on, department_id=place.department)
    return page(
        "admin/day_sheet.html",
        place=place,
        day=place.day,
        sheets=_sheets(desk, by_department=by_department, with_phones=with_phones),
        with_phones=with_phones,
        by_department=by_department,
    )


def _sheets(desk: DayDesk, *, by_department: bool, with_phones: bool) -> list[Sheet]:
    """Return the sheets of a day; nobody who sees no patient has one."""
    names = {each.id: formatting.doctor_name(each.full_name) for each in desk.doctors}
    found: dict[int, Sheet] = {}
    owners: dict[int, int] = {}
    for each in desk.doctors:
        owners[each.id] = each.department_id if by_department else each.id
        title, subtitle = (each.department, "") if by_department else (names[each.id], each.department)
        found.setdefault(owners[each.id], Sheet(title, subtitle, []))
    for appointment in desk.appointments:
        name = appointment.patient_name
        found[owners[appointment.doctor_id]].lines.append(
            SheetLine(
                appointment,
                name if with_phones else short_name(name),
                names[appointment.doctor_id] if by_department else "",
                desk_grid.short_age(appointment.born, desk.on),
                desk_grid.state_words(appointment)[1],
            )
        )
    return [sheet for sheet in found.values() if sheet.lines]


def short_name(name: str) -> str:
    """Return somebody's name as strangers may read it: the last word, which is the given name in Vietnam, and the first
    letter of the first.

    >>> short_name("Nguyễn Thị Ánh Tuyết"), short_name("Madonna")
    ('Tuyết N.', 'Madonna')
    """
    words = name.split()
    return f"{words[-1]} {words[0][0]}." if len(words) > 1 else name
