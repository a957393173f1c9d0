"""Who reads what the portal keeps about a patient, in the words of the privacy page: one line for each role, and for each
duty of the office, that the permissions let read any of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from flask_babel import gettext

from clinic.policy import PERMISSIONS, Action, Duty, Grantee, Role

#: What reads something about a patient; the words below say how far each role and duty goes in these.
READING = (
    Action.SEE_APPOINTMENT,
    Action.SEE_VISITS_TO_SETTLE,
    Action.READ_STAFF_NOTES,
    Action.READ_REOPENING_REASON,
    Action.READ_RECORD,
    Action.READ_REVISIONS,
    Action.SEE_PATIENTS,
    Action.SEE_PEOPLE,
    Action.SEE_OUTBOX,
    Action.SEE_AUDIT_TRAIL,
)
#: What reads nothing about a patient, each group with the reason. An action is in one of the two (tests/web): the author
#: of a new one decides whether the privacy page has to tell it.
NOT_READING = {
    "reads what is the reader's own": (
        Action.SEE_OWN_ACCOUNT,
        Action.SEE_OWN_ACCESS_LOG,
    ),
    "changes something; who does it sees it by one of the permissions above": (
        Action.CHANGE_OWN_ACCOUNT,
        Action.BOOK,
        Action.CANCEL,
        Action.CANCEL_LATE,
        Action.RESCHEDULE,
        Action.HAND_OVER,
        Action.PROPOSE_DOCTOR,
        Action.EDIT,
        Action.WRITE_STAFF_NOTES,
        Action.CONFIRM,
        Action.COMPLETE,
        Action.REOPEN,
        Action.ASSIGN_SERVICE,
        Action.WRITE_RECORD,
        Action.TAKE_LEAVE,
        Action.OPEN_EXTRA_HOURS,
        Action.SETTLE,
        Action.EDIT_PATIENTS,
        Action.MANAGE_ACCOUNTS,
        Action.SEND_MAIL_AGAIN,
    ),
    "reads what the clinic is, or what was said and isn't kept": (
        Action.SEE_ROOMS,
        Action.SEE_DOCTORS_OF_DEPARTMENT,
        Action.ASK_FOR_DEPARTMENT,
        Action.MANAGE_DIRECTORY,
        Action.MANAGE_HOURS,
        Action.MANAGE_SETTINGS,
        Action.SEE_DIRECTORY_LISTS,
        Action.SEE_STATISTICS,
        Action.SEE_SYSTEM,
    ),
}


@dataclass(frozen=True)
class Reader:
    """Who reads, as the patient knows them, and what."""

    who: str
    what: str


def readers() -> list[Reader]:
    """Return a line for whoever reads anything about patients, and one for the other patients, who don't."""
    every: list[Grantee] = [*Role, *Duty]
    reading = [who for who in every if any(who in PERMISSIONS[action] for action in READING)]
    nobody = Reader(gettext("Other patients"), gettext("Nothing. They only see that a time is taken."))
    return [*map(_reader, reading), nobody]


def _reader(who: Grantee) -> Reader:
    return _of_office(who) if isinstance(who, Duty) else _by_role(who)


def _by_role(role: Role) -> Reader:
    match role:
        case Role.PATIENT:
            return Reader(
                gettext("You"),
                gettext("Everything about you, except earlier versions of a record and the notes for colleagues."),
            )
        case Role.DOCTOR:
            return Reader(
                gettext("Your doctors"),
                gettext(
                    "Your details, your visits to them and the records of those visits. Not what you told another doctor."
                ),
            )
        case Role.ADMIN:
            raise LookupError("what all of the office reads about patients has no words yet")
        case other:
            assert_never(other)


def _of_office(duty: Duty) -> Reader:
    """Return what somebody of the office reads who has this duty; who has several reads what each of them does."""
    match duty:
        case Duty.RECEPTION:
            return Reader(
                gettext("Reception"),
                gettext(
                    "Your details, all your visits, the notes for colleagues and the mail we send you. Not your records."
                ),
            )
        case Duty.RECORDS:
            return Reader(
                gettext("Office, for medical records"),
                gettext(
                    "Your details, all your visits and your records with their earlier versions, each time for a reason "
                    "that you can see."
                ),
            )
        case Duty.ACCOUNTS:
            return Reader(
                gettext("Office, for accounts"), gettext("Your details. Not your visits and not your records.")
            )
        case Duty.AUDIT:
            return Reader(
                gettext("Office, for privacy"),
                gettext("The log of who read or changed what about you, and the mail we send you. Not your records."),
            )
        case Duty.CATALOGUE:
            raise LookupError("who looks after the catalogue reads nothing about patients that has words")
        case other:
            assert_never(other)
