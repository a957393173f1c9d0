"""Booking a free time of the day desk: the patient is looked for, or made, beside the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from flask import flash, request, url_for
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, TextAreaField

from clinic import accounts, directory, scheduling
from clinic.accounts import ListedPerson, PersonRow
from clinic.directory import DoctorRow
from clinic.errors import Conflict, InvalidInput, NotFound
from clinic.i18n import N_
from clinic.paging import Keyset, Page
from clinic.policy import Actor, Role
from clinic.web.admin import desk_words
from clinic.web.admin.desk_place import DeskPlace
from clinic.web.kit import date_formatting, formatting
from clinic.web.kit.access import may_open
from clinic.web.kit.days import day_from
from clinic.web.kit.forms import PortalForm, at_most, whole
from clinic.web.kit.list_filters import TEXT_MAX
from clinic.web.kit.preferences import chosen_language
from clinic.web.kit.submitting import Done, NotDone, submitted

#: How many patients the panel shows of those whom it finds.
FOUND_MOST = 6


class DeskBookingForm(PortalForm):
    """A free time, the patient who was chosen for it, and what they said."""

    on = HiddenField()
    at = HiddenField()
    doctor = HiddenField()
    department = HiddenField()
    patient = HiddenField()
    symptoms = TextAreaField(lazy_gettext("What is it about?"), [at_most(scheduling.SYMPTOMS_MAX)])


@dataclass(frozen=True)
class BookingPanel:
    """A free time in the panel: whom it is with, who was looked for and found, and the form."""

    doctor: DoctorRow
    on: date
    at: time
    wanted: str
    found: Page[ListedPerson] | None
    chosen: PersonRow | None
    form: DeskBookingForm


def slot_in_words(at: str) -> time | None:
    """Return the slot that ``at`` writes as HH:MM, None if it is none."""
    return next((each for each in scheduling.SLOT_TIMES if f"{each:%H:%M}" == at), None)


def booking_panel(actor: Actor, place: DeskPlace, form: DeskBookingForm | None = None) -> BookingPanel | None:
    """Return the panel of the free time that the address or the sent ``form`` names; None where there is none."""
    args = request.values if form else request.args
    number = whole(form.doctor.data or "") if form else whole(args.get("book", ""))
    at = slot_in_words((form.at.data or "") if form else args.get("at", ""))
    if number is None or at is None or not may_open("admin.desk_book"):
        return None
    try:
        doctor = directory.doctor(number, lang=chosen_language())
    except NotFound:
        return None
    wanted = args.get("q", "").strip()[:TEXT_MAX]
    chosen = whole(form.patient.data or "") if form else whole(args.get("patient", ""))
    found = (
        accounts.people(actor, role=Role.PATIENT, active=True, search=wanted, page=Keyset(FOUND_MOST))
        if wanted
        else None
    )
    given = {
        "on": place.day.on.isoformat(),
        "at": f"{at:%H:%M}",
        "doctor": str(number),
        "department": str(place.department or ""),
        "symptoms": desk_words.carried(actor, _slot(number, place.day.on, at)),
    }
    return BookingPanel(
        doctor,
        place.day.on,
        at,
        wanted,
        found,
        _person(actor, chosen),
        form or DeskBookingForm(formdata=None, data=given),
    )


def _slot(doctor_id: int, on: date, at: time) -> str:
    return f"{doctor_id} {on.isoformat()} {at:%H:%M}"


def look_for_patient(form: DeskBookingForm) -> int:
    """Return with which status the panel is shown again, with whom its search finds and all that was typed."""
    outcome = submitted(form, lambda: None, rehearsed=False)
    return 200 if outcome.done else outcome.status


def go_to_new_patient(actor: Actor, form: DeskBookingForm) -> Done[str] | NotDone:
    """Return where the patient of the sent form is made; what was typed for the slot is there again afterwards."""
    doctor, on, at = whole(form.doctor.data or ""), day_from(form.on.data or ""), slot_in_words(form.at.data or "")

    def command() -> str:
        if doctor is None or on is None or at is None:
            return url_for("admin.patient_new")
        if not desk_words.carry(actor, _slot(doctor, on, at), form.symptoms.data or ""):
            raise InvalidInput.of({"symptoms": [N_("Please shorten this before you go on.")]})
        wanted = request.form.get("q", "").strip()[:TEXT_MAX]
        return url_for("admin.patient_new", q=wanted or None, book=doctor, day=on.isoformat(), at=f"{at:%H:%M}")

    return submitted(form, command, rehearsed=False)


def _person(actor: Actor, number: int | None) -> PersonRow | None:
    """Return the patient who was chosen already, None without one."""
    if number is None:
        return None
    try:
        person = accounts.person(actor, number)
    except NotFound:
        return None
    return person if person["role"] == Role.PATIENT else None


def book_slot(actor: Actor, form: DeskBookingForm) -> Done[int] | NotDone:
    """Book what the sent form asks for and say so; return the appointment's id, or how it was refused."""
    doctor = whole(form.doctor.data or "") or 0
    on, at, patient = day_from(form.on.data or ""), slot_in_words(form.at.data or ""), whole(form.patient.data or "")

    def command() -> int:
        department = directory.doctor(doctor, lang="en")["department_id"]
        appointment = scheduling.book(
            actor,
            doctor_id=doctor,
            department_id=department,
            on=on or date.min,
            at=at or time.min,
            patient_id=patient or 0,
            symptoms=form.symptoms.data,
        )
        day, start = appointment["appointment_date"], appointment["appointment_time"]
        booked = gettext(
            "%(name)s is booked with %(doctor)s: %(when)s.",
            name=appointment["patient"]["full_name"],
            doctor=formatting.doctor_name(appointment["doctor"]["full_name"]),
            when=f"{date_formatting.day_short(day)}, {date_formatting.clock_time(start)}",
        )
        flash(f"{booked} {formatting.notification_note(appointment)}", "success")
        desk_words.drop()
        return appointment["id"]

    outcome = submitted(form, command, rehearsed=False, also=(NotFound,))
    booked = (
        outcome.refusal.params.get("booked") if not outcome.done and isinstance(outcome.refusal, Conflict) else None
    )
    if booked is not None:
        flash(gettext("This visit was already booked, so we haven't booked it again."), "info")
        return Done(booked)
    return outcome
