"""Rows of the demo clinic's hours, closure and extra hours, as the office entered them on the eve of the planting."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from clinic import clock
from clinic.audit import AuditAction, Subject
from clinic.policy import Role
from clinic.scheduling.calendar_models import SettlingCause
from clinic.seed.audit_rows import entry
from clinic.seed.hours import CLINIC, DOCTORS, ON_SUNDAY, SUNDAY_HOURS, Closed, Week, closed_ahead, sunday_from
from clinic.seed.layout import Placed
from clinic.seed.numbering import ADMIN_ID, DOCTOR_IDS
from clinic.seed.settling_rows import waiting

Row = dict[str, Any]
_OFFICE = (ADMIN_ID, Role.ADMIN)


def _evening(today: date, minute: int) -> datetime:
    """Return a moment of the evening before the planting, after all that was booked."""
    return clock.starts_at(today - timedelta(days=1), time(22, minute))


def hours_rows(today: date, appointments: list[Placed]) -> dict[str, list[Row]]:
    """Return hours, extra hours and the closure, with the audit entries of the office."""
    opening, of_doctors, trail = list(_stretches(CLINIC)), list[Row](), list[Row]()
    # The clinic's last: who has hours of their own loses no visit by them.
    for doctor, week in DOCTORS.items():
        number, rows = DOCTOR_IDS[doctor], list(_stretches(week))
        of_doctors += [{"doctor_id": number, **row} for row in rows]
        trail.append(_changed(_evening(today, len(trail)), AuditAction.DOCTOR_HOURS_CHANGED, number, len(rows)))
    sunday, sunday_entry = _sunday(today, _evening(today, len(trail)))
    trail.append(sunday_entry)
    trail.append(_changed(_evening(today, len(trail)), AuditAction.OPENING_HOURS_CHANGED, 0, len(opening)))
    at, closed = _evening(today, len(trail)), closed_ahead(today)
    to_settle = waiting(appointments, SettlingCause.CLOSURE, 1, (closed.first, closed.last), at, ADMIN_ID)
    closure, closure_entry = _closure(closed, at, len(to_settle))
    more = {"room_id": None, "valid_from": None, "valid_until": None}
    return {
        "opening_hours": _numbered(opening),
        "doctor_hours": _numbered([{**row, **more} for row in of_doctors]),
        "extra_hours": [sunday],
        "closures": [closure],
        "visits_to_settle": to_settle,
        "audit_events": [*trail, closure_entry],
    }


def _stretches(week: Week) -> Iterator[Row]:
    for weekday, stretches in week.items():
        for start, end in stretches:
            yield {"weekday": weekday, "from_time": start, "to_time": end}


def _numbered(rows: list[Row]) -> list[Row]:
    return [{"id": number, **row} for number, row in enumerate(rows, 1)]


def _changed(at: datetime, action: AuditAction, subject: int, stretches: int) -> Row:
    return entry(at, _OFFICE, action, Subject(subject), stretches=stretches, appointment_count=0)


def _sunday(today: date, at: datetime) -> tuple[Row, Row]:
    row: Row = {
        "id": 1,
        "doctor_id": DOCTOR_IDS[ON_SUNDAY],
        "day": sunday_from(today),
        "from_time": SUNDAY_HOURS[0],
        "to_time": SUNDAY_HOURS[1],
        "room_id": None,
        "created_at": at,
        "created_by_id": ADMIN_ID,
    }
    details = {"extra_hours": 1, "day": row["day"].isoformat()}
    details |= {name: f"{row[name]:%H:%M}" for name in ("from_time", "to_time")}
    return row, entry(at, _OFFICE, AuditAction.EXTRA_HOURS_ENTERED, Subject(row["doctor_id"]), **details)


def _closure(closed: Closed, at: datetime, appointment_count: int) -> tuple[Row, Row]:
    row: Row = {
        "id": 1,
        "first_day": closed.first,
        "last_day": closed.last,
        "from_time": None,
        "to_time": None,
        "name": closed.name.en,
        "translations": {"vi": {"name": closed.name.vi}},
        "holiday": None,
        "created_at": at,
        "created_by_id": ADMIN_ID,
    }
    days = {name: row[name].isoformat() for name in ("first_day", "last_day")}
    details = {"name": closed.name.en, **days, "appointment_count": appointment_count}
    return row, entry(at, _OFFICE, AuditAction.CLOSURE_ENTERED, Subject(1), **details)
