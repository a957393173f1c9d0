"""A doctor's own patients: whoever has or had a visit to them, with those visits and their records."""

from collections import defaultdict
from typing import Any

from sqlalchemy import func, select

from clinic import clock
from clinic.accounts.models import Patient, User
from clinic.db import Page, PageRequest, atomic, paginate
from clinic.policy import Action, Actor, require
from clinic.records.service import records_for
from clinic.scheduling import appointments_of_patients
from clinic.scheduling.desk import age_on
from clinic.scheduling.lifecycle import Status
from clinic.scheduling.models import Appointment
from clinic.texts import folded, like_pattern


@atomic
def my_patients(actor: Actor | None, *, search: str = "", page: PageRequest | None = None) -> Page:
    """Return a doctor's patients by name (contract, ``appointments/my-patients/``), reading their records audited.

    ``search`` is a part of the name with or without accents, or of the phone number.
    """
    actor = require(actor, Action.SEE_PATIENTS)
    seen = (
        select(
            Appointment.patient_id,
            func.count(Appointment.id).label("appointment_count"),
            func.max(Appointment.appointment_date).label("last_appointment"),
        )
        .where(Appointment.doctor_id == actor.user_id, Appointment.status != Status.CANCELLED)
        .group_by(Appointment.patient_id)
        .subquery()
    )
    rows = (
        select(
            User.id,
            User.full_name,
            User.email,
            User.phone_num,
            Patient.date_of_birth,
            Patient.gender,
            seen.c.appointment_count,
            seen.c.last_appointment,
        )
        .join(Patient, Patient.user_id == User.id)
        .join(seen, seen.c.patient_id == User.id)
        .order_by(User.name_key, User.id)
    )
    if search.strip():
        pattern = like_pattern(folded(search))
        rows = rows.where(User.name_key.like(pattern, escape="/") | User.phone_num.like(pattern, escape="/"))
    today = clock.today()
    found = paginate(
        rows,
        page,
        lambda row: {
            "id": row.id,
            "patient_id": row.id,
            **{name: getattr(row, name) for name in ("full_name", "email", "phone_num", "date_of_birth", "gender")},
            "age": age_on(row.date_of_birth, today),
            "appointment_count": row.appointment_count,
            "last_appointment": row.last_appointment,
        },
    )
    _add_visits(actor, found.results)
    return found


def _add_visits(actor: Actor, patients: list[dict[str, Any]]) -> None:
    """Add each patient's visits to this doctor and their records, in one select each."""
    visits = appointments_of_patients(actor, [patient["id"] for patient in patients])
    written = records_for(actor, [visit["id"] for visit in visits])
    by_patient: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for visit in visits:
        by_patient[visit["patient"]["id"]].append(visit)
    for patient in patients:
        own = by_patient[patient["id"]]
        patient["appointments"] = own
        patient["medical_records"] = [written[visit["id"]] for visit in own if visit["id"] in written]
