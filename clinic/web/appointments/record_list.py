"""The list of medical records: a patient's own, those of a doctor's own appointments, all for the office; one for all
three.

Which records these are is the domain's to say. Each that is listed is read, and that is audited: where a filter can't be
read nothing is listed, for what was asked for is not known.
"""

from __future__ import annotations

from dataclasses import dataclass

from clinic import records
from clinic.i18n import N_
from clinic.paging import Page
from clinic.policy import Actor, Purpose
from clinic.records import DoctorOfRecords, ListedRecord
from clinic.web.kit import purpose_words
from clinic.web.kit.list_filters import ListFilters, read_filters
from clinic.web.kit.paging import requested_rows

NO_DOCTOR = N_("We can't find this doctor.")
NO_PATIENT = N_("We can't find this patient.")


@dataclass(frozen=True)
class RecordList:
    """The records found, what was asked for, and the doctors to choose from (none where it is the doctor's own list).

    ``unknown`` says which filter finds nobody. Where the reader has to ask first, and say what for (``asks``), nothing is
    listed before: ``purpose`` is what they said.
    """

    filters: ListFilters
    found: Page[ListedRecord]
    unknown: str
    doctors: list[DoctorOfRecords]
    asks: bool
    purpose: Purpose | None = None

    @property
    def lacks_purpose(self) -> bool:
        """Return whether nothing was looked for, because it isn't said yet what for."""
        return self.asks and self.filters.any and self.purpose is None

    @property
    def waits(self) -> bool:
        """Return whether nothing was looked for, because nothing is asked for yet."""
        return self.asks and not self.filters.any


def record_list(actor: Actor, size: int, *, by_doctor: bool = True, asks: bool = False) -> RecordList:
    """Return the ``size`` records that the address asks for: by days of the appointment, patient, doctor unless it is
    theirs."""
    filters = read_filters("date_from", "date_to", "patient", *(["doctor"] if by_doctor else []))
    doctors = records.doctors_of_records(actor) if by_doctor else []
    unknown = _unknown(filters, {doctor["id"] for doctor in doctors})
    purpose = purpose_words.stated() if asks else None
    nothing = RecordList(filters, Page([], 0), unknown, doctors, asks, purpose)
    if unknown or filters.day_fault("date_from") or filters.day_fault("date_to"):
        return nothing
    if nothing.waits or nothing.lacks_purpose:
        return nothing
    found = records.my_records(
        actor.for_purpose(purpose) if purpose else actor,
        date_from=filters.day("date_from"),
        date_to=filters.day("date_to"),
        patient_id=filters.number("patient"),
        doctor_id=filters.number("doctor"),
        include_inactive=True,
        page=requested_rows(size),
    )
    return RecordList(filters, found, unknown, doctors, asks, purpose)


def _unknown(filters: ListFilters, doctors: set[int]) -> str:
    """Return which filter names nobody, "" if none does."""
    if filters.text("doctor") and filters.number("doctor") not in doctors:
        return NO_DOCTOR
    if filters.text("patient") and filters.number("patient") is None:
        return NO_PATIENT
    return ""
