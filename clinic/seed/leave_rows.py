"""Rows of the demo doctors' leave, with the audit entries of those who entered it."""

from datetime import date, datetime, time, timedelta
from typing import Any

from clinic import clock
from clinic.audit import AuditAction, Subject
from clinic.policy import Role
from clinic.scheduling.calendar import HOURS, slot_of
from clinic.seed.absences import ABSENCES, CLOSED, Absence, closed_days
from clinic.seed.audit_rows import entry
from clinic.seed.directory_rows import language_of
from clinic.seed.layout import Placed, working_day
from clinic.seed.numbering import ADMIN_ID, DOCTOR_IDS, DOCTORS

Row = dict[str, Any]
#: How long before the planting leave was entered, in days: before any visit of the coming days was booked.
_ENTERED = 45


def leave_rows(today: date, appointments: list[Placed]) -> dict[str, list[Row]]:
    """Return the leave and its audit entries (these without ids)."""
    made = _closed_days(today) + [_absence(each, today, appointments) for each in ABSENCES]
    made.sort(key=lambda row: row["created_at"])
    leave = [{"id": number, **row} for number, row in enumerate(made, 1)]
    return {"doctor_leave": leave, "audit_events": [_entered(row) for row in leave]}


def _closed_days(today: date) -> list[Row]:
    """Return the closed days of each doctor but those inside a leave of their own, entered by the office one by one."""
    rows: list[Row] = []
    start = clock.starts_at(today - timedelta(days=_ENTERED), time(8))
    for day in closed_days(today):
        for doctor in DOCTORS:
            if any(first <= day <= last for first, last in _whole_days(doctor.key, today)):
                continue
            at = start + timedelta(seconds=20 * len(rows))
            rows.append(_row(doctor.key, (day, day), None, CLOSED.in_(language_of(doctor)), at, ADMIN_ID))
    return rows


def _whole_days(doctor: str, today: date) -> list[tuple[date, date]]:
    own = [each for each in ABSENCES if each.doctor == doctor and each.hours is None]
    return [(working_day(today, each.first), working_day(today, each.last)) for each in own]


def _absence(absence: Absence, today: date, appointments: list[Placed]) -> Row:
    """Return a doctor's own leave; entered after the last visit that was in its way was cancelled."""
    number = ABSENCES.index(absence)
    at = clock.starts_at(today - timedelta(days=_ENTERED), time(18)) + timedelta(minutes=number)
    for appointment in appointments:
        if appointment.plan.doctor == absence.doctor and absence.covers(appointment.plan.day, appointment.plan.time):
            at = max(at, appointment.steps[-1].at + timedelta(minutes=2))
    plan = next(doctor for doctor in DOCTORS if doctor.key == absence.doctor)
    days = (working_day(today, absence.first), working_day(today, absence.last))
    return _row(
        absence.doctor, days, absence.hours, absence.reason.in_(language_of(plan)), at, DOCTOR_IDS[absence.doctor]
    )


def _row(
    doctor: str, days: tuple[date, date], hours: tuple[str, str] | None, reason: str, at: datetime, by: int
) -> Row:
    return {
        "doctor_id": DOCTOR_IDS[doctor],
        "first_day": days[0],
        "last_day": days[1],
        "from_time": slot_of(time.fromisoformat(hours[0])) if hours else None,
        "to_time": min(at for at in HOURS if at >= time.fromisoformat(hours[1])) if hours else None,
        "reason": reason,
        "created_at": at,
        "created_by_id": by,
    }


def _entered(row: Row) -> Row:
    by = row["created_by_id"]
    days = {name: row[name].isoformat() for name in ("first_day", "last_day")}
    who = (by, Role.ADMIN if by == ADMIN_ID else Role.DOCTOR)
    return entry(row["created_at"], who, AuditAction.LEAVE_ENTERED, Subject(row["doctor_id"]), leave=row["id"], **days)
