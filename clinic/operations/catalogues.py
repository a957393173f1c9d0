"""Texts in the language of the request: its catalogue is looked up once, and not for each of a page's hundreds of texts."""

from functools import cached_property

from babel.support import NullTranslations
from flask import g, has_app_context
from flask_babel import Babel, Domain


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
    """Flask-Babel with ``OnceARequest``."""

    @cached_property
    def domain_instance(self) -> Domain:
        """The domain of the portal's texts."""
        return OnceARequest(domain=self.domain)
