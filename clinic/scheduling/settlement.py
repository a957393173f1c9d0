"""Settling appointments that can't stay as they are: many at once, each on its own, each patient told once.

The commands that move, hand over and cancel do it, with their rules, history and letters; here is only what is done to which.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import assert_never

from sqlalchemy import func, select, update

from clinic import clock
from clinic.db import atomic, row_id, session
from clinic.errors import DomainError, InvalidInput
from clinic.i18n import N_
from clinic.id_lists import among
from clinic.policy import Action, Actor, require
from clinic.scheduling import settling
from clinic.scheduling.calendar_models import SettlingOutcome, VisitToSettle
from clinic.scheduling.handing_over import hand_over
from clinic.scheduling.models import REASON_MAX, Appointment
from clinic.scheduling.notifications import is_mailed
from clinic.scheduling.queries import row_of
from clinic.scheduling.row_locks import hold_doctors
from clinic.scheduling.rows import AppointmentRow
from clinic.scheduling.service import cancel, load_appointment, reschedule
from clinic.text.validation import ValidationErrors


class Way(StrEnum):
    """What is done to an appointment that waits."""

    MOVE = "move"  # to a slot of its doctor or, handed over, of another
    CANCEL = "cancel"
    KEEP = "keep"  # it stays as it was booked


@dataclass(frozen=True)
class Choice:
    """What is to become of one appointment: ``MOVE`` needs a doctor, a day and a time. ``by_phone`` is that its patient was
    told on the phone."""

    appointment_id: int
    way: Way
    doctor_id: int | None = None
    on: date | None = None
    at: time | None = None
    by_phone: bool = False
    expected_state: str | None = None


@dataclass
class Settlement:
    """What became of the choices: appointments that are settled, those that somebody had settled already, and those for which
    something else is to be chosen, each with the refusal."""

    settled: list[AppointmentRow] = field(default_factory=list)
    already: list[int] = field(default_factory=list)
    choose_again: dict[int, DomainError] = field(default_factory=dict)


@atomic
def settle(actor: Actor | None, choices: Sequence[Choice], *, reason: str | None = "") -> Settlement:
    """Do to each appointment what is chosen for it (the office), all for one ``reason``, which the patients read.

    Each on its own: what was taken meanwhile is to be chosen again, the rest is done. What waits no longer is left as it is:
    who presses twice, or presses what a colleague has pressed, changes nothing and tells nobody twice. ``InvalidInput`` on
    ``reason``.
    """
    actor, why = require(actor, Action.SETTLE), _checked(reason)
    # The doctors first, in the order of their ids, and then the appointments in that of theirs: as everybody who locks several.
    hold_doctors(actor, _doctors_in(choices))
    done = Settlement()
    for choice in sorted(choices, key=lambda choice: choice.appointment_id):
        try:
            with session().begin_nested():
                row = _settle_one(actor, choice, why)
        except DomainError as refusal:
            done.choose_again[choice.appointment_id] = refusal
        else:
            if row is None:
                done.already.append(choice.appointment_id)
            else:
                done.settled.append(row)
    return done


def _checked(reason: str | None) -> str | None:
    errors = ValidationErrors()
    why = errors.text("reason", reason, most=REASON_MAX) or None
    errors.raise_if_any()
    return why


def _doctors_in(choices: Collection[Choice]) -> set[int]:
    """Return the doctors who have these appointments, and who are to have them."""
    ids = [row_id(each.appointment_id) for each in choices]
    of_now = select(Appointment.doctor_id).where(among(Appointment.id, ids))
    return {*session().scalars(of_now), *(row_id(each.doctor_id) for each in choices if each.doctor_id is not None)}


def _settle_one(actor: Actor, choice: Choice, why: str | None) -> AppointmentRow | None:
    """Settle one appointment and return it; None if it doesn't wait any more."""
    _, appointment = load_appointment(actor, Action.SETTLE, choice.appointment_id)
    waiting = select(VisitToSettle.id).where(
        VisitToSettle.appointment_id == appointment.id, VisitToSettle.settled_at.is_(None)
    )
    number = session().scalar(waiting)
    if number is None:
        return None
    row = _do(actor, appointment, choice, why)
    is_known = choice.by_phone or (choice.way is not Way.KEEP and is_mailed(row))
    _write_down(number, why, clock.now() if is_known else None)
    return row


def _do(actor: Actor, appointment: Appointment, choice: Choice, why: str | None) -> AppointmentRow:
    number, state = appointment.id, choice.expected_state
    match choice.way:
        case Way.KEEP:
            settling.note_outcome(actor, number, SettlingOutcome.KEPT)
            return row_of(number, actor)
        case Way.CANCEL:
            return cancel(actor, number, why, expected_state=state)
        case Way.MOVE:
            if choice.doctor_id is None or choice.on is None or choice.at is None:
                raise InvalidInput.of({"new_time": [N_("Please choose a day and a time.")]})
            if choice.doctor_id == appointment.doctor_id:
                return reschedule(actor, number, on=choice.on, at=choice.at, reason=why, expected_state=state)
            return hand_over(
                actor,
                number,
                doctor_id=choice.doctor_id,
                on=choice.on,
                at=choice.at,
                reason=why,
                expected_state=state,
            )
        case other:
            assert_never(other)


def _write_down(number: int, why: str | None, told_at: datetime | None) -> None:
    """Note why an appointment was settled, and when its patient was told."""
    session().execute(
        update(VisitToSettle)
        .where(VisitToSettle.id == number)
        .values(reason=func.coalesce(why, VisitToSettle.reason), told_at=func.coalesce(VisitToSettle.told_at, told_at))
        .execution_options(synchronize_session=False)
    )
