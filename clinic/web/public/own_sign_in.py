"""What the link in a mail about too many tries leads to: there somebody says that this browser is theirs, and tries again.

Opening the link changes nothing, since mail programs open links to look at them; pressing its button does.
"""

from __future__ import annotations

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import accounts
from clinic.web.kit import access, device_cookie
from clinic.web.kit.access import public
from clinic.web.kit.forms import PortalForm
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.public.home import blueprint


class OwnBrowserForm(PortalForm):
    """Nothing to type: only that it was the person."""


@blueprint.route("/own-sign-in/<uid>/<token>", methods=["GET", "POST"])
@public
@keeps_unsent(OwnBrowserForm)
def own_sign_in(uid: str, token: str) -> ResponseReturnValue:
    """Say what the link does; know this browser on POST, and lead to the sign-in."""
    if not accounts.own_link_is_good(uid, token):
        return _dead()
    form = OwnBrowserForm()
    outcome = submitted(form, lambda: accounts.know_by_link(uid=uid, token=token, origin=access.origin()))
    if not outcome.done:
        dead = outcome.refusal is not None and "token" in outcome.refusal.errors
        return _dead() if dead else page("public/own_sign_in.html", status=outcome.status, form=form)
    device_cookie.keep(outcome.result)
    flash(gettext("Thank you. You can try again now."), "success")
    return see_other(url_for(".sign_in"))


def _dead() -> ResponseReturnValue:
    return page("public/own_sign_in.html", status=410, form=None)
