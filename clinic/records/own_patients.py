"""A doctor's own patients: whoever has or had an appointment to them, with those appointments and their records."""

from collections import defaultdict

from clinic.paging import Page, PageRequest
from clinic.policy import Action, Actor, can, require
from clinic.records.rows import PatientWithRecords
from clinic.records.service import records_for
from clinic.scheduling import AppointmentRow, PatientRow, appointments_of_patients, own_patients


def my_patients(actor: Actor | None, *, search: str = "", page: PageRequest | None = None) -> Page[PatientWithRecords]:
    """Return a doctor's patients by name (API, ``appointments/my-patients/``), reading their records audited.

    ``search`` is a part of the name with or without accents, or of the phone number.
    """
    actor = require(actor, Action.SEE_PATIENTS)
    found = own_patients(actor, search=search, page=page)
    return found.with_results(_with_appointments(actor, found.results))


def _with_appointments(actor: Actor, patients: list[PatientRow]) -> list[PatientWithRecords]:
    """Return each patient with the appointments and records that the actor may see and read, in one select each."""
    ids = [patient["id"] for patient in patients]
    appointments = appointments_of_patients(actor, ids) if can(actor, Action.SEE_APPOINTMENT) else []
    written = records_for(actor, [appointment["id"] for appointment in appointments])
    by_patient: dict[int, list[AppointmentRow]] = defaultdict(list)
    for appointment in appointments:
        by_patient[appointment["patient"]["id"]].append(appointment)
    return [
        {
            **patient,
            "appointments": by_patient[patient["id"]],
            "medical_records": [
                written[appointment["id"]] for appointment in by_patient[patient["id"]] if appointment["id"] in written
            ],
        }
        for patient in patients
    ]
