"""Which language an API answer is in: the best that the request accepts, else English. No cookie decides here."""

from flask import request

from clinic.i18n import DEFAULT_LANGUAGE, LANGUAGES


def chosen_language() -> str:
    """Return the language (a key of ``LANGUAGES``) of this request's answer."""
    return request.accept_languages.best_match(LANGUAGES, DEFAULT_LANGUAGE) or DEFAULT_LANGUAGE
