"""The four choices of a booking: a department and a doctor of it, then a day and a time in the slot picker.

Looks up what an address selects, keeps what is right, says what is not, and writes the addresses of the next choices: with
all four made it is the review's, otherwise that of the page where the next one is made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from flask_babel import gettext

from clinic import directory, scheduling
from clinic.directory import DepartmentRow, DoctorRow
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.operations.addresses import fixed_url
from clinic.policy import Actor
from clinic.scheduling import AppointmentRow, Moment
from clinic.web.appointments.selection import NEXT, Selection, parse
from clinic.web.appointments.slot_picker import Links, SlotPicker, complaint, slot_picker, spoken

#: What is to be done next, by the number of the next choice; 5 when all are made.
INSTRUCTIONS = {
    1: N_("Now choose a department."),
    2: N_("Now choose a doctor."),
    3: N_("Now choose a day."),
    4: N_("Now choose a time."),
    5: N_("That's everything. Now review your visit and confirm it."),
}
#: The same where the chosen day has no free times.
ANOTHER_DAY = N_("No times are free on this day. Please choose another day.")

Row = TypeVar("Row", DepartmentRow, DoctorRow)


@dataclass(frozen=True)
class BookingPages:
    """The endpoints of the page where the choices are made and of the one where they are reviewed and confirmed."""

    choices: str
    review: str

    def address(self, selection: Selection) -> str:
        """Return where a person with these choices goes on: to the review, or to the next choice."""
        complete = None not in (selection.department, selection.doctor, selection.moment)
        return self.confirm(selection) if complete else self.change(selection)

    def confirm(self, selection: Selection) -> str:
        """Return the page where the choices are reviewed and confirmed."""
        return fixed_url(self.review) + selection.query()

    def change(self, selection: Selection, place: str = NEXT) -> str:
        """Return the page where any of the choices is made anew, at ``place``."""
        return fixed_url(self.choices) + selection.query() + place


#: The patients' own pages; the office has such pages for each patient.
OWN_PAGES = BookingPages("public.book", "public.review_booking")


def booking_address(
    department: int | None = None, doctor: int | None = None, day: dt.date | None = None, time: dt.time | None = None
) -> str:
    """Return where a patient with these choices goes on booking."""
    return OWN_PAGES.address(Selection(department, doctor, day, time))


def book_again_addresses(appointments: Iterable[AppointmentRow]) -> dict[int, str]:
    """Return by the id of each doctor of ``appointments`` where a patient books them again: at the first day with a free
    time, in the department where they are now. Doctors who can't be booked are left out."""
    free = scheduling.next_free({row["doctor"]["id"] for row in appointments})
    return {number: booking_address(doctor=number, day=times[0].date) for number, times in free.items() if times}


@dataclass(frozen=True)
class Choices:
    """The booking page's state: what can be chosen, what is chosen, and what was wrong with the address."""

    selection: Selection
    pages: BookingPages
    departments: Sequence[DepartmentRow]
    doctors: Sequence[DoctorRow]
    next_free: Mapping[int, Moment | None]
    department: DepartmentRow | None
    doctor: DoctorRow | None
    picker: SlotPicker
    complaints: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether all four choices are made."""
        return self.picker.time is not None

    @property
    def step(self) -> int:
        """The number of the choice that comes next; 5 when all are made."""
        return 1 if self.department is None else 2 if self.doctor is None else 2 + self.picker.step

    @property
    def untouched(self) -> bool:
        """Whether the address chooses nothing and names nobody to book for: then the page is the same for many."""
        return self.selection == Selection()

    @property
    def instruction(self) -> str:
        """What is to be done next, not translated yet."""
        return ANOTHER_DAY if self.picker.is_full else INSTRUCTIONS[self.step]

    @property
    def spoken(self) -> str:
        """What a screen reader is told after a choice."""
        return spoken(self.complaints, gettext(self.instruction))

    def valid(self) -> Selection:
        """Return what is validly chosen."""
        chosen = _valid(self.selection, self.department, self.doctor)
        return replace(chosen, day=self.picker.day, time=self.picker.time)

    def department_link(self, department_id: int) -> str:
        """Return where choosing a department leads."""
        same = self.department is not None and self.department["id"] == department_id
        anew = Selection(department_id, patient=self.selection.patient)
        return self.pages.change(self.valid() if same else anew)

    @property
    def department_choices(self) -> list[tuple[DepartmentRow, str, bool]]:
        """The departments, each with where choosing it leads and whether it is chosen."""
        return [(each, self.department_link(each["id"]), each == self.department) for each in self.departments]

    def doctor_link(self, doctor_id: int) -> str:
        """Return where choosing a doctor leads; the day stays."""
        same = self.doctor is not None and self.doctor["id"] == doctor_id
        return self.pages.change(self.valid() if same else replace(self.valid(), doctor=doctor_id, time=None))

    def change_link(self, step: int) -> str:
        """Return where a choice, by its number, is made anew."""
        return self.pages.change(self.valid(), f"#s{step}")

    @property
    def review_link(self) -> str:
        """Where the four choices are reviewed."""
        return self.pages.confirm(self.valid())

    @property
    def action(self) -> str:
        """Where the form that books is sent; what the address asked for stays in it."""
        return self.pages.confirm(self.selection)

    @property
    def cancellable_until(self) -> dt.datetime | None:
        """Until when the patient could cancel the chosen appointment; None if that is past already, or no time is
        chosen."""
        day, time = self.picker.day, self.picker.time
        return scheduling.cancellable_until(day, time) if day and time else None


def doctors_department(doctor_id: int, lang: str) -> int | None:
    """Return the department of a doctor for an address that names the doctor only; None if there is no such doctor."""
    try:
        return directory.doctor(doctor_id, lang=lang)["department_id"]
    except NotFound:
        return None


def booked_by(address: str | None, *, actor: Actor | None, lang: str, moment: Moment | None = None) -> Choices | None:
    """Return the choices that an address of the review is about, None if it is no such address or they can't be had.

    ``moment`` is a time that was chosen instead of the address's.
    """
    parts = urlsplit(address or "")
    if parts.path != fixed_url(OWN_PAGES.review):
        return None
    selection = parse(dict(parse_qsl(parts.query)))
    choices = resolve(selection.at(moment) if moment else selection, actor=actor, lang=lang)
    return choices if choices.complete else None


def resolve(selection: Selection, *, actor: Actor | None, lang: str, pages: BookingPages = OWN_PAGES) -> Choices:
    """Look the selection up: keep each choice that is right, drop the first that is not and all that depend on it."""
    departments = directory.departments(lang=lang).results
    department = _of_id(departments, selection.department)
    doctors = directory.doctors(department_id=department["id"], lang=lang).results if department else []
    doctor = _of_id(doctors, selection.doctor)
    board = scheduling.board(
        [each["id"] for each in doctors],
        doctor_id=doctor["id"] if doctor else None,
        on=selection.day,
        actor=actor,
        patient_id=selection.patient,
    )
    chosen = _valid(selection, department, doctor)
    links = Links(
        picking=lambda day, time: pages.change(replace(chosen, day=day, time=time)),
        picked=lambda day, time: pages.address(replace(chosen, day=day, time=time)),
    )
    picker = slot_picker(board, selection, links, for_other=selection.patient is not None)
    wrong = []
    if "department" in selection.bad or (selection.department is not None and department is None):
        wrong.append(complaint("department"))
    if "doctor" in selection.bad or (department and selection.doctor is not None and doctor is None):
        wrong.append(complaint("doctor"))
    complaints = (*wrong, *picker.complaints)
    return Choices(selection, pages, departments, doctors, board.next_free, department, doctor, picker, complaints)


def _of_id(rows: Sequence[Row], wanted: int | None) -> Row | None:
    return next((row for row in rows if row["id"] == wanted), None)


def _valid(selection: Selection, department: DepartmentRow | None, doctor: DoctorRow | None) -> Selection:
    """Return what is validly chosen before a day and a time."""
    return Selection(
        department["id"] if department else None, doctor["id"] if doctor else None, patient=selection.patient
    )


def install(app: Flask) -> None:
    """Let the templates write addresses of the booking pages."""
    app.jinja_env.globals.update(booking_address=booking_address)
