"""Which places the header shows to whom, of those that they may open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import NamedTuple, assert_never

from flask import Flask, request

from clinic.i18n import N_
from clinic.policy import Role
from clinic.web.kit.access import current_actor, may_open
from clinic.web.kit.preferences import chosen_language, offered_languages, own_language


@dataclass(frozen=True)
class Destination:
    """A place in the header: where it leads, its icon, and which endpoints belong to it: its ``family``, or with
    ``all_but`` every page of its room that no other place has, but for these."""

    endpoint: str
    label: str
    icon: str
    family: tuple[str, ...] = ()
    all_but: tuple[str, ...] | None = None


_DEPARTMENTS = Destination(
    "public.departments", N_("Departments"), "building-hospital", ("public.department", "public.rooms")
)
_DOCTORS = Destination("public.doctors", N_("Doctors"), "stethoscope", ("public.doctor",))
_BOOK = Destination("public.book", N_("Book"), "calendar-plus", ("public.review_booking", "public.suggest_department"))
#: Patients' phones have room for four places: departments and doctors are found on the way to a booking, and on Home.
_BOOK_FOR_PATIENTS = replace(
    _BOOK, family=tuple(name for place in (_BOOK, _DEPARTMENTS, _DOCTORS) for name in (place.endpoint, *place.family))
)

#: What is asked of the day desk, which answers with itself.
ADMIN_DESK = ("admin.desk_changes", "admin.desk_book", "admin.desk_confirm", "admin.day_sheet")
#: The office's pages of patients and appointments, which stand in the header and beside its pages.
ADMIN_PATIENTS = ("admin.patient_new", "admin.book", "admin.review_booking", "admin.find")
ADMIN_APPOINTMENTS = (
    "admin.appointment",
    "admin.confirm",
    "admin.complete",
    "admin.cancel",
    "admin.edit",
    "admin.reschedule",
    "admin.hand_over",
    "admin.reopen",
    "admin.staff_notes",
)

_GUESTS = (
    _DEPARTMENTS,
    _DOCTORS,
    _BOOK,
    Destination("public.sign_in", N_("Sign in"), "login", ("public.register",)),
)
_PATIENTS = (
    Destination("patient.home", N_("Home"), "home"),
    Destination(
        "patient.appointments",
        N_("Visits"),
        "calendar",
        ("patient.appointment", "patient.edit", "patient.cancel", "patient.reschedule"),
    ),
    _BOOK_FOR_PATIENTS,
    Destination("patient.records", N_("Records"), "clipboard-heart", ("patient.record", "patient.prescription")),
)
_DOCTORS_OWN = (
    Destination(
        "doctor.home",
        N_("My day"),
        "calendar",
        (
            "doctor.appointment",
            "doctor.service",
            "doctor.record",
            "doctor.notes",
            "doctor.staff_notes",
            "doctor.cancel",
            "doctor.reschedule",
            "doctor.propose",
            "doctor.confirm",
            "doctor.complete",
            "doctor.day_changes",
        ),
    ),
    Destination(
        "doctor.week",
        N_("Week"),
        "calendar-check",
        ("doctor.month", "doctor.leave", "doctor.end_leave", "doctor.extra_hours", "doctor.end_extra_hours"),
    ),
    Destination("doctor.appointments", N_("Visits"), "list-details"),
    Destination("doctor.patients", N_("Patients"), "users", ("doctor.patient", "doctor.records")),
    Destination("doctor.profile", N_("Profile"), "user"),
)
_OFFICE = (
    Destination("admin.home", N_("Today"), "calendar", ADMIN_DESK),
    Destination("admin.patients", N_("Patients"), "users", ADMIN_PATIENTS),
    Destination("admin.appointments", N_("Visits"), "calendar-check", ADMIN_APPOINTMENTS),
    Destination("admin.menu", N_("More"), "list-details", all_but=("admin.profile",)),
)


def places_of(role: Role) -> tuple[Destination, ...]:
    """Return the header's places for a role."""
    match role:
        case Role.PATIENT:
            return _PATIENTS
        case Role.DOCTOR:
            return _DOCTORS_OWN
        case Role.ADMIN:
            return _OFFICE
        case other:
            assert_never(other)


class Item(NamedTuple):
    """A place as the template shows it. ``current`` is the value of aria-current, None elsewhere."""

    endpoint: str
    label: str
    icon: str
    current: str | None


def navigation() -> list[Item]:
    """Return the header's places for the person who asks; what they may not open isn't offered."""
    actor = current_actor()
    places = places_of(actor.role) if actor else _GUESTS
    here = request.endpoint or ""
    return [
        Item(place.endpoint, place.label, place.icon, _current(place, places, here))
        for place in places
        if may_open(place.endpoint)
    ]


def _current(place: Destination, places: Collection[Destination], here: str) -> str | None:
    """Return the value of aria-current for a place among ``places`` on the page of the endpoint ``here``."""
    if here == place.endpoint:
        return "page"
    if place.all_but is not None:
        others = {*place.all_but, *(name for each in places for name in (each.endpoint, *each.family))}
        is_here = here.partition(".")[0] == place.endpoint.partition(".")[0] and here not in others
    else:
        is_here = here in place.family
    return "true" if is_here else None


def other_languages() -> list[tuple[str, str]]:
    """Return the languages that the person may change to: code and name in that language."""
    present = chosen_language()
    return [(code, name) for code, name in offered_languages(own_language()).items() if code != present]


def install(app: Flask) -> None:
    """Make the navigation known to the templates."""
    app.jinja_env.globals.update(navigation=navigation, other_languages=other_languages)
