"""Doctors whom the public books: what a booking needs to know of one, and why another can't be booked at present."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Integer, bindparam, select

from clinic.accounts.models import User
from clinic.db import AnyRow, built_once, row_id, session
from clinic.directory.for_domains import PUBLIC_DOCTOR
from clinic.directory.models import Department, Doctor
from clinic.errors import Conflict, DomainError, InvalidInput
from clinic.i18n import N_, localized
from clinic.scheduling.attendance import Attendance, attendance_of_rows, with_attendance
from clinic.scheduling.rows import BookableDepartment


@dataclass(frozen=True)
class BookableDoctor:
    """What a booking needs to know of a doctor whom the public books."""

    id: int
    full_name: str
    specialization: str
    room_id: int | None
    department: BookableDepartment


_COLUMNS = (
    User.full_name,
    Doctor.specialization,
    Doctor.translations,
    Doctor.room_id,
    Department.id.label("department_id"),
    Department.name,
    Department.translations.label("department_translations"),
    Department.icon,
    Department.health_examination_fee,
)
_of_doctor = (User.id == bindparam("doctor", type_=Integer), *PUBLIC_DOCTOR)
_DOCTOR = built_once(
    select(Doctor.user_id, *_COLUMNS)
    .join(User, User.id == Doctor.user_id)
    .join(Department, Department.id == Doctor.department_id)
    .where(*_of_doctor)
)
_DOCTOR_WITH_ATTENDANCE = built_once(with_attendance(*_COLUMNS).where(*_of_doctor))


def bookable_doctor(doctor_id: int, lang: str = "en") -> BookableDoctor | None:
    """Return a doctor whom the public books, None if there is none of that id."""
    row = session().execute(_DOCTOR, {"doctor": row_id(doctor_id)}).one_or_none()
    return None if row is None else _shaped(row, lang)


def bookable_doctor_on(doctor_id: int, on: date, lang: str = "en") -> tuple[BookableDoctor | None, Attendance]:
    """Return the same with when the doctor sees patients on a day, in one select."""
    rows = session().execute(_DOCTOR_WITH_ATTENDANCE, {"doctor": row_id(doctor_id), "first": on, "last": on}).all()
    if not rows:
        return None, Attendance(closed=True)
    return _shaped(rows[0], lang), attendance_of_rows(rows, closed=False)


def _shaped(row: AnyRow, lang: str) -> BookableDoctor:
    return BookableDoctor(
        row.user_id,
        row.full_name,
        localized(row.specialization, row.translations, "specialization", lang),
        row.room_id,
        {
            "id": row.department_id,
            "name": localized(row.name, row.department_translations, "name", lang),
            "icon": row.icon,
            "health_examination_fee": row.health_examination_fee,
        },
    )


#: The codes of a refusal because no time at all is to be had with a doctor at present.
CLOSED = frozenset({"doctor_unavailable", "department_closed"})


def why_closed(doctor_id: int) -> Conflict | None:
    """Return why nobody can be booked with a doctor at present, None if they can (``closed_refusal``)."""
    return None if bookable_doctor(doctor_id) else closed_refusal(doctor_id)


def closed_refusal(doctor_id: int) -> Conflict:
    """Return the refusal to book a doctor who isn't bookable.

    ``department_closed`` where the doctor's department is switched off, else ``doctor_unavailable``: the doctor is
    switched off, or has not accepted the invitation.
    """
    in_closed = (
        select(Department.id)
        .join(Doctor, Doctor.department_id == Department.id)
        .where(Doctor.user_id == row_id(doctor_id), Department.is_active.is_(False))
    )
    if session().execute(in_closed).first() is not None:
        return Conflict(N_("This department isn't taking bookings at the moment."), code="department_closed")
    return Conflict(N_("This doctor isn't seeing patients at the moment."), code="doctor_unavailable")


def check_department(doctor: BookableDoctor, department_id: int, *, unknown: DomainError) -> None:
    """Refuse a department that isn't the doctor's: ``unknown`` if there is none, else ``InvalidInput`` on ``doctor_id``."""
    if department_id == doctor.department["id"]:
        return
    known = select(Department.id).where(Department.id == row_id(department_id), Department.is_active)
    if session().execute(known).first() is None:
        raise unknown
    raise InvalidInput.of({"doctor_id": [N_("This doctor doesn't work in this department.")]})
