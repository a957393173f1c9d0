"""The second step of one's own sign-in: what is set up, setting up an app, removing it, and recovery codes."""

from __future__ import annotations

from enum import StrEnum

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
    factor = accounts.my_second_factor(signed_in_actor())
    return page("account/second_factor.html", factor=factor, is_last=is_last(factor))


def is_last(factor: accounts.SecondFactorRow) -> bool:
    """Return whether somebody has one way of the second step that is taken, and no other."""
    return _taken(factor) == 1


def _taken(factor: accounts.SecondFactorRow) -> int:
    return bool(factor["since"]) + sum(not each["is_refused"] for each in factor["passkeys"])


class Left(StrEnum):
    """What is left of somebody's second step once a way of it is removed."""

    OTHERS = "others"
    #: Passkeys that aren't taken any more: the second step stays, and recovery codes are the way.
    CODES = "codes"
    NOTHING = "nothing"


def left_without_app(factor: accounts.SecondFactorRow) -> Left:
    """Return what is left once the app is removed."""
    return _left({**factor, "since": None})


def left_without_passkey(factor: accounts.SecondFactorRow, passkey_id: int) -> Left:
    """Return what is left once a passkey is removed."""
    return _left({**factor, "passkeys": [each for each in factor["passkeys"] if each["id"] != passkey_id]})


def _left(factor: accounts.SecondFactorRow) -> Left:
    if _taken(factor):
        return Left.OTHERS
    return Left.CODES if factor["passkeys"] else Left.NOTHING


@blueprint.route("/second-factor/totp", methods=["GET", "POST"])
def set_up_totp() -> ResponseReturnValue:
    """Show what an app scans, and set it up by its first code; recovery codes are shown then, this once."""
    actor, form = signed_in_actor(), SetUpForm()
    offer = accounts.offer_totp(actor, form.offer.data)
    outcome = submitted(form, lambda: accounts.add_totp(actor, form.pending()), rehearsed=False)
    if outcome.done:
        flash(gettext("Your app is set up."), "success")
        return codes_page(outcome.result) if outcome.result else see_other(url_for(".second_factor"))
    form.offer.data = offer.sealed
    return page(
        "account/set_up_totp.html",
        status=outcome.status,
        form=form,
        picture=picture_of(offer),
        secret=grouped(offer.secret),
    )


def codes_page(codes: list[str]) -> Response:
    """Show recovery codes, this once."""
    return page("account/recovery_codes_shown.html", codes=codes, leads_to=url_for(".second_factor"), sealed=None)


@blueprint.route("/second-factor/totp/remove", methods=["GET", "POST"])
def remove_totp() -> ResponseReturnValue:
    """Ask whether the app should be removed; do it on POST."""
    require_proof()
    actor, form = signed_in_actor(), EndForm()
    outcome = submitted(form, lambda: accounts.remove_totp(actor))
    if outcome.done:
        say_removed(gettext("Your app is removed."))
        return see_other(url_for(".second_factor"))
    factor = accounts.my_second_factor(actor)
    return page("account/remove_totp.html", status=outcome.status, form=form, left=left_without_app(factor))


def say_removed(one_of_several: str) -> None:
    """Say that a way of the second step is removed, and whether another is left."""
    if accounts.proves_by_code(signed_in_actor()):
        flash(one_of_several, "success")
    else:
        flash(gettext("The second step is removed. Your password alone signs you in now."), "success")


@blueprint.route("/recovery-codes", methods=["GET", "POST"])
def recovery_codes() -> ResponseReturnValue:
    """Say what new recovery codes are for; make them on POST and show them, this once."""
    require_proof()
    actor, form = signed_in_actor(), EndForm()
    outcome = submitted(form, lambda: accounts.make_recovery_codes(actor))
    if outcome.done:
        return codes_page(outcome.result)
    return page("account/recovery_codes.html", status=outcome.status, form=form)
