"""Accounts: the list, corrections, invitations by mail, switching off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never, cast

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import StringField

from clinic import accounts, scheduling
from clinic.accounts import OpenAccount, PersonChanges, PersonRow
from clinic.paging import Keyset
from clinic.policy import Action, Actor, Duty, Role, can, editing_accounts_of
from clinic.scheduling import EntryKind
from clinic.web.account.patient_fields import (
    address_field,
    birthday_field,
    emergency_contact_field,
    emergency_phone_field,
    gender_field,
    insurance_field,
)
from clinic.web.admin.activation import switching
from clinic.web.admin.form_fields import (
    PATIENT_LINES,
    AdminForm,
    DutiesField,
    LanguageField,
)
from clinic.web.admin.menu import PAGE_SIZE, blueprint
from clinic.web.kit.access import link_to, require_proof, signed_in_actor, text_of_role
from clinic.web.kit.forms import EmailAddressField, PhoneField, PortalForm, required
from clinic.web.kit.list_filters import SWITCHED, read_filters
from clinic.web.kit.page import page, see_other
from clinic.web.kit.paging import requested_rows
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.kit.versioned import VersionedForm

#: How many coming appointments stand on a patient's page.
COMING_MOST = 5


class AccountForm(AdminForm):
    """What the office may correct of an account."""

    lines: tuple[tuple[str, ...], ...] = (("full_name",), ("email", "phone_num"))
    full_name = StringField(lazy_gettext("Full name"), [required()])
    email = EmailAddressField(lazy_gettext("E-mail"), [required()])
    phone_num = PhoneField(lazy_gettext("Phone"), [required()])


class EditAccountForm(VersionedForm, AccountForm):
    """The same, with the version that was read. A patient may be without an e-mail, as long as there never was one."""

    def changes(self) -> PersonChanges:
        """Return the changes for the domain: every field."""
        return cast(PersonChanges, self.values())

    email = EmailAddressField(
        lazy_gettext("E-mail"),
        description=lazy_gettext(
            "When you add a patient's first e-mail address, we'll send it a link to choose a password."
        ),
    )


class EditPatientForm(EditAccountForm):
    """The same of a patient, with all that the clinic asks of one."""

    lines = (*AccountForm.lines, *PATIENT_LINES)
    date_of_birth = birthday_field()
    gender = gender_field()
    address = address_field()
    insurance_id = insurance_field()
    emergency_contact = emergency_contact_field()
    emergency_contact_phone = emergency_phone_field()


class InviteForm(AccountForm):
    """Somebody new of the clinic."""

    lines = (*AccountForm.lines, ("language",))
    language = LanguageField(lazy_gettext("Language of the invitation"))


class InviteColleagueForm(InviteForm):
    """Somebody new of the office, at the reception unless somebody says otherwise."""

    lines = (*InviteForm.lines, ("duties",))
    duties = DutiesField(lazy_gettext("Duties"), default=[Duty.RECEPTION])


@dataclass(frozen=True)
class WayIn:
    """How somebody new gets a role: the words of the button, its icon and where it leads, "" for who may not go there."""

    label: str
    icon: str
    href: str


def _way_in(role: Role) -> WayIn:
    match role:
        case Role.PATIENT:
            return WayIn(gettext("New patient"), "user", link_to("admin.patient_new"))
        case Role.DOCTOR:
            return WayIn(gettext("Invite a doctor"), "mail", link_to("admin.doctor_new"))
        case Role.ADMIN:
            return WayIn(gettext("Invite somebody to the office"), "mail", link_to("admin.user_new"))
        case other:
            assert_never(other)


@blueprint.get("/users")
def users() -> ResponseReturnValue:
    """List the accounts by name."""
    filters = read_filters("search", "role", "active")
    found = accounts.people(
        signed_in_actor(),
        role=filters.one_of("role", list(Role)),
        active=filters.switched,
        search=filters.text("search"),
        page=requested_rows(PAGE_SIZE),
    )
    roles = {"": gettext("All"), **{str(role): text_of_role(role) for role in Role}}
    return page(
        "admin/users.html",
        fragments={"user-list"},
        filters=filters,
        found=found,
        roles=roles,
        switched=SWITCHED,
        ways_in=[way for way in map(_way_in, Role) if way.href],
    )


@blueprint.route("/users/new", methods=["GET", "POST"])
@keeps_unsent(InviteColleagueForm)
def user_new() -> ResponseReturnValue:
    """Show the form that invites somebody to the office; send the invitation on POST."""
    require_proof()
    form = InviteColleagueForm()
    outcome = submitted(form, lambda: accounts.invite_admin(signed_in_actor(), **form.values()))
    if outcome.done:
        flash(gettext("The invitation is on its way to %(mail)s.", mail=form.email.data), "success")
        return see_other(url_for(".user", user_id=outcome.result))
    return invite_page(form, outcome.status, gettext("Invite somebody to the office"), back=".users")


@blueprint.route("/users/<int:user_id>", methods=["GET", "POST"])
@keeps_unsent(EditPatientForm)
def user(user_id: int) -> ResponseReturnValue:
    """Show an account, which the audit writes down; correct it on POST."""
    actor = signed_in_actor()
    form_type = _form_for(accounts.person(actor, user_id))
    form = form_type()
    outcome = submitted(
        form,
        lambda: accounts.edit_person(actor, user_id, form.changes(), expected_version=form.expected_version),
    )
    if outcome.done:
        return _account_saved(user_id)
    shown = accounts.open_account(actor, user_id)
    # Another e-mail is saved as soon as it waits to be confirmed.
    form.set_beside({**shown, "email": shown["pending_email"] or shown["email"]})
    if form.saved_already:
        return _account_saved(user_id)
    return _user_page(actor, shown, form if outcome.refused else form_type(data=shown), outcome.status)


def _account_saved(user_id: int) -> ResponseReturnValue:
    flash(gettext("Your changes are saved."), "success")
    return see_other(url_for(".user", user_id=user_id))


def _form_for(person: PersonRow) -> type[EditAccountForm]:
    return EditPatientForm if person["role"] == Role.PATIENT else EditAccountForm


def _user_page(actor: Actor, shown: OpenAccount, form: EditAccountForm, status: int) -> ResponseReturnValue:
    if shown["email"]:
        form.email.description, form.email.flags.required = "", True
    coming = None
    if shown["role"] == Role.PATIENT and can(actor, Action.SEE_APPOINTMENT):
        coming = scheduling.appointments(
            actor, status=scheduling.UPCOMING, patient_id=shown["id"], page=Keyset(COMING_MOST)
        )
    return page(
        "admin/user.html",
        status=status,
        person=shown,
        form=form,
        own=shown["id"] == actor.user_id,
        editable=can(actor, editing_accounts_of(Role(shown["role"]))),
        coming=coming,
        correcting=status != 200,
    )


@blueprint.route("/users/<int:user_id>/switch", methods=["GET", "POST"])
def user_switch(user_id: int) -> ResponseReturnValue:
    """Show what depends on an account; switch it off or on by POST."""
    require_proof()
    shown = accounts.person(signed_in_actor(), user_id)
    return switching(
        EntryKind.ACCOUNT,
        user_id,
        name=shown["full_name"],
        active=shown["is_active"],
        back=url_for(".user", user_id=user_id),
        appointments=_coming_appointments(shown),
    )


def _coming_appointments(person: PersonRow) -> str:
    """Return the address of all coming appointments of a patient or doctor, "" for who has none or may not see them."""
    role = Role(person["role"])
    match role:
        case Role.PATIENT | Role.DOCTOR:
            # The list's filters bear the names of the roles.
            whose: dict[str, Any] = {role: person["id"]}
            return link_to("admin.appointments", status=scheduling.UPCOMING, **whose)
        case Role.ADMIN:
            return ""
        case other:
            assert_never(other)


def _refused(actor: Actor, user_id: int, press: PortalForm, status: int) -> ResponseReturnValue:
    """Show an account with why one of its buttons did nothing."""
    shown = accounts.open_account(actor, user_id)
    form = _form_for(shown)(formdata=None, data=shown)
    form.form_errors = press.form_errors
    return _user_page(actor, shown, form, status)


@blueprint.post("/users/<int:user_id>/keep-email")
def user_keep_email(user_id: int) -> ResponseReturnValue:
    """Let the e-mail that waits to become an account's wait no longer."""
    actor, press = signed_in_actor(), PortalForm()
    outcome = submitted(press, lambda: accounts.withdraw_email_change(actor, user_id))
    if not outcome.done:
        return _refused(actor, user_id, press, outcome.status)
    flash(gettext("The e-mail stays as it is."), "success")
    return see_other(url_for(".user", user_id=user_id))


@blueprint.post("/users/<int:user_id>/identity")
def user_identity(user_id: int) -> ResponseReturnValue:
    """Note that the reception saw a patient's identification, or take it back."""
    actor, press = signed_in_actor(), PortalForm()
    seen = request.form.get("seen") == "yes"
    outcome = submitted(press, lambda: accounts.note_identity(actor, user_id, seen=seen))
    if not outcome.done:
        return _refused(actor, user_id, press, outcome.status)
    flash(
        gettext("Noted: you've seen their ID.") if seen else gettext("The note that their ID was seen is gone."),
        "success",
    )
    return see_other(url_for(".user", user_id=user_id))


@blueprint.post("/users/<int:user_id>/invite")
def user_invite(user_id: int) -> ResponseReturnValue:
    """Send somebody a new invitation, or a link to choose a password where the office opens their account."""
    actor, press = signed_in_actor(), PortalForm()
    outcome = submitted(press, lambda: accounts.invite_again(actor, user_id))
    if not outcome.done:
        return _refused(actor, user_id, press, outcome.status)
    invited = accounts.person(actor, user_id)
    mail = invited["email"]
    if invited["has_password"]:
        flash(gettext("The link is on its way to %(mail)s.", mail=mail), "success")
    else:
        flash(gettext("The invitation is on its way to %(mail)s.", mail=mail), "success")
    return see_other(url_for(".user", user_id=user_id))


def invite_page(form: InviteForm, status: int, title: str, *, back: str) -> ResponseReturnValue:
    """Answer the form of an invitation, which says how long the link in it works."""
    days = accounts.INVITATION_LASTS.days
    return page("admin/invite.html", status=status, form=form, title=title, back=back, invitation_days=days)
