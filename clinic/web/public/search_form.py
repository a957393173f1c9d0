"""The one search box: a symptom, a department or a name. It changes nothing, and what is typed is kept nowhere."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SearchField

from clinic import directory
from clinic.web.kit.forms import PortalForm, at_most, is_only_shown, required


class AskingForm(PortalForm):
    """A form in which people may write of their health. It is never carried over a sign-in, and needs no token."""

    sealable = False
    answers_again = True

    class Meta(PortalForm.Meta):
        """A form that changes nothing: nobody who may be in danger is refused for a page that was open too long."""

        csrf = False

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Return whether what was typed is answered; in another language and other colours it is answered again.

        Advice to call for help must be repeated when the language is changed.
        """
        if is_only_shown() and any(field.data for field in self):
            return bool(FlaskForm.validate(self, *args, **kwargs))
        return super().validate(*args, **kwargs)


class SearchForm(AskingForm):
    """What somebody needs help with."""

    q = SearchField(lazy_gettext("What do you need help with?"), [required(), at_most(directory.SYMPTOMS_MAX)])
