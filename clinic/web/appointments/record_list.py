"""The list of medical records: a patient's own, those of a doctor's own visits, all for the office; one for all three.

Which records these are is the domain's to say. Each that is listed is read, and that is audited: where a filter can't be
read nothing is listed, for what was asked for is not known.
"""

from __future__ import annotations

from dataclasses import dataclass

from clinic import records
from clinic.i18n import N_
from clinic.paging import Page
from clinic.policy import Actor
from clinic.records import DoctorOfRecords, ListedRecord
from clinic.web.kit.list_filters import Asked, asked
from clinic.web.kit.paging import asked_rows

NO_DOCTOR = N_("We can't find this doctor.")
NO_PATIENT = N_("We can't find this patient.")


@dataclass(frozen=True)
class RecordList:
    """The records found, what was asked for, and the doctors to choose from (none where it is the doctor's own list).

    ``unknown`` says which filter finds nobody. Where the reader has to ask first (``asks``), nothing is listed before.
    """

    asked: Asked
    found: Page[ListedRecord]
    unknown: str
    doctors: list[DoctorOfRecords]
    asks: bool

    @property
    def waits(self) -> bool:
        """Tell whether nothing was looked for, because nothing is asked for yet."""
        return self.asks and not self.asked.any


def record_list(actor: Actor, size: int, *, by_doctor: bool = True, asks: bool = False) -> RecordList:
    """Return the ``size`` records that the address asks for: by days of the visit, patient, doctor unless it is theirs."""
    wish = asked("date_from", "date_to", "patient", *(["doctor"] if by_doctor else []))
    doctors = records.doctors_of_records(actor) if by_doctor else []
    unknown = _unknown(wish, {doctor["id"] for doctor in doctors})
    nothing = RecordList(wish, Page([], 0), unknown, doctors, asks)
    if unknown or wish.day_fault("date_from") or wish.day_fault("date_to") or nothing.waits:
        return nothing
    found = records.my_records(
        actor,
        date_from=wish.day("date_from"),
        date_to=wish.day("date_to"),
        patient_id=wish.number("patient"),
        doctor_id=wish.number("doctor"),
        include_inactive=True,
        page=asked_rows(size),
    )
    return RecordList(wish, found, unknown, doctors, asks)


def _unknown(wish: Asked, doctors: set[int]) -> str:
    """Return which filter names nobody, "" if none does."""
    if wish.text("doctor") and wish.number("doctor") not in doctors:
        return NO_DOCTOR
    if wish.text("patient") and wish.number("patient") is None:
        return NO_PATIENT
    return ""
