"""The second step of signing in, and showing again that it is oneself."""

from typing import Any

from flask import Response
from flask_babel import gettext as _

from clinic import accounts
from clinic.accounts import SessionKind
from clinic.api.accounts import welcome
from clinic.api.auth import origin, signed_in, tokens_of
from clinic.api.blueprint import Resource
from clinic.api.responses import done
from clinic.api.schemas import accounts as schemas
from clinic.limits import limit_sign_ins
from clinic.policy import Action, Actor

resource = Resource("second factor", __name__, description="The second step of signing in, and showing who one is.")


@resource.route("/auth/second-factor/", methods=["POST"])
@resource.response(200, schemas.Welcome)
@resource.refuses(401, 403)
@resource.limited(limit_sign_ins)
@resource.arguments(schemas.SecondStep)
def second_factor(body: dict[str, Any]) -> Response:
    """Finish signing in with the ticket of `auth/login/` or `token/`, and a code of the app or a recovery code.

    Passkeys are taken on the portal's pages alone; whoever has no app uses a recovery code here. A ticket is good once, as long as its `expires_in` said, and for five wrong codes.
    """
    entered = accounts.finish_sign_in(**body, kind=SessionKind.API, origin=origin())
    return welcome(entered, _("You're signed in."))


@resource.route("/auth/proof/", methods=["POST"])
@resource.response(200, schemas.Proven)
@signed_in(Action.CHANGE_OWN_ACCOUNT)
@resource.arguments(schemas.Proof)
def prove(actor: Actor, body: dict[str, Any]) -> Response:
    """Show that it is still oneself: by a `code` where a second step is set up, by the `password` otherwise.

    What answers 403 `proof_required` is possible for some minutes then. The pair of tokens before is dead; the fifth
    wrong answer in a row ends the session.
    """
    return done(_("Thank you. It's you."), tokens=tokens_of(accounts.prove(actor, **body)))
