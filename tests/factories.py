"""Rows for tests, written straight into the tables: past visits can't be made by commands. All need an application
context; each answers the new row's id. For rows in masses: `add_all([patient_row("Mai"), ...])`, `visits`, `records`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any

from clinic import clock
from clinic.accounts.models import NO_PASSWORD, Patient, User
from clinic.accounts.passwords import hash_password
from clinic.audit import AuditAction, AuditEvent
from clinic.db import session, transaction
from clinic.directory.models import Department, Doctor, Room, Service
from clinic.mail import MailStatus, OutboxMail
from clinic.policy import Duty, Role, is_staff
from clinic.records.models import MedicalRecord, RecordRevision
from clinic.scheduling.calendar import SLOT_TIMES
from clinic.scheduling.calendar_models import Closure, DoctorHours, ExtraHours, SlotHold, VisitToSettle
from clinic.scheduling.lifecycle import AppointmentStatus
from clinic.scheduling.models import Appointment, AppointmentEvent, DoctorLeave, EventType, NoteRevision

PASSWORD = "Clinic-demo-2026"
#: Counted on from those of the cast.
_numbers = count(101)


@cache
def password_hash() -> str:
    """The hash of PASSWORD, made once: hashing is slow on purpose."""
    return hash_password(PASSWORD)


def add_all(rows: Sequence[Any]) -> list[int]:
    """Write rows in one transaction, by few statements however many rows there are."""
    with transaction() as session:
        session.add_all(rows)
        session.flush()
        return [int(getattr(row, "id", None) or row.user_id) for row in rows]


def _add(row: Any) -> int:
    return add_all([row])[0]


def user_row(full_name: str, email: str, role: Role, **more: Any) -> User:
    """A user with the password PASSWORD, not written yet."""
    if role is Role.ADMIN:
        more.setdefault("duties", list(Duty))
    return User(
        full_name=full_name,
        email=email,
        role=role,
        is_staff=is_staff(role),
        **{"phone_num": "0901234567", "password_hash": password_hash(), **more},
    )


def user(full_name: str, email: str, role: Role, **more: Any) -> int:
    """A user with the password PASSWORD."""
    return _add(user_row(full_name, email, role, **more))


def patient_row(full_name: str, email: str | None = None, *, gender: str = "female", **more: Any) -> Patient:
    """A patient with the user, not written yet."""
    owner = user_row(full_name, email or f"patient{next(_numbers)}@example.com", Role.PATIENT, **more)
    return Patient(user=owner, date_of_birth=date(1990, 5, 17), gender=gender, address="12 Lê Lợi, Quận 1")


def patient_without_email(full_name: str, **more: Any) -> int:
    """A patient whom reception admitted: they have no e-mail and can't sign in."""
    row = patient_row(full_name, **more)
    row.user.email = None
    return _add(row)


def patient(full_name: str, email: str | None = None, *, gender: str = "female", **more: Any) -> int:
    """A patient."""
    return _add(patient_row(full_name, email, gender=gender, **more))


def doctor_row(
    full_name: str,
    email: str | None = None,
    *,
    department_id: int,
    room_id: int | None = None,
    rating: str = "4.50",
    **more: Any,
) -> Doctor:
    """A doctor of a department with the user, not written yet."""
    number = next(_numbers)
    content = {
        "license_number": f"L-{number:05d}",
        "title": "Specialist",
        "specialization": "General",
        "bio": "Sees people of all ages.",
        "translations": {"vi": {"title": "Bác sĩ chuyên khoa", "specialization": "Tổng quát"}},
        "experience_years": 9,
        "consultation_fee": Decimal(300000),
        **more,
    }
    owner = user_row(full_name, email or f"doctor{number}@clinic.example", Role.DOCTOR)
    return Doctor(user=owner, department_id=department_id, room_id=room_id, rating=Decimal(rating), **content)


def doctor(
    full_name: str,
    email: str | None = None,
    *,
    department_id: int,
    room_id: int | None = None,
    rating: str = "4.50",
    **more: Any,
) -> int:
    """A doctor of a department."""
    return _add(doctor_row(full_name, email, department_id=department_id, room_id=room_id, rating=rating, **more))


def unused_patient(full_name: str, email: str | None = None) -> int:
    """A patient whom the office admitted: nobody has chosen a password yet."""
    row = patient_row(full_name, password_hash=NO_PASSWORD)
    row.user.email = email
    return _add(row)


def admin(full_name: str, email: str, *duties: Duty) -> int:
    """Somebody of the office with these duties, with every duty where none is named."""
    return user(full_name, email, Role.ADMIN, duties=list(duties or Duty))


def department_row(
    name: str, *, icon: str = "stethoscope", fee: str = "200000", vi: str | None = None, **more: Any
) -> Department:
    """A department with its examination fee, not written yet."""
    return Department(
        name=name,
        icon=icon,
        description=f"All about {name.lower()}.",
        translations={"vi": {"name": vi}} if vi else {},
        health_examination_fee=Decimal(fee),
        **more,
    )


def department(name: str, *, icon: str = "stethoscope", fee: str = "200000", vi: str | None = None, **more: Any) -> int:
    """A department with its examination fee."""
    return _add(department_row(name, icon=icon, fee=fee, vi=vi, **more))


def service_row(name: str, *, department_id: int, price: str = "100000", vi: str | None = None, **more: Any) -> Service:
    """A service of a department with its price, not written yet."""
    translations = {"vi": {"name": vi}} if vi else {}
    return Service(name=name, department_id=department_id, price=Decimal(price), translations=translations, **more)


def service(name: str, *, department_id: int, price: str = "100000", vi: str | None = None, **more: Any) -> int:
    """A service of a department with its price."""
    return _add(service_row(name, department_id=department_id, price=price, vi=vi, **more))


def room_row(number: str, *, floor: int = 1, department_id: int | None = None, **more: Any) -> Room:
    """A room, not written yet."""
    return Room(room_number=number, floor=floor, department_id=department_id, **more)


def room(number: str, *, floor: int = 1, department_id: int | None = None, **more: Any) -> int:
    """A room."""
    return _add(room_row(number, floor=floor, department_id=department_id, **more))


def appointment_row(
    patient_id: int,
    doctor_id: int,
    on: date,
    at: time | str = "09:00",
    *,
    status: AppointmentStatus | str = AppointmentStatus.BOOKED,
    room_id: int | None = None,
    **more: Any,
) -> Appointment:
    """A visit on any day, past ones too, not written yet; `add_visits` does it."""
    whole = Decimal(more.get("estimated_fee", 200000))
    fees = {"estimated_fee": whole, "examination_fee": whole - Decimal(more.get("service_fee") or 0)}
    return Appointment(
        patient_id=patient_id,
        doctor_id=doctor_id,
        department_id=session().get_one(Doctor, doctor_id).department_id,
        room_id=room_id,
        appointment_date=on,
        appointment_time=time.fromisoformat(at) if isinstance(at, str) else at,
        status=AppointmentStatus(status),
        **(fees | {"symptoms": "Palpitations", "reason": "Check-up"} | more),
    )


def add_appointments(rows: Sequence[Appointment]) -> list[int]:
    """Write visits with the first line of their histories; their ``notes`` are the patients'."""
    with transaction() as current:
        numbers = add_all(rows)
        for row in rows:
            author = {"appointment_id": row.id, "by_user_id": row.patient_id, "by_role": str(Role.PATIENT)}
            if row.notes:
                current.add(NoteRevision(**author, version=1, text=row.notes))
            current.add(AppointmentEvent(**author, what=EventType.CREATED, to_status=str(AppointmentStatus.BOOKED)))
        return numbers


def appointment(patient_id: int, doctor_id: int, on: date, at: time | str = "09:00", **more: Any) -> int:
    """A visit with the first line of its history, on any day, past ones too."""
    with transaction():
        return add_appointments([appointment_row(patient_id, doctor_id, on, at, **more)])[0]


def visit_to_settle(appointment_id: int, cause: str = "hours", **more: Any) -> int:
    """An appointment that waits to be settled."""
    return _add(VisitToSettle(appointment_id=appointment_id, cause=cause, **more))


def leave(doctor_id: int, first_day: date, last_day: date) -> int:
    """A doctor's leave, on past days too."""
    return _add(DoctorLeave(doctor_id=doctor_id, first_day=first_day, last_day=last_day))


def doctor_hours(doctor_id: int, from_time: str = "08:00", to_time: str = "17:00") -> None:
    """The same weekly hours of a doctor on each day, without end."""
    start, end = time.fromisoformat(from_time), time.fromisoformat(to_time)
    for weekday in range(1, 8):
        _add(DoctorHours(doctor_id=doctor_id, weekday=weekday, from_time=start, to_time=end))


def extra_hours(doctor_id: int, on: date, from_time: str = "09:00", to_time: str = "11:00") -> int:
    """A doctor's extra hours, on past days too."""
    start, end = time.fromisoformat(from_time), time.fromisoformat(to_time)
    return _add(ExtraHours(doctor_id=doctor_id, day=on, from_time=start, to_time=end))


def closure(first_day: date, last_day: date | None = None, name: str = "Holiday") -> int:
    """Days on which the clinic is closed, past ones too."""
    return _add(Closure(first_day=first_day, last_day=last_day or first_day, name=name))


def hold(appointment_id: int, doctor_id: int, on: date, at: str, until: datetime | None = None) -> int:
    """A slot that is held for an appointment, for an hour unless ``until`` another moment."""
    return _add(
        SlotHold(
            doctor_id=doctor_id,
            appointment_date=on,
            appointment_time=time.fromisoformat(at),
            for_appointment_id=appointment_id,
            until=until or clock.now() + timedelta(hours=1),
        )
    )


def appointments(number: int, patient_id: int, doctor_id: int, *, first_day: date, **more: Any) -> list[int]:
    """So many visits of one patient and doctor, 18 a day from ``first_day`` on."""
    days = [date.fromordinal(first_day.toordinal() + index // len(SLOT_TIMES)) for index in range(number)]
    with transaction():
        return add_appointments(
            [
                appointment_row(patient_id, doctor_id, on, SLOT_TIMES[index % len(SLOT_TIMES)], **more)
                for index, on in enumerate(days)
            ]
        )


def records(appointment_ids: Sequence[int], doctor_id: int, **more: Any) -> list[int]:
    """Medical records of visits with their first revisions."""
    content = {
        "diagnosis": "Stage 1 hypertension",
        "prescription": "Amlodipine 5 mg, one a day",
        "treatment_plan": "Less salt, more walking",
        "notes": None,
        "follow_up_date": None,
        "vital_signs": {"blood_pressure": "148/92", "heart_rate": 81},
        **more,
    }
    with transaction() as current:
        numbers = add_all(
            [
                MedicalRecord(appointment_id=appointment_id, created_by_id=doctor_id, **content)
                for appointment_id in appointment_ids
            ]
        )
        current.add_all(
            RecordRevision(record_id=number, version=1, by_user_id=doctor_id, by_name="Dr Chen", **content)
            for number in numbers
        )
        return numbers


def record(appointment_id: int, doctor_id: int, **more: Any) -> int:
    """A medical record with its first revision."""
    return records([appointment_id], doctor_id, **more)[0]


def given_up_mail(to: str = "gone@example.com", subject: str = "Hello") -> int:
    """A mail that the mail server refused for good."""
    with transaction() as session:
        row = OutboxMail(
            to=to, kind="note", language="en", subject=subject, body="Hello\n", status=MailStatus.FAILED, attempts=1,
            last_error="550 5.1.1 no such mailbox",
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def audit_event(action: AuditAction, who: tuple[int, Role], patient_id: int, **details: Any) -> int:
    """An entry of the trail, of a patient; it has the days and hours of entries about the calendar, and the moment of those
    about backups."""
    actor_id, role = who
    days = {"first_day": "2026-03-02", "last_day": "2026-03-03", "moment": "2026-03-01T03:00:00+00:00"}
    days |= {"day": "2026-03-02", "from_time": "09:00", "to_time": "11:00", "name": "Tet"}
    return _add(
        AuditEvent(
            actor_id=actor_id,
            actor_role=role,
            action=action,
            patient_id=patient_id,
            subject_id=patient_id,
            details=days | details,
        )
    )


def at_clinic(on: date, at: str) -> datetime:
    """The moment of a clinic's day and time."""
    return clock.starts_at(on, time.fromisoformat(at))
