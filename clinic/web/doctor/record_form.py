"""The record form: what a doctor found and decided at an appointment, with its earlier versions.

Nobody's text is ever lost: a record that was saved elsewhere meanwhile is shown beside what was typed, and the doctor
chooses which of the two stands.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Optional

from clinic import accounts, clock, records, scheduling
from clinic.errors import NotFound
from clinic.policy import Actor
from clinic.records import RecordContent, RecordRow, RevisionRow
from clinic.scheduling import AppointmentRow
from clinic.web.appointments import vital_signs
from clinic.web.appointments.transitions import why_not
from clinic.web.doctor.appointment_view import back_to, came_from_day
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.forms import DayField, at_most, one_kind_of_line_break, required
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.kit.versioned import VersionedForm

TEXTS = ("diagnosis", "prescription", "treatment_plan", "notes")
#: What the version field stands for where there is no record yet.
NO_RECORD = 0


def _text(label: Any, most: int, *more: Any) -> TextAreaField:
    return TextAreaField(label, [*more, at_most(most)], filters=[one_kind_of_line_break])


class RecordForm(VersionedForm, vital_signs.VitalSignsForm):
    """The vital signs and the record's fields; ``others`` are the vital signs not shown here."""

    diagnosis = _text(lazy_gettext("Diagnosis"), records.DIAGNOSIS_MAX, required())
    prescription = _text(lazy_gettext("Prescription"), records.TEXT_MAX)
    treatment_plan = _text(lazy_gettext("Treatment plan"), records.TEXT_MAX)
    notes = _text(lazy_gettext("Notes"), records.TEXT_MAX)
    follow_up_date = DayField(lazy_gettext("Follow-up"), [Optional()])
    others = HiddenField()

    @property
    def signs(self) -> dict[str, Any]:
        """The vital signs: those not shown here, and the typed ones."""
        return _object(self.others.data) | vital_signs.read({key: self[key].data for key in vital_signs.KNOWN})

    @property
    def content(self) -> dict[str, Any]:
        """What is written."""
        texts = {name: self[name].data or "" for name in TEXTS}
        return {**texts, "follow_up_date": self.follow_up_date.data, "vital_signs": self.signs}


def _object(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _form_of(found: RecordRow | None) -> RecordForm:
    """Return the form: what was typed, else ``found``."""
    return RecordForm(data=_shown(found) | _hidden(found))


def _shown(found: RecordContent | None) -> dict[str, object]:
    """Return what the fields hold of a record."""
    if found is None:
        return dict.fromkeys((*TEXTS, "follow_up_date"))
    return {
        "diagnosis": found["diagnosis"],
        "prescription": found["prescription"],
        "treatment_plan": found["treatment_plan"],
        "notes": found["notes"],
        "follow_up_date": found["follow_up_date"],
        **vital_signs.typed(found["vital_signs"]),
    }


def _hidden(found: RecordRow | RevisionRow | None) -> dict[str, str]:
    """Return the hidden fields for writing over ``found``."""
    others = vital_signs.others(found and found["vital_signs"])
    return {
        "version": str(found["version"] if found else NO_RECORD),
        "others": json.dumps(others, ensure_ascii=False) if others else "",
    }


class ShownRevision(RevisionRow):
    """A version of the record with its vital signs in words."""

    vitals: vital_signs.Shown


@keeps_unsent(RecordForm)
def record(appointment_id: int) -> ResponseReturnValue:
    """Show the record form; write the record on POST."""
    actor = signed_in_actor()
    appointment = scheduling.appointment(actor, appointment_id)
    form = RecordForm()
    outcome = submitted(
        form,
        lambda: records.write_record(actor, appointment_id, expected_version=form.expected_version, **form.content),
        names={f"vital_signs.{key}": key for key in vital_signs.KNOWN},
    )
    if outcome.done:
        return _saved(appointment)
    if outcome.refused:  # somebody else may have changed the appointment in the same moment
        appointment = scheduling.appointment(actor, appointment_id)
    else:
        form = _form_of(records.records_for(actor, [appointment_id]).get(appointment_id))
    versions = _versions(actor, appointment)
    if form.stale:
        _set_beside(form, versions)
    if form.saved_already:
        return _saved(appointment)
    return _page(actor, appointment, form, versions, outcome.status)


def _saved(appointment: AppointmentRow) -> ResponseReturnValue:
    flash(gettext("The record has been saved."), "success")
    return see_other(back_to(appointment))


def _versions(actor: Actor, appointment: AppointmentRow) -> list[ShownRevision]:
    """Return every version of the record, newest first, with its vital signs in words; none without a record."""
    try:
        versions = records.revisions(actor, appointment["id"])
    except NotFound:
        return []
    return [{**version, "vitals": vital_signs.shown(version["vital_signs"])} for version in versions]


def _filled_from(form: RecordForm, versions: list[ShownRevision]) -> dict[str, object] | None:
    """Return what the form held when it was opened: of the version that it names, None if there is none of that number."""
    if form.expected_version == NO_RECORD:
        return _shown(None)
    return next((_shown(each) for each in versions if each["version"] == form.expected_version), None)


def _set_beside(form: RecordForm, versions: list[ShownRevision]) -> None:
    """Set what was saved meanwhile beside what was typed in a stale form; the next sending writes over exactly that."""
    latest = versions[0] if versions else None
    form.set_beside((_shown(latest) if latest else form.data) | _hidden(latest), _filled_from(form, versions))
    form.others.data = _hidden(latest)["others"]


def _page(
    actor: Actor, appointment: AppointmentRow, form: RecordForm, versions: list[ShownRevision], status: int
) -> ResponseReturnValue:
    """Show the form with the earlier versions of the record and what is known from the visits before."""
    before = records.records_before(actor, appointment["id"])
    born = scheduling.background(actor, appointment["id"]).date_of_birth
    return page(
        "doctor/record.html",
        status=status,
        appointment=appointment,
        form=form,
        versions=versions,
        before=before,
        notes=scheduling.notes_of(actor, appointment["id"]),
        bmi=None if form.weight.errors or form.height.errors else records.bmi(form.signs),
        hints=vital_signs.hints(
            accounts.age_on(born, clock.today()), ((row["visit_date"], row["vital_signs"]) for row in before)
        ),
        signs=vital_signs.KNOWN,
        no_change=why_not(actor, appointment, "write_record"),
        back=back_to(appointment),
        from_day=came_from_day(),
    )


def add_to(blueprint: Blueprint) -> None:
    """Add the record form to the doctor's pages."""
    blueprint.add_url_rule("/appointments/<int:appointment_id>/record", view_func=record, methods=["GET", "POST"])
