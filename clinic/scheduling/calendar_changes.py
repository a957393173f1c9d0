"""One change of hours, closures or leave: which coming appointments it leaves without time, exactly.

A booking holds its doctor's row shared until it has committed, a change locks the rows of all doctors concerned alone
(docs/decisions/0007): whoever books is in the list, or sees the change.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from clinic.errors import Conflict
from clinic.i18n import N_
from clinic.id_lists import among
from clinic.policy import Actor
from clinic.scheduling import settling
from clinic.scheduling.calendar_models import SettlingCause
from clinic.scheduling.models import Appointment
from clinic.scheduling.obstacles import standing
from clinic.scheduling.row_locks import lock_all_doctors, lock_doctors


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
    """Do ``write``, which changes hours, closures or leave of a doctor, or of the clinic, and returns its id.

    What waits to be settled is decided anew (``settling.decide``). ``Conflict`` ``visits_booked``, with their ids in
    ``params["appointments"]``, if others lose their time than the ``expected_count`` that the person was shown; None asks for
    nothing.
    """
    doctors = lock_all_doctors(actor) if doctor_id is None else lock_doctors(actor, doctor_id)
    theirs = among(Appointment.doctor_id, doctors)
    before = standing(theirs)
    number = write()
    lost = settling.decide(actor, before, standing(theirs), because=(cause, number))
    refuse_surprise(lost, expected_count)
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
