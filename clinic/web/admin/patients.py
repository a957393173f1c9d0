"""The clinic's patients, and accounts made for patients who phone or come in person; booking follows."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, StringField

from clinic import accounts, scheduling
from clinic.accounts import Alike, ListedPerson, LookAlike
from clinic.errors import Conflict
from clinic.i18n import N_
from clinic.paging import Page
from clinic.policy import Action, Actor, Role, can
from clinic.scheduling import NextAppointment
from clinic.text.emails import EMAIL_MAX
from clinic.web.account.patient_fields import (
    address_field,
    birthday_field,
    emergency_contact_field,
    emergency_phone_field,
    gender_field,
    insurance_field,
)
from clinic.web.admin.form_fields import PATIENT_LINES, AdminForm, LanguageField
from clinic.web.admin.menu import PAGE_SIZE, blueprint
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.forms import PhoneField, at_most, required, whole
from clinic.web.kit.list_filters import SWITCHED, TEXT_MAX, read_filters
from clinic.web.kit.page import page, see_other
from clinic.web.kit.paging import requested_rows
from clinic.web.kit.preferences import chosen_language
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent

#: In what somebody looks like the person of the form.
ALIKE = {Alike.NAME: N_("same name"), Alike.BIRTH: N_("same date of birth"), Alike.PHONE: N_("same phone")}


class AdmitForm(AdminForm):
    """What the office asks on the phone. ``shown_alike`` names those who look alike and were shown: it is none of them."""

    lines = (("full_name",), ("phone_num", "email"), *PATIENT_LINES, ("language",))
    shown_alike = HiddenField()
    full_name = StringField(lazy_gettext("Full name"), [required(), at_most(accounts.NAME_MAX)])
    phone_num = PhoneField(lazy_gettext("Phone"), [required()])
    email = StringField(
        lazy_gettext("E-mail"),
        [at_most(EMAIL_MAX)],
        description=lazy_gettext(
            "If you enter one, we'll send the patient a link to choose a password, and e-mails about their visits."
        ),
    )
    date_of_birth = birthday_field()
    gender = gender_field()
    address = address_field()
    insurance_id = insurance_field()
    emergency_contact = emergency_contact_field()
    emergency_contact_phone = emergency_phone_field()
    language = LanguageField(lazy_gettext("Language for e-mails"))

    @property
    def none_of(self) -> set[int]:
        """The patients who were shown: it is none of these. Whoever else looks alike is shown first."""
        return {number for each in (self.shown_alike.data or "").split() if (number := whole(each)) is not None}

    def show(self, known: list[LookAlike]) -> None:
        """Note that these patients are shown now."""
        self.shown_alike.data = " ".join(map(str, sorted(self.none_of.union(each.id for each in known))))


@blueprint.get("/patients")
def patients() -> ResponseReturnValue:
    """List the patients by name, each with the next appointment."""
    actor, filters = signed_in_actor(), read_filters("search", "active")
    found = accounts.people(
        actor, role=Role.PATIENT, active=filters.switched, search=filters.text("search"), page=requested_rows(PAGE_SIZE)
    )
    return page(
        "admin/patients.html",
        fragments={"patient-list"},
        filters=filters,
        found=found,
        next_appointments=_next_appointments(actor, found),
        switched=SWITCHED,
    )


def _next_appointments(actor: Actor, found: Page[ListedPerson]) -> dict[int, NextAppointment] | None:
    """Return the next appointment of each patient, None for somebody who may not see them."""
    if not can(actor, Action.SEE_APPOINTMENT):
        return None
    return scheduling.next_appointments(actor, [row["id"] for row in found.results])


@blueprint.route("/patients/new", methods=["GET", "POST"])
@keeps_unsent(AdmitForm)
def patient_new() -> ResponseReturnValue:
    """Show the form, begun with what was searched for; make the account on POST and go on to book."""
    actor, form = signed_in_actor(), AdmitForm(data={"language": chosen_language(), **_searched_for()})
    outcome = submitted(form, lambda: accounts.admit_patient(actor, **form.values(), none_of=form.none_of))
    if outcome.done:
        if _slot_of_desk():
            message = gettext("%(name)s is now a patient of the clinic.", name=form.full_name.data)
        else:
            message = gettext(
                "%(name)s is now a patient of the clinic. Choose a time for the visit.", name=form.full_name.data
            )
        flash(message, "success")
        return see_other(_to_book(outcome.result))
    known: list[LookAlike] = []
    if isinstance(outcome.refusal, Conflict):
        known = _known(actor, form)
        form.show(known)
    return page(
        "admin/patient_new.html", status=outcome.status, form=form, known=known, alike=ALIKE, slot=_slot_of_desk()
    )


def _slot_of_desk() -> dict[str, Any]:
    """Return the free time of the day desk for which the patient is made, as its address names it; nothing without one."""
    found = {name: request.args.get(name, "")[:20] for name in ("book", "day", "at")}
    return found if all(found.values()) else {}


def _to_book(patient_id: int) -> str:
    """Return where the patient who was just made is booked: at the free time that was chosen first, if one was."""
    slot = _slot_of_desk()
    if slot:
        return url_for(".home", patient=patient_id, **slot, _anchor="desk-panel")
    return url_for(".book", patient=patient_id)


def _searched_for() -> dict[str, str | date]:
    """Return what was searched for, in the field that it looks like."""
    wanted = request.args.get("q", "").strip()[:TEXT_MAX]
    if "@" in wanted:
        return {"email": wanted}
    parts = accounts.read_search(wanted)
    if len(parts) == 1 and parts[0].born and not parts[0].digits:
        return {"date_of_birth": parts[0].born[0]}
    digits = [part.digits for part in parts if part.digits]
    return {"phone_num": digits[0]} if len(parts) == len(digits) == 1 else {"full_name": wanted}


def _known(actor: Actor, form: AdmitForm) -> list[LookAlike]:
    return accounts.look_alikes(
        actor,
        full_name=form.full_name.data or "",
        phone_num=form.phone_num.data or "",
        date_of_birth=form.date_of_birth.data,
    )
