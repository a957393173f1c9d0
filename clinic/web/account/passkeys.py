"""One's own passkeys: adding one, naming it, removing it."""

from __future__ import annotations

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import accounts
from clinic.web.account.devices import device_name
from clinic.web.account.second_step import codes_page, left_without_passkey, say_removed
from clinic.web.account.settings import EndForm, blueprint
from clinic.web.kit.access import require_proof, signed_in_actor
from clinic.web.kit.code_forms import PasskeyForm, PasskeyNameForm, relying_party
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent


@blueprint.route("/second-factor/passkeys/new", methods=["GET", "POST"])
@keeps_unsent(PasskeyForm)
def add_passkey() -> ResponseReturnValue:
    """Ask what the passkey is called, let the browser make it, and add it; the first factor comes with recovery codes."""
    require_proof()
    actor, form = signed_in_actor(), PasskeyForm()
    outcome = submitted(form, lambda: accounts.add_passkey(actor, form.pending()), rehearsed=False)
    if outcome.done:
        flash(gettext("Your passkey is added."), "success")
        return codes_page(outcome.result) if outcome.result else see_other(url_for(".second_factor"))
    form.passkey.data = ""  # an answer is good once
    if form.name.data is None:
        form.name.data = device_name(request.user_agent.string)
    options = accounts.passkey_options(actor, relying_party())
    return page("account/add_passkey.html", status=outcome.status, form=form, options=options)


@blueprint.route("/second-factor/passkeys/<int:passkey_id>", methods=["GET", "POST"])
@keeps_unsent(PasskeyNameForm)
def passkey(passkey_id: int) -> ResponseReturnValue:
    """Give one of one's passkeys another name."""
    actor = signed_in_actor()
    own = accounts.my_passkey(actor, passkey_id)
    form = PasskeyNameForm(data={"name": own["name"]})
    outcome = submitted(form, lambda: accounts.rename_passkey(actor, passkey_id, form.name.data or ""))
    if outcome.done:
        flash(gettext("The name is saved."), "success")
        return see_other(url_for(".second_factor"))
    return page("account/passkey.html", status=outcome.status, form=form, passkey=own)


@blueprint.route("/second-factor/passkeys/<int:passkey_id>/remove", methods=["GET", "POST"])
def remove_passkey(passkey_id: int) -> ResponseReturnValue:
    """Ask whether a passkey should be removed; do it on POST."""
    require_proof()
    actor, form = signed_in_actor(), EndForm()
    own = accounts.my_passkey(actor, passkey_id)
    outcome = submitted(form, lambda: accounts.remove_passkey(actor, passkey_id))
    if outcome.done:
        say_removed(gettext("Your passkey is removed."))
        return see_other(url_for(".second_factor"))
    factor = accounts.my_second_factor(actor)
    left = left_without_passkey(factor, passkey_id)
    return page("account/remove_passkey.html", status=outcome.status, form=form, passkey=own, left=left)
