"""Medical records, read by the office where its work needs them. Each reading is audited and shown to the patient, with what
the person said that they read it for: nothing is read before they have.
"""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from clinic import records as medical
from clinic import scheduling
from clinic.web.admin.appointments import address_of
from clinic.web.admin.menu import PAGE_SIZE, blueprint
from clinic.web.appointments import vital_signs
from clinic.web.appointments.record_list import record_list
from clinic.web.kit import purpose_words
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.page import page


@blueprint.get("/records", endpoint="records")
def all_records() -> ResponseReturnValue:
    """List the records that are asked for, newest appointment first; none before it is said which and what for, for each that
    is listed is read."""
    return page(
        "admin/records.html",
        fragments={"record-list"},
        list=record_list(signed_in_actor(), PAGE_SIZE, asks=True),
        purposes=purpose_words.choices(),
    )


@blueprint.get("/appointments/<int:appointment_id>/record")
def record(appointment_id: int) -> ResponseReturnValue:
    """Ask what the record of an appointment is read for; then show what the doctor found, or that nothing is written yet."""
    actor, purpose = signed_in_actor(), purpose_words.stated()
    appointment = scheduling.appointment(actor, appointment_id)
    shown: dict[str, Any] = {"appointment": appointment, "back": address_of(appointment)}
    if purpose is None and medical.is_written(actor, appointment_id):
        return page(
            "admin/record_purpose.html",
            purposes=purpose_words.choices(),
            fault="purpose" in request.args,
            here=url_for(".record", appointment_id=appointment_id),
            **shown,
        )
    found = medical.records_for(actor.for_purpose(purpose), [appointment_id]).get(appointment_id) if purpose else None
    vitals = vital_signs.shown(found and found["vital_signs"])
    return page("admin/record.html", record=found, vitals=vitals, **shown)
