"""Taking the second step of signing in away from somebody who has lost their phone and their recovery codes."""

from __future__ import annotations

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import accounts
from clinic.web.admin.menu import blueprint
from clinic.web.kit.access import require_proof, signed_in_actor
from clinic.web.kit.forms import PortalForm
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted


@blueprint.route("/users/<int:user_id>/reset-factor", methods=["GET", "POST"])
def user_reset_factor(user_id: int) -> ResponseReturnValue:
    """Ask whether somebody's second step should be taken away, and how to know that it is them; do it on POST."""
    require_proof()
    actor, form = signed_in_actor(), PortalForm()
    outcome = submitted(form, lambda: accounts.reset_second_factor(actor, user_id))
    if outcome.done:
        flash(gettext("The second step is reset. Next time they sign in with their password."), "success")
        return see_other(url_for(".user", user_id=user_id))
    shown = accounts.open_account(actor, user_id)
    own = shown["id"] == actor.user_id
    return page("admin/reset_factor.html", status=outcome.status, form=form, person=shown, own=own)
