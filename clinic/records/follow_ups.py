"""Follow-ups: whether a patient who was asked to come again has come, is coming, or should book.

``follow_up_state`` decides; it is pure. Only appointments to the doctor who asked count: what a colleague saw the
patient for may have been something else, and nobody is to be told that a check-up was kept when it wasn't.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import and_, select

from clinic import clock, settings
from clinic.accounts.models import User
from clinic.db import AnyRow, AnySelect, row_id, session
from clinic.directory.for_domains import PUBLIC_DOCTOR
from clinic.directory.models import Department, Doctor
from clinic.i18n import localized
from clinic.id_lists import among
from clinic.policy import Action, Actor, can, signed_in
from clinic.records.access import is_reader
from clinic.records.models import MedicalRecord
from clinic.scheduling import AppointmentStatus
from clinic.scheduling.for_domains import scope
from clinic.scheduling.models import Appointment


class FollowUpState(StrEnum):
    """How a follow-up stands."""

    KEPT = "kept"
    BOOKED = "booked"
    DUE = "due"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class LaterAppointment:
    """An appointment that may be the follow-up; ``attended`` if the patient was seen: it has begun, and was completed or
    has a record.

    ``asks_again`` if its record sets a day of its own.
    """

    appointment_id: int
    starts_at: datetime
    attended: bool
    asks_again: bool = False

    @property
    def on(self) -> date:
        """The clinic's day of the appointment."""
        return clock.local(self.starts_at).date()


@dataclass(frozen=True)
class FollowUp:
    """What a record says of coming again, and what came of it.

    ``appointment`` is the one that kept it, or that is booked for it. ``department_id`` is where the doctor works now.
    """

    appointment_id: int
    seen_on: date
    due: date
    state: FollowUpState
    appointment: LaterAppointment | None
    patient_id: int
    doctor_id: int
    doctor_name: str
    department_id: int
    department_name: str
    #: Whether the doctor still takes bookings.
    bookable: bool

    @property
    def is_open(self) -> bool:
        """Whether the patient has still to book."""
        return self.state in (FollowUpState.DUE, FollowUpState.OVERDUE)

    @property
    def day_to_book(self) -> date | None:
        """The day that was asked for, if it can be booked today."""
        today = clock.today()
        return (
            self.due if today <= self.due <= today + timedelta(days=settings.current().booking.horizon_days) else None
        )

    @property
    def bookable_from(self) -> date | None:
        """From when the day can be booked; None once it can."""
        opens = self.due - timedelta(days=settings.current().booking.horizon_days)
        return opens if opens > clock.today() else None


def counts_from(seen_on: date, due: date) -> date:
    """Return from which day on an appointment counts as the follow-up: from half of the time that was asked for.

    Who comes earlier, comes for something else.

    >>> counts_from(date(2026, 8, 1), date(2026, 8, 29))
    datetime.date(2026, 8, 15)
    """
    return seen_on + (due - seen_on) / 2


def follow_up_state(
    seen_on: date, due: date, later: Iterable[LaterAppointment], today: date
) -> tuple[FollowUpState, LaterAppointment | None]:
    """Return how the follow-up asked for on ``seen_on`` for ``due`` stands, and the appointment that kept it or is
    booked for it.

    ``later`` are the patient's other appointments to that doctor, the cancelled ones left out. An appointment of the
    past that was neither completed nor has a record counts for nothing: nobody knows whether the patient came. An early
    one counts where the doctor set a new day at it, which stands instead.
    """
    from_day = counts_from(seen_on, due)
    since = (each for each in later if each.on > seen_on)
    counted = sorted((each for each in since if each.on >= from_day or (each.attended and each.asks_again)), key=_start)
    for appointment in counted:
        if appointment.attended:
            return FollowUpState.KEPT, appointment
    for appointment in counted:
        if appointment.on >= today:
            return FollowUpState.BOOKED, appointment
    return (FollowUpState.DUE if due >= today else FollowUpState.OVERDUE), None


def _start(appointment: LaterAppointment) -> datetime:
    return appointment.starts_at


def follow_ups_of(
    actor: Actor | None, *, patient_id: int | None = None, appointment_ids: Collection[int] | None = None
) -> list[FollowUp]:
    """Return the follow-ups that the actor's records ask for, by the day they are due; in two statements.

    ``patient_id`` leaves those of one patient, ``appointment_ids`` those that were asked for at these appointments.
    This tells only when somebody is to come again, so it isn't a reading of the record and leaves no entry in the audit
    trail.
    There are none for a role that may not read records and see appointments both.
    """
    actor = signed_in(actor)
    if not (is_reader(actor) and can(actor, Action.SEE_APPOINTMENT)):
        return []
    conditions = [MedicalRecord.follow_up_date.is_not(None), *scope(actor, Action.READ_RECORD)]
    if patient_id is not None:
        conditions.append(Appointment.patient_id == row_id(patient_id))
    if appointment_ids is not None:
        conditions.append(among(Appointment.id, appointment_ids))
    requested = session().execute(_records_with_follow_up().where(*conditions)).all()
    later = _later_appointments(actor, requested) if requested else {}
    found = (_follow_up(row, later.get((row.patient_id, row.doctor_id), []), actor.language) for row in requested)
    return sorted(found, key=lambda each: (each.due, each.appointment_id))


def _records_with_follow_up() -> AnySelect:
    return (
        select(
            Appointment.id,
            Appointment.patient_id,
            Appointment.doctor_id,
            Appointment.appointment_date,
            MedicalRecord.follow_up_date,
            User.full_name.label("doctor_name"),
            Doctor.department_id,
            Department.name.label("department_name"),
            Department.translations.label("department_translations"),
            and_(*PUBLIC_DOCTOR).label("bookable"),
        )
        .join(MedicalRecord, MedicalRecord.appointment_id == Appointment.id)
        .join(Doctor, Doctor.user_id == Appointment.doctor_id)
        .join(User, User.id == Appointment.doctor_id)
        .join(Department, Department.id == Doctor.department_id)
    )


def _later_appointments(actor: Actor, requested: Collection[AnyRow]) -> dict[tuple[int, int], list[LaterAppointment]]:
    """Return the appointments not cancelled of these patients to these doctors that the actor may see, by patient and
    doctor."""
    rows = session().execute(
        select(
            Appointment.id,
            Appointment.patient_id,
            Appointment.doctor_id,
            Appointment.appointment_date,
            Appointment.appointment_time,
            Appointment.status,
            MedicalRecord.id.label("record_id"),
            MedicalRecord.follow_up_date,
        )
        .outerjoin(MedicalRecord, MedicalRecord.appointment_id == Appointment.id)
        .where(
            among(Appointment.patient_id, {row.patient_id for row in requested}),
            among(Appointment.doctor_id, {row.doctor_id for row in requested}),
            Appointment.status != AppointmentStatus.CANCELLED,
            Appointment.appointment_date > min(row.appointment_date for row in requested),
            *scope(actor, Action.SEE_APPOINTMENT),
        )
    )
    appointments = defaultdict(list)
    for row in rows:
        starts_at = clock.starts_at(row.appointment_date, row.appointment_time)
        # A record may be written, and an appointment completed, before it begins; nobody has come back yet then.
        attended = starts_at <= clock.now() and (row.status == AppointmentStatus.COMPLETED or row.record_id is not None)
        asks_again = row.follow_up_date is not None
        appointments[row.patient_id, row.doctor_id].append(LaterAppointment(row.id, starts_at, attended, asks_again))
    return appointments


def _follow_up(row: AnyRow, later: list[LaterAppointment], lang: str) -> FollowUp:
    state, appointment = follow_up_state(row.appointment_date, row.follow_up_date, later, clock.today())
    return FollowUp(
        appointment_id=row.id,
        seen_on=row.appointment_date,
        due=row.follow_up_date,
        state=state,
        appointment=appointment,
        patient_id=row.patient_id,
        doctor_id=row.doctor_id,
        doctor_name=row.doctor_name,
        department_id=row.department_id,
        department_name=localized(row.department_name, row.department_translations, "name", lang) or "",
        bookable=row.bookable,
    )
