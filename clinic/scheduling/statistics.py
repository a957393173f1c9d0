"""The clinic's numbers over a period: appointments by day, status, department and doctor, and how its capacity is
used."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select

from clinic.accounts.models import User
from clinic.db import session
from clinic.directory.for_domains import PUBLIC_DOCTOR
from clinic.directory.models import Department, Doctor
from clinic.errors import InvalidInput, Text
from clinic.i18n import N_, localized
from clinic.policy import Action, Actor, require
from clinic.replica import as_of, from_replica
from clinic.scheduling.absences import absences
from clinic.scheduling.calendar import REVERSED_DAYS, SLOT_TIMES
from clinic.scheduling.lifecycle import AppointmentStatus
from clinic.scheduling.models import Appointment

LONGEST_PERIOD = timedelta(days=366)


@dataclass(frozen=True)
class Statistics:
    """Counts of appointments in a period. ``heat`` is the share (0 to 1) of the active doctors' slots taken, by weekday
    (1 is Monday) and time; None where leave left no slot. ``as_of`` is the moment that they show where a replica of the
    database tells them that isn't at the present one."""

    total: int
    by_day: list[tuple[date, int]]
    by_status: dict[AppointmentStatus, int]
    by_department: list[tuple[str, int]]
    by_doctor: list[tuple[str, int]]
    heat: dict[tuple[int, time], float | None]
    as_of: datetime | None = None


@from_replica
def statistics(actor: Actor | None, *, first: date, last: date) -> Statistics:
    """Return the clinic's numbers from ``first`` to ``last``, in six selects.

    Cancelled appointments count by status only. ``InvalidInput`` on ``last`` for a period that is upside down or longer
    than a year.
    """
    actor = require(actor, Action.SEE_AUDIT_TRAIL)
    if last < first:
        raise InvalidInput.of({"last": [REVERSED_DAYS]})
    if last - first > LONGEST_PERIOD:
        raise InvalidInput.of(
            {"last": [Text(N_("Please choose at most %(days)d days."), {"days": LONGEST_PERIOD.days})]}
        )
    counted = [Appointment.appointment_date.between(first, last), Appointment.status != AppointmentStatus.CANCELLED]
    by_status = {
        AppointmentStatus(status): count
        for status, count in session().execute(
            select(Appointment.status, func.count()).where(counted[0]).group_by(Appointment.status)
        )
    }
    slots = session().execute(
        select(Appointment.appointment_date, Appointment.appointment_time, func.count())
        .where(*counted)
        .group_by(Appointment.appointment_date, Appointment.appointment_time)
    )
    taken = {(row[0], row[1]): row[2] for row in slots}
    per_day: Counter[date] = Counter()
    for (on, _at), count in taken.items():
        per_day[on] += count
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return Statistics(
        total=sum(per_day.values()),
        by_day=[(on, per_day[on]) for on in days],
        by_status={status: by_status.get(status, 0) for status in AppointmentStatus},
        by_department=_by_department(counted, actor.language),
        by_doctor=_by_doctor(counted),
        heat=_heat(taken, days),
        as_of=as_of(),
    )


def _by_department(counted: list[ColumnElement[bool]], lang: str) -> list[tuple[str, int]]:
    rows = session().execute(
        select(Department.name, Department.translations, func.count(Appointment.id))
        .join(Appointment, Appointment.department_id == Department.id)
        .where(*counted)
        .group_by(Department.id)
        .order_by(func.count(Appointment.id).desc(), Department.name)
    )
    return [(localized(name, translations, "name", lang), count) for name, translations, count in rows]


def _by_doctor(counted: list[ColumnElement[bool]]) -> list[tuple[str, int]]:
    rows = session().execute(
        select(User.full_name, func.count(Appointment.id))
        .join(Appointment, Appointment.doctor_id == User.id)
        .where(*counted)
        .group_by(User.id)
        .order_by(func.count(Appointment.id).desc(), User.name_key, User.id)
    )
    return [(name, count) for name, count in rows]


def _heat(taken: dict[tuple[date, time], int], days: list[date]) -> dict[tuple[int, time], float | None]:
    public = (
        select(Doctor.user_id)
        .join(User, User.id == Doctor.user_id)
        .join(Department, Department.id == Doctor.department_id)
        .where(*PUBLIC_DOCTOR)
    )
    doctors = session().scalars(public).all()
    weekdays = Counter(on.isoweekday() for on in days)
    away = _away(doctors, days)
    used: Counter[tuple[int, time]] = Counter()
    for (on, at), count in taken.items():
        used[on.isoweekday(), at] += count
    heat: dict[tuple[int, time], float | None] = {}
    for weekday in sorted(weekdays):
        for at in SLOT_TIMES:
            offered = len(doctors) * weekdays[weekday] - away[weekday, at]
            heat[weekday, at] = min(1.0, used[weekday, at] / offered) if offered > 0 else None
    return heat


def _away(doctors: Collection[int], days: list[date]) -> Counter[tuple[int, time]]:
    """Return at how many of the doctors' slots they were away on these days, by weekday and time."""
    absent = absences(doctors, days[0], days[-1]).values()
    return Counter((moment.date.isoweekday(), moment.time) for each in absent for moment in each.slots_away(days))
