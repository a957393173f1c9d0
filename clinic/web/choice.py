"""The four choices of a booking, as the addresses of the booking pages carry them.

Reads them out of the query, keeps what is right, says what is not, and writes the addresses of the next choices: with all
four made it is the review's, otherwise that of the page where the next one is made.
Whether a time is free is the domain's answer; nothing is decided here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask, url_for

from clinic import directory, scheduling
from clinic.directory import DepartmentRow, DoctorRow
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.policy import Actor
from clinic.scheduling import FreeDay, Moment, Slot, Why
from clinic.web.day import day_from
from clinic.web.forms import whole

#: Why a time can't be had where the office books: the visit in the way is the patient's, not the reader's.
PATIENTS = "patients"
MESSAGES = {
    "department": N_("We don't have this department. Please choose one of these."),
    "doctor": N_("This doctor can't be booked here. Please choose one of these."),
    "day": N_("This day can't be booked. Please choose one of the days below."),
    "time": N_("There's no such time. Please choose one of the times below."),
    Why.PAST: N_("The time you chose has passed. Please choose another."),
    Why.TAKEN: N_("Somebody else has booked the time you chose. Please choose another."),
    Why.YOURS: N_("You have a visit at the time you chose. Please choose another."),
    #: Where somebody else chooses for the patient.
    PATIENTS: N_("The patient has a visit at the time you chose. Please choose another."),
    Why.AWAY: N_("The doctor is away at the time you chose. Please choose another."),
    Why.CLOSED: N_("This doctor isn't seeing patients at the moment."),
}


#: The button of the form that only chooses anew: what is typed comes along and is shown again, nothing is done.
CHANGE = "change"
#: The place on a page of choices where the next thing is to be done. The page says which that is, so the address needn't.
NEXT = "#next"


@dataclass(frozen=True)
class Wish:
    """What the address asks for, parsed but not yet looked up; ``bad`` names what could not be read."""

    department: int | None = None
    doctor: int | None = None
    day: dt.date | None = None
    time: dt.time | None = None
    bad: tuple[str, ...] = ()
    #: Whom the office books for; patients book for themselves.
    patient: int | None = None

    def query(self, **changes: Any) -> str:
        """Return the query string of this wish with some choices changed (None leaves one out)."""
        wish = replace(self, **changes)
        pairs: list[tuple[str, str | int | None]] = [
            ("patient", wish.patient),
            ("department", wish.department),
            ("doctor", wish.doctor),
            ("day", wish.day.isoformat() if wish.day else None),
            ("time", None if wish.time is None else wish.time.strftime("%H:%M")),
        ]
        query = urlencode([(name, value) for name, value in pairs if value is not None], safe=":")
        return f"?{query}" if query else ""


def _time(text: str) -> dt.time | None:
    try:
        return dt.time.fromisoformat(text) if re.fullmatch(r"\d\d:\d\d", text, re.ASCII) else None
    except ValueError:
        return None


#: What reads each choice; None for what is none.
_PARSERS: dict[str, Callable[[str], Any]] = {"department": whole, "doctor": whole, "day": day_from, "time": _time}


def parse(query: Mapping[str, str]) -> Wish:
    """Read a wish out of a query; what can't be read is left out and named in ``bad``."""
    found = {name: parser(query[name]) for name, parser in _PARSERS.items() if query.get(name)}
    bad = tuple(name for name, value in found.items() if value is None)
    return Wish(**found, bad=bad)


def parse_moment(text: str) -> Moment | None:
    """Read ``2026-11-24T09:30``, the value of an offered time; None if it is anything else."""
    day, _, at = text.partition("T")
    on, time = day_from(day), _time(at)
    return None if on is None or time is None else Moment(on, time)


@dataclass(frozen=True)
class BookingPages:
    """The endpoints of the page where the choices are made and of the one where they are reviewed and confirmed."""

    choices: str
    review: str

    def address(self, wish: Wish) -> str:
        """Return where a person with these choices goes on: to the review, or to the next choice."""
        complete = None not in (wish.department, wish.doctor, wish.day, wish.time)
        return self.confirm(wish) if complete else self.change(wish)

    def confirm(self, wish: Wish) -> str:
        """Return the page where the choices are reviewed and confirmed."""
        return url_for(self.review) + wish.query()

    def change(self, wish: Wish, place: str = NEXT) -> str:
        """Return the page where any of the choices is made anew, at ``place``."""
        return url_for(self.choices) + wish.query() + place


#: The patients' own pages; the office has such pages for each patient.
OWN_PAGES = BookingPages("public.book", "public.review_booking")


def booking_address(
    department: int | None = None, doctor: int | None = None, day: dt.date | None = None, time: dt.time | None = None
) -> str:
    """Return where a patient with these choices goes on booking."""
    return OWN_PAGES.address(Wish(department, doctor, day, time))


@dataclass
class Choices:
    """The booking page's state: what can be chosen, what is chosen, and what was wrong with the address."""

    wish: Wish
    pages: BookingPages
    departments: list[DepartmentRow] = field(default_factory=list)
    doctors: list[DoctorRow] = field(default_factory=list)
    next_free: Mapping[int, Moment | None] = field(default_factory=dict)
    days: list[FreeDay] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    department: DepartmentRow | None = None
    doctor: DoctorRow | None = None
    day: dt.date | None = None
    time: dt.time | None = None
    messages: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether all four choices are made."""
        return self.time is not None

    @property
    def step(self) -> int:
        """The number of the choice that comes next; 5 when all are made."""
        chosen = (self.department, self.doctor, self.day, self.time)
        return next((number for number, choice in enumerate(chosen, 1) if choice is None), 5)

    def valid(self, **changes: Any) -> Wish:
        """Return what is validly chosen, with some choices changed."""
        department = self.department["id"] if self.department else None
        doctor = self.doctor["id"] if self.doctor else None
        return replace(Wish(department, doctor, self.day, self.time, patient=self.wish.patient), **changes)

    def department_link(self, department_id: int) -> str:
        """Return where choosing a department leads."""
        same = self.department is not None and self.department["id"] == department_id
        return self.pages.change(self.valid() if same else Wish(department_id, patient=self.wish.patient))

    def doctor_link(self, doctor_id: int) -> str:
        """Return where choosing a doctor leads; the day stays."""
        same = self.doctor is not None and self.doctor["id"] == doctor_id
        return self.pages.change(self.valid() if same else self.valid(doctor=doctor_id, time=None))

    def day_link(self, on: dt.date) -> str:
        """Return where choosing a day leads."""
        return self.pages.change(self.valid() if on == self.day else self.valid(day=on, time=None))

    def time_link(self, at: dt.time) -> str:
        """Return where choosing a time, the last choice, leads: to the review."""
        return self.pages.address(self.valid(time=at))

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
        return self.pages.confirm(self.wish)

    @property
    def cancellable_until(self) -> dt.datetime | None:
        """Until when the patient could cancel the chosen visit; None if that is past already, or no time is chosen."""
        return scheduling.cancellable_until(self.day, self.time) if self.day and self.time else None


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
    if parts.path != url_for(OWN_PAGES.review):
        return None
    wish = parse(dict(parse_qsl(parts.query)))
    if moment is not None:
        wish = replace(wish, day=moment.date, time=moment.time)
    choices = resolve(wish, actor=actor, lang=lang)
    return choices if choices.complete else None


def resolve(wish: Wish, *, actor: Actor | None, lang: str, pages: BookingPages = OWN_PAGES) -> Choices:
    """Look the wish up: keep each choice that is right, drop the first that is not and all that hang on it."""
    choices = Choices(wish, pages, departments=directory.departments(lang=lang).results)
    choices.messages += [MESSAGES[name] for name in wish.bad]
    choices.department = next((each for each in choices.departments if each["id"] == wish.department), None)
    if choices.department is None:
        _complain(choices, "department", wish.department)
        return choices
    choices.doctors = directory.doctors(department_id=choices.department["id"], lang=lang).results
    choices.doctor = next((each for each in choices.doctors if each["id"] == wish.doctor), None)
    board = scheduling.board(
        [doctor["id"] for doctor in choices.doctors],
        doctor_id=choices.doctor["id"] if choices.doctor else None,
        on=wish.day,
        actor=actor,
        patient_id=wish.patient,
    )
    choices.next_free, choices.days, choices.slots = board.next_free, board.days, board.slots
    if choices.doctor is None:
        _complain(choices, "doctor", wish.doctor)
        return choices
    _resolve_moment(choices)
    return choices


def complaint(reason: Why, *, for_other: bool) -> str:
    """Return what is said of a chosen time that can't be had, to be translated; ``for_other`` if for another person."""
    return MESSAGES[PATIENTS if for_other and reason is Why.YOURS else reason]


def _complain(choices: Choices, name: str, wished: object) -> None:
    if wished is not None:
        choices.messages.append(MESSAGES[name])


def _resolve_moment(choices: Choices) -> None:
    wish = choices.wish
    if wish.day not in [each.date for each in choices.days]:
        _complain(choices, "day", wish.day)
        return
    choices.day = wish.day
    if wish.time is None:
        return
    slot = next((slot for slot in choices.slots if slot.time == wish.time), None)
    if slot is None:
        choices.messages.append(MESSAGES["time"])
    elif slot.reason is not None:
        choices.messages.append(complaint(slot.reason, for_other=wish.patient is not None))
    else:
        choices.time = slot.time


def install(app: Flask) -> None:
    """Let the templates write addresses of the booking pages."""
    app.jinja_env.globals.update(booking_address=booking_address)
