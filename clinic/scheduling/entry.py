"""A visit as an iCalendar entry, for a mail or to be taken into one's own calendar. Knows no database."""

from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any
from urllib.parse import urlsplit

from icalendar import Calendar, Event, vCalAddress

from clinic import letters
from clinic.i18n import N_
from clinic.scheduling.calendar import SLOT_MINUTES
from clinic.scheduling.lifecycle import Status

_STATUS = {
    Status.BOOKED: "TENTATIVE",
    Status.CONFIRMED: "CONFIRMED",
    Status.COMPLETED: "CONFIRMED",
    Status.CANCELLED: "CANCELLED",
}


def calendar_entry(visit: Mapping[str, Any], language: str, *, invited: str | None = None) -> bytes:
    """Return the visit (an Appointment row) as an iCalendar object in ``language``.

    ``invited`` is the address that it is mailed to: only an invitation of somebody by somebody (RFC 5546, REQUEST) is
    changed and taken out again by Outlook, Google and Apple when the next mail about the visit comes. It asks for no
    answer, since nobody would read one. Without it the entry is for taking over by hand (PUBLISH). Nothing of what the
    patient said stands in it, and it asks to be shown to others as "busy" only: calendars are shared.
    """
    status = Status(visit["status"])
    address, clinic_name = letters.frontend_url(), letters.clinic_name()
    page = f"{address}/patient/appointments/{visit['id']}"
    event = Event()
    event.add("uid", f"visit-{visit['id']}@{urlsplit(address).hostname or 'clinic'}")
    # In hundredths of a second since the booking: each change has a greater one.
    event.add("sequence", max(0, int((visit["updated_at"] - visit["created_at"]).total_seconds() * 100)))
    event.add("dtstamp", visit["updated_at"])
    # In UTC, which needs no description of a time zone; calendars show it in the reader's own.
    event.add("dtstart", visit["starts_at"].astimezone(UTC))
    event.add("dtend", visit["starts_at"].astimezone(UTC) + timedelta(minutes=SLOT_MINUTES))
    event.add("summary", f"{clinic_name}: {letters.person_in(language, visit['doctor']['full_name'])}")
    # Declining an entry cancels nothing, so it says where that is done.
    change = letters.said(language, N_("See, move or cancel it here: %(url)s"), url=page)
    event.add("description", f"{visit['department']['name']}\n{change}")
    if visit["room"] is not None:
        number, floor = str(visit["room"]["room_number"]), str(visit["room"]["floor"])
        room = letters.said(language, N_("room %(room)s, floor %(floor)s"), room=number, floor=floor)
        event.add("location", f"{clinic_name}, {room}")
    event.add("url", page)
    event.add("status", _STATUS[status])
    event.add("class", "PRIVATE")
    if invited is not None:
        _invite(event, invited)
    calendar = Calendar()
    calendar.add("prodid", "-//clinic portal//visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", _method(status, invited is not None))
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _method(status: Status, invited: bool) -> str:
    if status is Status.CANCELLED:
        return "CANCEL"
    return "REQUEST" if invited else "PUBLISH"


def _invite(event: Event, invited: str) -> None:
    """Name the clinic as the organizer and the patient as somebody who has said yes already."""
    organizer = vCalAddress(f"mailto:{letters.sender_address()}")
    organizer.params["CN"] = letters.clinic_name()
    event.add("organizer", organizer)
    attendee = vCalAddress(f"mailto:{invited}")
    attendee.params.update(ROLE="REQ-PARTICIPANT", PARTSTAT="ACCEPTED", RSVP="FALSE")
    event.add("attendee", attendee)
    # Outlook would offer to propose another time otherwise.
    event.add("x-microsoft-disallow-counter", "TRUE")
