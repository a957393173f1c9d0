"""Texts in the language of the request: its catalogue is looked up once, and not for each of a page's hundreds of texts."""

from functools import cached_property
from typing import Any

from babel.support import NullTranslations
from flask import Flask, g, has_app_context
from flask_babel import Babel, Domain, get_domain
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup


class OnceARequest(Domain):
    """The catalogues of a domain, of which a request has one: that of the language which it is answered in."""

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the present request; an empty one outside."""
        if not has_app_context():
            return super().get_translations()
        found: NullTranslations | None = g.get("catalogue")
        if found is None:
            found = g.catalogue = super().get_translations()
        return found


class Catalogues(Babel):
    """Flask-Babel with ``OnceARequest``, which the templates ask directly."""

    def init_app(self, app: Flask, *args: Any, **kwargs: Any) -> None:
        """Give ``app`` the catalogues."""
        super().init_app(app, *args, **kwargs)
        app.jinja_env.globals.update(
            {"_": gettext, "gettext": gettext, "ngettext": ngettext, "pgettext": pgettext, "npgettext": npgettext}
        )

    @cached_property
    def domain_instance(self) -> Domain:
        """The domain of the portal's texts."""
        return OnceARequest(domain=self.domain)


def _catalogue() -> NullTranslations:
    """Return the catalogue of the present request."""
    found: NullTranslations | None = g.get("catalogue")
    return get_domain().get_translations() if found is None else found


# --- what templates call ----------------------------------------------------------------------------------------------


def _filled(context: EvalContext, text: str, variables: dict[str, Any]) -> str:
    """Return ``text`` with its ``variables``: markup where the template escapes, as a text of ours may hold markup."""
    shown = Markup(text) if context.autoescape else text  # noqa: S704 - texts and translations are our own
    return shown % variables if "%" in text else shown


@pass_eval_context
def gettext(context: EvalContext, text: str, /, **variables: Any) -> str:
    """Return a text in the language of the request."""
    return _filled(context, _catalogue().ugettext(text), variables)


@pass_eval_context
def ngettext(context: EvalContext, one: str, many: str, num: int, /, **variables: Any) -> str:
    """Return the text for so many."""
    return _filled(context, _catalogue().ungettext(one, many, num), {"num": num, **variables})


@pass_eval_context
def pgettext(context: EvalContext, about: str, text: str, /, **variables: Any) -> str:
    """Return a text whose words mean several things; ``about`` says which."""
    return _filled(context, _catalogue().upgettext(about, text), {"context": about, **variables})


@pass_eval_context
def npgettext(context: EvalContext, about: str, one: str, many: str, num: int, /, **variables: Any) -> str:
    """Return such a text for so many."""
    found = _catalogue().unpgettext(about, one, many, num)
    return _filled(context, found, {"context": about, "num": num, **variables})
