"""The language and the colours of an answer: what was pressed, what a cookie keeps, what the person or browser prefers."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

from flask import Flask, Request, current_app, g, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response as BaseResponse

from clinic import accounts, settings
from clinic.i18n import LANGUAGES, known_language
from clinic.policy import Actor
from clinic.web.kit.unsent_forms import SET_LANGUAGE, SET_THEME

LANGUAGE_COOKIE = "lang"
THEME_COOKIE = "theme"
THEMES = ("light", "dark")
#: The page's own colour (`--bg` of clinic.css) as browsers want it for their frame, by theme.
THEME_COLOURS = {"light": "#eef9f6", "dark": "#09191b"}
PREFERENCE_SECONDS = 365 * 24 * 3600


def _incoming() -> Request:
    """Return the request itself: the proxy looks for it at each attribute."""
    return cast(Request, request._get_current_object())  # type: ignore[attr-defined] # its type hides that it is a proxy


def _pressed(button: str, incoming: Request) -> str | None:
    """Return the value of a button that was pressed, None if it wasn't, or if the body can't be read: the page that
    says so is in a language, too. Only what is posted presses one."""
    if incoming.method != "POST":
        return None
    try:
        return incoming.form.get(button)
    except HTTPException:
        return None


def chosen_language() -> str:
    """Return the language of this answer: the one just pressed, the cookie's, the signed-in person's, the browser's."""
    incoming = _incoming()
    chosen = _pressed(SET_LANGUAGE, incoming) or incoming.cookies.get(LANGUAGE_COOKIE)
    offered, own = settings.current().languages, own_language()
    if chosen is not None and (chosen in offered or chosen == own):
        return chosen
    return own or _preferred(incoming.headers.get("Accept-Language", ""), offered)


def own_language() -> str | None:
    """Return the language of the signed-in person's account, None where nobody is signed in or nobody has asked yet."""
    person = g.get("_login_user")
    if person is None or not person.is_authenticated:
        return None
    return known_language(person.actor.language)


def offered_languages(own: str | None = None) -> dict[str, str]:
    """Return the languages that the clinic offers, and a person's ``own`` besides: the name of each in itself."""
    offered = settings.current().languages
    return {code: name for code, name in LANGUAGES.items() if code in offered or code == own}


@lru_cache(maxsize=256)
def _preferred(accepted: str, offered: tuple[str, ...]) -> str:
    """Return the language that suits a browser best, by what it says that it accepts; else the first of those ``offered``."""
    return parse_accept_header(accepted, LanguageAccept).best_match(offered) or offered[0]


def chosen_theme() -> str | None:
    """Return "light" or "dark" if the person chose one; None leaves it to their system."""
    incoming = _incoming()
    chosen = _pressed(SET_THEME, incoming) or incoming.cookies.get(THEME_COOKIE)
    return chosen if chosen in THEMES else None


def keep_preferences(response: BaseResponse, actor: Actor | None, language: str | None, theme: str | None) -> None:
    """Keep the language and the colours that were pressed; the mails of ``actor`` come in that language too."""
    if language is not None and language in offered_languages(own_language()):
        remember(response, LANGUAGE_COOKIE, language)
        if actor is not None:
            accounts.set_language(actor, language)
    if theme in THEMES or theme == "auto":
        remember(response, THEME_COOKIE, theme if theme in THEMES else None)


def remember(response: BaseResponse, cookie: str, value: str | None) -> None:
    """Keep a preference in ``cookie`` for a year; None forgets it."""
    if value is None:
        response.delete_cookie(cookie, samesite="Lax")
        return
    secure = bool(current_app.config.get("SESSION_COOKIE_SECURE"))
    response.set_cookie(cookie, value, max_age=PREFERENCE_SECONDS, samesite="Lax", httponly=True, secure=secure)


def install(app: Flask) -> None:
    """Let the templates know both."""
    app.jinja_env.globals["theme_colours"] = THEME_COLOURS
    app.context_processor(_looks)


def _looks() -> dict[str, object]:
    return {
        "language": chosen_language(),
        "theme": chosen_theme(),
    }
