"""What everybody may see: the first page, departments, doctors. Booking and the entrance are added by their modules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta

from flask import Blueprint
from flask.typing import ResponseReturnValue

from clinic import accounts, clock, directory, scheduling, settings
from clinic.directory import DoctorRow
from clinic.paging import Keyset, Page, cut
from clinic.policy import Action, can
from clinic.scheduling import DayAhead, Moment
from clinic.web.kit.access import current_actor, public
from clinic.web.kit.list_filters import read_filters
from clinic.web.kit.page import page
from clinic.web.kit.paging import requested_rows
from clinic.web.kit.preferences import PREFERENCE_SECONDS, chosen_language
from clinic.web.kit.weekly_hours import today_in_words, week_lines
from clinic.web.public.readers import readers
from clinic.web.public.search_form import SearchForm
from clinic.web.public.stored_data import stored_data

#: So many closed days ahead are told.
MOST_CLOSURES = 5
blueprint = Blueprint("public", __name__)

#: Doctors on the first page: those who are free soonest of so many best rated; their days, and the times of a day.
SHOWN_DOCTORS = 3
OF_DOCTORS = 12
SHOWN_DAYS = 4
TIMES_OF_DAY = 3
#: The free times of each day shown on a doctor's page.
SHOWN_TIMES = 6
#: A page of cards with their times weighs no more than a later page may (``tests.weight``).
PAGE_SIZE = 6
#: The order of the list of doctors in which those who are free soonest come first, as its address says it.
SOONEST = "soonest"
#: After every time that can be booked.
NEVER = Moment(date.max, time.max)


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """Ask what the person needs; show who is free soon, and to a patient the appointment that comes next."""
    lang = chosen_language()
    actor = current_actor()
    patient = actor if actor and actor.patient_id is not None else None
    free = _free_soonest(directory.doctors(lang=lang, page=Keyset(OF_DOCTORS)).results)
    return page(
        "public/home.html",
        form=SearchForm(formdata=None),
        departments=directory.departments(lang=lang).results,
        doctors=free,
        patient=patient,
        appointment=scheduling.next_appointment(patient) if can(patient, Action.SEE_APPOINTMENT) else None,
    )


class FreeDoctor(DoctorRow):
    """A doctor with the next free time and the days to come."""

    next_free: Moment
    days: list[DayAhead]


def _free_soonest(doctors: list[DoctorRow]) -> list[FreeDoctor]:
    """Return those of ``doctors`` who are free soonest."""
    rows = {doctor["id"]: doctor for doctor in doctors}
    free = scheduling.free_soonest(list(rows), most=SHOWN_DOCTORS, days=SHOWN_DAYS, times=TIMES_OF_DAY)
    return [{**rows[number], "next_free": each.next_free, "days": each.days} for number, each in free.items()]


def _next_times(doctors: Sequence[DoctorRow], count: int = 1) -> dict[int, list[Moment]]:
    return scheduling.next_free([doctor["id"] for doctor in doctors], count=count)


def days_ahead(doctors: Sequence[DoctorRow], times: int = TIMES_OF_DAY) -> dict[int, list[DayAhead]]:
    """Return the first free times of the days to come, by doctor."""
    return scheduling.next_days([doctor["id"] for doctor in doctors], days=SHOWN_DAYS, times=times)


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
    return page("public/department.html", department=shown, days=days_ahead(shown["doctors"]))


@blueprint.get("/doctors")
@public
def doctors() -> ResponseReturnValue:
    """List the doctors: found by words, of a department, by language where the address asks for it; soonest free first."""
    lang = chosen_language()
    all_departments = directory.departments(lang=lang).results
    filters, languages = read_filters("search", "department", "language", "sort"), directory.spoken_languages()
    chosen = next((each for each in all_departments if each["id"] == filters.number("department")), None)
    speaking, rows, soonest = (
        filters.one_of("language", languages),
        requested_rows(PAGE_SIZE),
        filters.text("sort") == SOONEST,
    )
    found = directory.find_doctors(
        filters.text("search"),
        department_id=chosen["id"] if chosen else None,
        language=speaking,
        lang=lang,
        page=None if soonest else rows,
    )
    if soonest:
        found = _soonest_first(found.results, rows)
    return page(
        "public/doctors.html",
        fragments={"doctor-list"},
        departments=all_departments,
        chosen=chosen,
        unknown=bool(filters.text("department") and chosen is None),
        filters=filters,
        found=found,
        days=days_ahead(found.results),
        languages=languages,
        speaking=speaking,
    )


def _soonest_first(doctors: list[DoctorRow], rows: Keyset) -> Page[DoctorRow]:
    """Return the ``rows`` of those ``doctors`` in the order of their next free times; who has none comes last."""
    times = _next_times(doctors)
    return cut(sorted(doctors, key=lambda doctor: times[doctor["id"]][:1] or [NEVER]), rows)


@blueprint.get("/doctors/<int:doctor_id>")
@public
def doctor(doctor_id: int) -> ResponseReturnValue:
    """Show a doctor and the next free times."""
    shown = directory.doctor(doctor_id, lang=chosen_language())
    days = days_ahead([shown], SHOWN_TIMES)[doctor_id]
    later = [] if days else _next_times([shown], SHOWN_TIMES)[doctor_id]
    hours = week_lines(scheduling.published_doctor_hours(doctor_id, clock.today()), off="–")
    return page(
        "public/doctor.html", doctor=shown, room=directory.room_of(doctor_id), days=days, later=later, hours=hours
    )


@blueprint.get("/contact")
@public
def contact() -> ResponseReturnValue:
    """Say how to reach the clinic, when it is open, where it is, and whom to call in an emergency."""
    lang = chosen_language()
    hours, closures = scheduling.published_hours(), scheduling.closures(lang=lang)
    return page(
        "public/contact.html",
        week=week_lines(hours),
        today_in_words=today_in_words(hours, closures),
        closures=closures[:MOST_CLOSURES],
    )


@blueprint.get("/privacy")
@public
def privacy() -> ResponseReturnValue:
    """Say what is kept, who reads it, and how long."""
    limits = settings.current().sessions
    return page(
        "public/privacy.html",
        stored=stored_data(),
        readers=readers(),
        idle_hours=limits.patient_idle // timedelta(hours=1),
        session_days=limits.patient_lasts.days,
        preference_days=PREFERENCE_SECONDS // (24 * 60 * 60),
        sign_in_days=settings.current().retention.attempts.days,
        device_days=accounts.DEVICES_KEPT.days,
        retention=settings.current().retention,
        notices_kept=accounts.NOTICES_KEPT,
    )
