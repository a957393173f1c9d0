"""Lays the demo's visits out around a day: dates, times, and when which step of each visit happened.

Pure and repeatable: the same reference moment gives the same visits. Days and times are the clinic's, moments aware.
Everything that happened, happened before the reference moment and in the order in which the commands allow it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from clinic import clock, settings
from clinic.policy import Role
from clinic.scheduling.calendar import SLOT_MINUTES, slot_of
from clinic.scheduling.lifecycle import AppointmentStatus, change_deadline
from clinic.scheduling.models import EventType
from clinic.seed.absences import is_away
from clinic.seed.courses import CANCELLATIONS, COURSES
from clinic.seed.everyday import CASES, TIMES, Busy, SeesPatients, everyday_appointments
from clinic.seed.histories import HISTORIES
from clinic.seed.hours import is_open
from clinic.seed.numbering import PATIENT
from clinic.seed.others import OTHER_COURSES
from clinic.seed.shapes import Appointment
from clinic.seed.today import TODAY

_SEED = 2041
_SUNDAY = 6
_MINUTE = timedelta(minutes=1)
#: How long after its start a visit is over, its record is written and it is completed.
_OVER = timedelta(minutes=SLOT_MINUTES)
_RECORDED, _COMPLETED = _OVER * 2 / 3, _OVER * 4 / 5
#: The share of those who didn't come back that weren't asked to.
_NOT_ASKED = 0.8


def _on_grid(plan: Appointment) -> Appointment:
    """Return a visit that was written down by hand in the slots of the grid."""
    before = plan.moved_from
    return plan._replace(time=_slot(plan.time), moved_from=before and (before[0], _slot(before[1])))


def _slot(at: str) -> str:
    return f"{slot_of(time.fromisoformat(at)):%H:%M}"


#: The visits that are written down one by one.
_WRITTEN = tuple(_on_grid(plan) for plan in (*HISTORIES, *TODAY))


@dataclass(frozen=True)
class Step:
    """One thing that happened to a visit: when, by whom, from which status to which."""

    at: datetime
    by: Role
    what: EventType
    before: AppointmentStatus | None
    after: AppointmentStatus
    details: dict[str, Any] = field(default_factory=dict)


@dataclass
class Placed:
    """A visit with its date and time, and its steps so far; the first is its booking."""

    plan: Appointment
    on: date
    at: time
    moved_from: tuple[date, time] | None = None
    steps: list[Step] = field(default_factory=list)
    #: When its record was written, and when it was corrected.
    recorded_at: list[datetime] = field(default_factory=list)
    #: When the notes for colleagues were written, None without any.
    staff_noted_at: datetime | None = None
    #: When the patient was asked to come again.
    follow_up: date | None = None

    @property
    def starts_at(self) -> datetime:
        """The moment at which it begins."""
        return clock.starts_at(self.on, self.at)

    @property
    def status(self) -> AppointmentStatus:
        """Where it stands."""
        return self.steps[-1].after

    @property
    def booked_at(self) -> datetime:
        """When it was booked."""
        return self.steps[0].at

    def service(self) -> str | None:
        """The key of the service that the doctor assigned, once the patient was seen."""
        if self.status is not AppointmentStatus.COMPLETED:
            return None
        return self.plan.service or (CASES[self.plan.case].service if self.plan.case else None)

    def words(self, name: str) -> str:
        """What the visit says under ``name``: its own words, or its case's in the patient's language."""
        own: str = getattr(self.plan, name, "")
        if own or not self.plan.case:
            return own
        text: str = getattr(CASES[self.plan.case], name).in_(PATIENT[self.plan.patient].lang)
        return text


def working_day(today: date, number: int) -> date:
    """Return the ``number``-th working day (Monday to Saturday) after ``today``, before it where negative.

    >>> working_day(date(2026, 11, 21), 1), working_day(date(2026, 11, 23), -1)
    (datetime.date(2026, 11, 23), datetime.date(2026, 11, 21))
    """
    step = timedelta(days=1 if number > 0 else -1)
    day = today
    for _ in range(abs(number)):
        day += step
        if day.weekday() == _SUNDAY:
            day += step
    return day


def lay_out(reference: datetime) -> list[Placed]:
    """Return all visits of the demo as they stand at ``reference``, in the order of their booking."""
    today = clock.local(reference).date()
    random = Random(_SEED)
    placed = []
    for plan in (*_WRITTEN, *_drawn(random, _sees_patients(today))):
        moved_from = None
        if plan.moved_from is not None:
            day, at = plan.moved_from
            moved_from = (working_day(today, day), time.fromisoformat(at))
        appointment = Placed(plan, working_day(today, plan.day), time.fromisoformat(plan.time), moved_from)
        _live(appointment, today, reference, random)
        placed.append(appointment)
    _ask_to_come_again(placed, today)
    return sorted(placed, key=lambda appointment: appointment.booked_at)


def _ask_to_come_again(placed: list[Placed], today: date) -> None:
    """Give each visit that was seen its follow-up: the day on which the patient did come back, or will, where there is one.

    Of those who neither came nor have booked, most were not asked to; the others are due, or overdue.
    """
    random = Random(_SEED)
    ahead: dict[tuple[str, str], date] = {}
    for appointment in sorted(placed, key=lambda each: each.starts_at, reverse=True):
        whose = (appointment.plan.patient, appointment.plan.doctor)
        if appointment.recorded_at:
            case = CASES.get(appointment.plan.case)
            usual = appointment.plan.follow_up or (case.follow_up if case else None)
            day = appointment.on + timedelta(days=usual) if usual else None
            if not appointment.plan.follow_up and whose in ahead:
                day = ahead[whose]
            elif not appointment.plan.follow_up and day and day < today and random.random() < _NOT_ASKED:
                day = None
            appointment.follow_up = day
        if appointment.status is not AppointmentStatus.CANCELLED:
            ahead[whose] = appointment.on


def _sees_patients(today: date) -> SeesPatients:
    """Return what tells when doctors see patients: by their hours from ``today`` on, whatever they were before."""
    days = {number: working_day(today, number) for number in range(40)}

    def tell(doctor: str, day: int, at: str) -> bool:
        if is_away(doctor, day, at):
            return False
        return day < 0 or is_open(doctor, today, days[day], at)

    return tell


def _drawn(random: Random, sees_patients: SeesPatients) -> Iterator[Appointment]:
    """Draw doctor, time and outcome of each visit of the courses, then the everyday ones; nobody is in two places at once."""
    busy = {(who, plan.day, plan.time) for plan in _WRITTEN for who in (plan.patient, plan.doctor)}
    days_of: dict[str, set[int]] = {}
    for plan in _WRITTEN:
        days_of.setdefault(plan.patient, set()).add(plan.day)
    doctor_of: dict[tuple[str, tuple[str, ...]], str] = {}
    for course in (*COURSES, *OTHER_COURSES):
        for day, key in course.appointments:
            doctors = CASES[key].doctors
            doctor = doctor_of.setdefault((course.patient, doctors), random.choice(doctors))
            on, free = _free_times(course.patient, doctor, day, busy, sees_patients)
            at = random.choice(free)
            busy |= {(course.patient, on, at), (doctor, on, at)}
            days_of.setdefault(course.patient, set()).add(on)
            yield _outcome(Appointment(course.patient, doctor, on, at, "booked", case=key), random)
    yield from everyday_appointments(busy, days_of, sees_patients)


def _free_times(patient: str, doctor: str, day: int, busy: Busy, sees_patients: SeesPatients) -> tuple[int, list[str]]:
    """Return the first working day from ``day`` on on which the doctor is there, and their free times of it."""
    while True:
        free = [
            at for at in TIMES if sees_patients(doctor, day, at) and not {(patient, day, at), (doctor, day, at)} & busy
        ]
        if free:
            return day, free
        day += 1


def _outcome(plan: Appointment, random: Random) -> Appointment:
    """Draw how a visit of the courses went, or how far it is."""
    chance = random.random()
    cancelled_by = Role.DOCTOR if random.random() < 0.3 else Role.PATIENT
    if chance < 0.08:
        text = random.choice(CANCELLATIONS[cancelled_by])
        return plan._replace(
            status="cancelled",
            cancelled_by=cancelled_by,
            cancellation_reason=text.in_(PATIENT[plan.patient].lang),
        )
    if plan.day < 0:
        return plan._replace(status="completed")
    return plan._replace(status="confirmed" if chance < 0.6 else "booked")


def _live(appointment: Placed, today: date, reference: datetime, random: Random) -> None:
    """Give ``visit`` its steps, as the commands would have written them."""
    plan = appointment.plan
    first_on, first_at = appointment.moved_from or (appointment.on, appointment.at)
    booked_at = _booking(min(first_on, appointment.on), max(first_on, appointment.on), today, random)
    appointment.steps.append(Step(booked_at, Role.PATIENT, EventType.CREATED, None, AppointmentStatus.BOOKED))
    until = min(appointment.starts_at, clock.starts_at(first_on, first_at), reference)
    if appointment.moved_from is not None:
        _add(
            appointment,
            _office_hour(booked_at, until, 0.25),
            Role.PATIENT,
            EventType.RESCHEDULED,
            AppointmentStatus.BOOKED,
            _move(appointment, first_on, first_at),
        )
    if plan.status == "booked":
        return
    if plan.status == "cancelled":
        _cancel(appointment, until)
        return
    _add(
        appointment, _office_hour(booked_at, until, 0.5), Role.DOCTOR, EventType.CONFIRMED, AppointmentStatus.CONFIRMED
    )
    _note(appointment)
    if plan.status == "completed" and appointment.starts_at + _OVER <= reference:
        appointment.recorded_at.append(appointment.starts_at + _RECORDED)
        if plan.first_diagnosis:
            appointment.recorded_at.append(appointment.starts_at + timedelta(days=1, minutes=35))
        _add(
            appointment,
            appointment.starts_at + _COMPLETED,
            Role.DOCTOR,
            EventType.COMPLETED,
            AppointmentStatus.COMPLETED,
        )


def _note(appointment: Placed) -> None:
    """Let the doctor write to the patient and to colleagues when the visit is confirmed."""
    if appointment.plan.clinic_notes:
        _add(
            appointment,
            appointment.steps[-1].at,
            Role.DOCTOR,
            EventType.EDITED,
            AppointmentStatus.CONFIRMED,
            {"fields": ["notes"]},
        )
    if appointment.plan.staff_notes:
        appointment.staff_noted_at = appointment.steps[-1].at + 2 * _MINUTE


def _booking(earliest: date, latest: date, today: date, random: Random) -> datetime:
    """Draw when a visit was booked: some days ahead, within the days that can be booked, before ``today``."""
    ahead = random.randint(3, 12)
    if earliest > today:
        earliest, ahead = today, random.randint(1, 5)
    day = max(earliest - timedelta(days=ahead), latest - timedelta(days=settings.current().booking.horizon_days))
    return clock.starts_at(day, time(random.randint(7, 21), random.randint(0, 59)))


def _cancel(appointment: Placed, until: datetime) -> None:
    plan = appointment.plan
    if plan.cancelled_by is Role.ADMIN:
        at = max(until - 40 * _MINUTE, appointment.booked_at + _MINUTE)
    else:
        at = _office_hour(
            appointment.booked_at, min(until, change_deadline(appointment.starts_at, settings.current().booking)), 0.75
        )
    details = {"reason": plan.cancellation_reason or None}
    _add(appointment, at, plan.cancelled_by, EventType.CANCELLED, AppointmentStatus.CANCELLED, details)


def _move(appointment: Placed, on: date, at: time) -> dict[str, Any]:
    return {
        "from": {"date": on.isoformat(), "time": f"{at:%H:%M}"},
        "to": {"date": appointment.on.isoformat(), "time": f"{appointment.at:%H:%M}"},
        "reason": appointment.plan.move_reason or None,
    }


def _add(
    appointment: Placed,
    at: datetime,
    by: Role,
    what: EventType,
    after: AppointmentStatus,
    details: dict[str, Any] | None = None,
) -> None:
    last = appointment.steps[-1]
    at = max(at, last.at + _MINUTE)
    appointment.steps.append(Step(at, by, what, last.after, after, details or {}))


def _office_hour(since: datetime, until: datetime, share: float) -> datetime:
    """Return a moment between two others, ``share`` of the way, moved back into the office's hours if there is room."""
    moment = since + (until - since) * share
    moment = moment.replace(second=0, microsecond=0)
    local = clock.local(moment)
    if local.hour < 7:
        day, minute = local.date() - timedelta(days=1), local.minute
    elif local.hour >= 19:
        day, minute = local.date(), local.minute
    else:
        return moment
    evening = clock.starts_at(day, time(17, minute))
    return evening if evening > since else moment
