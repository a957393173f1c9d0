"""When doctors see nobody, whatever the reason: read here alone, for bookings, free times, the week and the statistics."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import Date, and_, bindparam, select
from sqlalchemy.sql.elements import SQLCoreOperations

from clinic.accounts.models import User
from clinic.db import AnyRow, AnySelect, built_once, session
from clinic.directory.for_domains import PUBLIC_DOCTOR
from clinic.directory.models import Department, Doctor
from clinic.id_lists import among, id_list
from clinic.scheduling.calendar import Moment, SlotStatus, moments_of, slot_end
from clinic.scheduling.models import DoctorLeave


@dataclass(frozen=True)
class LeaveSpan:
    """One leave as the calendar reads it."""

    doctor_id: int
    first_day: date
    last_day: date
    from_time: time | None
    to_time: time | None

    def covers(self, moment: Moment) -> bool:
        """Return whether any part of a slot falls into it: hours may have been entered when slots were of another length."""
        if not self.first_day <= moment.date <= self.last_day:
            return False
        if self.from_time is None or self.to_time is None:
            return True
        return moment.time < self.to_time and slot_end(moment.time) > self.from_time


@dataclass(frozen=True)
class Absences:
    """When one doctor sees nobody: the leave, and ``closed`` while the public can't book them at all."""

    closed: bool
    leave: Sequence[LeaveSpan]

    def is_away(self, moment: Moment) -> bool:
        """Return whether they are away at a moment, whoever may book them."""
        return any(span.covers(moment) for span in self.leave)

    def slots_away(self, days: Iterable[date]) -> Iterator[Moment]:
        """Yield the slots of ``days`` at which they are away."""
        for on in days:
            spans = [span for span in self.leave if span.first_day <= on <= span.last_day]
            if spans:
                yield from (moment for moment in moments_of(on) if any(span.covers(moment) for span in spans))

    def of_day(self, on: date) -> Mapping[Moment, SlotStatus]:
        """Return when nobody can be booked on a day, and why: what the calendar asks (``AbsencesOfDay``)."""
        if self.closed:
            return dict.fromkeys(moments_of(on), SlotStatus.CLOSED)
        return dict.fromkeys(self.slots_away([on]), SlotStatus.AWAY) if self.leave else {}


def with_leave(*columns: SQLCoreOperations[object]) -> AnySelect:
    """Return the select of doctors with ``columns`` of theirs, a row for each leave from ``first`` to ``last``, or one."""
    return (
        select(
            Doctor.user_id,
            DoctorLeave.first_day,
            DoctorLeave.last_day,
            DoctorLeave.from_time,
            DoctorLeave.to_time,
            *columns,
        )
        .join(User, User.id == Doctor.user_id)
        .join(Department, Department.id == Doctor.department_id)
        .outerjoin(
            DoctorLeave,
            (DoctorLeave.doctor_id == Doctor.user_id)
            & (DoctorLeave.first_day <= bindparam("last", type_=Date))
            & (DoctorLeave.last_day >= bindparam("first", type_=Date)),
        )
    )


_ABSENCES = built_once(
    with_leave(and_(*PUBLIC_DOCTOR).label("is_public")).where(among(Doctor.user_id, id_list("doctors")))
)


def absences(doctor_ids: Collection[int], first: date, last: date) -> dict[int, Absences]:
    """Return when each of these doctors sees nobody from ``first`` to ``last``, in one select.

    The only reader of what keeps doctors away: bookings, free times, the doctor's week and the statistics ask it, so
    that another reason has its place here alone. A doctor who doesn't exist is closed.
    """
    rows = session().execute(_ABSENCES, {"doctors": list(doctor_ids), "first": first, "last": last})
    bookable: set[int] = set()
    leave: dict[int, list[LeaveSpan]] = defaultdict(list)
    for row in rows:
        if row.is_public:
            bookable.add(row.user_id)
        leave[row.user_id] += leave_of_row(row)
    return {each: Absences(each not in bookable, leave[each]) for each in doctor_ids}


def leave_of_row(row: AnyRow) -> list[LeaveSpan]:
    """Return the leave in a row of ``with_leave``: one, or none."""
    if row.first_day is None:
        return []
    return [LeaveSpan(row.user_id, row.first_day, row.last_day, row.from_time, row.to_time)]
