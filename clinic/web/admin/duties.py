"""What a colleague of the office looks after: shown, and changed by who looks after accounts."""

from __future__ import annotations

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from clinic import accounts
from clinic.accounts import PersonRow
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.policy import Actor, Role
from clinic.web.admin.form_fields import DutiesField
from clinic.web.admin.menu import blueprint
from clinic.web.kit.access import require_proof, signed_in_actor
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.kit.versioned import VersionedForm


class DutiesForm(VersionedForm):
    """The duties, with the version of the account that was read."""

    duties = DutiesField(lazy_gettext("Duties"))


@blueprint.route("/users/<int:user_id>/duties", methods=["GET", "POST"])
@keeps_unsent(DutiesForm)
def user_duties(user_id: int) -> ResponseReturnValue:
    """Show the duties of a colleague in their form; save them on POST."""
    require_proof()
    actor = signed_in_actor()
    shown = _colleague(actor, user_id)
    form = DutiesForm(data=dict(shown))
    outcome = submitted(
        form,
        lambda: accounts.change_duties(actor, user_id, form.duties.data or (), expected_version=form.expected_version),
    )
    if form.stale:
        shown = _colleague(actor, user_id)
        form.set_beside(shown)
    if outcome.done or form.saved_already:
        flash(gettext("Your changes are saved."), "success")
        return see_other(url_for(".user", user_id=user_id))
    return page("admin/duties.html", status=outcome.status, form=form, person=shown, own=shown["id"] == actor.user_id)


def _colleague(actor: Actor, user_id: int) -> PersonRow:
    person = accounts.person(actor, user_id)
    if person["role"] != Role.ADMIN:
        raise NotFound(N_("We can't find this account."))
    return person
