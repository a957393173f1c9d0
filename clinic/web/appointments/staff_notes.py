"""The notes for colleagues on an appointment, written by its doctor and the office: one form, on pages of their own.

A blueprint's view says which template, and where the person goes back to. Who may read and write them is the domain's to
say; nobody's words are written over unseen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import TextAreaField

from clinic import scheduling
from clinic.policy import Actor
from clinic.scheduling import AppointmentRow
from clinic.web.kit.forms import at_most, one_kind_of_line_break
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.versioned import VersionedForm


class StaffNotesForm(VersionedForm):
    """What doctor and office write for each other, with the version that was read."""

    staff_notes = TextAreaField(
        lazy_gettext("Notes for colleagues"), [at_most(scheduling.STAFF_NOTES_MAX)], filters=[one_kind_of_line_break]
    )


def write_staff_notes(
    actor: Actor, appointment_id: int, *, template: str, back: Callable[[AppointmentRow], str], **more: Any
) -> ResponseReturnValue:
    """Show the notes for colleagues; write them on POST. ``more`` are further values of the template."""
    appointment = scheduling.appointment(actor, appointment_id)
    versions = scheduling.staff_notes(actor, appointment_id)
    form = StaffNotesForm(data=_shown(versions))
    outcome = submitted(
        form,
        lambda: scheduling.write_staff_notes(
            actor, appointment_id, form.staff_notes.data, expected_version=form.expected_version
        ),
    )
    if form.stale:
        versions = scheduling.staff_notes(actor, appointment_id)
        form.set_beside(_shown(versions))
    if outcome.done or form.saved_already:
        flash(gettext("The notes for colleagues are saved."), "success")
        return see_other(back(appointment))
    return page(
        template,
        status=outcome.status,
        appointment=appointment,
        form=form,
        versions=versions,
        back=back(appointment),
        **more,
    )


def _shown(versions: list[scheduling.StaffNote]) -> dict[str, Any]:
    """Return what the form holds of the latest version; 0 stands for where nothing was written."""
    latest = versions[0] if versions else None
    return {"staff_notes": latest.text if latest else "", "version": latest.version if latest else 0}
