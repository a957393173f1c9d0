"""A patient's own records: one, the prescription as a sheet, and the list with the vital signs over time."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from flask.typing import ResponseReturnValue

from clinic import directory, records, scheduling
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.policy import Actor
from clinic.web.appointments import vital_signs, vitals_chart
from clinic.web.appointments.record_list import record_list
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.page import page
from clinic.web.kit.paging import at_start
from clinic.web.patient.appointments import blueprint
from clinic.web.patient.profile import age_today, own_birthday

PAGE_SIZE = 10
#: What of a record's vital signs a dose may depend on.
DOSED_BY = ("weight",)


@blueprint.get("/appointments/<int:appointment_id>/record")
def record(appointment_id: int) -> ResponseReturnValue:
    """Show what the doctor found at an appointment, or that nothing is written yet."""
    actor = signed_in_actor()
    appointment = scheduling.appointment(actor, appointment_id)
    found = _record_if_written(actor, appointment_id)
    vitals = vital_signs.shown(found and found["vital_signs"], known_only=True)
    follow_up = next(iter(records.follow_ups_of(actor, appointment_ids=[appointment_id])), None)
    return page(
        "patient/record.html",
        appointment=appointment,
        record=found,
        vitals=vitals,
        follow_up=follow_up,
        born=own_birthday(actor),
    )


def _record_if_written(actor: Actor, appointment_id: int) -> records.RecordRow | None:
    with suppress(NotFound):
        return records.record_of(actor, appointment_id)
    return None


@blueprint.get("/appointments/<int:appointment_id>/prescription")
def prescription(appointment_id: int) -> ResponseReturnValue:
    """Show the prescription as a sheet that can be taken to a pharmacy."""
    actor = signed_in_actor()
    appointment = scheduling.appointment(actor, appointment_id)
    found = records.record_of(actor, appointment_id)
    if not found["prescription"]:
        raise NotFound(N_("Nothing was prescribed at this visit."))
    signs = found["vital_signs"] or {}
    return page(
        "patient/prescription.html",
        appointment=appointment,
        record=found,
        # A record that is changed later makes another sheet.
        number=f"{appointment['id']}/{found['version']}",
        patient=directory.me(actor)["patient_profile"],
        licence=directory.license_number(appointment["doctor"]["id"]),
        measured=vital_signs.shown({key: signs[key] for key in DOSED_BY if key in signs}).lines,
    )


@blueprint.get("/records", endpoint="records")
def my_records() -> ResponseReturnValue:
    """List the records, newest appointment first; the first page draws the vital signs of the latest ones."""
    actor = signed_in_actor()
    listed = record_list(actor, vitals_chart.MOST_RECORDS if at_start() else PAGE_SIZE)
    born, trends = own_birthday(actor), None
    if at_start():
        measured = ((row["visit"]["date"], row["vital_signs"]) for row in listed.found.results)
        trends = vitals_chart.vital_trends(measured, age=age_today(born))
    shown = listed.found.first(PAGE_SIZE)
    follow_ups = records.follow_ups_of(actor, appointment_ids=[row["appointment_id"] for row in shown.results])
    return page(
        "patient/records.html",
        fragments={"record-list"},
        list=replace(listed, found=shown),
        follow_ups={each.appointment_id: each for each in follow_ups},
        trends=trends,
        person=actor,
        born=born,
    )
