"""Medical records, read by the office where its work needs them. Each reading is audited and shown to the patient."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from clinic import records as medical
from clinic import scheduling
from clinic.web.admin.appointments import address_of
from clinic.web.admin.menu import PAGE_SIZE, blueprint
from clinic.web.appointments import vital_signs
from clinic.web.appointments.record_list import record_list
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.page import page


@blueprint.get("/records", endpoint="records")
def all_records() -> ResponseReturnValue:
    """List the records that are asked for, newest appointment first; none before, for each that is listed is read."""
    return page(
        "admin/records.html", fragments={"record-list"}, list=record_list(signed_in_actor(), PAGE_SIZE, asks=True)
    )


@blueprint.get("/appointments/<int:appointment_id>/record")
def record(appointment_id: int) -> ResponseReturnValue:
    """Show what the doctor found at an appointment, or that nothing is written yet."""
    actor = signed_in_actor()
    appointment = scheduling.appointment(actor, appointment_id)
    found = medical.records_for(actor, [appointment_id]).get(appointment_id)
    vitals = vital_signs.shown(found and found["vital_signs"])
    return page("admin/record.html", appointment=appointment, record=found, vitals=vitals, back=address_of(appointment))
