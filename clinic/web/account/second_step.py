"""The second step of one's own sign-in: what is set up, setting it up, removing it, and recovery codes."""

from __future__ import annotations

from flask import Response, flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import accounts
from clinic.web.account.settings import EndForm, blueprint
from clinic.web.kit.access import require_proof, signed_in_actor
from clinic.web.kit.code_forms import SetUpForm, grouped, picture_of
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted


@blueprint.get("/second-factor")
def second_factor() -> ResponseReturnValue:
    """Show what is set up, and lead to what can be changed."""
    return page("account/second_factor.html", factor=accounts.my_second_factor(signed_in_actor()))


@blueprint.route("/second-factor/totp", methods=["GET", "POST"])
def set_up_totp() -> ResponseReturnValue:
    """Show what an app scans, and set it up by its first code; recovery codes are shown then, this once."""
    actor, form = signed_in_actor(), SetUpForm()
    offer = accounts.offer_totp(actor, form.offer.data)
    outcome = submitted(form, lambda: accounts.add_totp(actor, form.pending()), rehearsed=False)
    if outcome.done:
        flash(gettext("Your app is set up."), "success")
        return _codes_page(outcome.result) if outcome.result else see_other(url_for(".second_factor"))
    form.offer.data = offer.sealed
    return page(
        "account/set_up_totp.html",
        status=outcome.status,
        form=form,
        picture=picture_of(offer),
        secret=grouped(offer.secret),
    )


def _codes_page(codes: list[str]) -> Response:
    return page("account/recovery_codes_shown.html", codes=codes, leads_to=url_for(".second_factor"), sealed=None)


@blueprint.route("/second-factor/totp/remove", methods=["GET", "POST"])
def remove_totp() -> ResponseReturnValue:
    """Ask whether the app should be removed; do it on POST."""
    require_proof()
    actor, form = signed_in_actor(), EndForm()
    outcome = submitted(form, lambda: accounts.remove_totp(actor))
    if outcome.done:
        flash(gettext("The second step is removed. Your password alone signs you in now."), "success")
        return see_other(url_for(".second_factor"))
    return page("account/remove_totp.html", status=outcome.status, form=form)


@blueprint.route("/recovery-codes", methods=["GET", "POST"])
def recovery_codes() -> ResponseReturnValue:
    """Say what new recovery codes are for; make them on POST and show them, this once."""
    require_proof()
    actor, form = signed_in_actor(), EndForm()
    outcome = submitted(form, lambda: accounts.make_recovery_codes(actor))
    if outcome.done:
        return _codes_page(outcome.result)
    return page("account/recovery_codes.html", status=outcome.status, form=form)
