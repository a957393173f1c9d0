"""What keeps appointments to come from staying as they are: their time is closed, or who or what they need is off."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from clinic.accounts.models import User
from clinic.db import AnyRow, session
from clinic.directory.models import Department, Doctor, Room
from clinic.scheduling.attendance import Attendance, attendance
from clinic.scheduling.calendar import Moment, SlotStatus
from clinic.scheduling.calendar_models import Closure, SettlingCause
from clinic.scheduling.models import Appointment, DoctorLeave
from clinic.scheduling.queries import not_begun
from clinic.scheduling.spans import Span


class Obstacle(NamedTuple):
    """One of the reasons why an appointment can't stay as it is; ``what`` tells it from others of its kind."""

    cause: SettlingCause
    what: Hashable


class Standing(NamedTuple):
    """An appointment to come, its doctor, and what keeps it from staying as it is: nothing, as a rule."""

    id: int
    doctor_id: int
    obstacles: frozenset[Obstacle]


_OfVisit = aliased(Department, name="of_visit")
_COMING = (
    select(
        Appointment.id,
        Appointment.doctor_id,
        Appointment.appointment_date,
        Appointment.appointment_time,
        Appointment.room_id,
        Appointment.department_id,
        Doctor.department_id.label("doctors_department_id"),
        User.is_active.label("doctor_is_on"),
        Department.is_active.label("doctors_department_is_on"),
        _OfVisit.is_active.label("department_is_on"),
        Room.is_active.label("room_is_on"),
    )
    .join(Doctor, Doctor.user_id == Appointment.doctor_id)
    .join(User, User.id == Doctor.user_id)
    .join(Department, Department.id == Doctor.department_id)
    .join(_OfVisit, _OfVisit.id == Appointment.department_id)
    .outerjoin(Room, Room.id == Appointment.room_id)
    .order_by(Appointment.appointment_date, Appointment.appointment_time, Appointment.id)
)


def standing(*which: ColumnElement[bool]) -> Mapping[int, Standing]:
    """Return the open appointments to come of those that are meant, by their ids, soonest first: how each stands now, in two
    selects."""
    session().flush()
    coming = session().execute(_COMING.where(*which, *not_begun())).all()
    if not coming:
        return {}
    present = attendance({row.doctor_id for row in coming}, coming[0].appointment_date, coming[-1].appointment_date)
    return {
        row.id: Standing(row.id, row.doctor_id, frozenset(_obstacles(row, present[row.doctor_id]))) for row in coming
    }


def _obstacles(row: AnyRow, present: Attendance) -> Iterator[Obstacle]:
    if row.room_is_on is False:
        yield Obstacle(SettlingCause.SWITCHED_OFF, ("room", row.room_id))
    if not row.department_is_on:
        yield Obstacle(SettlingCause.SWITCHED_OFF, ("department", row.department_id))
    moment = Moment(row.appointment_date, row.appointment_time)
    if present.why_closed(moment) is None:
        return
    if not row.doctors_department_is_on:
        yield Obstacle(SettlingCause.SWITCHED_OFF, ("department", row.doctors_department_id))
    if not row.doctor_is_on or (present.closed and row.doctors_department_is_on):
        yield Obstacle(SettlingCause.SWITCHED_OFF, ("account", row.doctor_id))
    for status, what in present.closing(moment):
        yield Obstacle(_CAUSES[status], what)


_CAUSES: Mapping[SlotStatus, SettlingCause] = {
    SlotStatus.AWAY: SettlingCause.LEAVE,
    SlotStatus.CLOSED: SettlingCause.CLOSURE,
    SlotStatus.OFF_HOURS: SettlingCause.HOURS,
}
#: Which cause is named where there are several: what is most about the appointment itself.
_FIRST = tuple(SettlingCause)


def foremost(stands: Standing) -> tuple[SettlingCause, int | None]:
    """Return the cause that is named of an appointment with obstacles, and the id of what is behind it
    (``VisitToSettle.cause_id``)."""
    cause, what = min(stands.obstacles, key=lambda each: (_FIRST.index(each.cause), str(each.what)))
    match cause, what:
        case SettlingCause.LEAVE, Span() as span:
            its_own = (DoctorLeave.doctor_id == stands.doctor_id, *_is(DoctorLeave, span))
            return cause, session().scalar(select(DoctorLeave.id).where(*its_own).limit(1))
        case SettlingCause.CLOSURE, Span() as span:
            return cause, session().scalar(select(Closure.id).where(*_is(Closure, span)).limit(1))
        case SettlingCause.SWITCHED_OFF, (_, int(number)):
            return cause, number
        case _:
            return cause, stands.doctor_id


def _is(table: type[DoctorLeave] | type[Closure], span: Span) -> Sequence[ColumnElement[bool]]:
    return (
        table.first_day == span.first_day,
        table.last_day == span.last_day,
        table.from_time.is_not_distinct_from(span.from_time),
        table.to_time.is_not_distinct_from(span.to_time),
    )
