"""A visit as an iCalendar entry, for a mail or to be taken into one's own calendar. Knows no database."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from icalendar import Calendar, Event

from clinic.scheduling.calendar import SLOT_MINUTES
from clinic.scheduling.lifecycle import Status

_STATUS = {
    Status.BOOKED: "TENTATIVE",
    Status.CONFIRMED: "CONFIRMED",
    Status.COMPLETED: "CONFIRMED",
    Status.CANCELLED: "CANCELLED",
}


def calendar_entry(visit: Mapping[str, Any], *, clinic_name: str, address: str) -> bytes:
    """Return the visit (an Appointment row) as a calendar; a moved or cancelled one replaces the earlier entry.

    ``address`` is the portal's. Nothing of what the patient said stands in it: calendars are shared.
    """
    status = Status(visit["status"])
    event = Event()
    event.add("uid", f"visit-{visit['id']}@{urlsplit(address).hostname or 'clinic'}")
    # In hundredths of a second since the booking: each change has a greater one.
    event.add("sequence", max(0, int((visit["updated_at"] - visit["created_at"]).total_seconds() * 100)))
    event.add("dtstamp", visit["updated_at"])
    event.add("dtstart", visit["starts_at"])
    event.add("dtend", visit["starts_at"] + timedelta(minutes=SLOT_MINUTES))
    event.add("summary", f"{clinic_name}: {visit['doctor']['full_name']}")
    event.add("description", visit["department"]["name"])
    if visit["room"] is not None:
        event.add("location", f"{clinic_name}, {visit['room']['room_number']} ({visit['room']['floor']})")
    event.add("url", f"{address}/patient/appointments/{visit['id']}")
    event.add("status", _STATUS[status])
    calendar = Calendar()
    calendar.add("prodid", "-//clinic portal//visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if status is Status.CANCELLED else "PUBLISH")
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written
