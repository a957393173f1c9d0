"""A forgotten password: ask for the mail with a link, try the link, choose a new password by it."""

import functools
from collections.abc import Callable
from typing import Any

from flask import Response, current_app
from flask_babel import gettext as _

from clinic import accounts
from clinic.api.blueprint import Resource
from clinic.api.responses import answer, done
from clinic.api.schemas import accounts as schemas
from clinic.errors import InvalidInput, NotFound
from clinic.i18n import N_
from clinic.limits import limit_forgotten

resource = Resource("passwords", __name__, description="A forgotten password, by mail.")


@resource.route("/auth/forgot-password/", methods=["POST"])
@resource.response(200, schemas.Done)
@resource.limited(limit_forgotten)
@resource.arguments(schemas.Forgotten)
def forgot_password(body: dict[str, Any]) -> Response:
    """Ask for a mail with a link to choose a new password; the mail says until when it is good, once."""
    try:
        accounts.forgot_password(body["email"])
    except NotFound as unknown:
        if not current_app.config["HIDE_UNKNOWN_EMAILS"]:
            raise InvalidInput.of({"email": [unknown.message]}) from None
    return done(_("If there's an account with this e-mail, a link is on its way."))


def _says_valid(view: Callable[..., Response]) -> Callable[..., Response]:
    """Add ``valid: false`` to whatever a 400 of ``view`` says (API, ``auth/verify-reset-token/``)."""

    @functools.wraps(view)
    def run(*args: Any, **kwargs: Any) -> Response:
        try:
            return view(*args, **kwargs)
        except InvalidInput as refusal:
            texts = refusal.field_texts(_)
            repeated = texts if refusal.code == InvalidInput.default_code else {}
            body = {"success": False, "code": refusal.code, "message": refusal.text(_), "errors": texts}
            return answer({**repeated, **body, "valid": False}, 400)

    return run


@resource.route("/auth/verify-reset-token/", methods=["POST"])
@resource.response(200, schemas.GoodLink)
@_says_valid
@resource.arguments(schemas.Link)
def verify_reset_token(body: dict[str, Any]) -> Response:
    """Ask whether a link can still be used; the refusal says `valid: false` too."""
    if not accounts.reset_link_is_good(body["uid"], body["token"]):
        raise InvalidInput.of({"token": [N_("This link has expired. Please ask for a new one.")]})
    return done(_("This link is valid."), valid=True)


@resource.route("/auth/reset-password/", methods=["POST"])
@resource.response(200, schemas.Done)
@resource.arguments(schemas.NewPassword)
def reset_password(body: dict[str, Any]) -> Response:
    """Choose a new password by a link; ends the link and every session of the user, and confirms by mail."""
    accounts.reset_password(**body)
    return done(_("Your password has been changed. Please sign in with the new one."))
