"""Rows of the demo clinic's people and of what it offers: users, patients, doctors, departments, services, rooms."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from clinic import clock
from clinic.accounts.models import name_key
from clinic.directory.models import specialization_key
from clinic.policy import EVERY_DUTY, Duty, Role, in_order, is_staff
from clinic.seed.departments import CLOSED_ROOMS, DEPARTMENTS, SHARED_ROOMS
from clinic.seed.numbering import (
    ADMIN_ID,
    DEPARTMENT_IDS,
    DOCTOR_IDS,
    DOCTORS,
    PATIENT_IDS,
    PATIENTS,
    RECEPTION_ID,
    ROOM_IDS,
    ROOMS,
    SERVICES,
    licence,
    phone,
)
from clinic.seed.patients import ADMIN_EMAIL, ADMIN_NAME, CITY, RECEPTION_EMAIL, RECEPTION_NAME
from clinic.seed.shapes import DoctorPlan, Lang, PatientPlan

Row = dict[str, Any]
#: How long before the planting the clinic opened, in days.
_OPENED = 900


def people_rows(today: date, password_hash: str) -> dict[str, list[Row]]:
    """Return users, patients and doctors; all with the same password."""
    people = _People(today, password_hash)
    return {
        "users": [
            people.admin(),
            *map(people.doctor_user, DOCTORS),
            *map(people.patient_user, PATIENTS),
            people.reception(),
        ],
        "patients": [people.patient(plan) for plan in PATIENTS],
        "doctors": [people.doctor(plan) for plan in DOCTORS],
    }


def language_of(plan: DoctorPlan) -> Lang:
    """Return the language in which a doctor uses the portal."""
    return "en" if plan.key in ("chen", "diallo") else "vi"


def _opened(today: date) -> datetime:
    return clock.starts_at(today - timedelta(days=_OPENED), time(9))


class _People:
    """Makes the rows of one person after the other."""

    def __init__(self, today: date, password_hash: str) -> None:
        self.today = today
        self.password_hash = password_hash

    def _user(
        self,
        row_id: int,
        role: Role,
        name: str,
        email: str,
        language: str,
        since: datetime,
        duties: Collection[Duty] = (),
    ) -> Row:
        return {
            "id": row_id,
            "email": email,
            "full_name": name,
            "name_key": name_key(name),
            "phone_num": phone(555_000 + row_id),
            "role": role,
            "is_active": True,
            "is_staff": is_staff(role),
            "duties": in_order(duties),
            "password_hash": self.password_hash,
            "language": language,
            "email_confirmed_at": since,
            "created_at": since,
            "updated_at": since,
        }

    def admin(self) -> Row:
        return self._user(ADMIN_ID, Role.ADMIN, ADMIN_NAME, ADMIN_EMAIL, "en", _opened(self.today), EVERY_DUTY)

    def reception(self) -> Row:
        since = _opened(self.today)
        return self._user(RECEPTION_ID, Role.ADMIN, RECEPTION_NAME, RECEPTION_EMAIL, "vi", since, (Duty.RECEPTION,))

    def _doctor_since(self, plan: DoctorPlan) -> datetime:
        return _opened(self.today) + timedelta(days=7 * DOCTOR_IDS[plan.key])

    def doctor_user(self, plan: DoctorPlan) -> Row:
        row_id = DOCTOR_IDS[plan.key]
        return self._user(row_id, Role.DOCTOR, plan.name, plan.email, language_of(plan), self._doctor_since(plan))

    def doctor(self, plan: DoctorPlan) -> Row:
        translations = {"vi": {"title": plan.title.vi, "specialization": plan.specialization.vi, "bio": plan.bio.vi}}
        return {
            "user_id": DOCTOR_IDS[plan.key],
            "department_id": DEPARTMENT_IDS[plan.department],
            "room_id": ROOM_IDS[plan.room] if plan.room else None,
            "title": plan.title.en,
            "specialization": plan.specialization.en,
            "bio": plan.bio.en,
            "specialization_key": specialization_key(plan.specialization.en, translations),
            "translations": translations,
            "license_number": licence(plan),
            "experience_years": plan.years,
            "consultation_fee": Decimal(plan.fee),
            "rating": Decimal(plan.rating),
            "total_reviews": plan.reviews,
            "languages": list(plan.languages),
            "created_at": self._doctor_since(plan),
        }

    def _patient_since(self, row_id: int) -> datetime:
        return clock.starts_at(self.today - timedelta(days=190 + row_id), time(19, row_id % 60))

    def patient_user(self, plan: PatientPlan) -> Row:
        row_id = PATIENT_IDS[plan.key]
        return self._user(row_id, Role.PATIENT, plan.name, plan.email, plan.lang, self._patient_since(row_id))

    def patient(self, plan: PatientPlan) -> Row:
        row_id = PATIENT_IDS[plan.key]
        return {
            "user_id": row_id,
            "date_of_birth": date.fromisoformat(plan.born),
            "gender": plan.gender,
            "address": f"{plan.address}, {CITY}",
            "insurance_id": f"SHI-79-{2_041_000 + row_id * 37}" if plan.insured else None,
            "emergency_contact": plan.contact,
            "emergency_contact_phone": phone(777_000 + row_id),
            "created_at": self._patient_since(row_id),
        }


def directory_rows(today: date) -> dict[str, list[Row]]:
    """Return departments, services and rooms."""
    since = _opened(today)
    return {
        "departments": [
            {
                "id": DEPARTMENT_IDS[plan.key],
                "name": plan.name.en,
                "icon": plan.icon,
                "description": plan.description.en,
                "translations": {"vi": {"name": plan.name.vi, "description": plan.description.vi}},
                "health_examination_fee": Decimal(plan.fee),
                "is_active": True,
                "created_at": since,
                "updated_at": since,
            }
            for plan in DEPARTMENTS
        ],
        "services": [
            {
                "id": number,
                "department_id": DEPARTMENT_IDS[department.key],
                "name": plan.name.en,
                "description": plan.description.en,
                "translations": {"vi": {"name": plan.name.vi, "description": plan.description.vi}},
                "price": Decimal(plan.price),
                "is_active": True,
                "created_at": since,
            }
            for number, (department, plan) in enumerate(SERVICES, 1)
        ],
        "rooms": _rooms(since),
    }


def _rooms(since: datetime) -> list[Row]:
    rooms = [
        *((number, DEPARTMENT_IDS[department.key], True) for number, department in ROOMS),
        *((number, None, True) for number in SHARED_ROOMS),
        *((number, None, False) for number in CLOSED_ROOMS),
    ]
    return [
        {
            "id": row_id,
            "room_number": number,
            "floor": number[0],
            "department_id": department_id,
            "is_active": active,
            "created_at": since,
        }
        for row_id, (number, department_id, active) in enumerate(rooms, 1)
    ]
