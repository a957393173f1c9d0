"""Notes for colleagues on an appointment: what its doctor and the office write for each other. No patient reads
them."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_babel import gettext as _

from clinic import scheduling
from clinic.api.auth import signed_in
from clinic.api.blueprint import Resource
from clinic.api.responses import answer, done
from clinic.api.schemas import staff_notes as schemas
from clinic.api.versions import ETAG, IF_MATCH, etag, expected_version
from clinic.policy import Action, Actor
from clinic.scheduling import StaffNote

resource = Resource("staff notes", __name__, description="What a visit's doctor and the office write for each other.")


def _body(appointment_id: int, note: StaffNote | None) -> dict[str, object]:
    return {
        "appointment_id": appointment_id,
        "staff_notes": (note.text or None) if note else None,
        "written_by_name": note.by_name if note else None,
        "written_at": note.at if note else None,
    }


def _tag(note: StaffNote | None) -> Mapping[str, str]:
    return etag({"version": note.version}) if note else {}


@resource.route("/appointments/<id:appointment_id>/staff-notes/")
@resource.response(200, schemas.StaffNotes, headers=ETAG)
@resource.refuses(404)
@signed_in(Action.READ_STAFF_NOTES)
def staff_notes(actor: Actor, appointment_id: int) -> Response:
    """Read the notes for colleagues: the appointment's doctor, an admin.

    All null, and no ETag, where nothing was written.
    """
    latest = next(iter(scheduling.staff_notes(actor, appointment_id)), None)
    return answer(_body(appointment_id, latest), headers=_tag(latest))


@resource.route("/appointments/<id:appointment_id>/staff-notes/", methods=["PUT"])
@resource.response(200, schemas.StaffNotesSaved, headers=ETAG)
@resource.refuses(404, 412)
@resource.reads(IF_MATCH)
@signed_in(Action.WRITE_STAFF_NOTES)
@resource.arguments(schemas.StaffNotesEntry)
def put_staff_notes(actor: Actor, body: dict[str, Any], appointment_id: int) -> Response:
    """Write the notes for colleagues: the appointment's doctor, an admin.

    Every version is kept; an empty text takes them back.
    """
    note = scheduling.write_staff_notes(actor, appointment_id, body["staff_notes"], expected_version=expected_version())
    return done(_("The notes for colleagues are saved."), headers=_tag(note), staff_notes=_body(appointment_id, note))
