"""Whose words an appointment's notes are: the patient's, the clinic's, or a line that a move added.

The API keeps them in one text, ``Appointment.notes``, that clients read and write. Each change of it is a
``NoteRevision`` with its author, and a line belongs to whoever first wrote it; ``shared_out`` says so and is pure.
"""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import select

from clinic.accounts.models import User
from clinic.db import row_id, session
from clinic.errors import InvalidInput
from clinic.i18n import N_
from clinic.policy import Action, Actor, Role, owner_is_known, require
from clinic.scheduling.models import NOTES_STORED_MAX, Appointment, NoteRevision
from clinic.scheduling.scope import scope


@dataclass(frozen=True)
class Revision:
    """How the notes read after one change; without a name and role where the author wasn't kept."""

    text: str
    at: datetime
    by_name: str | None
    by_role: str | None
    is_move: bool = False


@dataclass(frozen=True)
class Passage:
    """What one person wrote into the notes at one time."""

    text: str
    at: datetime
    by_name: str | None
    by_role: str | None


@dataclass(frozen=True)
class SharedNotes:
    """The notes by who wrote them. What moves added is in neither part: the appointment's history tells of moves."""

    patient: list[Passage]
    clinic: list[Passage]
    whole: str
    #: The lines that aren't the clinic's, as they stand.
    others: str

    @property
    def clinic_text(self) -> str:
        """The clinic's part as one text."""
        return "\n".join(passage.text for passage in self.clinic)

    def with_clinic_text(self, text: str) -> str:
        """Return the whole notes with ``text`` for the clinic's part; what the patient and moves wrote stays before it."""
        if text == self.clinic_text:
            return self.whole
        return "\n".join(filter(None, [self.others, text]))


def shared_out(revisions: Sequence[Revision]) -> SharedNotes:
    """Return the latest of ``revisions`` (oldest first) by who wrote which lines."""
    lines: list[tuple[str, Revision]] = []
    for revision in revisions:
        known: dict[str, deque[Revision]] = defaultdict(deque)
        # Of equal lines the clinic's come last, as where its part is written anew (``with_clinic_text``).
        for line, origin in sorted(lines, key=lambda each: _is_clinics(each[1])):
            known[line].append(origin)
        lines = [
            (line, known[line].popleft() if known[line] else revision)
            for line in (revision.text.split("\n") if revision.text else [])
        ]
    return SharedNotes(
        patient=_passages([each for each in lines if _is_patients(each[1])]),
        clinic=_passages([each for each in lines if _is_clinics(each[1])]),
        whole=revisions[-1].text if revisions else "",
        others="\n".join(line for line, origin in lines if not _is_clinics(origin)),
    )


def _is_patients(origin: Revision) -> bool:
    return origin.by_role == Role.PATIENT and not origin.is_move


def _is_clinics(origin: Revision) -> bool:
    return origin.by_role != Role.PATIENT and not origin.is_move


def _passages(lines: Sequence[tuple[str, Revision]]) -> list[Passage]:
    """Return the lines that follow each other and came at once as one passage; empty ones are none."""
    passages = []
    for origin, those in groupby(lines, key=lambda each: each[1]):
        text = "\n".join(line for line, _origin in those)
        if text.strip():
            passages.append(Passage(text, origin.at, origin.by_name, origin.by_role))
    return passages


def notes_of(actor: Actor | None, appointment_id: int) -> SharedNotes:
    """Return the notes of an appointment by who wrote them; nothing where there are none or the appointment is not the
    actor's. What the clinic wrote is left out while it isn't known whose the account is."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    rows = session().execute(
        select(
            NoteRevision.text,
            NoteRevision.at,
            User.full_name.label("by_name"),
            NoteRevision.by_role,
            NoteRevision.is_move,
        )
        .join(Appointment, Appointment.id == NoteRevision.appointment_id)
        .outerjoin(User, User.id == NoteRevision.by_user_id)
        .where(NoteRevision.appointment_id == row_id(appointment_id), *scope(actor, Action.SEE_APPOINTMENT))
        .order_by(NoteRevision.version)
    )
    found = shared_out([Revision(row.text or "", row.at, row.by_name, row.by_role, row.is_move) for row in rows])
    return found if owner_is_known(actor) else SharedNotes(found.patient, [], found.others, found.others)


def keep_notes(appointment: Appointment, actor: Actor, *, is_move: bool = False) -> None:
    """Keep who made the notes of ``appointment`` read as they do from its present version on."""
    session().add(
        NoteRevision(
            appointment_id=appointment.id,
            version=appointment.version,
            by_user_id=actor.user_id,
            by_role=str(actor.role),
            is_move=is_move,
            text=appointment.notes,
        )
    )


def with_move(notes: str | None, why: str) -> str:
    """Return the notes with the line of a move (API, ``.../reschedule/``); refused where they are too full."""
    stored = "\n".join(filter(None, [notes, f"Rescheduled: {why}"]))
    if len(stored) > NOTES_STORED_MAX:
        raise InvalidInput.of(
            {"reason": [N_("The notes of this visit are full. Please move it without a reason, or shorten them.")]}
        )
    return stored
