"""What patients are mailed about their appointments, each mail with the appointment as a calendar entry.

A letter tells what was done, as it was then, and is written when it leaves (``clinic.mail``).
Nothing is mailed about an appointment that has begun: who was there, or wasn't, knows more than a mail that comes
afterwards. Nor does a letter leave that tells another day, time or doctor than the appointment has by now, or of one that
was cancelled since; the letter of that change leaves, and a cancellation always.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeAlias

from sqlalchemy import Integer, bindparam, func, select

from clinic import clock, mail, settings
from clinic.accounts.for_domains import uid_of
from clinic.accounts.models import User
from clinic.db import AnyRow, built_once, session
from clinic.directory.models import Room
from clinic.mail import letters
from clinic.policy import Action, Actor, require
from clinic.scheduling import settling
from clinic.scheduling.appointment_facts import AppointmentFacts, RoomFacts, SlotFacts
from clinic.scheduling.lifecycle import AppointmentStatus
from clinic.scheduling.models import Appointment, AppointmentEvent, EventType
from clinic.scheduling.queries import appointment, appointment_rows, shaped, shown_to
from clinic.scheduling.rows import AppointmentRow
from clinic.settings import LinkedPage


@dataclass(frozen=True)
class AppointmentChangeFacts:
    """What a letter tells of a change of an appointment."""

    appointment: AppointmentFacts
    #: Who made it, None for the patient.
    by: str | None
    reason: str | None
    #: When and where it was to be before.
    earlier: SlotFacts | None
    #: Which day and time they know, where that was changed and no letter of it has left.
    last_told: SlotFacts | None = None
    #: With which doctor it was to be before, as far as they know.
    earlier_doctor: str | None = None
    earlier_doctor_id: int = 0
    #: Whether a service that was planned isn't part of it any more.
    service_dropped: bool = False
    #: Whose link to answer stands in the letter, as its address names them.
    answer_uid: str | None = None


@dataclass(frozen=True)
class ManyChangesFacts:
    """Who has changed so many of their appointments that each further change of theirs isn't mailed, and one of these."""

    name: str
    appointment_id: int


AppointmentLetter: TypeAlias = mail.LetterKind[AppointmentChangeFacts]


def _entry(facts: AppointmentChangeFacts, language: str, to: str) -> bytes:
    return _calendar_entry(facts.appointment, language, invited=to)


def _calendar_entry(appointment: AppointmentFacts, language: str, *, invited: str | None = None) -> bytes:
    from clinic.scheduling.calendar_entry import calendar_entry  # noqa: PLC0415 - a server rarely has a use for icalendar

    return calendar_entry(appointment, language, invited=invited)


def _context(facts: AppointmentChangeFacts) -> Mapping[str, object]:
    url = None
    if facts.answer_uid is not None:
        url = settings.link(LinkedPage.VISIT_ANSWER, uid=facts.answer_uid, token=mail.TOKEN_PLACE)
    return {**vars(facts), "answer_url": url}


def _thread(facts: AppointmentChangeFacts) -> str:
    return f"appointment {facts.appointment.id}"


def _is_outdated(facts: AppointmentChangeFacts) -> bool:
    """Return whether an appointment isn't to be when and with whom a letter says, or has begun."""
    planned = facts.appointment
    if planned.starts_at <= clock.now():
        return True
    present = session().execute(_PRESENT, {"appointment": planned.id}).one_or_none()
    if present is None or (present.appointment_date, present.appointment_time) != (planned.date, planned.time):
        return True
    return planned.doctor_id not in {0, present.doctor_id}


def _never(_facts: AppointmentChangeFacts) -> bool:
    return False


#: The day, time and doctor of an appointment that isn't cancelled.
_PRESENT = built_once(
    select(Appointment.appointment_date, Appointment.appointment_time, Appointment.doctor_id).where(
        Appointment.id == bindparam("appointment", type_=Integer), Appointment.status != AppointmentStatus.CANCELLED
    )
)


def _after_unsent(facts: AppointmentChangeFacts, unsent: Sequence[AppointmentChangeFacts]) -> AppointmentChangeFacts:
    """Return what a letter tells whoever doesn't know of the changes before it: since which day, time and doctor they
    don't."""
    facts = _with_known_doctor(facts, unsent)
    if any(each.service_dropped for each in unsent):
        facts = replace(facts, service_dropped=True)
    known = next((each.earlier for each in unsent if _tells_a_move(each)), None)
    if known is None or known.starts_at == facts.appointment.starts_at:
        return facts
    return replace(facts, earlier=known) if _tells_a_move(facts) else replace(facts, last_told=known)


def _with_known_doctor(
    facts: AppointmentChangeFacts, unsent: Sequence[AppointmentChangeFacts]
) -> AppointmentChangeFacts:
    first = next((each for each in unsent if each.earlier_doctor is not None), None)
    if first is None:
        return facts
    present = facts.appointment
    # Two doctors may have one name; what was queued by the version before names no id.
    if first.earlier_doctor_id:
        is_back = first.earlier_doctor_id == present.doctor_id
    else:
        is_back = first.earlier_doctor == present.doctor_name
    known = None if is_back else first.earlier_doctor
    return replace(facts, earlier_doctor=known, earlier_doctor_id=0 if is_back else first.earlier_doctor_id)


def _tells_a_move(facts: AppointmentChangeFacts) -> bool:
    return facts.earlier is not None and facts.earlier.starts_at != facts.appointment.starts_at


def _kind(name: str, *, outdated: Callable[[AppointmentChangeFacts], bool] = _is_outdated) -> AppointmentLetter:
    kind = mail.LetterKind(
        name,
        AppointmentChangeFacts,
        context=_context,
        calendar=_entry,
        thread=_thread,
        outdated=outdated,
        following=_after_unsent,
    )
    return mail.register(kind)


BOOKED = _kind("visit_booked")
CONFIRMED = _kind("visit_confirmed")
RESCHEDULED = _kind("visit_rescheduled")
ROOM_CHANGED = _kind("visit_room_changed")
HANDED_OVER = _kind("visit_handed_over")
CANCELLED = _kind("visit_cancelled", outdated=_never)
MANY_CHANGES = mail.register(mail.LetterKind("visits_many_changes", ManyChangesFacts))
#: What a patient does that is mailed, and within which time it is counted (``most_mails_per_day``).
_MAILED = (EventType.CREATED, EventType.RESCHEDULED, EventType.CANCELLED)
_COUNTED = timedelta(days=1)


def present_slot(appointment: Appointment) -> SlotFacts:
    """Return when and where an appointment is to be at present, for the letter of a change."""
    room = select(Room.id, Room.room_number, Room.floor).where(Room.id == appointment.room_id)
    found = None if appointment.room_id is None else session().execute(room).one_or_none()
    place = None if found is None else RoomFacts(*found)
    return SlotFacts(appointment.appointment_date, appointment.appointment_time, place)


def is_mailed(appointment: AppointmentRow) -> bool:
    """Return whether a change of the appointment (an Appointment row) made now is mailed to its patient."""
    return appointment["patient"]["email"] is not None and not has_begun(appointment)


def has_begun(appointment: AppointmentRow) -> bool:
    """Return whether the appointment (an Appointment row) has begun or should have."""
    return appointment["starts_at"] <= clock.now()


#: An appointment with what a letter about it needs besides: the patient's language, and how often it was changed.
_LETTER = built_once(
    appointment_rows()
    .add_columns(
        select(User.language)
        .where(User.id == Appointment.patient_id)
        .correlate(Appointment)
        .scalar_subquery()
        .label("language"),
        select(func.count())
        .where(AppointmentEvent.appointment_id == Appointment.id)
        .correlate(Appointment)
        .scalar_subquery()
        .label("events"),
    )
    .where(Appointment.id == bindparam("appointment", type_=Integer))
)


def write_to_patient(
    appointment: Appointment,
    kind: AppointmentLetter,
    actor: Actor,
    *,
    reason: str | None = None,
    earlier: SlotFacts | None = None,
    earlier_doctor: tuple[int, str] | None = None,
    service_dropped: bool = False,
) -> AppointmentRow:
    """Queue a letter to the patient in their language about what the actor has done, and return the appointment in the
    actor's.
    """
    session().flush()
    row = session().execute(_LETTER, {"appointment": appointment.id}).one()
    for_patient = shaped(row, row.language)
    if is_mailed(for_patient):
        link = _link_to_answer(actor, kind, for_patient)
        facts = AppointmentChangeFacts(
            AppointmentFacts.of(for_patient, changes=max(0, row.events - 1)),
            _by(actor, row),
            reason=reason,
            earlier=earlier,
            earlier_doctor=earlier_doctor and earlier_doctor[1],
            earlier_doctor_id=earlier_doctor[0] if earlier_doctor else 0,
            service_dropped=service_dropped,
            answer_uid=None if link is None else uid_of(link.user_id),
        )
        _queue(kind, facts, row, by_patient=actor.user_id == row.patient_id, link_id=None if link is None else link.id)
    return shown_to(actor, row)


def _link_to_answer(actor: Actor, kind: AppointmentLetter, appointment: AppointmentRow) -> mail.MailedLink | None:
    """Return the link by which a patient answers to what others have moved or handed over, until it begins."""
    patient_id = appointment["patient"]["id"]
    if kind not in (RESCHEDULED, HANDED_OVER) or actor.user_id == patient_id:
        return None
    lasts = appointment["starts_at"] - clock.now()
    link = mail.new_link(patient_id, mail.LinkPurpose.VISIT_ANSWER, lasts=lasts, about=place_of(appointment))
    settling.note_letter(appointment["id"], link.id)
    return link


def place_of(appointment: AppointmentRow) -> str:
    """Return which appointment it is, when and with whom: what a link to answer is about, and dead once it isn't so."""
    day, at = appointment["appointment_date"], appointment["appointment_time"]
    return f"{appointment['id']}@{day.isoformat()}T{at:%H:%M}/{appointment['doctor']['id']}"


def _queue(
    kind: AppointmentLetter, facts: AppointmentChangeFacts, row: AnyRow, *, by_patient: bool, link_id: int | None
) -> None:
    """Queue a letter, unless the patient has made so many changes in a day that they are told so instead, once.

    Anybody may have registered with that e-mail. What others do is always mailed: the patient doesn't know of it.
    """
    most = settings.current().most_mails_per_day
    above = _changes_lately(row.patient_id) - most if by_patient and most else 0
    if above <= 0:
        mail.queue(kind, facts, to=row.patient_email, language=row.language, link_id=link_id)
    elif above == 1:
        last = ManyChangesFacts(facts.appointment.patient_name, facts.appointment.id)
        mail.queue(MANY_CHANGES, last, to=row.patient_email, language=row.language)


def _changes_lately(user_id: int) -> int:
    """Return how many mailed changes somebody has made within a day, the present one too."""
    lines = select(func.count()).where(
        AppointmentEvent.by_user_id == user_id,
        AppointmentEvent.at > clock.now() - _COUNTED,
        AppointmentEvent.what.in_(_MAILED),
    )
    return session().scalars(lines).one()


def _by(actor: Actor, row: AnyRow) -> str | None:
    """Return by whom the patient is told that it was done, in their language; None for themselves."""
    if actor.user_id == row.patient_id:
        return None
    return actor.full_name if actor.doctor_id is None else letters.doctor_in(row.language, actor.full_name)


def calendar_file(actor: Actor | None, appointment_id: int) -> bytes:
    """Return one of the actor's appointments as an entry for their own calendar; ``NotFound`` if it is not theirs."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    found = appointment(actor, appointment_id)
    return _calendar_entry(AppointmentFacts.of(found, changes=_changes_of(found["id"])), actor.language)


def _changes_of(appointment_id: int) -> int:
    """Return how often the appointment was changed since it was booked, by its history: each change adds one line
    there."""
    lines = select(func.count()).where(AppointmentEvent.appointment_id == appointment_id)
    return max(0, session().scalars(lines).one() - 1)
