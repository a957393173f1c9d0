"""Appointments that can't stay as they are: opened by what took their time away, and settled when it is given back."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping
from typing import TypeAlias

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from clinic import clock
from clinic.audit import SystemActor
from clinic.db import AnyRow, atomic, session, translate_violation
from clinic.id_lists import among
from clinic.policy import Actor
from clinic.scheduling import holds
from clinic.scheduling.calendar_models import SettlingCause, SettlingOutcome, VisitToSettle
from clinic.scheduling.models import Appointment
from clinic.scheduling.obstacles import Obstacle, Standing, foremost
from clinic.scheduling.queries import not_begun

_ONE_EACH = "uq_visits_to_settle_appointment_id_open"
#: How often it is looked which appointments wait already, when others let them wait in the same moment.
ATTEMPTS = 3
#: Why an appointment waits, and the id of what is behind it (``VisitToSettle.cause_id``).
Cause: TypeAlias = tuple[SettlingCause, int | None]


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


def decide(
    actor: Actor | SystemActor,
    before: Mapping[int, Standing],
    after: Mapping[int, Standing],
    *,
    because: Cause | None = None,
) -> list[int]:
    """Let wait what can't stay as it is since a change, and return it, soonest first; keep what can, and has waited.

    ``before`` and ``after`` the change are the same appointments with their obstacles (``obstacles.standing``). Whatever
    closes, opens, keeps or reopens asks this, with the doctors' rows held: what waits follows from what holds now, not from
    what one command knows of. An obstacle that was there before is known: what somebody has kept all the same isn't listed
    again for it, but for any other. ``because`` is the cause that is named; without it each appointment's foremost obstacle.
    """
    waiting = _waiting(after)
    lost, kept, named = [], [], _Named()
    for number, stands in after.items():
        known = before[number].obstacles if number in before else frozenset[Obstacle]()
        row = waiting.get(number)
        if row is None or row.cause == SettlingCause.HANDING_OVER:
            if stands.obstacles - known:
                lost.append(number)
        elif stands.obstacles:
            if known - stands.obstacles:  # one of several causes is gone, perhaps the one that was named
                named.add(number, named.foremost(stands))
        elif not known or row.last_outcome == SettlingOutcome.DECLINED:
            continue  # it never waited for what is closed: its patient declined, and is to be called
        elif row.proposed_at is not None:
            named.add(number, (SettlingCause.HANDING_OVER, row.proposed_doctor_id))
        else:
            kept.append(number)
    for number in lost:
        named.add(number, because or named.foremost(after[number]))
    named.write(actor, {*lost} - waiting.keys())
    if kept:
        _keep(actor, kept)
    return lost


def _waiting(appointment_ids: Collection[int]) -> Mapping[int, AnyRow]:
    """Return the open rows of these appointments, each with what became of the one before it."""
    if not appointment_ids:
        return {}
    earlier = aliased(VisitToSettle)
    last_outcome = (
        select(earlier.outcome)
        .where(earlier.appointment_id == VisitToSettle.appointment_id, earlier.settled_at.is_not(None))
        .order_by(earlier.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = select(
        VisitToSettle.appointment_id,
        VisitToSettle.cause,
        VisitToSettle.proposed_at,
        VisitToSettle.proposed_doctor_id,
        last_outcome.label("last_outcome"),
    ).where(among(VisitToSettle.appointment_id, appointment_ids), VisitToSettle.settled_at.is_(None))
    return {row.appointment_id: row for row in session().execute(rows)}


class _Named:
    """Which cause is to be named of which appointments; written in a statement or two for each cause."""

    def __init__(self) -> None:
        self._appointments: dict[Cause, list[int]] = defaultdict(list)
        self._foremost: dict[Hashable, Cause] = {}

    def foremost(self, stands: Standing) -> Cause:
        """Return the cause that is named of an appointment, looked up once for all that have the same obstacles."""
        alike = (stands.doctor_id, stands.obstacles)
        if alike not in self._foremost:
            self._foremost[alike] = foremost(stands)
        return self._foremost[alike]

    def add(self, number: int, cause: Cause) -> None:
        self._appointments[cause].append(number)

    def write(self, actor: Actor | SystemActor, new: Collection[int]) -> None:
        """Let the ``new`` ones wait, and give the others, which wait already, this cause."""
        for (cause, cause_id), ids in self._appointments.items():
            if opened := [each for each in ids if each in new]:
                open_for(actor, cause, cause_id, opened)
            if renamed := [each for each in ids if each not in new]:
                session().execute(
                    update(VisitToSettle)
                    .where(among(VisitToSettle.appointment_id, renamed), VisitToSettle.settled_at.is_(None))
                    .values(cause=cause, cause_id=cause_id)
                    .execution_options(synchronize_session=False)
                )


def _keep(actor: Actor | SystemActor, appointment_ids: Collection[int]) -> None:
    """Settle these appointments, which can stay as they are after all, as kept, and free what was held for them."""
    session().execute(
        update(VisitToSettle)
        .where(among(VisitToSettle.appointment_id, appointment_ids), VisitToSettle.settled_at.is_(None))
        .values(outcome=SettlingOutcome.KEPT, settled_at=clock.now(), settled_by_id=actor.user_id)
        .execution_options(synchronize_session=False)
    )
    holds.release(appointment_ids)


def propose(actor: Actor, appointment_id: int, doctor_id: int | None, reason: str | None) -> None:
    """Let an appointment wait because its doctor asks for another one, or note that of what waits for something else; a second
    proposal is none. Its doctor's row is held."""
    waiting = _waiting([appointment_id]).get(appointment_id)
    if waiting is None:
        open_for(actor, SettlingCause.HANDING_OVER, doctor_id, [appointment_id], reason=reason)
    elif waiting.proposed_at is not None:
        return
    session().execute(
        update(VisitToSettle)
        .where(VisitToSettle.appointment_id == appointment_id, VisitToSettle.settled_at.is_(None))
        .values(
            proposed_doctor_id=doctor_id,
            proposed_at=clock.now(),
            reason=func.coalesce(reason, VisitToSettle.reason),
        )
        .execution_options(synchronize_session=False)
    )
    if doctor_id is not None:
        holds.release([appointment_id])  # the one who is asked for is proposed first


def note_letter(appointment_id: int, link_id: int) -> None:
    """Note that the patient of an appointment that was settled is mailed about where it is now, and by which link they answer:
    of several letters the last one counts."""
    at = clock.now()
    latest = select(func.max(VisitToSettle.id)).where(VisitToSettle.appointment_id == appointment_id).scalar_subquery()
    session().execute(
        update(VisitToSettle)
        .where(
            VisitToSettle.id == latest,
            VisitToSettle.outcome.in_((SettlingOutcome.MOVED, SettlingOutcome.HANDED_OVER)),
        )
        .values(link_id=link_id, told_at=at)
        .execution_options(synchronize_session=False)
    )


def note_declined(patient: Actor, appointment_id: int, link_id: int) -> None:
    """Note that a patient declined, by this link, where an appointment was moved or given to; it waits to be settled again.

    What was settled otherwise before, and not by the letter that they answer, stays as it was.
    """
    wanted = [
        VisitToSettle.appointment_id == appointment_id,
        VisitToSettle.settled_at.is_(None) | (VisitToSettle.link_id == link_id),
    ]
    latest = session().scalars(select(VisitToSettle).where(*wanted).order_by(VisitToSettle.id.desc()).limit(1))
    declined = latest.first() or VisitToSettle(
        appointment_id=appointment_id, cause=SettlingCause.HANDING_OVER, opened_by_id=patient.user_id
    )
    declined.outcome = SettlingOutcome.DECLINED
    declined.settled_at = declined.settled_at or clock.now()
    session().add(declined)
    session().flush()
    open_for(patient, declined.cause, declined.cause_id, [appointment_id], reason=declined.reason)


@atomic
def settle_begun() -> int:
    """Settle as gone what waits although it has begun, or isn't to be any more; return how many there were."""
    to_come = select(Appointment.id).where(Appointment.id == VisitToSettle.appointment_id, *not_begun())
    gone = session().scalars(
        update(VisitToSettle)
        .where(VisitToSettle.settled_at.is_(None), ~to_come.exists())
        .values(outcome=SettlingOutcome.GONE, settled_at=clock.now())
        .returning(VisitToSettle.appointment_id)
        .execution_options(synchronize_session=False)
    )
    if ids := gone.all():
        holds.release(ids)
    return len(ids)


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
