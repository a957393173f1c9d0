"""One change of hours or closures: which coming appointments it leaves without time, exactly.

A booking holds its doctor's row shared until it has committed, a change locks the rows of all doctors concerned alone,
as leave does (docs/decisions/0007): whoever books is in the list, or sees the change.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from clinic.db import AnyRow, session
from clinic.directory.for_domains import keep_new_doctors_out
from clinic.directory.models import Doctor
from clinic.errors import Conflict
from clinic.i18n import N_
from clinic.id_lists import among
from clinic.policy import Actor
from clinic.scheduling import settling
from clinic.scheduling.attendance import attendance
from clinic.scheduling.calendar import Moment
from clinic.scheduling.calendar_models import SettlingCause
from clinic.scheduling.models import Appointment
from clinic.scheduling.queries import not_begun


@dataclass(frozen=True)
class CalendarChange:
    """What was entered, and the coming appointments that it left without time, soonest first: they wait to be settled."""

    id: int
    appointments: list[int]


def change_calendar(
    actor: Actor,
    cause: SettlingCause,
    write: Callable[[], int],
    *,
    doctor_id: int | None = None,
    expected_count: int | None = None,
) -> CalendarChange:
    """Do ``write``, which changes hours or closures of a doctor, or of the clinic, and returns its id.

    Appointments that lose their time wait to be settled, those that have it again are kept. ``Conflict`` ``visits_booked``,
    with their ids in ``params["appointments"]``, if others lose it than the ``expected_count`` that the person was shown;
    None asks for nothing.
    """
    doctors = _locked(doctor_id)
    coming = _coming(doctors)
    before = without_time(coming)
    number = write()
    session().flush()
    after = without_time(coming)
    lost = [row.id for row in coming if row.id in after - before]
    refuse_surprise(lost, expected_count)
    if lost:
        settling.open_for(actor, cause, number, lost)
    if before - after:
        settling.keep(actor, before - after)
    return CalendarChange(number, lost)


def refuse_surprise(lost: Sequence[int], expected_count: int | None) -> None:
    """Refuse where other appointments lose their time than the ``expected_count`` that the person was shown; None asks for
    nothing."""
    if expected_count is not None and expected_count != len(lost):
        raise Conflict(
            N_("Upcoming visits affected: %(count)d. Please check them before you go on."),
            code="visits_booked",
            params={"count": len(lost), "appointments": lost},
            extra={"appointments": lost},
        )


def _locked(doctor_id: int | None) -> Sequence[int]:
    """Return the doctors whom a change is about, their rows locked alone, always in the same order. Where it is about all
    of them, none is added meanwhile."""
    concerned = select(Doctor.user_id).order_by(Doctor.user_id)
    if doctor_id is None:
        keep_new_doctors_out()
    else:
        concerned = concerned.where(Doctor.user_id == doctor_id)
    return session().scalars(concerned.with_for_update()).all()


def _coming(doctor_ids: Collection[int]) -> Sequence[AnyRow]:
    """Return the open appointments to come of these doctors, soonest first."""
    columns = (Appointment.id, Appointment.doctor_id, Appointment.appointment_date, Appointment.appointment_time)
    coming = select(*columns).where(among(Appointment.doctor_id, doctor_ids), *not_begun())
    in_order = (Appointment.appointment_date, Appointment.appointment_time, Appointment.id)
    return session().execute(coming.order_by(*in_order)).all()


def without_time(coming: Sequence[AnyRow]) -> set[int]:
    """Return those of these appointments at whose time nobody could be booked, whoever has booked what."""
    if not coming:
        return set()
    doctors = {row.doctor_id for row in coming}
    present = attendance(doctors, coming[0].appointment_date, coming[-1].appointment_date)
    return {
        row.id
        for row in coming
        if present[row.doctor_id].why_closed(Moment(row.appointment_date, row.appointment_time)) is not None
    }
