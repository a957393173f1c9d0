"""Appointments that can't stay as they are: opened by what took their time away, and settled when it is given back."""

from collections.abc import Collection

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from clinic import clock
from clinic.audit import SystemActor
from clinic.db import session, translate_violation
from clinic.id_lists import among
from clinic.policy import Actor
from clinic.scheduling import holds
from clinic.scheduling.calendar_models import SettlingCause, SettlingOutcome, VisitToSettle
from clinic.scheduling.models import Appointment

_ONE_EACH = "uq_visits_to_settle_appointment_id_open"
#: How often it is looked which appointments wait already, when others let them wait in the same moment.
ATTEMPTS = 3
#: What takes an appointment's time away, and may give it back.
_OF_TIME = (SettlingCause.LEAVE, SettlingCause.CLOSURE, SettlingCause.HOURS)


#: Of an appointment whether it waits to be settled.
WAITS = (
    select(VisitToSettle.id)
    .where(VisitToSettle.appointment_id == Appointment.id, VisitToSettle.settled_at.is_(None))
    .exists()
)


def open_for(
    actor: Actor | SystemActor,
    cause: SettlingCause,
    cause_id: int | None,
    appointment_ids: Collection[int],
    *,
    reason: str | None = None,
) -> None:
    """Let these appointments wait to be settled; those that wait already, for whatever cause, go on waiting for that.

    In the transaction of the command that caused it. Most hold the rows of their doctors, but not all: where another cause
    has just let one wait, the index says so, and it is seen then.
    """
    for attempt in reversed(range(ATTEMPTS)):
        waiting = select(VisitToSettle.appointment_id).where(
            among(VisitToSettle.appointment_id, appointment_ids), VisitToSettle.settled_at.is_(None)
        )
        known = set(session().scalars(waiting))
        rows = [
            {
                "appointment_id": each,
                "cause": cause,
                "cause_id": cause_id,
                "opened_by_id": actor.user_id,
                "reason": reason,
            }
            for each in appointment_ids
            if each not in known
        ]
        if not rows:
            return
        try:
            with session().begin_nested():
                session().execute(insert(VisitToSettle), rows)
        except IntegrityError as error:
            if translate_violation(error) != _ONE_EACH or not attempt:
                raise
        else:
            return


def keep(
    actor: Actor | SystemActor, appointment_ids: Collection[int], *, causes: Collection[SettlingCause] = _OF_TIME
) -> None:
    """Settle these appointments, which can stay as they are after all, as kept: those that wait for one of ``causes``."""
    kept = session().scalars(
        update(VisitToSettle)
        .where(
            among(VisitToSettle.appointment_id, appointment_ids),
            VisitToSettle.settled_at.is_(None),
            VisitToSettle.cause.in_(causes),
        )
        .values(outcome=SettlingOutcome.KEPT, settled_at=clock.now(), settled_by_id=actor.user_id)
        .returning(VisitToSettle.appointment_id)
        .execution_options(synchronize_session=False)
    )
    if found := list(kept):
        holds.release(found)


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
        holds.release([appointment_id])
