"""What the link in a mail about too many tries leads to: there somebody says that this browser is theirs, and tries again.

Opening the link changes nothing, since mail programs open links to look at them; pressing the button of the page that it
leads on to (``mailed_links``) does.
"""

from __future__ import annotations

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import accounts
from clinic.web.kit import access, device_cookie, mailed_links
from clinic.web.kit.access import public
from clinic.web.kit.forms import PortalForm
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.public.home import blueprint


class OwnBrowserForm(PortalForm):
    """Nothing to type: only that it was the person."""


@blueprint.get("/own-sign-in/<uid>/<token>")
@public
def own_sign_in(uid: str, token: str) -> ResponseReturnValue:
    """Take the token of a mailed link out of the address; say at once where the link is dead."""
    if not accounts.own_link_is_good(uid, token):
        return _dead()
    return mailed_links.carry(".own_sign_in_now", uid, token)


@blueprint.route("/own-sign-in/now", methods=["GET", "POST"])
@public
@keeps_unsent(OwnBrowserForm)
def own_sign_in_now() -> ResponseReturnValue:
    """Say what the link does; know this browser on POST, and lead to the sign-in."""
    carried = mailed_links.carried()
    if carried is None:
        return mailed_links.not_carried()
    if not accounts.own_link_is_good(carried.uid, carried.token):
        return _dead()
    form = OwnBrowserForm()
    outcome = submitted(
        form, lambda: accounts.know_by_link(uid=carried.uid, token=carried.token, origin=access.origin())
    )
    if not outcome.done:
        dead = outcome.refusal is not None and "token" in outcome.refusal.errors
        return _dead() if dead else page("public/own_sign_in.html", status=outcome.status, form=form)
    device_cookie.keep(outcome.result)
    flash(gettext("Thank you. You can try again now."), "success")
    return see_other(url_for(".sign_in"))


def _dead() -> ResponseReturnValue:
    return page("public/own_sign_in.html", status=410, form=None)
