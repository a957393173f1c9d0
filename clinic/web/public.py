"""What everybody may see: the first page, departments, doctors. Booking and the entrance are added by their modules."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from clinic import directory, scheduling
from clinic.paging import Keyset
from clinic.scheduling import Moment
from clinic.web.access import chosen_language, public
from clinic.web.asked import asked
from clinic.web.page import page
from clinic.web.paging import asked_rows

blueprint = Blueprint("public", __name__)

#: Doctors on the first page, and the free times shown beside a doctor.
SHOWN_DOCTORS = 3
SHOWN_TIMES = 6
PAGE_SIZE = 12


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """Say what the clinic offers, how booking works, and when the next free times are."""
    lang = chosen_language()
    best = directory.doctors(lang=lang, page=Keyset(SHOWN_DOCTORS)).results
    return page(
        "public/home.html",
        departments=directory.departments(lang=lang).results,
        doctors=best,
        times=_next_times(best),
    )


def _next_times(doctors: list[dict[str, Any]], count: int = 1) -> dict[int, list[Moment]]:
    return scheduling.next_free([doctor["id"] for doctor in doctors], count=count)


@blueprint.get("/departments")
@public
def departments() -> ResponseReturnValue:
    """List the departments."""
    return page("public/departments.html", departments=directory.departments(lang=chosen_language()).results)


@blueprint.get("/departments/<int:department_id>")
@public
def department(department_id: int) -> ResponseReturnValue:
    """Show a department with its services and doctors."""
    shown = directory.department(department_id, lang=chosen_language())
    return page("public/department.html", department=shown, times=_next_times(shown["doctors"]))


@blueprint.get("/doctors")
@public
def doctors() -> ResponseReturnValue:
    """List the doctors, by department, name and specialization where the address asks for it."""
    lang = chosen_language()
    all_departments = directory.departments(lang=lang).results
    wish = asked("search", "department", "specialization")
    chosen = next((each for each in all_departments if each["id"] == wish.number("department")), None)
    found = directory.doctors(
        department_id=chosen["id"] if chosen else None,
        search=wish.text("search"),
        specialization=wish.text("specialization"),
        lang=lang,
        page=asked_rows(PAGE_SIZE),
    )
    return page(
        "public/doctors.html",
        fragments={"doctor-list"},
        departments=all_departments,
        chosen=chosen,
        unknown=bool(wish.text("department") and chosen is None),
        asked=wish,
        found=found,
        times=_next_times(found.results),
    )


@blueprint.get("/doctors/<int:doctor_id>")
@public
def doctor(doctor_id: int) -> ResponseReturnValue:
    """Show a doctor and the next free times."""
    shown = directory.doctor(doctor_id, lang=chosen_language())
    return page("public/doctor.html", doctor=shown, times=_next_times([shown], SHOWN_TIMES)[shown["id"]])


@blueprint.get("/contact")
@public
def contact() -> ResponseReturnValue:
    """Say how to reach the clinic, when it is open, where it is, and whom to call in an emergency."""
    return page("public/contact.html")


@blueprint.get("/privacy")
@public
def privacy() -> ResponseReturnValue:
    """Say what is kept, who reads it, and how long."""
    return page("public/privacy.html")
