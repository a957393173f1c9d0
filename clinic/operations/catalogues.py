"""Texts in the language of the request: its catalogue is looked up once, and not for each of a page's hundreds of texts."""

from functools import cached_property, lru_cache
from typing import Any

from babel.support import NullTranslations
from flask import Flask, g, has_app_context
from flask_babel import Babel, Domain, get_domain
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
        app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # of jinja2.ext.i18n
            gettext=lambda text: _catalogue().ugettext(text),
            ngettext=lambda one, many, count: _catalogue().ungettext(one, many, count),
            pgettext=lambda about, text: _catalogue().upgettext(about, text),
            npgettext=lambda about, one, many, count: _catalogue().unpgettext(about, one, many, count),
            newstyle=True,
        )
        app.jinja_env.globals |= {"_": _text, "gettext": _text}

    @cached_property
    def domain_instance(self) -> Domain:
        """The domain of the portal's texts."""
        return OnceARequest(domain=self.domain)


def _text(text: str, /, **values: Any) -> Markup:
    """Return a text of a page in its language, with these values in their places; what Jinja's own does, at less cost."""
    catalogue = _catalogue()
    if not values:
        return _plain_text(catalogue, text)
    return Markup(catalogue.ugettext(text)) % values  # noqa: S704 - the portal's own text, and values are escaped


@lru_cache(maxsize=4096)
def _plain_text(catalogue: NullTranslations, text: str) -> Markup:
    """Return a text without values; its percent signs are doubled like those of all others."""
    return Markup(catalogue.ugettext(text)) % {}  # noqa: S704 - the portal's own text


def _catalogue() -> NullTranslations:
    """Return the catalogue of the present request."""
    found: NullTranslations | None = g.get("catalogue")
    return get_domain().get_translations() if found is None else found
