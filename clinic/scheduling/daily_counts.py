"""Counts of appointments by day, kept so that the numbers of a year cost what those of a week do.

Triggers note each day whose appointments change (``ChangedDay``, with the change, in one transaction). A day that is over is
counted from the appointments themselves and stored; whoever reads counts the days themselves that aren't stored or have changed
since. So the numbers are true at every moment, and nobody who books waits for a counter
(docs/decisions/0025-daily-counts.md).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    cast,
    delete,
    func,
    insert,
    literal_column,
    not_,
    null,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from clinic import clock
from clinic.db import AnySelect, session, transaction
from clinic.id_lists import among_days
from clinic.scheduling.lifecycle import AppointmentStatus
from clinic.scheduling.models import Appointment, ChangedDay, DailyCount


class Dimension(StrEnum):
    """By what appointments are counted."""

    STATUS = "status"
    DEPARTMENT = "department"
    DOCTOR = "doctor"
    #: Weekday and time.
    SLOT = "slot"


@dataclass(frozen=True)
class PeriodCounts:
    """Counts of a period: by day and status, and without cancelled appointments by department, doctor, and weekday and time."""

    by_status: dict[tuple[date, AppointmentStatus], int]
    by_department: dict[int, int]
    by_doctor: dict[int, int]
    by_slot: dict[tuple[int, time], int]


class _Weekday(FunctionElement[str]):
    """The number of a day's weekday, 1 for Monday, as a text."""

    type = String()
    inherit_cache = True


@compiles(_Weekday)
def _weekday(element: _Weekday, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(extract(isodow FROM {compiler.process(element.clauses, **kw)}) AS VARCHAR)"


@compiles(_Weekday, "sqlite")
def _weekday_of_sqlite(element: _Weekday, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST((strftime('%w', {compiler.process(element.clauses, **kw)}) + 6) % 7 + 1 AS VARCHAR)"


#: What stands in ``DailyCount.key``. Without parameters, so that PostgreSQL sees that it selects what it groups by.
_KEYS: dict[Dimension, ColumnElement[str]] = {
    Dimension.STATUS: cast(Appointment.status, String),
    Dimension.DEPARTMENT: cast(Appointment.department_id, String),
    Dimension.DOCTOR: cast(Appointment.doctor_id, String),
    Dimension.SLOT: _Weekday(Appointment.appointment_date)
    + literal_column("' '")
    + func.substr(cast(Appointment.appointment_time, String), literal_column("1"), literal_column("5")),
}


# --- reading ----------------------------------------------------------------------------------------------------------


def period_counts(first: date, last: date) -> PeriodCounts:
    """Return the counts from ``first`` to ``last``, in two selects."""
    stored = _stored(first, last)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    others = [day for day in days if day not in stored]
    by_status = {(day, status): count for day, counts in stored.items() for status, count in counts.items()}
    sums: dict[Dimension, dict[str, int]] = {dimension: {} for dimension in Dimension}
    for day, dimension, key, count in session().execute(_sums(first, last, others)):
        if dimension == Dimension.STATUS:
            by_status[day, AppointmentStatus(key)] = count
        else:
            of = sums[Dimension(dimension)]
            of[key] = of.get(key, 0) + count
    return PeriodCounts(
        by_status=by_status,
        by_department={int(key): count for key, count in sums[Dimension.DEPARTMENT].items()},
        by_doctor={int(key): count for key, count in sums[Dimension.DOCTOR].items()},
        by_slot={(int(key[0]), time.fromisoformat(key[2:])): count for key, count in sums[Dimension.SLOT].items()},
    )


def _stored(first: date, last: date) -> dict[date, dict[AppointmentStatus, int]]:
    """Return the counts by status of the days whose stored counts are true."""
    changed = select(ChangedDay.id).where(ChangedDay.day == DailyCount.day).exists()
    rows = session().execute(
        select(DailyCount.day, DailyCount.key, DailyCount.count).where(
            DailyCount.day.between(first, last), DailyCount.dimension == Dimension.STATUS, not_(changed)
        )
    )
    found: dict[date, dict[AppointmentStatus, int]] = {}
    for day, key, count in rows:
        found.setdefault(day, {})[AppointmentStatus(key)] = count
    return found


def _sums(first: date, last: date, others: Collection[date]) -> Any:
    """Return the select of the sums of all days, the ``others`` among them counted now, and what these have by day and status."""
    counted: CTE = union_all(*_counts(among_days(Appointment.appointment_date, others))).cte("counted")
    no_day = cast(null(), Date)
    return union_all(
        select(counted.c.day, counted.c.dimension, counted.c.key, counted.c.count).where(
            counted.c.dimension == Dimension.STATUS
        ),
        select(no_day, counted.c.dimension, counted.c.key, cast(func.sum(counted.c.count), Integer))
        .where(counted.c.dimension != Dimension.STATUS)
        .group_by(counted.c.dimension, counted.c.key),
        select(no_day, DailyCount.dimension, DailyCount.key, cast(func.sum(DailyCount.count), Integer))
        .where(
            DailyCount.day.between(first, last),
            not_(among_days(DailyCount.day, others)),
            DailyCount.dimension != Dimension.STATUS,
        )
        .group_by(DailyCount.dimension, DailyCount.key),
    )


def _counts(condition: ColumnElement[bool]) -> Iterator[AnySelect]:
    """Return a select for each dimension of what ``DailyCount`` has, of the appointments that fulfil a condition."""
    for dimension, key in _KEYS.items():
        counted = true() if dimension is Dimension.STATUS else Appointment.status != AppointmentStatus.CANCELLED
        yield (
            select(
                Appointment.appointment_date.label("day"),
                literal_column(f"'{dimension}'", String).label("dimension"),
                key.label("key"),
                func.count().label("count"),
            )
            .where(condition, counted)
            .group_by(Appointment.appointment_date, key)
        )


# --- storing ----------------------------------------------------------------------------------------------------------


def store_changed_days() -> int:
    """Count the days that are over and have changed; return how many there were."""
    changed = select(ChangedDay.day).where(ChangedDay.day < clock.today()).distinct()
    if session().execute(changed.limit(1)).first() is None:
        return 0
    with transaction() as current:
        _alone(current)
        days = current.scalars(changed).all()
        # Before they are counted: who changes one of them from here on notes it anew.
        current.execute(delete(ChangedDay).where(among_days(ChangedDay.day, days)))
        current.execute(delete(DailyCount).where(among_days(DailyCount.day, days)))
        _store(current, among_days(Appointment.appointment_date, days))
        return len(days)


def store_all_days() -> int:
    """Count every day that is over, whatever is stored; return how many have appointments."""
    with transaction() as current:
        _alone(current)
        today = clock.today()
        current.execute(delete(ChangedDay).where(ChangedDay.day < today))
        current.execute(delete(DailyCount))
        _store(current, Appointment.appointment_date < today)
        return current.scalar(select(func.count(DailyCount.day.distinct()))) or 0


def _alone(current: Session) -> None:
    """Wait until nobody else stores counts: the older of two would be the last."""
    if current.get_bind().dialect.name == "postgresql":
        current.execute(text(f"LOCK TABLE {DailyCount.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))


def _store(current: Session, condition: ColumnElement[bool]) -> None:
    rows: Select[Any] = select(union_all(*_counts(condition)).subquery("counted"))
    current.execute(insert(DailyCount).from_select(["day", "dimension", "key", "count"], rows))
