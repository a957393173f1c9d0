"""Doctors: the list, what the clinic publishes about one, invitations by mail."""

from __future__ import annotations

from typing import cast

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, StringField, TextAreaField

from clinic import directory, scheduling
from clinic.directory import DoctorValues
from clinic.policy import Action, Actor, can
from clinic.web.admin.catalogue import display_name, filled, offered_departments
from clinic.web.admin.form_fields import (
    AdminForm,
    EntryField,
    MoneyField,
    SpokenField,
    WholeNumberField,
)
from clinic.web.admin.menu import PAGE_SIZE, blueprint
from clinic.web.admin.people import InviteForm, invite_page
from clinic.web.kit.access import may_open, require_proof, signed_in_actor
from clinic.web.kit.forms import required, whole
from clinic.web.kit.list_filters import SWITCHED, read_filters
from clinic.web.kit.page import page, see_other
from clinic.web.kit.paging import requested_rows
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.kit.versioned import VersionedForm


class DoctorForm(VersionedForm, AdminForm):
    """What the clinic publishes about a doctor. ``expected_count`` is how many coming appointments the person was
    shown."""

    lines: tuple[tuple[str, ...], ...] = (
        ("department_id", "room_id"),
        ("license_number", "experience_years"),
        ("consultation_fee",),
        ("languages",),
        ("title", "title_vi"),
        ("specialization", "specialization_vi"),
        ("bio", "bio_vi"),
    )

    expected_count = HiddenField(default="0")
    department_id = EntryField(lazy_gettext("Department"), [required(lazy_gettext("Please choose a department."))])
    room_id = EntryField(lazy_gettext("Own room"))
    license_number = StringField(lazy_gettext("Licence number"), [required()])
    experience_years = WholeNumberField(lazy_gettext("Years of experience"), [required()])
    consultation_fee = MoneyField(lazy_gettext("Consultation fee in dong"), [required()])
    languages = SpokenField(lazy_gettext("Languages"))
    title = StringField(lazy_gettext("Title in English"))
    title_vi = StringField(lazy_gettext("Title in Vietnamese"))
    specialization = StringField(lazy_gettext("Specialisation in English"))
    specialization_vi = StringField(lazy_gettext("Specialisation in Vietnamese"))
    bio = TextAreaField(lazy_gettext("About the doctor in English"))
    bio_vi = TextAreaField(lazy_gettext("About the doctor in Vietnamese"))

    def entry(self) -> DoctorValues:
        """Return the changes for the domain of the doctor."""
        return cast(DoctorValues, {name: self[name].data for line in DoctorForm.lines for name in line})


class InviteDoctorForm(DoctorForm, InviteForm):
    """A doctor who is new in the clinic."""

    lines = (*InviteForm.lines, *DoctorForm.lines)


@blueprint.get("/doctors")
def doctors() -> ResponseReturnValue:
    """List the doctors by name."""
    actor = signed_in_actor()
    filters = read_filters("search", "department", "active")
    found = directory.all_doctors(
        actor,
        search=filters.text("search"),
        department_id=filters.number("department"),
        active=filters.switched,
        page=requested_rows(PAGE_SIZE),
    )
    departments = offered_departments(actor)
    return page(
        "admin/doctors.html",
        fragments={"doctor-list"},
        filters=filters,
        found=found,
        departments=departments,
        names={number: name for number, name, _on in departments},
        switched=SWITCHED,
    )


@blueprint.route("/doctors/new", methods=["GET", "POST"])
@keeps_unsent(InviteDoctorForm)
def doctor_new() -> ResponseReturnValue:
    """Show the form that invites a doctor; send the invitation on POST."""
    require_proof()
    actor, form = signed_in_actor(), InviteDoctorForm()
    _offer(form, actor)
    person = {name: form[name].data for line in InviteForm.lines for name in line}
    outcome = submitted(form, lambda: directory.invite_doctor(actor, **person, values=form.entry()))
    if outcome.done:
        flash(gettext("The invitation is on its way to %(mail)s.", mail=form.email.data), "success")
        return see_other(url_for(".doctor", doctor_id=outcome.result))
    return invite_page(form, outcome.status, gettext("Invite a doctor"), back=".doctors")


def _offer(form: DoctorForm, actor: Actor, doctor_id: int | None = None) -> None:
    """Offer all departments, and the rooms that are free: nobody's, the doctor's own, and the one that was chosen."""
    form.department_id.offer(offered_departments(actor))
    rooms = directory.all_rooms(actor).results
    free = [row for row in rooms if row["doctor_id"] in (None, doctor_id) or row["id"] == form.room_id.data]
    form.room_id.offer((row["id"], display_name(row), row["is_active"]) for row in free)


@blueprint.route("/doctors/<int:doctor_id>", methods=["GET", "POST"])
@keeps_unsent(DoctorForm)
def doctor(doctor_id: int) -> ResponseReturnValue:
    """Show what the clinic publishes about a doctor; save it on POST, another department only after the coming
    appointments were shown."""
    actor = signed_in_actor()
    shown = directory.one_doctor(actor, doctor_id)
    form = DoctorForm(data=filled(shown))
    _offer(form, actor, doctor_id)
    expected_count = whole(form.expected_count.data or "") or 0
    outcome = submitted(
        form,
        lambda: scheduling.edit_doctor(
            actor, doctor_id, form.entry(), expected_count=expected_count, expected_version=form.expected_version
        ),
    )
    if form.stale:
        shown = directory.one_doctor(actor, doctor_id)
        _offer(form, actor, doctor_id)  # somebody may have given the doctor another room
        form.set_beside(filled(shown))
    if outcome.done or form.saved_already:
        flash(gettext("Your changes are saved."), "success")
        return see_other(url_for(".doctor", doctor_id=doctor_id))
    dependents = None
    if outcome.refusal is not None and outcome.refusal.code == "visits_booked":
        dependents = scheduling.dependents_of_doctor(actor, doctor_id)
        form.expected_count.data = str(dependents.appointment_count)
    return page(
        "admin/doctor.html",
        status=outcome.status,
        doctor=shown,
        form=form,
        dependents=dependents,
        invitable=can(actor, Action.MANAGE_ACCOUNTS),
        to_settle=scheduling.count_to_settle(actor, doctor_id=doctor_id) if may_open("admin.settling") else 0,
    )
