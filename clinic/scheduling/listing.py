"""Lists of appointments: which they hold, in which order, by pages; scoped by the actor."""

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, bindparam, func, select

from clinic.accounts.for_domains import LookedUp, look_up, of_people
from clinic.accounts.models import Patient, User
from clinic.db import AnySelect, row_id, session
from clinic.directory.models import Department, Doctor
from clinic.errors import InvalidInput, NotFound
from clinic.i18n import N_
from clinic.paging import Keyset, Listing, Page, PageRequest, Segment
from clinic.policy import Action, Actor, Reach, Role, granted, require
from clinic.scheduling.lifecycle import OPEN, AppointmentStatus
from clinic.scheduling.models import Appointment
from clinic.scheduling.queries import FROM_TODAY, NEWEST_DAY_FIRST, appointment_rows, noted, shown_to, upcoming
from clinic.scheduling.rows import AppointmentRow
from clinic.scheduling.scope import limited_as, scope, scope_of

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
    found: LookedUp | None = None,
    page: PageRequest | Keyset | None = FIRST_PAGE,
) -> Page[AppointmentRow]:
    """Return the actor's appointments, newest day first, then by time (API, ``appointments/``).

    By ``Keyset``, as people read them: what is coming soonest first, then what is past, latest first.
    ``status`` is one of ``AppointmentStatus``, ``upcoming``, ``past`` or ``still_open``; ``search`` asks for patients as in
    ``people_search``, ``found`` is what came of that already. The filters by doctor, patient and department are for whoever sees
    all appointments, and left out for others; an unknown one is ``NotFound``.
    """
    actor = require(actor, Action.SEE_APPOINTMENT)
    given: dict[str, Any] = {"date_from": date_from, "date_to": date_to}
    if granted(actor, Action.SEE_APPOINTMENT) is Reach.ANY:
        _require_known(doctor_id, patient_id, department_id)
        given |= {"doctor_id": doctor_id, "patient_id": patient_id, "department_id": department_id}
    return _listed(actor, status, given, found or search.strip(), page)


def appointments_with(
    actor: Actor | None, patient_id: int, *, page: PageRequest | Keyset | None
) -> Page[AppointmentRow]:
    """Return the appointments of one patient that the actor may see, in the order of ``appointments``."""
    actor = require(actor, Action.SEE_APPOINTMENT)
    return _listed(actor, None, {"patient_id": row_id(patient_id)}, "", page)


def _listed(
    actor: Actor,
    status: str | None,
    given: dict[str, Any],
    search: str | LookedUp,
    page: PageRequest | Keyset | None,
) -> Page[AppointmentRow]:
    """Return a page of the appointments that the actor may see, filtered by what of ``given`` isn't None, and by ``search``."""
    filters = {name: value for name, value in given.items() if value is not None}
    limited = limited_as(actor, Action.SEE_APPOINTMENT)
    if search:
        known = search if isinstance(search, LookedUp) else look_up(search)
        people = of_people(Appointment.patient_id, known)
        listing = _listing(limited, status, tuple(filters), [people], kept=False, along=known.ids is not None)
    else:
        listing = _listing_of(limited, status, tuple(filters))
    found = listing.page(page, lambda row: shown_to(actor, row), {"actor": actor.user_id, **filters})
    noted(actor, found.results)
    return found


@lru_cache(maxsize=200)
def _listing_of(limited: Role | None, status: str | None, filters: tuple[str, ...]) -> Listing:
    return _listing(limited, status, filters)


def _listing(
    limited: Role | None,
    status: str | None,
    filters: tuple[str, ...],
    more: Collection[ColumnElement[bool]] = (),
    *,
    kept: bool = True,
    along: bool = False,
) -> Listing:
    """Return the list of appointments by its filters; the values of these are its parameters."""
    conditions = [*scope_of(limited), *_status_conditions(status), *(_FILTERS[name] for name in filters), *more]
    return Listing(
        appointment_rows(),
        NEWEST_DAY_FIRST,
        where=conditions,
        within=select(Appointment.id),
        segments=_segments(status),
        kept=kept,
        along=along,
    )


#: What a list can be filtered by, each with its parameter.
_FILTERS = {
    "date_from": Appointment.appointment_date >= bindparam("date_from", type_=Date),
    "date_to": Appointment.appointment_date <= bindparam("date_to", type_=Date),
    "doctor_id": Appointment.doctor_id == bindparam("doctor_id", type_=Integer),
    "patient_id": Appointment.patient_id == bindparam("patient_id", type_=Integer),
    "department_id": Appointment.department_id == bindparam("department_id", type_=Integer),
}


def _segments(status: str | None) -> list[Segment]:
    """Return the order in which people read a list of appointments."""
    if status == UPCOMING:
        return [Segment(SOONEST_FIRST)]
    if status in (PAST, STILL_OPEN):
        return [Segment(LATEST_FIRST)]
    return [Segment(SOONEST_FIRST, [FROM_TODAY]), Segment(LATEST_FIRST, [~FROM_TODAY])]


def _status_conditions(status: str | None) -> list[ColumnElement[bool]]:
    if status is None:
        return []
    if status == UPCOMING:
        return upcoming()
    if status == PAST:
        return [Appointment.status.not_in(OPEN) | ~FROM_TODAY]
    if status == STILL_OPEN:
        return [Appointment.status.in_(OPEN), ~FROM_TODAY]
    if status not in list(AppointmentStatus):
        raise InvalidInput.of({"status": [N_("This isn't one of the statuses.")]})
    return [Appointment.status == status]


def _require_known(doctor_id: int | None, patient_id: int | None, department_id: int | None) -> None:
    """Refuse to filter by whom or what there isn't (``NotFound``)."""
    if doctor_id is not None:
        known = select(Doctor.user_id).join(User, User.id == Doctor.user_id)
        _require_row(known.where(Doctor.user_id == row_id(doctor_id), User.is_active), N_("We can't find this doctor."))
    if patient_id is not None:
        _require_row(
            select(Patient.user_id).where(Patient.user_id == row_id(patient_id)), N_("We can't find this patient.")
        )
    if department_id is not None:
        known_department = select(Department.id).where(Department.id == row_id(department_id), Department.is_active)
        _require_row(known_department, N_("We can't find this department."))


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
