"""Rows of the demo doctors' leave, with the audit entries of those who entered it."""

from datetime import date, datetime, time, timedelta
from typing import Any

from clinic import clock
from clinic.audit import AuditAction, Subject
from clinic.policy import Role
from clinic.scheduling.calendar import HOURS, slot_of
from clinic.scheduling.calendar_models import SettlingCause
from clinic.seed.absences import ABSENCES, FELL_ILL, Absence
from clinic.seed.audit_rows import entry
from clinic.seed.directory_rows import language_of
from clinic.seed.layout import Placed, working_day
from clinic.seed.numbering import DOCTOR_IDS, DOCTORS
from clinic.seed.settling_rows import waiting

Row = dict[str, Any]
#: How long before the planting leave was entered, in days: before any visit of the coming days was booked.
_ENTERED = 45


def leave_rows(today: date, appointments: list[Placed]) -> dict[str, list[Row]]:
    """Return the leave and its audit entries (these without ids), and the visits that one of them leaves to be settled."""
    ill = _fell_ill(today)
    made = [*(_absence(each, today, appointments) for each in ABSENCES), ill]
    made.sort(key=lambda row: row["created_at"])
    leave = [{"id": number, **row} for number, row in enumerate(made, 1)]
    number = next(row["id"] for row in leave if row["created_at"] == ill["created_at"])
    days, at, whose = (ill["first_day"], ill["last_day"]), ill["created_at"], ill["doctor_id"]
    to_settle = waiting(appointments, SettlingCause.LEAVE, number, days, at, whose, whose)
    trail = [_entered(row, len(to_settle) if row["id"] == number else 0) for row in leave]
    return {"doctor_leave": leave, "visits_to_settle": to_settle, "audit_events": trail}


def _fell_ill(today: date) -> Row:
    """Return the leave of the doctor who fell ill on the eve of the planting."""
    return _own(FELL_ILL, today, clock.starts_at(today - timedelta(days=1), time(22, 45)))


def _absence(absence: Absence, today: date, appointments: list[Placed]) -> Row:
    """Return a doctor's own leave; entered after the last visit that was in its way was cancelled."""
    number = ABSENCES.index(absence)
    at = clock.starts_at(today - timedelta(days=_ENTERED), time(18)) + timedelta(minutes=number)
    for appointment in appointments:
        if appointment.plan.doctor == absence.doctor and absence.covers(appointment.plan.day, appointment.plan.time):
            at = max(at, appointment.steps[-1].at + timedelta(minutes=2))
    return _own(absence, today, at)


def _own(absence: Absence, today: date, at: datetime) -> Row:
    """Return leave that its doctor entered."""
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


def _entered(row: Row, appointment_count: int) -> Row:
    by = row["created_by_id"]
    days = {name: row[name].isoformat() for name in ("first_day", "last_day")}
    details = {"leave": row["id"], **days, "appointment_count": appointment_count}
    return entry(row["created_at"], (by, Role.DOCTOR), AuditAction.LEAVE_ENTERED, Subject(row["doctor_id"]), **details)
