"""What everybody may see: the first page, departments, doctors. Booking and the entrance are added by their modules."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from clinic import accounts, directory, scheduling
from clinic.limits import SIGN_IN_MINUTES
from clinic.paging import Keyset
from clinic.policy import Action, Reach, reach
from clinic.scheduling import Moment
from clinic.web.access import PREFERENCE_SECONDS, chosen_language, current_actor, public
from clinic.web.asked import asked
from clinic.web.page import page
from clinic.web.paging import asked_rows
from clinic.web.search_form import SearchForm

blueprint = Blueprint("public", __name__)

#: Doctors on the first page: those who are free soonest of so many best rated; their days, and the times of a day.
SHOWN_DOCTORS = 3
OF_DOCTORS = 12
SHOWN_DAYS = 4
TIMES_OF_DAY = 3
#: The free times shown beside a doctor.
SHOWN_TIMES = 6
PAGE_SIZE = 12


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """Ask what the person needs; show who is free soon, and to a patient the visit that comes next."""
    lang = chosen_language()
    actor = current_actor()
    free = _free_soonest(directory.doctors(lang=lang, page=Keyset(OF_DOCTORS)).results)
    ids = [doctor["id"] for doctor in free]
    return page(
        "public/home.html",
        form=SearchForm(formdata=None),
        departments=directory.departments(lang=lang).results,
        doctors=free,
        days=scheduling.next_days(ids, days=SHOWN_DAYS, times=TIMES_OF_DAY),
        patient=actor if actor and reach(actor, Action.BOOK) is Reach.OWN else None,
        visit=scheduling.next_visit(actor) if actor and reach(actor, Action.BOOK) is Reach.OWN else None,
    )


def _free_soonest(doctors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those of ``doctors`` who are free soonest, each with ``next_free``."""
    times = _next_times(doctors)
    free = [{**doctor, "next_free": times[doctor["id"]][0]} for doctor in doctors if times[doctor["id"]]]
    return sorted(free, key=lambda doctor: doctor["next_free"])[:SHOWN_DOCTORS]


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
    return page(
        "public/privacy.html",
        idle_days=accounts.BROWSER_IDLE.days,
        preference_days=PREFERENCE_SECONDS // (24 * 60 * 60),
        sign_in_minutes=SIGN_IN_MINUTES,
    )
