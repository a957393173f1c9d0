"""Notes for colleagues on an appointment."""

from marshmallow import fields

from clinic.api.schemas.fields import Answer, Body, Text
from clinic.scheduling import STAFF_NOTES_MAX


class StaffNotes(Answer):
    """The latest version of what doctor and office wrote for each other; all null where nothing was written."""

    appointment_id = fields.Integer()
    staff_notes = fields.String(allow_none=True)
    written_by_name = fields.String(allow_none=True)
    written_at = fields.DateTime(allow_none=True)


class StaffNotesSaved(Answer):
    """The notes were written."""

    success = fields.Boolean()
    message = fields.String()
    staff_notes = fields.Nested(StaffNotes)


class StaffNotesEntry(Body):
    """What doctor and office write for each other; the patient never sees it."""

    staff_notes = Text(STAFF_NOTES_MAX, required=True, allow_none=True)
