"""The notes for colleagues on a visit, written by its doctor and the office: one form, on pages of their own.

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
from clinic.errors import InvalidInput, Stale
from clinic.policy import Actor
from clinic.scheduling import AppointmentRow
from clinic.web.forms import at_most, one_kind_of_line_break
from clinic.web.page import page, see_other
from clinic.web.versioned import VersionedForm


class StaffNotesForm(VersionedForm):
    """What doctor and office write for each other, with the version that was read."""

    staff_notes = TextAreaField(
        lazy_gettext("Notes for colleagues"), [at_most(scheduling.STAFF_NOTES_MAX)], filters=[one_kind_of_line_break]
    )


def write_staff_notes(
    actor: Actor, appointment_id: int, *, template: str, back: Callable[[AppointmentRow], str], **more: Any
) -> ResponseReturnValue:
    """Show the notes for colleagues; write them on POST. ``more`` are further values of the template."""
    visit, status = scheduling.appointment(actor, appointment_id), 200
    versions = scheduling.staff_notes(actor, appointment_id)
    form = StaffNotesForm(data=_shown(versions))
    if form.is_submitted():
        status = _save(actor, appointment_id, form)
        if status == 200:
            flash(gettext("The notes for colleagues are saved."), "success")
            return see_other(back(visit))
    if status == 412:
        versions = scheduling.staff_notes(actor, appointment_id)
        form.set_beside(_shown(versions), _version(versions))
    return page(template, status=status, visit=visit, form=form, versions=versions, back=back(visit), **more)


def _version(versions: list[scheduling.StaffNote]) -> int:
    """Return the latest version, 0 where nothing was written."""
    return versions[0].version if versions else 0


def _shown(versions: list[scheduling.StaffNote]) -> dict[str, Any]:
    """Return what the form holds."""
    return {"staff_notes": versions[0].text if versions else "", "version": str(_version(versions))}


def _save(actor: Actor, appointment_id: int, form: StaffNotesForm) -> int:
    """Save what was typed; return the status of the answer, and let the form say what is wrong."""
    try:
        form.send(
            lambda: scheduling.write_staff_notes(
                actor, appointment_id, form.staff_notes.data, expected_version=form.expected_version
            )
        )
    except InvalidInput as refusal:
        return form.refuse(refusal)
    except Stale:
        return 412
    return 200
