"""Hours for tests, what they close, and the visits that wait to be settled."""

from __future__ import annotations

from datetime import date, time, timedelta

from sqlalchemy import select

from clinic import scheduling
from clinic.db import session
from clinic.scheduling import DoctorHoursRow, OpeningHoursRow, SlotStatus
from clinic.scheduling.calendar_models import VisitToSettle
from tests.people import Cast

MONDAY = date(2026, 3, 2)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)


def week(*hours: tuple[int, str, str]) -> list[OpeningHoursRow]:
    """Weekly hours, such as ``(1, "08:00", "12:00")``."""
    return [
        {"weekday": day, "from_time": time.fromisoformat(start), "to_time": time.fromisoformat(end)}
        for day, start, end in hours
    ]


def of_doctor(*hours: tuple[int, str, str], room: int | None = None, **valid: date) -> list[DoctorHoursRow]:
    """The same of a doctor."""
    return [
        {**row, "room_id": room, "valid_from": valid.get("since"), "valid_until": valid.get("until")}
        for row in week(*hours)
    ]


def reasons(cast: Cast, on: date, doctor: str = "chen") -> dict[str, SlotStatus]:
    """What closes the slots of a doctor's day."""
    slots = scheduling.day_slots(doctor_id=getattr(cast, doctor), on=on).slots
    return {f"{slot.time:%H:%M}": slot.reason for slot in slots if slot.reason is not None}


def to_settle() -> list[tuple[int, str, str | None]]:
    """The visits that can't stay as they are: their ids, why, and what became of them."""
    rows = session().execute(
        select(VisitToSettle.appointment_id, VisitToSettle.cause, VisitToSettle.outcome).order_by(VisitToSettle.id)
    )
    return [(number, str(cause), outcome and str(outcome)) for number, cause, outcome in rows]
