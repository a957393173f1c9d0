"""The clinic's numbers over a period: appointments by day, status, department and doctor, and how its capacity is
used."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from clinic.accounts.models import User
from clinic.db import session
from clinic.directory.for_domains import PUBLIC_DOCTOR
from clinic.directory.models import Department, Doctor
from clinic.errors import InvalidInput, Text
from clinic.i18n import N_, localized
from clinic.id_lists import among
from clinic.policy import Action, Actor, require
from clinic.replica import as_of, from_replica
from clinic.scheduling.attendance import attendance
from clinic.scheduling.calendar import REVERSED_DAYS, SLOT_TIMES
from clinic.scheduling.daily_counts import period_counts
from clinic.scheduling.day_frame import closed_times
from clinic.scheduling.lifecycle import AppointmentStatus

LONGEST_PERIOD = timedelta(days=366)


@dataclass(frozen=True)
class Statistics:
    """Counts of appointments in a period. ``heat`` is the share (0 to 1) of the active doctors' slots taken, by weekday
    (1 is Monday) and time; None where hours, closures and leave left no slot. ``as_of`` is the moment that they show where a replica of the
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
    actor = require(actor, Action.SEE_STATISTICS)
    if last < first:
        raise InvalidInput.of({"last": [REVERSED_DAYS]})
    if last - first > LONGEST_PERIOD:
        raise InvalidInput.of(
            {"last": [Text(N_("Please choose at most %(days)d days."), {"days": LONGEST_PERIOD.days})]}
        )
    counts = period_counts(first, last)
    by_status, per_day = Counter[AppointmentStatus](), Counter[date]()
    for (on, status), count in counts.by_status.items():
        by_status[status] += count
        per_day[on] += 0 if status is AppointmentStatus.CANCELLED else count
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return Statistics(
        total=sum(per_day.values()),
        by_day=[(on, per_day[on]) for on in days],
        by_status={status: by_status[status] for status in AppointmentStatus},
        by_department=_by_department(counts.by_department, actor.language),
        by_doctor=_by_doctor(counts.by_doctor),
        heat=_heat(counts.by_slot, days),
        as_of=as_of(),
    )


def _by_department(counts: dict[int, int], lang: str) -> list[tuple[str, int]]:
    rows = session().execute(
        select(Department.id, Department.name, Department.translations)
        .where(among(Department.id, counts))
        .order_by(Department.name)
    )
    named = [(localized(name, translations, "name", lang), counts[number]) for number, name, translations in rows]
    return _most_first(named)


def _by_doctor(counts: dict[int, int]) -> list[tuple[str, int]]:
    rows = session().execute(
        select(User.id, User.full_name).where(among(User.id, counts)).order_by(User.name_key, User.id)
    )
    return _most_first([(name, counts[number]) for number, name in rows])


def _most_first(named: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return what the database has put in the order of names by count; those of one count stay in that order."""
    return sorted(named, key=lambda each: -each[1])


def _heat(used: dict[tuple[int, time], int], days: list[date]) -> dict[tuple[int, time], float | None]:
    public = (
        select(Doctor.user_id)
        .join(User, User.id == Doctor.user_id)
        .join(Department, Department.id == Doctor.department_id)
        .where(*PUBLIC_DOCTOR)
    )
    doctors = session().scalars(public).all()
    weekdays = Counter(on.isoweekday() for on in days)
    closed = _closed(doctors, days)
    heat: dict[tuple[int, time], float | None] = {}
    for weekday in sorted(weekdays):
        for at in SLOT_TIMES:
            offered = len(doctors) * weekdays[weekday] - closed[weekday, at]
            heat[weekday, at] = min(1.0, used.get((weekday, at), 0) / offered) if offered > 0 else None
    return heat


def _closed(doctors: Collection[int], days: list[date]) -> Counter[tuple[int, time]]:
    """Return how many of the doctors' slots nobody could book on these days, by weekday and time: by hours as they are now,
    closures and leave."""
    frames = Counter(
        (on.isoweekday(), each.frame(on)) for each in attendance(doctors, days[0], days[-1]).values() for on in days
    )
    closed = Counter[tuple[int, time]]()
    for (weekday, frame), count in frames.items():
        for at in closed_times(frame):
            closed[weekday, at] += count
    return closed
