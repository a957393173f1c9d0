"""Appointments that can't stay as they are: opened by what took their time away, and settled when it is given back."""

from collections.abc import Collection

from sqlalchemy import func, insert, select, update

from clinic import clock
from clinic.db import session
from clinic.id_lists import among
from clinic.policy import Actor
from clinic.scheduling import holds
from clinic.scheduling.calendar_models import SettlingCause, SettlingOutcome, VisitToSettle

#: What takes an appointment's time away, and may give it back.
_OF_TIME = (SettlingCause.LEAVE, SettlingCause.CLOSURE, SettlingCause.HOURS)


def open_for(
    actor: Actor,
    cause: SettlingCause,
    cause_id: int | None,
    appointment_ids: Collection[int],
    *,
    reason: str | None = None,
) -> None:
    """Let these appointments wait to be settled; those that wait already, for whatever cause, go on waiting for that.

    In the transaction of the command that caused it, which holds the rows of their doctors.
    """
    waiting = select(VisitToSettle.appointment_id).where(
        among(VisitToSettle.appointment_id, appointment_ids), VisitToSettle.settled_at.is_(None)
    )
    known = set(session().scalars(waiting))
    rows = [
        {"appointment_id": each, "cause": cause, "cause_id": cause_id, "opened_by_id": actor.user_id, "reason": reason}
        for each in appointment_ids
        if each not in known
    ]
    if rows:
        session().execute(insert(VisitToSettle), rows)


def keep(actor: Actor, appointment_ids: Collection[int]) -> None:
    """Settle these appointments, whose time was taken away and is there again, as kept."""
    session().execute(
        update(VisitToSettle)
        .where(
            among(VisitToSettle.appointment_id, appointment_ids),
            VisitToSettle.settled_at.is_(None),
            VisitToSettle.cause.in_(_OF_TIME),
        )
        .values(outcome=SettlingOutcome.KEPT, settled_at=clock.now(), settled_by_id=actor.user_id)
        .execution_options(synchronize_session=False)
    )


def note_letter(appointment_id: int, link_id: int) -> None:
    """Note that the patient of an appointment that was settled just now is mailed about it, and by which link they answer."""
    at = clock.now()
    latest = select(func.max(VisitToSettle.id)).where(VisitToSettle.appointment_id == appointment_id).scalar_subquery()
    session().execute(
        update(VisitToSettle)
        .where(
            VisitToSettle.id == latest,
            VisitToSettle.outcome.in_((SettlingOutcome.MOVED, SettlingOutcome.HANDED_OVER)),
            VisitToSettle.link_id.is_(None),
        )
        .values(link_id=link_id, told_at=at)
        .execution_options(synchronize_session=False)
    )


def note_declined(patient_id: int, appointment_id: int) -> None:
    """Note that a patient declined where an appointment was moved or given to; it waits to be settled again."""
    of_appointment = VisitToSettle.appointment_id == appointment_id
    latest = session().scalars(select(VisitToSettle).where(of_appointment).order_by(VisitToSettle.id.desc()).limit(1))
    declined = latest.first() or VisitToSettle(
        appointment_id=appointment_id, cause=SettlingCause.HANDING_OVER, opened_by_id=patient_id
    )
    declined.outcome = SettlingOutcome.DECLINED
    declined.settled_at = declined.settled_at or clock.now()
    session().add(declined)
    session().flush()
    again = VisitToSettle(
        appointment_id=appointment_id,
        cause=declined.cause,
        cause_id=declined.cause_id,
        opened_by_id=patient_id,
        reason=declined.reason,
    )
    session().add(again)
    session().flush()


def note_outcome(actor: Actor, appointment_id: int, outcome: SettlingOutcome) -> None:
    """Settle an appointment, if it waits to be, and free the slots that were held for it.

    In the transaction of the command that moved, handed over, cancelled or completed it, whoever did so and from wherever.
    """
    settled = session().execute(
        update(VisitToSettle)
        .where(VisitToSettle.appointment_id == appointment_id, VisitToSettle.settled_at.is_(None))
        .values(outcome=outcome, settled_at=clock.now(), settled_by_id=actor.user_id)
        .returning(VisitToSettle.id)
        .execution_options(synchronize_session=False)
    )
    if settled.first() is not None:
        holds.release(appointment_id)
