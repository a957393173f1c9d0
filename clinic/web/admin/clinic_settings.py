"""What the clinic decides about itself: name, how people reach it, booking, languages. Saved with a history on the same page."""

from __future__ import annotations

from typing import Any, cast

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, ngettext
from wtforms import StringField, TextAreaField

from clinic import configuration
from clinic.configuration import ClinicChanges, SavedDetails
from clinic.i18n import LANGUAGES
from clinic.policy import Actor
from clinic.web.admin.audit_sentences import SETTINGS
from clinic.web.admin.form_fields import AdminForm, OfferedLanguagesField, SwitchField, WholeNumberField
from clinic.web.admin.menu import blueprint
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.forms import required
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.kit.versioned import VersionedForm

#: The button that gives one value back to the server's settings.
RESET = "reset"


def _called(name: str) -> Any:
    """Return what a value is called, as the label of its field."""
    return lazy_gettext(SETTINGS[name])


_SAME = lazy_gettext("Leave this empty if it's the same as in English.")


class SettingsForm(VersionedForm, AdminForm):
    """The clinic's settings line by line, with the version that was read."""

    lines = (
        ("clinic_name", "emergency_number"),
        ("phone", "email"),
        ("address", "address_vi"),
        ("map_url",),
        ("letterhead", "letterhead_vi"),
        ("horizon_days",),
        ("lead_hours", "notice_hours"),
        ("languages",),
        ("is_demo",),
    )
    clinic_name = StringField(_called("clinic_name"), [required()])
    emergency_number = StringField(_called("emergency_number"), [required()], render_kw={"inputmode": "numeric"})
    phone = StringField(_called("phone"), render_kw={"inputmode": "tel"})
    email = StringField(_called("email"), render_kw={"inputmode": "email"})
    address = TextAreaField(_called("address"))
    address_vi = TextAreaField(_called("address_vi"), description=_SAME)
    map_url = StringField(_called("map_url"), render_kw={"inputmode": "url"})
    letterhead = TextAreaField(
        _called("letterhead"),
        description=lazy_gettext("Printed under the clinic's name: who runs it, its licence."),
    )
    letterhead_vi = TextAreaField(_called("letterhead_vi"), description=_SAME)
    horizon_days = WholeNumberField(_called("horizon_days"), [required()])
    lead_hours = WholeNumberField(
        _called("lead_hours"),
        [required()],
        description=lazy_gettext("0: any time to come. Only patients are bound by it."),
    )
    notice_hours = WholeNumberField(_called("notice_hours"), [required()])
    languages = OfferedLanguagesField(_called("languages"))
    is_demo = SwitchField(
        _called("is_demo"),
        lazy_gettext("Say on every page that this is a demo and all data is invented"),
    )

    def changes(self) -> ClinicChanges:
        """Return what was typed, by the domain's names."""
        return cast(ClinicChanges, {**self.values(), "is_demo": self.is_demo.is_on})


class ResetForm(VersionedForm):
    """One press: nothing to type."""


@blueprint.route("/settings", methods=["GET", "POST"])
@keeps_unsent(SettingsForm)
def settings() -> ResponseReturnValue:
    """Show the clinic's settings in their form with their history; save them on POST, or give one value back to the server's."""
    actor = signed_in_actor()
    if name := request.form.get(RESET):
        return _given_back(actor, name)
    shown = configuration.details(actor)
    form = SettingsForm(data=_filled(shown))
    outcome = submitted(form, lambda: configuration.save(actor, form.changes(), expected_version=form.expected_version))
    if form.stale:
        shown = configuration.details(actor)
        form.set_beside(_filled(shown))
    if outcome.done or form.saved_already:
        flash(gettext("Your changes are saved."), "success")
        return see_other(url_for(".settings"))
    return page(
        "admin/settings.html",
        status=outcome.status,
        form=form,
        shown=shown,
        names=SETTINGS,
        history=configuration.history(actor),
        in_words=in_words,
    )


def _given_back(actor: Actor, name: str) -> ResponseReturnValue:
    """Give one value back to the server's settings; where that can't be done, say why above the page."""
    form = ResetForm()
    outcome = submitted(
        form, lambda: configuration.save(actor, {}, reset=[name], expected_version=form.expected_version)
    )
    if outcome.done:
        flash(gettext("Your changes are saved."), "success")
    elif outcome.refusal is not None:
        flash(outcome.refusal.text(gettext), "error")
    return see_other(url_for(".settings"))


def _filled(shown: SavedDetails) -> dict[str, object]:
    return {**shown.present, "is_demo": SwitchField.data_of(on=shown.present["is_demo"]), "version": shown.version}


def in_words(name: str, value: object) -> str:
    """Return a value as people read it."""
    match name, value:
        case _, None:
            return gettext("(empty)")
        case "languages", list():
            return ", ".join(LANGUAGES.get(code, code) for code in value)
        case "is_demo", _:
            return gettext("shown") if value else gettext("not shown")
        case "horizon_days", int():
            return ngettext("%(num)s day", "%(num)s days", value)
        case "notice_hours" | "lead_hours", int():
            return ngettext("%(num)s hour", "%(num)s hours", value)
    return str(value)
