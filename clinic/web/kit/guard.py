"""The guard over all pages: nothing is open that isn't marked, and posted forms aren't lost when the session has ended.

Whoever isn't signed in is sent to the sign-in page and comes back; a form that they posted goes along, sealed. A form
that the browser's present session doesn't know, or that comes too often, is shown again: none of it is executed.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Protocol, cast
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user

from clinic.limits import limiter
from clinic.web.kit import access, preferences, unsent_forms
from clinic.web.kit.forms import is_only_shown, is_refused, refuse_forms

#: What is open without being a page, and asks nobody who they are; the API has its own guard.
_OPEN = frozenset({"static", "healthz", "readyz", "metrics", "manifest", "security_txt"})
#: The parameters of lists that may hold a person's name.
_SEARCHES = frozenset({"search", "q", "whose"})
#: The parts of a full page: what HTMX takes of one that is an answer to a form of a fragment.
_PARTS = ".skip, .top, main, .foot"


class Entrance(Protocol):
    """The pages that come in the place of another: signing in, and a form that may be sent again."""

    def sign_in_page(
        self,
        form: None = None,
        status: int = 422,
        *,
        notice: str = "",
        sealed: str | None = None,
        next_url: str | None = None,
    ) -> Response:
        """Answer the sign-in form; ``notice`` says why, ``sealed`` is what it carries, ``next_url`` where it leads."""

    def resend_page(self, unsent: unsent_forms.UnsentForm, title: str = "") -> Response:
        """Answer what was typed, with the button that sends it again."""


#: Answers the question whether it is them; takes what it carries, sealed, and where it leads.
ProofPage = Callable[[str | None, str | None], Response]


def entrance() -> Entrance:
    """Return the pages that come in the place of another."""
    return cast(Entrance, current_app.extensions["clinic_entrance"])


def is_ours(endpoint: str) -> bool:
    """Return whether an endpoint is a page; whatever isn't known to be something else is one, so it is closed."""
    return endpoint not in _OPEN and not endpoint.startswith("api_")


def _is_public() -> bool:
    return access.is_public(request.endpoint or "")


def _default_deny() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint is None or not is_ours(endpoint):
        return None
    if current_user.is_authenticated:
        access.sign_forms(current_user)
        if not _is_public():
            access.require_page(endpoint)
        return None
    return None if _is_public() else to_sign_in()


# --- signed out -------------------------------------------------------------------------------------------------------


def to_sign_in() -> ResponseReturnValue:
    """Send a guest to the sign-in page; it leads back to where they were, for a command to the page before it.

    A form that they posted goes along, if it is known who typed it.
    """
    typed = unsent_forms.posted() if request.method == "POST" else None
    if typed is not None:
        return _keep(typed, gettext("You were signed out. Sign in, and we'll keep what you typed."))
    reading = request.method in ("GET", "HEAD")
    return elsewhere(url_for("public.sign_in", next=_here() if reading else access.page_before()))


def to_proof() -> ResponseReturnValue:
    """Let somebody show first that it is still them; what they had typed goes along."""
    typed = unsent_forms.posted() if request.method == "POST" else None
    if typed is not None:
        ask: ProofPage = current_app.extensions["clinic_proof"]
        return _whole(ask(typed.sealed(), access.page_before()))
    reading = request.method in ("GET", "HEAD")
    return elsewhere(url_for("account.prove", next=_here() if reading else access.page_before()))


def elsewhere(address: str) -> ResponseReturnValue:
    """Answer that another page is to be shown as a whole, whatever part of this one was asked for."""
    if not _by_htmx():
        return redirect(address, 303)
    response = make_response("", 200)
    response.headers["HX-Redirect"] = address
    return response


def _here() -> str:
    """Return the present page's address, without its query if somebody is searched for: no name belongs into the
    addresses of the entrance, which browsers and proxies write down."""
    return request.path if _SEARCHES & request.args.keys() else access.here()


def _keep(typed: unsent_forms.UnsentForm, message: str) -> Response:
    """Answer with the sign-in page that carries what was typed."""
    sealed = typed.sealed()
    if sealed is None:
        message = gettext("You were signed out, and what you typed is too long to keep. Go back and copy it first.")
    return _whole(entrance().sign_in_page(notice=message, sealed=sealed, next_url=access.page_before()))


def _whole(response: Response) -> Response:
    """Let HTMX put a full page in the place of the present one, whatever the request had asked for."""
    if _by_htmx():
        response.headers.update({"HX-Retarget": "body", "HX-Reswap": "innerHTML", "HX-Push-Url": "false"})
        response.headers["HX-Reselect"] = _PARTS
    return response


def _by_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


# --- forms that are not acted on --------------------------------------------------------------------------------------


def after_wrong_token() -> ResponseReturnValue | None:
    """Answer a form that the browser's present session doesn't know; None where there is nothing to show again.

    That is a form that was open while its session ended in this very browser, or another page's forgery: what doesn't
    come from one of our own pages is only refused.
    """
    if not _from_our_page():
        return None
    if access.acts_from_any_page_of_ours(request.endpoint or ""):
        return current_app.dispatch_request()
    actor, owner = access.current_actor(), unsent_forms.owner()
    its_own = actor is not None and actor.user_id == owner
    if unsent_forms.is_shown_again() and (its_own or (_is_public() and owner is None)):
        # Nothing of it would have been acted on anyway.
        if not _is_public():
            access.require_page(request.endpoint or "")
        return _shown_again("")
    typed = unsent_forms.posted()
    if _is_public() and (owner is None or its_own or typed is None):
        return _shown_again(gettext("This page was open for too long, so nothing has been sent. Please send it again."))
    if typed is None:
        return None
    if its_own:
        return _whole(entrance().resend_page(typed, gettext("Please send it again")))
    if actor is None:
        return _keep(typed, gettext("You were signed out. Sign in, and we'll keep what you typed."))
    return _keep(
        typed,
        gettext("This form was opened with another account. Nothing was sent. Sign in with that one to send it."),
    )


def _from_our_page() -> bool:
    """Return whether the browser says that one of our own pages sent the form; no other page can make it say so."""
    return urlsplit(request.headers.get("Origin") or request.referrer or "").netloc == request.host


def after_too_many(words: str) -> ResponseReturnValue | None:
    """Show a form again that was sent too often, with these words of it (``wait``); None for what is no open form."""
    return _shown_again(words) if _is_public() else None


def wait(seconds: int) -> str:
    """Say that something was done too often and how long to wait."""
    minutes = -(-seconds // 60)
    return ngettext(
        "That was too often. Please wait one minute, then try again.",
        "That was too often. Please wait %(num)d minutes, then try again.",
        minutes,
    )


def _shown_again(message: str) -> ResponseReturnValue | None:
    """Show the page of a posted form of an open view again: every form of this request is refused with these words."""
    endpoint, view_args = request.endpoint or "", request.view_args or {}
    if unsent_forms.form_of(endpoint, view_args) is None:
        return None
    refuse_forms(message)
    return current_app.dispatch_request()


# --- language and colours, with a form that isn't sent yet ------------------------------------------------------------


@limiter.request_filter
def _is_no_try() -> bool:
    """Return whether a form isn't acted on, so that it isn't counted either; one that is answered again is."""
    if unsent_forms.is_shown_again():
        form = unsent_forms.form_of(request.endpoint, request.view_args or {})
        return not (form and form.answers_again)
    return is_refused()


def _only_show() -> None:
    if unsent_forms.is_shown_again():
        refuse_forms("")


def _shown(response: Response) -> Response:
    """Keep what was pressed, and say that nothing is wrong with the form."""
    if is_only_shown() and response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        preferences.keep_preferences(
            response,
            access.current_actor(),
            request.form.get(unsent_forms.SET_LANGUAGE),
            request.form.get(unsent_forms.SET_THEME),
        )
        if response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
            response.status_code = HTTPStatus.OK
    return response


def install(app: Flask, sign_in: Entrance, proof: ProofPage) -> None:
    """Put the guard over ``app``; ``sign_in`` answers whoever has to sign in first, ``proof`` whoever has to prove it."""
    app.extensions["clinic_entrance"] = sign_in
    app.extensions["clinic_proof"] = proof
    app.before_request(_default_deny)
    app.before_request(_only_show)
    app.after_request(_shown)
