"""An appointment as an iCalendar entry (RFC 5545), for a mail or for download. Knows no database."""

from datetime import UTC, datetime, time, timedelta
from typing import assert_never
from urllib.parse import urlsplit

from icalendar import Alarm, Calendar, Event, vCalAddress

from clinic import clock, contact, settings
from clinic.i18n import N_
from clinic.mail import letters
from clinic.scheduling.appointment_facts import AppointmentFacts, RoomFacts
from clinic.scheduling.calendar import SLOT_MINUTES
from clinic.scheduling.lifecycle import OPEN, AppointmentStatus
from clinic.settings import BookingRules, LinkedPage

#: How long before the last moment to cancel online calendars remind of an appointment: there is time to decide, and the
#: day is near.
TIME_TO_DECIDE = timedelta(hours=2)
#: From when to when calendars may ring, and when they do instead of a night: the evening before.
_WAKING, _EVENING = (time(7), time(21)), time(18)


def calendar_entry(appointment: AppointmentFacts, language: str, *, invited: str | None = None) -> bytes:
    """Return the appointment as an iCalendar object in ``language``.

    Its SEQUENCE counts the changes since it was booked: calendars drop an entry that comes with a smaller number than the
    one they have, and some keep it in 32 bits.
    ``invited`` is the address that it is mailed to: only an invitation of somebody by somebody (RFC 5546, REQUEST) is
    changed and taken out again by Outlook, Google and Apple when the next mail about the appointment comes. It asks for
    no answer, since nobody would read one. Without it the entry is for taking over by hand (PUBLISH). Nothing of what
    the patient said stands in it, and it asks to be shown to others as "busy" only: calendars are shared.
    """
    status = AppointmentStatus(appointment.status)
    clinic = settings.current()
    page = settings.link(LinkedPage.APPOINTMENT, appointment_id=appointment.id)
    event = Event()
    event.add("uid", f"visit-{appointment.id}@{urlsplit(clinic.frontend_url).hostname or 'clinic'}")
    event.add("sequence", appointment.changes)
    event.add("dtstamp", appointment.updated_at)
    # In UTC, which needs no description of a time zone; calendars show it in the reader's own.
    event.add("dtstart", appointment.starts_at.astimezone(UTC))
    event.add("dtend", appointment.starts_at.astimezone(UTC) + timedelta(minutes=SLOT_MINUTES))
    event.add("summary", f"{clinic.clinic_name}: {letters.doctor_in(language, appointment.doctor_name)}")
    event.add("description", _description(appointment, language, page))
    event.add(
        "location",
        ", ".join(filter(None, [clinic.clinic_name, _room(appointment.room, language), _address(language)])),
    )
    reached = clinic.contact
    if reached.latitude is not None and reached.longitude is not None:
        event.add("geo", (reached.latitude, reached.longitude))
    event.add("url", page)
    event.add("status", _status(status))
    if status in OPEN:
        event.add_component(_reminder(str(event["summary"]), appointment.starts_at))
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


def _description(appointment: AppointmentFacts, language: str, page: str) -> str:
    """Return the department, where the appointment is changed (declining an entry cancels nothing), and the phone."""
    lines = [
        appointment.department_name,
        letters.translate(language, N_("See, move or cancel your visit here: %(url)s"), url=page),
    ]
    if phone := settings.current().contact.phone:
        lines.append(letters.translate(language, N_("Phone: %(phone)s"), phone=phone))
    return "\n".join(lines)


def _room(room: RoomFacts | None, language: str) -> str:
    if room is None:
        return ""
    return letters.translate(
        language, N_("room %(room)s, floor %(floor)s"), room=room.room_number, floor=str(room.floor)
    )


def _address(language: str) -> str:
    """Return the clinic's address in one line, "" where none was entered."""
    return " ".join(contact.words_in(language, settings.current().contact.address).split())


def reminder_at(starts_at: datetime, rules: BookingRules) -> datetime:
    """Return when calendars remind of an appointment: while it can still be cancelled online, and never at night."""
    latest = clock.local(starts_at - rules.notice - TIME_TO_DECIDE)
    if _WAKING[0] <= latest.time() < _WAKING[1]:
        return latest
    evening = latest.date() - timedelta(days=latest.time() < _WAKING[0])
    return clock.starts_at(evening, _EVENING)


def _reminder(summary: str, starts_at: datetime) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", reminder_at(starts_at, settings.current().booking) - starts_at)
    alarm.add("description", summary)
    return alarm


def _status(status: AppointmentStatus) -> str:
    """Return the status by RFC 5545's word."""
    match status:
        case AppointmentStatus.BOOKED:
            return "TENTATIVE"
        case AppointmentStatus.CONFIRMED | AppointmentStatus.COMPLETED:
            return "CONFIRMED"
        case AppointmentStatus.CANCELLED:
            return "CANCELLED"
        case other:
            assert_never(other)


def _method(status: AppointmentStatus, invited: bool) -> str:
    if status is AppointmentStatus.CANCELLED:
        return "CANCEL"
    return "REQUEST" if invited else "PUBLISH"


def _invite(event: Event, invited: str) -> None:
    """Name the clinic as the organizer and the patient as somebody who has said yes already."""
    organizer = vCalAddress(f"mailto:{settings.current().sender_address}")
    organizer.params["CN"] = settings.current().clinic_name
    event.add("organizer", organizer)
    attendee = vCalAddress(f"mailto:{invited}")
    attendee.params.update(ROLE="REQ-PARTICIPANT", PARTSTAT="ACCEPTED", RSVP="FALSE")
    event.add("attendee", attendee)
    # Outlook would offer to propose another time otherwise.
    event.add("x-microsoft-disallow-counter", "TRUE")
