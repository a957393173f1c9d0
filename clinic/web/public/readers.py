"""Who reads what the portal keeps about a patient, in the words of the privacy page: one line for each role that the
permissions let read any of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from flask_babel import gettext

from clinic.policy import Action, Role, roles_of

#: What reads something about a patient; the words below say how far each role goes in these.
READING = (
    Action.SEE_APPOINTMENT,
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
        Action.EDIT,
        Action.WRITE_STAFF_NOTES,
        Action.CONFIRM,
        Action.COMPLETE,
        Action.REOPEN,
        Action.ASSIGN_SERVICE,
        Action.WRITE_RECORD,
        Action.TAKE_LEAVE,
        Action.EDIT_PATIENTS,
        Action.MANAGE_ACCOUNTS,
        Action.SEND_MAIL_AGAIN,
    ),
    "reads what the clinic is, or what was said and isn't kept": (
        Action.SEE_ROOMS,
        Action.SEE_DOCTORS_OF_DEPARTMENT,
        Action.ASK_FOR_DEPARTMENT,
        Action.MANAGE_DIRECTORY,
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
    """Return a line for each role that reads anything about patients, and one for the other patients, who don't."""
    of_patients = [role for role in Role if any(role in roles_of(action) for action in READING)]
    nobody = Reader(gettext("Other patients"), gettext("Nothing. They only see that a time is taken."))
    return [*map(_reader, of_patients), nobody]


def _reader(role: Role) -> Reader:
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
            return Reader(
                gettext("Reception"),
                gettext("Your details, all your visits, and your records when their work needs it."),
            )
        case other:
            assert_never(other)
