"""The one search box: a symptom, a department or a name. It changes nothing, and what is typed is kept nowhere."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import SearchField

from clinic import directory
from clinic.web.forms import PortalForm, at_most, required


class AskingForm(PortalForm):
    """A form in which people may write of their health. It is never carried over a sign-in, and needs no token."""

    sealable = False

    class Meta(PortalForm.Meta):
        """A form that changes nothing: nobody who may be in danger is refused for a page that was open too long."""

        csrf = False


class SearchForm(AskingForm):
    """What somebody needs help with."""

    q = SearchField(lazy_gettext("What do you need help with?"), [required(), at_most(directory.SYMPTOMS_MAX)])
