"""The search of admins: patients with their next appointments, doctors and appointments in one result."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import func, select

from clinic import audit
from clinic.accounts.for_domains import first_people, look_up
from clinic.accounts.models import User
from clinic.accounts.rows import ListedPerson
from clinic.audit import Subject
from clinic.db import row_id, session
from clinic.id_lists import among
from clinic.paging import Keyset, Page
from clinic.policy import Action, Actor, Role, can, require
from clinic.scheduling.listing import UPCOMING, appointments
from clinic.scheduling.models import Appointment
from clinic.scheduling.queries import not_begun, noted, rows_where
from clinic.scheduling.rows import AppointmentRow
from clinic.scheduling.scope import scope

#: How many of what is found a search shows of each kind; the lists of each kind show all.
FOUND_MOST = 8
#: And how far it counts them.
FOUND_COUNTED = 100
#: Digits of an appointment's number, at most: a phone number has ten.
_NUMBER_DIGITS = 9

_NO_PEOPLE: Page[ListedPerson] = Page([], 0)
_NO_APPOINTMENTS: Page[AppointmentRow] = Page([], 0)


@dataclass(frozen=True)
class NextAppointment:
    """The next appointment of a patient that hasn't begun."""

    id: int
    date: date
    time: time
    doctor_name: str


@dataclass(frozen=True)
class Found:
    """What a search of the office found: the first of each kind and how many there are; ``next_appointments`` by
    patient, None for somebody who may not see appointments."""

    patients: Page[ListedPerson]
    doctors: Page[ListedPerson]
    appointments: Page[AppointmentRow]
    next_appointments: dict[int, NextAppointment] | None

    @property
    def any(self) -> bool:
        """Whether anything at all is found."""
        return bool(self.patients.results or self.doctors.results or self.appointments.results)


def find(actor: Actor | None, text: str) -> Found:
    """Find patients and doctors (see ``accounts.people_search``) and the coming appointments of these patients.

    A number is that of an appointment too, whatever became of it, which is shown instead if there is one; after # it is
    nothing else. Appointments are found only among those that the actor may see.
    """
    actor = require(actor, Action.SEE_PEOPLE)
    wanted = text.strip()
    if not wanted:
        return Found(_NO_PEOPLE, _NO_PEOPLE, _NO_APPOINTMENTS, {})
    named = not wanted.startswith("#")
    page = Keyset(FOUND_MOST, most_counted=FOUND_COUNTED)
    people = look_up(wanted) if named else None
    patients, doctors = (
        first_people(actor, role=role, found=people, size=FOUND_MOST, most_counted=FOUND_COUNTED)
        if people
        else _NO_PEOPLE
        for role in (Role.PATIENT, Role.DOCTOR)
    )
    if not can(actor, Action.SEE_APPOINTMENT):
        return Found(patients, doctors, _NO_APPOINTMENTS, None)
    coming = _appointment_of_number(actor, wanted)
    if coming is None or (people and not coming.results):
        coming = appointments(actor, status=UPCOMING, found=people, page=page)
    return Found(patients, doctors, coming, next_appointments(actor, [row["id"] for row in patients.results]))


def _appointment_of_number(actor: Actor, wanted: str) -> Page[AppointmentRow] | None:
    """Return the appointment of the number that ``wanted`` is, None where it is none."""
    number = wanted.lstrip("#")
    if not (number.isascii() and number.isdecimal() and len(number) <= _NUMBER_DIGITS):
        return _NO_APPOINTMENTS if wanted.startswith("#") else None
    conditions = [Appointment.id == row_id(int(number)), *scope(actor, Action.SEE_APPOINTMENT)]
    found = noted(actor, rows_where(conditions, (Appointment.id,), actor.language, 1))
    return Page(found, len(found))


def next_appointments(actor: Actor | None, patient_ids: Collection[int]) -> dict[int, NextAppointment]:
    """Return the next appointment of each of these patients that the actor may see and that hasn't begun, in one
    select."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    if not patient_ids:
        return {}
    place = func.row_number().over(
        partition_by=Appointment.patient_id,
        order_by=(Appointment.appointment_date, Appointment.appointment_time, Appointment.id),
    )
    coming = (
        select(Appointment.id, place.label("place"))
        .where(among(Appointment.patient_id, patient_ids), *scope(actor, Action.SEE_APPOINTMENT), *not_begun())
        .subquery("coming")
    )
    found = session().execute(
        select(
            Appointment.id,
            Appointment.patient_id,
            Appointment.appointment_date,
            Appointment.appointment_time,
            User.full_name,
        )
        .join(coming, (coming.c.id == Appointment.id) & (coming.c.place == 1))
        .join(User, User.id == Appointment.doctor_id)
    )
    rows = found.all()
    audit.record_appointments(actor, [Subject(row.id, row.patient_id) for row in rows])
    return {
        row.patient_id: NextAppointment(row.id, row.appointment_date, row.appointment_time, row.full_name)
        for row in rows
    }
