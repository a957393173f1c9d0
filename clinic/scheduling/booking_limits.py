"""How much a patient may book themselves: visits to come, in all and with one doctor, and what they book and move in a day.

The clinic sets each number (``BookingRules``), 0 for any; the office books more for anybody. Cancelling is never limited.
"""

from datetime import time

from sqlalchemy import case, func, select

from clinic import clock, settings
from clinic.accounts.models import Patient
from clinic.db import session
from clinic.errors import Conflict
from clinic.i18n import N_
from clinic.policy import Action, Actor, Reach, reach
from clinic.scheduling.models import Appointment, AppointmentEvent, EventType
from clinic.scheduling.queries import not_begun


def refuse_too_many(actor: Actor, patient_id: int, doctor_id: int, *, moves: bool = False) -> None:
    """Raise ``Conflict`` ``too_many_visits`` if this booking, or move, is more than the patient may do themselves.

    In the transaction of the command: whatever else the patient books at the same moment waits for it. A move adds no
    visit, so it only counts for its day.
    """
    rules = settings.current().booking
    if reach(actor, Action.BOOK) is not Reach.OWN or not (
        rules.most_per_day or rules.most_open or rules.most_open_per_doctor
    ):
        return
    _hold_alone(patient_id)
    if rules.most_per_day and _done_today(actor.user_id) >= rules.most_per_day:
        raise _refusal(
            N_("You've booked or moved %(most)d times today. Please call us, or try again tomorrow."),
            rules.most_per_day,
        )
    if moves or not (rules.most_open or rules.most_open_per_doctor):
        return
    in_all, with_doctor = _to_come(patient_id, doctor_id)
    if rules.most_open and in_all >= rules.most_open:
        raise _refusal(
            N_("You already have %(most)d visits to come. Please call us if you need another one."), rules.most_open
        )
    if rules.most_open_per_doctor and with_doctor >= rules.most_open_per_doctor:
        raise _refusal(
            N_("You already have %(most)d visits to come with this doctor. Please call us if you need another one."),
            rules.most_open_per_doctor,
        )


def _refusal(message: str, most: int) -> Conflict:
    return Conflict(message, code="too_many_visits", params={"most": most})


def _hold_alone(patient_id: int) -> None:
    """Let nobody else count this patient's visits until the present transaction ends."""
    held = select(Patient.user_id).where(Patient.user_id == patient_id)
    session().execute(held.with_for_update(key_share=True))


def _done_today(user_id: int) -> int:
    """Return how often somebody has booked or moved a visit on the clinic's present day."""
    begun = clock.starts_at(clock.today(), time())
    counted = select(func.count()).where(
        AppointmentEvent.by_user_id == user_id,
        AppointmentEvent.at >= begun,
        AppointmentEvent.what.in_((EventType.CREATED, EventType.RESCHEDULED)),
    )
    return session().scalar(counted) or 0


def _to_come(patient_id: int, doctor_id: int) -> tuple[int, int]:
    """Return how many open visits to come a patient has, in all and with one doctor."""
    with_doctor = func.count(case((Appointment.doctor_id == doctor_id, 1)))
    found = session().execute(
        select(func.count(), with_doctor).where(Appointment.patient_id == patient_id, *not_begun())
    )
    in_all, of_doctor = found.one()
    return in_all, of_doctor
