"""A doctor's own patients: whoever has or had a visit to them, with those visits and their records."""

from collections import defaultdict
from typing import Any

from clinic.db import atomic
from clinic.paging import Page, PageRequest
from clinic.policy import Action, Actor, can, require
from clinic.records.service import records_for
from clinic.scheduling import appointments_of_patients, own_patients


@atomic
def my_patients(actor: Actor | None, *, search: str = "", page: PageRequest | None = None) -> Page:
    """Return a doctor's patients by name (contract, ``appointments/my-patients/``), reading their records audited.

    ``search`` is a part of the name with or without accents, or of the phone number.
    """
    actor = require(actor, Action.SEE_PATIENTS)
    found = own_patients(actor, search=search, page=page)
    _add_visits(actor, found.results)
    return found


def _add_visits(actor: Actor, patients: list[dict[str, Any]]) -> None:
    """Add each patient's visits and their records, as far as the actor may see and read them, in one select each."""
    ids = [patient["id"] for patient in patients]
    visits = appointments_of_patients(actor, ids) if can(actor, Action.SEE_APPOINTMENT) else []
    written = records_for(actor, [visit["id"] for visit in visits])
    by_patient: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for visit in visits:
        by_patient[visit["patient"]["id"]].append(visit)
    for patient in patients:
        own = by_patient[patient["id"]]
        patient["appointments"] = own
        patient["medical_records"] = [written[visit["id"]] for visit in own if visit["id"] in written]
