"""Rows for tests, written straight into the tables: past visits can't be made by commands. All need an application
context; each answers the new row's id.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any

from clinic import clock
from clinic.accounts.models import Patient, User
from clinic.accounts.passwords import hash_password
from clinic.db import transaction
from clinic.directory.models import Department, Doctor, Room, Service
from clinic.mail import MailStatus, OutboxMail
from clinic.policy import Role
from clinic.records.models import MedicalRecord, RecordRevision
from clinic.scheduling.calendar import SLOT_TIMES
from clinic.scheduling.lifecycle import Status
from clinic.scheduling.models import Appointment, AppointmentEvent, DoctorLeave, Happening, NoteRevision

PASSWORD = "Clinic-demo-2026"
_numbers = count(1)


@cache
def password_hash() -> str:
    """The hash of PASSWORD, made once: hashing is slow on purpose."""
    return hash_password(PASSWORD)


def _add(row: Any) -> int:
    with transaction() as session:
        session.add(row)
        session.flush()
        return int(getattr(row, "id", None) or row.user_id)


def user(full_name: str, email: str, role: Role, **more: Any) -> int:
    """A user with the password PASSWORD."""
    return _add(
        User(
            full_name=full_name,
            email=email,
            role=role,
            is_staff=role is Role.ADMIN,
            password_hash=password_hash(),
            **{"phone_num": "0901234567", **more},
        )
    )


def patient(full_name: str, email: str | None = None, *, gender: str = "female", **more: Any) -> int:
    """A patient."""
    user_id = user(full_name, email or f"patient{next(_numbers)}@example.com", Role.PATIENT, **more)
    return _add(Patient(user_id=user_id, date_of_birth=date(1990, 5, 17), gender=gender, address="12 Lê Lợi, Quận 1"))


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
    number = next(_numbers)
    user_id = user(full_name, email or f"doctor{number}@clinic.example", Role.DOCTOR)
    return _add(
        Doctor(
            user_id=user_id,
            department_id=department_id,
            room_id=room_id,
            rating=Decimal(rating),
            license_number=f"L-{number:05d}",
            **{
                "title": "Specialist",
                "specialization": "General",
                "bio": "Sees people of all ages.",
                "translations": {"vi": {"title": "Bác sĩ chuyên khoa", "specialization": "Tổng quát"}},
                "experience_years": 9,
                "consultation_fee": Decimal(300000),
                **more,
            },
        )
    )


def admin(full_name: str, email: str) -> int:
    """Somebody of the office."""
    return user(full_name, email, Role.ADMIN)


def department(name: str, *, icon: str = "stethoscope", fee: str = "200000", vi: str | None = None, **more: Any) -> int:
    """A department with its examination fee."""
    return _add(
        Department(
            name=name,
            icon=icon,
            description=f"All about {name.lower()}.",
            translations={"vi": {"name": vi}} if vi else {},
            health_examination_fee=Decimal(fee),
            **more,
        )
    )


def service(name: str, *, department_id: int, price: str = "100000", vi: str | None = None, **more: Any) -> int:
    """A service of a department with its price."""
    translations = {"vi": {"name": vi}} if vi else {}
    return _add(
        Service(name=name, department_id=department_id, price=Decimal(price), translations=translations, **more)
    )


def room(number: str, *, floor: int = 1, department_id: int | None = None, **more: Any) -> int:
    """A room."""
    return _add(Room(room_number=number, floor=floor, department_id=department_id, **more))


def visit(
    patient_id: int,
    doctor_id: int,
    on: date,
    at: time | str = "09:00",
    *,
    status: Status | str = Status.BOOKED,
    room_id: int | None = None,
    **more: Any,
) -> int:
    """A visit with the first line of its history, on any day, past ones too; its ``notes`` are the patient's."""
    moment = time.fromisoformat(at) if isinstance(at, str) else at
    whole = Decimal(more.get("estimated_fee", 200000))
    fees = {"estimated_fee": whole, "examination_fee": whole - Decimal(more.get("service_fee") or 0)}
    with transaction() as session:
        department_id = session.get_one(Doctor, doctor_id).department_id
        row = Appointment(
            patient_id=patient_id,
            doctor_id=doctor_id,
            department_id=department_id,
            room_id=room_id,
            appointment_date=on,
            appointment_time=moment,
            status=Status(status),
            **(fees | {"symptoms": "Palpitations", "reason": "Check-up"} | more),
        )
        session.add(row)
        session.flush()
        if row.notes:
            session.add(
                NoteRevision(
                    appointment_id=row.id, version=1, by_user_id=patient_id, by_role=str(Role.PATIENT), text=row.notes
                )
            )
        session.add(
            AppointmentEvent(
                appointment_id=row.id,
                by_user_id=patient_id,
                by_role=str(Role.PATIENT),
                what=Happening.CREATED,
                to_status=str(Status.BOOKED),
            )
        )
        return row.id


def leave(doctor_id: int, first_day: date, last_day: date) -> int:
    """A doctor's leave, on past days too."""
    return _add(DoctorLeave(doctor_id=doctor_id, first_day=first_day, last_day=last_day))


def visits(number: int, patient_id: int, doctor_id: int, *, first_day: date, **more: Any) -> list[int]:
    """So many visits of one patient and doctor, 18 a day from ``first_day`` on."""
    days = [date.fromordinal(first_day.toordinal() + index // len(SLOT_TIMES)) for index in range(number)]
    return [
        visit(patient_id, doctor_id, on, SLOT_TIMES[index % len(SLOT_TIMES)], **more) for index, on in enumerate(days)
    ]


def record(visit_id: int, doctor_id: int, **more: Any) -> int:
    """A medical record with its first revision."""
    content = {
        "diagnosis": "Stage 1 hypertension",
        "prescription": "Amlodipine 5 mg, one a day",
        "treatment_plan": "Less salt, more walking",
        "notes": None,
        "follow_up_date": None,
        "vital_signs": {"blood_pressure": "148/92", "heart_rate": 81},
        **more,
    }
    with transaction() as session:
        row = MedicalRecord(appointment_id=visit_id, created_by_id=doctor_id, **content)
        session.add(row)
        session.flush()
        session.add(RecordRevision(record_id=row.id, version=1, by_user_id=doctor_id, by_name="Dr Chen", **content))
        return row.id


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


def at_clinic(on: date, at: str) -> datetime:
    """The moment of a clinic's day and time."""
    return clock.starts_at(on, time.fromisoformat(at))
