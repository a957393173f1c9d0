"""Which language an API answer is in: the best that the request accepts, else the first that the clinic offers. No cookie decides here."""

from flask import request

from clinic import settings


def chosen_language() -> str:
    """Return the language of this request's answer, one that the clinic offers."""
    offered = settings.current().languages
    return request.accept_languages.best_match(offered) or offered[0]
