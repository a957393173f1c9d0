"""A doctor's lists: all appointments, found by status, dates and patient; own patients; one patient's appointments;
records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint
from flask.typing import ResponseReturnValue

from clinic import clock, records, scheduling
from clinic.paging import Keyset
from clinic.policy import Action, can
from clinic.records import ListedRecord, RecordRow
from clinic.scheduling import AppointmentRow, AppointmentStatus
from clinic.web.appointments import vital_signs, vitals_chart
from clinic.web.appointments.record_list import record_list
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.list_filters import read_filters, status_choices
from clinic.web.kit.page import page
from clinic.web.kit.paging import at_start, requested_rows

PAGE_SIZE = 20
#: How many diagnoses and prescriptions stand above a patient's appointments.
MOST_AT_A_GLANCE = 3


def appointments() -> ResponseReturnValue:
    """List the doctor's appointments: what is coming soonest first, then what is past."""
    filters = read_filters("search", "status", "date_from", "date_to")
    found = scheduling.appointments(
        signed_in_actor(),
        status=filters.status,
        date_from=filters.day("date_from"),
        date_to=filters.day("date_to"),
        search=filters.text("search"),
        page=requested_rows(PAGE_SIZE),
    )
    return page(
        "doctor/appointments.html",
        fragments={"visit-list"},
        found=found,
        filters=filters,
        statuses=status_choices(staff=True),
    )


def patients() -> ResponseReturnValue:
    """List the doctor's own patients by name. No record is read for it."""
    filters = read_filters("search")
    found = scheduling.own_patients(signed_in_actor(), search=filters.text("search"), page=requested_rows(PAGE_SIZE))
    return page("doctor/patients.html", fragments={"patient-list"}, found=found, filters=filters)


def patient(patient_id: int) -> ResponseReturnValue:
    """Show one patient's appointments to this doctor, newest first, the first page with what matters most of them.

    The records are read, and that is audited.
    """
    actor = signed_in_actor()
    person = scheduling.own_patient(actor, patient_id)
    found = scheduling.appointments_with(actor, patient_id, page=requested_rows(PAGE_SIZE))
    trends, glance = None, None
    written: Mapping[int, RecordRow]
    if at_start() and can(actor, Action.READ_RECORD):
        latest = records.my_records(actor, patient_id=patient_id, page=Keyset(vitals_chart.MOST_RECORDS)).results
        written = {row["appointment_id"]: row for row in latest}
        measured = ((row["visit"]["date"], row["vital_signs"]) for row in latest)
        trends = vitals_chart.vital_trends(measured, age=person["age"])
        glance = _glance(latest, found.results)
    else:
        written = records.records_for(actor, [row["id"] for row in found.results])
    return page(
        "doctor/patient.html",
        fragments={"history"},
        patient=person,
        found=found,
        records=written,
        vitals={row["id"]: _signs(written[row["id"]]) for row in found.results if row["id"] in written},
        trends=trends,
        glance=glance,
        follow_ups={each.appointment_id: each for each in records.follow_ups_of(actor, patient_id=patient_id)},
        others=scheduling.appointments_to_others(actor, patient_id),
    )


@dataclass(frozen=True)
class Glance:
    """What a doctor looks for first: what was found lately, what was prescribed, and the last appointment with its
    record."""

    diagnoses: list[ListedRecord]
    prescriptions: list[ListedRecord]
    last: AppointmentRow | None


def _glance(latest: list[ListedRecord], appointments: list[AppointmentRow]) -> Glance:
    """Return the latest diagnoses, each once, and prescriptions of the records, and the last appointment that has
    begun."""
    diagnoses = {row["diagnosis"].casefold(): row for row in reversed(latest)}
    by_day = sorted(diagnoses.values(), key=lambda row: row["visit"]["date"], reverse=True)
    begun = (
        row for row in appointments if row["starts_at"] <= clock.now() and row["status"] != AppointmentStatus.CANCELLED
    )
    return Glance(
        diagnoses=by_day[:MOST_AT_A_GLANCE],
        prescriptions=[row for row in latest if row["prescription"]][:MOST_AT_A_GLANCE],
        last=max(begun, key=lambda row: row["starts_at"], default=None),
    )


def own_records() -> ResponseReturnValue:
    """List the records of the doctor's own appointments, newest first."""
    listed = record_list(signed_in_actor(), PAGE_SIZE, by_doctor=False)
    return page("doctor/records.html", fragments={"record-list"}, list=listed)


def _signs(record: RecordRow) -> str:
    """Return the vital signs of a record in one line."""
    shown = vital_signs.shown(record["vital_signs"])
    return " · ".join(f"{line.label} {line.value} {line.unit}".strip() for line in shown.lines)


def add_to(blueprint: Blueprint) -> None:
    """Add these pages to the doctor's."""
    blueprint.add_url_rule("/appointments", view_func=appointments)
    blueprint.add_url_rule("/records", endpoint="records", view_func=own_records)
    blueprint.add_url_rule("/patients", view_func=patients)
    blueprint.add_url_rule("/patients/<int:patient_id>", view_func=patient)
