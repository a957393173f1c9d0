"""The list of medical records: a patient's own, those of a doctor's own visits, all for the office; one for all three.

Which records these are is the domain's to say. Each that is listed is read, and that is audited.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from clinic import directory, records
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.paging import Page
from clinic.policy import Actor
from clinic.web.access import chosen_language
from clinic.web.asked import Asked, asked
from clinic.web.paging import asked_rows

NO_DOCTOR = N_("There is no such doctor; the records of all are shown.")


@dataclass(frozen=True)
class RecordList:
    """The records found, what was asked for, and the doctors to choose from (none where it is the doctor's own list)."""

    asked: Asked
    found: Page
    unknown: str
    doctors: list[dict[str, Any]]


def record_list(actor: Actor, size: int, *, by_doctor: bool = True) -> RecordList:
    """Return the ``size`` records that the address asks for: by days of the visit, patient, doctor unless it is theirs."""
    wish = asked("date_from", "date_to", "doctor", "patient")
    common: dict[str, Any] = {
        "date_from": wish.day("date_from"),
        "date_to": wish.day("date_to"),
        "patient_id": wish.number("patient"),
        "page": asked_rows(size),
    }
    unknown = ""
    try:
        found = records.my_records(actor, doctor_id=wish.number("doctor") if by_doctor else None, **common)
    except NotFound as refusal:
        if refusal.code == "invalid_page":
            raise
        found, unknown = records.my_records(actor, **common), NO_DOCTOR
    doctors = directory.doctors(lang=chosen_language()).results if by_doctor else []
    return RecordList(wish, found, unknown, sorted(doctors, key=lambda row: str(row["full_name"])))
