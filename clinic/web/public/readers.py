"""Who reads what the portal keeps about a patient, in the words of the privacy page: one line for each role that the
permissions let read any of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from flask_babel import gettext

from clinic.policy import PERMISSIONS, Action, Role

#: What reads something about a patient; the words below say how far each role goes in these.
READING = (
    Action.SEE_APPOINTMENT,
    Action.READ_STAFF_NOTES,
    Action.READ_REOPENING_REASON,
    Action.READ_RECORD,
    Action.READ_REVISIONS,
    Action.SEE_PATIENTS,
    Action.MANAGE_CLINIC,
)


@dataclass(frozen=True)
class Reader:
    """Who reads, as the patient knows them, and what."""

    who: str
    what: str


def readers() -> list[Reader]:
    """Return a line for each role that reads anything about patients, and one for the other patients, who don't."""
    of_patients = [role for role in Role if any(role in PERMISSIONS[action] for action in READING)]
    nobody = Reader(gettext("Other patients"), gettext("Nothing. They only see that a time is taken."))
    return [*map(_reader, of_patients), nobody]


def _reader(role: Role) -> Reader:
    match role:
        case Role.PATIENT:
            return Reader(gettext("You"), gettext("Everything about you, except earlier versions of a record."))
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
