"""Lists of appointments: which they hold, in which order, by pages; scoped by the actor."""

from datetime import date

from sqlalchemy import ColumnElement, func, select

from clinic import clock
from clinic.accounts.for_domains import of_people
from clinic.accounts.models import Patient, User
from clinic.db import AnySelect, row_id, session
from clinic.directory.models import Department, Doctor
from clinic.errors import InvalidInput, NotFound
from clinic.i18n import N_
from clinic.paging import Keyset, Page, PageRequest, Segment, paginate
from clinic.policy import Action, Actor, Reach, granted, require
from clinic.scheduling.lifecycle import OPEN, AppointmentStatus
from clinic.scheduling.models import Appointment
from clinic.scheduling.queries import NEWEST_DAY_FIRST, appointment_rows, noted, shaped, upcoming
from clinic.scheduling.rows import AppointmentRow
from clinic.scheduling.scope import scope

#: What the list filter ``status`` also takes: booked or confirmed, from today on (API, ``appointments/``).
UPCOMING = "upcoming"
#: And, on pages: all others, past or cancelled; and those of earlier days that nobody completed or cancelled.
PAST, STILL_OPEN = "past", "still_open"
FIRST_PAGE = PageRequest()
#: The orders of lists for people: of what is coming the soonest first, of what is past the latest.
SOONEST_FIRST = (Appointment.appointment_date, Appointment.appointment_time, Appointment.id)
LATEST_FIRST = tuple(column.desc() for column in SOONEST_FIRST)


def appointments(
    actor: Actor | None,
    *,
    status: str | None = None,
    date_from: date | None = None,
    date_to: date | None = None,
    doctor_id: int | None = None,
    patient_id: int | None = None,
    department_id: int | None = None,
    search: str = "",
    page: PageRequest | Keyset | None = FIRST_PAGE,
) -> Page[AppointmentRow]:
    """Return the actor's appointments, newest day first, then by time (API, ``appointments/``).

    By ``Keyset``, as people read them: what is coming soonest first, then what is past, latest first.
    ``status`` is one of ``AppointmentStatus``, ``upcoming``, ``past`` or ``still_open``; ``search`` asks for patients as in
    ``people_search``. The filters by doctor, patient and department are for whoever sees
    all appointments, and left out for others; an unknown one is ``NotFound``.
    """
    actor = require(actor, Action.SEE_APPOINTMENT)
    conditions = [*scope(actor, Action.SEE_APPOINTMENT), *_status_conditions(status)]
    if date_from is not None:
        conditions.append(Appointment.appointment_date >= date_from)
    if date_to is not None:
        conditions.append(Appointment.appointment_date <= date_to)
    if granted(actor, Action.SEE_APPOINTMENT) is Reach.ANY:
        conditions += _office_conditions(doctor_id, patient_id, department_id)
    if search.strip():
        conditions.append(of_people(Appointment.patient_id, search))
    return _paged(actor, conditions, page, _segments(status))


def appointments_with(
    actor: Actor | None, patient_id: int, *, page: PageRequest | Keyset | None
) -> Page[AppointmentRow]:
    """Return the appointments of one patient that the actor may see, in the order of ``appointments``."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    return _paged(
        actor,
        [*scope(actor, Action.SEE_APPOINTMENT), Appointment.patient_id == row_id(patient_id)],
        page,
        _segments(None),
    )


def _segments(status: str | None) -> list[Segment]:
    """Return the order in which people read a list of appointments."""
    if status == UPCOMING:
        return [Segment(SOONEST_FIRST)]
    if status in (PAST, STILL_OPEN):
        return [Segment(LATEST_FIRST)]
    today = clock.today()
    return [
        Segment(SOONEST_FIRST, [Appointment.appointment_date >= today]),
        Segment(LATEST_FIRST, [Appointment.appointment_date < today]),
    ]


def _paged(
    actor: Actor,
    conditions: list[ColumnElement[bool]],
    page: PageRequest | Keyset | None,
    segments: list[Segment],
) -> Page[AppointmentRow]:
    found = paginate(
        appointment_rows(),
        NEWEST_DAY_FIRST,
        page,
        lambda row: shaped(row, actor.language),
        where=conditions,
        within=select(Appointment.id),
        segments=segments,
    )
    noted(actor, found.results)
    return found


def _status_conditions(status: str | None) -> list[ColumnElement[bool]]:
    if status is None:
        return []
    coming = Appointment.appointment_date >= clock.today()
    if status == UPCOMING:
        return upcoming()
    if status == PAST:
        return [Appointment.status.not_in(OPEN) | ~coming]
    if status == STILL_OPEN:
        return [Appointment.status.in_(OPEN), ~coming]
    if status not in list(AppointmentStatus):
        raise InvalidInput.of({"status": [N_("This isn't one of the statuses.")]})
    return [Appointment.status == status]


def _office_conditions(
    doctor_id: int | None, patient_id: int | None, department_id: int | None
) -> list[ColumnElement[bool]]:
    conditions = []
    if doctor_id is not None:
        known = select(Doctor.user_id).join(User, User.id == Doctor.user_id)
        _require_row(known.where(Doctor.user_id == row_id(doctor_id), User.is_active), N_("We can't find this doctor."))
        conditions.append(Appointment.doctor_id == doctor_id)
    if patient_id is not None:
        _require_row(
            select(Patient.user_id).where(Patient.user_id == row_id(patient_id)), N_("We can't find this patient.")
        )
        conditions.append(Appointment.patient_id == patient_id)
    if department_id is not None:
        known_department = select(Department.id).where(Department.id == row_id(department_id), Department.is_active)
        _require_row(known_department, N_("We can't find this department."))
        conditions.append(Appointment.department_id == department_id)
    return conditions


def _require_row(query: AnySelect, message: str) -> None:
    if session().execute(query).first() is None:
        raise NotFound(message)


def count_still_open(actor: Actor | None) -> int:
    """Return how many appointments of earlier days, among those the actor may see, nobody completed or cancelled."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    found = select(func.count(Appointment.id)).where(
        *scope(actor, Action.SEE_APPOINTMENT), *_status_conditions(STILL_OPEN)
    )
    return session().scalar(found) or 0
