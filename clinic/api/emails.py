"""The caller's e-mail: another one, by a link that is mailed to it, and confirming the one that they have."""

from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from clinic import accounts
from clinic.api.auth import bearer, signed_in
from clinic.api.blueprint import Resource
from clinic.api.responses import done
from clinic.api.schemas import accounts as schemas
from clinic.policy import Action, Actor

resource = Resource("emails", __name__, description="Another e-mail, and confirming the present one.")


@resource.route("/user/me/email/", methods=["POST"])
@resource.response(200, schemas.EmailChangeRequested)
@resource.refuses(403, 429)
@signed_in(Action.CHANGE_OWN_ACCOUNT)
@resource.arguments(schemas.EmailChange)
def request_email_change(actor: Actor, body: dict[str, Any]) -> Response:
    """Request another e-mail: a link is mailed to it, and nothing changes until it is used.

    The present e-mail is told, with a link that keeps it.
    """
    pending = accounts.request_email_change(actor, body["email"])
    return done(
        _("We've written to the new e-mail. Nothing changes until you confirm it there."), pending_email=pending
    )


@resource.route("/auth/confirm-email/", methods=["POST"])
@resource.response(200, schemas.Done)
@resource.refuses(401, 403)
@resource.arguments(schemas.Link)
def confirm_email(body: dict[str, Any]) -> Response:
    """Confirm an e-mail by the link that was mailed to it.

    A link that the account's own person asked for needs their access token too: else it is 403 `sign_in_to_confirm`. Where it
    makes another e-mail the account's, every session of the account ends.
    """
    actor = bearer() if request.headers.get("Authorization") else None
    if accounts.confirm_email(actor, **body):
        return done(_("Your new e-mail is confirmed. Sign in with it."))
    return done(_("Your e-mail is confirmed."))


@resource.route("/auth/resend-confirmation/", methods=["POST"])
@resource.response(200, schemas.Done)
@resource.refuses(409, 429)
@signed_in(Action.CHANGE_OWN_ACCOUNT)
def resend_confirmation(actor: Actor) -> Response:
    """Ask for another link that confirms the caller's e-mail; 409 `already_confirmed` where it is."""
    accounts.resend_confirmation(actor)
    return done(_("A link to confirm your e-mail is on its way."))
