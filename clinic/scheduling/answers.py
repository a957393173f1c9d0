"""What a patient answers, by the link in a letter, to an appointment that the clinic has moved or handed over.

Who has the link has the letter, so it shows no more than that said, and opens nothing else. It is dead once the appointment
begins, is elsewhere or with somebody else, or was answered.
"""

from dataclasses import dataclass

from sqlalchemy import select

from clinic import mail
from clinic.accounts.for_domains import user_id_of
from clinic.accounts.models import User
from clinic.db import atomic, session
from clinic.errors import InvalidInput
from clinic.i18n import DEFAULT_LANGUAGE, N_
from clinic.mail import LinkPurpose, MailedLink
from clinic.policy import Actor, Role
from clinic.scheduling import settling
from clinic.scheduling.lifecycle import OPEN
from clinic.scheduling.models import Appointment, AppointmentEvent, EventType
from clinic.scheduling.notifications import has_begun, place_of
from clinic.scheduling.queries import row_of
from clinic.scheduling.rows import AppointmentRow, EventSlot

DEAD_LINK = N_("This link has expired, or the visit has changed since.")


@dataclass(frozen=True)
class Offer:
    """An appointment as the clinic has placed it, where it was before, and the patient who may answer."""

    appointment: AppointmentRow
    before: EventSlot
    #: The patient as far as the link shows that it is them: for this appointment alone, in the language that they read.
    patient: Actor


def offer_by(uid: str, token: str, *, language: str) -> Offer | None:
    """Return what a mailed link offers; None for a dead one."""
    found = _opened(uid, token, language)
    return None if found is None else found[1]


@atomic
def keep_offer(*, uid: str, token: str) -> None:
    """Let a patient say that they come; nothing changes but that this is known. ``InvalidInput`` on ``token`` for a dead
    link."""
    mail.use_link(_to_answer(uid, token)[0])


@atomic
def decline_offer(*, uid: str, token: str) -> None:
    """Let a patient say that they can't come then. The appointment stays, and waits until the office has called them.

    ``InvalidInput`` on ``token`` for a dead link.
    """
    link, offer = _to_answer(uid, token)
    mail.use_link(link)
    settling.note_declined(offer.patient, offer.appointment["id"], link.id)


def _to_answer(uid: str, token: str) -> tuple[MailedLink, Offer]:
    """Return a link that is good and its offer, the appointment locked: of two answers at once the first one counts."""
    found = _opened(uid, token, DEFAULT_LANGUAGE)
    if found is not None:
        locked = select(Appointment.id).where(Appointment.id == found[1].appointment["id"])
        session().execute(locked.with_for_update(key_share=True))
        found = _opened(uid, token, DEFAULT_LANGUAGE)
    if found is None:
        raise InvalidInput(DEAD_LINK, errors={"token": [DEAD_LINK]})
    return found


def _opened(uid: str, token: str, language: str) -> tuple[MailedLink, Offer] | None:
    link = mail.open_link(user_id_of(uid), token, LinkPurpose.VISIT_ANSWER)
    user = None if link is None else session().get(User, link.user_id, populate_existing=True)
    if link is None or link.about is None or user is None or not user.is_active:
        return None
    # Of nobody's session, and not known to be the owner: no record is shown to it.
    patient = Actor(user.id, Role.PATIENT, user.full_name, user.email or "", session_id=0, language=language)
    appointment = row_of(int(link.about.partition("@")[0]), patient)
    before = _before(appointment["id"])
    is_so = place_of(appointment) == link.about and appointment["status"] in OPEN
    if before is None or not is_so or has_begun(appointment):
        return None
    return link, Offer(appointment, before, patient)


def _before(appointment_id: int) -> EventSlot | None:
    """Return where an appointment was before it was last moved or handed over."""
    of_moves = (EventType.RESCHEDULED, EventType.HANDED_OVER)
    latest = (
        select(AppointmentEvent.details)
        .where(AppointmentEvent.appointment_id == appointment_id, AppointmentEvent.what.in_(of_moves))
        .order_by(AppointmentEvent.id.desc())
        .limit(1)
    )
    details = session().scalar(latest)
    return None if details is None else details["from"]
