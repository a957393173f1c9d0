"""The office's changes of a doctor's entry, which ask what appointments are coming before the department changes."""

from sqlalchemy import select

from clinic.accounts.for_domains import locked_person
from clinic.db import atomic, row_id, session
from clinic.directory.for_domains import write_doctor
from clinic.directory.models import Doctor
from clinic.directory.rows import DoctorValues
from clinic.errors import ExpectedVersion, NotFound
from clinic.i18n import N_
from clinic.policy import Action, Actor, require
from clinic.scheduling import settling
from clinic.scheduling.calendar_models import SettlingCause
from clinic.scheduling.models import Appointment
from clinic.scheduling.obstacles import standing
from clinic.scheduling.switching import Dependents, EntryKind, read_dependents, refuse_surprise


def dependents_of_doctor(actor: Actor | None, doctor_id: int) -> Dependents:
    """Return the coming appointments that ``edit_doctor`` asks about; ``NotFound`` if there is no such doctor."""
    actor = require(actor, Action.MANAGE_DIRECTORY)
    number = row_id(doctor_id)
    if session().scalar(select(Doctor.user_id).where(Doctor.user_id == number)) is None:
        raise NotFound(N_("We can't find this doctor."))
    return read_dependents(actor, EntryKind.ACCOUNT, number)


@atomic
def edit_doctor(
    actor: Actor | None,
    doctor_id: int,
    values: DoctorValues,
    *,
    expected_count: int = 0,
    expected_version: ExpectedVersion = None,
) -> None:
    """Change a doctor's entry (the values of ``directory.invite_doctor``).

    Moving them to another department while appointments are coming asks for ``expected_count``, as ``switch`` does.
    ``Stale`` if their profile was changed since ``expected_version``.
    """
    actor = require(actor, Action.MANAGE_DIRECTORY)
    number = row_id(doctor_id)
    # The account first, then the doctor, as everywhere: two who lock both never wait for each other.
    locked_person(number)
    present = session().scalar(select(Doctor.department_id).where(Doctor.user_id == number).with_for_update())
    if present is None:
        raise NotFound(N_("We can't find this doctor."))
    if values.get("department_id") not in (None, present):
        refuse_surprise(EntryKind.ACCOUNT, number, expected_count)
    theirs = Appointment.doctor_id == number
    before = standing(theirs)
    write_doctor(actor, number, values, expected_version)
    settling.decide(actor, before, standing(theirs), because=(SettlingCause.SWITCHED_OFF, number))
