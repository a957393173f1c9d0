"""The day desk of the office: the doctors of a day with their slots, each a visit, free, or closed for a reason.

Why a slot isn't free is what the calendar says (``calendar``, ``day_frame``): nothing is decided here.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from hashlib import blake2s
from itertools import pairwise

from sqlalchemy import Date, Integer, and_, bindparam, func, or_, select

from clinic import audit, clock
from clinic.accounts.models import Patient, User
from clinic.audit import Subject
from clinic.db import AnyRow, AnySelect, built_once, row_id, session
from clinic.directory.for_domains import PUBLIC_DOCTOR
from clinic.directory.models import Department, Doctor, Room
from clinic.errors import NotFound
from clinic.i18n import localized
from clinic.policy import Action, Actor, require
from clinic.scheduling import calendar, holds
from clinic.scheduling.attendance import Attendance, attendance_of_rows, with_attendance
from clinic.scheduling.calendar import HOURS, Moment, SlotStatus
from clinic.scheduling.calendar_models import Closure, SlotHold, VisitToSettle
from clinic.scheduling.day_frame import closed_times
from clinic.scheduling.lifecycle import OPEN, AppointmentStatus, state_of
from clinic.scheduling.models import STANDS, Appointment, ChangedDay, DoctorLeave
from clinic.scheduling.queries import NO_APPOINTMENT
from clinic.scheduling.slots import bookable_days, soonest_for
from clinic.scheduling.spans import Span
from clinic.scheduling.work_list import waiting_ids
from clinic.text.normalization import alphabetical


@dataclass(frozen=True, slots=True)
class DeskAppointment:
    """An appointment as the desk shows it; ``changed_at`` is when it was last written, ``state`` is for ``expected_state``."""

    id: int
    doctor_id: int
    on: date
    at: time
    status: AppointmentStatus
    patient_id: int
    patient_name: str
    patient_phone: str
    born: date
    to_settle: bool
    changed_at: datetime

    @property
    def state(self) -> str:
        """Where it stands."""
        return state_of(self.status, clock.starts_at(self.on, self.at), self.doctor_id)

    @property
    def is_waiting(self) -> bool:
        """Whether it waits to be confirmed; what waits to be settled can't be before."""
        return self.status is AppointmentStatus.BOOKED and not self.to_settle


@dataclass(frozen=True, slots=True)
class DeskBlock:
    """Slots in a row at which a doctor sees nobody, for one reason; ``closure`` is what the clinic is closed for."""

    reason: SlotStatus
    start: time
    end: time
    slots: int
    closure: str = ""


#: What stands at the start of a slot: an appointment, a block, why it can't be booked otherwise, or None where it is free.
Cell = DeskAppointment | DeskBlock | SlotStatus | None


@dataclass(frozen=True)
class DeskDoctor:
    """A doctor's column. ``cells`` has no entry for a slot that belongs to the block above it."""

    id: int
    full_name: str
    department_id: int
    department: str
    room: str | None
    cells: Mapping[time, Cell]
    #: Why each slot can't be booked, None where it can.
    reasons: Mapping[time, SlotStatus | None]

    def free_from(self, at: time) -> list[time]:
        """Return the free slots from a time on."""
        return [each for each, reason in self.reasons.items() if reason is None and each >= at]


@dataclass(frozen=True)
class DayDesk:
    """A day of the clinic, or of one department. ``revision`` is another as soon as any of it is."""

    on: date
    doctors: list[DeskDoctor]
    appointments: list[DeskAppointment]
    cancelled: int
    #: How many appointments can't stay as they are, on whatever day.
    to_settle: int
    revision: str

    @property
    def to_confirm(self) -> list[DeskAppointment]:
        """The appointments that wait to be confirmed, soonest first."""
        return [each for each in self.appointments if each.is_waiting]


_day, _department = bindparam("day", type_=Date), bindparam("department", type_=Integer)
_open = VisitToSettle.settled_at.is_(None)


def _state_select() -> AnySelect:
    """Return the select of what changes with each change of the day's appointments, and with what waits to be settled."""
    waiting = waiting_ids().subquery()
    return select(
        select(func.max(ChangedDay.id)).where(ChangedDay.day == _day).scalar_subquery().label("change"),
        select(func.count(waiting.c.id)).scalar_subquery().label("to_settle"),
        select(func.max(waiting.c.id)).scalar_subquery().label("newest_to_settle"),
    )


_HELD = built_once(
    holds.held(SlotHold.id, SlotHold.doctor_id, SlotHold.appointment_time, where=SlotHold.appointment_date == _day)
)
_VISITS = (
    select(
        Appointment.id,
        Appointment.doctor_id,
        Appointment.appointment_date,
        Appointment.appointment_time,
        Appointment.status,
        Appointment.patient_id,
        User.full_name,
        User.phone_num,
        Patient.date_of_birth,
        VisitToSettle.id.label("to_settle"),
        Appointment.updated_at,
    )
    .join(User, User.id == Appointment.patient_id)
    .join(Patient, Patient.user_id == Appointment.patient_id)
    .outerjoin(VisitToSettle, and_(VisitToSettle.appointment_id == Appointment.id, _open))
)
_CLOSURES = built_once(
    select(Closure.first_day, Closure.last_day, Closure.from_time, Closure.to_time, Closure.name, Closure.translations)
    .where(Closure.first_day <= _day, Closure.last_day >= _day)
    .order_by(Closure.id)
)


@cache
def _doctors_select(*, one_department: bool) -> AnySelect:
    has_visits = select(Appointment.doctor_id).where(Appointment.appointment_date == _day, STANDS)
    return built_once(
        with_attendance(
            User.full_name,
            User.name_key,
            and_(*PUBLIC_DOCTOR).label("is_public"),
            Doctor.department_id,
            Department.name.label("department"),
            Department.translations.label("department_translations"),
            Room.room_number,
        )
        .outerjoin(Room, Room.id == Doctor.room_id)
        .where(
            or_(and_(*PUBLIC_DOCTOR), Doctor.user_id.in_(has_visits)),
            *([Doctor.department_id == _department] if one_department else []),
        )
        .order_by(User.name_key, Doctor.user_id, DoctorLeave.id)
    )


@cache
def _visits_select(*, one_department: bool) -> AnySelect:
    query = _VISITS.where(Appointment.appointment_date == _day)
    if one_department:
        query = query.join(Doctor, Doctor.user_id == Appointment.doctor_id).where(Doctor.department_id == _department)
    return built_once(query.order_by(Appointment.appointment_time, User.name_key, Appointment.id))


_ONE_VISIT = built_once(_VISITS.where(Appointment.id == bindparam("appointment", type_=Integer)))


@dataclass(frozen=True)
class _DayState:
    """All that a day depends on but its appointments, of which it knows the number of the last change."""

    state: AnyRow
    doctors: Sequence[AnyRow]
    held: Sequence[AnyRow]

    def revision(self, on: date) -> str:
        now = clock.local(clock.now())
        slot = calendar.slot_of(now.time()) if now.date() == on else now.date() > on
        rows = [tuple(self.state), *map(tuple, self.doctors), *map(tuple, self.held), slot]
        return blake2s(repr(rows).encode(), digest_size=12).hexdigest()


def _read_state(on: date, department_id: int | None) -> _DayState:
    values = {"day": on, "first": on, "last": on, "department": department_id and row_id(department_id)}
    current = session()
    # The number of the last change comes first: what changes while the rest is read is another revision the next time.
    return _DayState(
        current.execute(_state_select(), values).one(),
        current.execute(_doctors_select(one_department=department_id is not None), values).all(),
        current.execute(_HELD, {"day": on, **holds.held_values()}).all(),
    )


def day_desk_revision(actor: Actor | None, on: date, *, department_id: int | None = None) -> str:
    """Return the ``revision`` that ``day_desk`` would have now, without reading any appointment."""
    require(actor, Action.SEE_APPOINTMENT, own=False)
    return _read_state(on, department_id).revision(on)


def day_desk(
    actor: Actor | None, on: date, *, department_id: int | None = None, shown_at: datetime | None = None
) -> DayDesk:
    """Return the day of all doctors who can be booked or have appointments then, by department and name; of one
    department, if it is named.

    That ``actor`` reads it is noted; of what hasn't changed since ``shown_at``, when the same session was shown this very
    day, it was noted then and isn't again.
    """
    actor = require(actor, Action.SEE_APPOINTMENT, own=False)
    read = _read_state(on, department_id)
    values = {"day": on, "department": department_id and row_id(department_id)}
    rows = session().execute(_visits_select(one_department=department_id is not None), values)
    every = [_visit(row) for row in rows]
    new = (each for each in every if shown_at is None or each.changed_at >= shown_at)
    audit.record_appointments(actor, [Subject(each.id, each.patient_id) for each in new])
    standing = [each for each in every if each.status is not AppointmentStatus.CANCELLED]
    return DayDesk(
        on,
        _columns(actor, on, read, standing),
        standing,
        len(every) - len(standing),
        read.state.to_settle,
        read.revision(on),
    )


def desk_appointment(actor: Actor | None, appointment_id: int) -> DeskAppointment:
    """Return one appointment as the desk shows it; ``NotFound`` if there is none."""
    actor = require(actor, Action.SEE_APPOINTMENT, own=False)
    row = session().execute(_ONE_VISIT, {"appointment": row_id(appointment_id)}).one_or_none()
    if row is None:
        raise NotFound(NO_APPOINTMENT, code="appointment_not_found")
    audit.record_appointments(actor, [Subject(row.id, row.patient_id)])
    return _visit(row)


def _visit(row: AnyRow) -> DeskAppointment:
    number, doctor_id, on, at, status, patient_id, name, phone, born, to_settle, changed_at = row
    return DeskAppointment(
        number,
        doctor_id,
        on,
        at,
        AppointmentStatus(status),
        patient_id,
        name,
        phone,
        born,
        to_settle is not None and status in OPEN and clock.starts_at(on, at) > clock.now(),
        changed_at,
    )


def _columns(actor: Actor, on: date, read: _DayState, appointments: Iterable[DeskAppointment]) -> list[DeskDoctor]:
    booked: dict[int, dict[time, DeskAppointment]] = defaultdict(dict)
    for each in appointments:
        booked[each.doctor_id][each.at] = each
    held: dict[int, set[time]] = defaultdict(set)
    for row in read.held:
        held[row.doctor_id].add(row.appointment_time)
    of_doctor: dict[int, list[AnyRow]] = defaultdict(list)
    for row in read.doctors:
        of_doctor[row.user_id].append(row)
    closures: list[tuple[Span, str]] | None = None
    found = []
    for number, rows in of_doctor.items():
        presence = attendance_of_rows(rows, closed=not rows[0].is_public)
        if presence.closures and closures is None:
            closures = _named_closures(on, actor.language)
        reasons = _reasons(actor, on, presence, {*booked[number], *held[number]})
        cells = _cells(on, presence, booked[number], reasons, closures or ())
        department = localized(rows[0].department, rows[0].department_translations, "name", actor.language)
        found.append(
            DeskDoctor(
                number, rows[0].full_name, rows[0].department_id, department, rows[0].room_number, cells, reasons
            )
        )
    return sorted(found, key=lambda each: (alphabetical(each.department), each.department_id))


def _reasons(actor: Actor, on: date, presence: Attendance, taken: Collection[time]) -> dict[time, SlotStatus | None]:
    slots = calendar.day_slots(
        on,
        now=clock.local(clock.now()),
        taken={(on, at) for at in taken},
        away=presence.of_day,
        soonest=soonest_for(actor),
        last=bookable_days()[-1],
    )
    return {slot.time: slot.reason for slot in slots}


def _cells(
    on: date,
    presence: Attendance,
    booked: Mapping[time, DeskAppointment],
    reasons: Mapping[time, SlotStatus | None],
    closures: Sequence[tuple[Span, str]],
) -> dict[time, Cell]:
    """Return what stands at each slot; closed ones in a row are one block, whether or not they are past."""
    closed = closed_times(presence.frame(on))
    cells: dict[time, Cell] = {}
    begun: DeskBlock | None = None
    for at, end in pairwise(HOURS):
        why = closed.get(at)
        if at in booked or why is None:
            cells[at], begun = booked.get(at, reasons[at]), None
            continue
        closure = _closure_at(Moment(on, at), closures) if why is SlotStatus.CLOSED and not presence.closed else ""
        goes_on = begun is not None and (begun.reason, begun.closure) == (why, closure)
        if begun is None or not goes_on:
            begun = DeskBlock(why, at, end, 1, closure)
        else:
            begun = DeskBlock(why, begun.start, end, begun.slots + 1, closure)
        cells[begun.start] = begun
    return cells


def _named_closures(on: date, lang: str) -> list[tuple[Span, str]]:
    return [
        (
            Span(row.first_day, row.last_day, row.from_time, row.to_time),
            localized(row.name, row.translations, "name", lang),
        )
        for row in session().execute(_CLOSURES, {"day": on})
    ]


def _closure_at(moment: Moment, closures: Iterable[tuple[Span, str]]) -> str:
    return next((name for span, name in closures if span.covers(moment)), "")
