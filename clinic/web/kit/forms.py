"""The base of all forms, and the fields that several of them have. It parses shapes, keeps what was typed, and shows the
domain's refusals where they belong.

A form never queries, never asks who is signed in and holds no rule; its limits are the domain's constants.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask import g, request
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateField, Field, HiddenField, PasswordField, StringField, TelField
from wtforms.form import BaseForm
from wtforms.validators import InputRequired, Length, StopValidation
from wtforms.widgets import TextInput

from clinic import accounts
from clinic.errors import DomainError
from clinic.text import emails, phones
from clinic.text.phones import PHONE_DIGITS
from clinic.web.kit.days import day_from


class PortalForm(FlaskForm):
    """A form of the portal. Errors that belong to no visible field stand in the summary above it."""

    class Meta(FlaskForm.Meta):
        """Pages are sent as forms: neither JSON nor files stand in for a field."""

        def wrap_formdata(self, form: BaseForm, formdata: Any) -> Any:
            """Read the form's own fields only."""
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            return request.form if request.method == "POST" else None

    form_errors: list[str]
    #: Whether what was typed may travel through the sign-in page, sealed (``unsent_forms.py``).
    sealable = True
    #: Whether it changes nothing, so that another language or other colours show its answer again and not the form alone.
    answers_again = False

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Return whether the form may be acted on: never where the request was refused already (``refuse_forms``)."""
        message = g.get("form_refusal")
        if message is None:
            return bool(super().validate(*args, **kwargs))
        self.form_errors = [*self.form_errors, *([message] if message else [])]
        return False

    def refuse(
        self, error: DomainError, names: Mapping[str, str] | None = None, *, elsewhere: Collection[str] = ()
    ) -> None:
        """Show the domain's refusal: each text on its field, the rest in the summary.

        ``names`` maps the domain's field names to the form's where they differ; the page shows what is wrong with fields
        ``elsewhere`` by itself.
        """
        homeless = []
        for name, texts in error.field_texts(gettext).items():
            if name in elsewhere:
                continue
            field = self._fields.get((names or {}).get(name, name))
            if field is None or isinstance(field, HiddenField):
                homeless += texts
            elif not field.errors:  # what can't be read says so, and nothing else
                field.errors = texts
        if homeless or not (error.errors or self.errors or is_only_shown()):
            self.form_errors = [*self.form_errors, *(homeless or [error.text(gettext)])]


def refuse_forms(message: str) -> None:
    """Let every form of the present request be refused with these words: its page is shown again, nothing is done.

    Without words it is shown as it was.
    """
    g.form_refusal = message


def is_refused() -> bool:
    """Return whether every form of the present request is refused: none is acted on (``refuse_forms``)."""
    return g.get("form_refusal") is not None


def is_only_shown() -> bool:
    """Return whether the forms of the present request are to be shown as they were, without a word."""
    return bool(g.get("form_refusal") == "")


def whole(text: str | None) -> int | None:
    """Return a whole number that a person or a hidden field sent, None for anything else or one that is too long."""
    plain = (text or "").strip()
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 10 else None


def required(message: Any = None) -> InputRequired:
    """Return the validator of a field that must be filled in."""
    return InputRequired(message or lazy_gettext("Please fill this in."))


class AtMost(Length):
    """Counts as the browser and the domain do: a line break once, though forms are sent with two characters for it."""

    def __call__(self, form: BaseForm, field: Field) -> None:
        """Refuse a text that is too long."""
        if len((field.data or "").replace("\r\n", "\n")) > self.max:
            super().__call__(form, field)


def at_most(characters: int) -> Length:
    """Return the validator of a text's greatest length; the browser learns it too."""
    return AtMost(max=characters, message=lazy_gettext("Please use at most %(max)d characters."))


def at_least(characters: int) -> Length:
    """Return the validator of a text's smallest length."""
    return Length(min=characters, message=lazy_gettext("Please use at least %(min)d characters."))


def one_kind_of_line_break(text: str | None) -> str | None:
    """Return ``text`` with the line breaks that the domain stores, to compare the two."""
    return text.replace("\r\n", "\n") if text else text


def an_email(_form: BaseForm, field: Field) -> None:
    """Refuse what can't be an e-mail's address."""
    if not emails.is_email(emails.canonical(field.data or "")):
        raise StopValidation(gettext("Please enter an e-mail address like name@example.com."))


class DayField(DateField):
    """A day, refused in the reader's language."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day. What is none is refused with an example, and stands in a text field: a date field can't show it."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = day_from(text)
        if text and self.data is None:
            self.widget = TextInput()
            raise ValueError(gettext("Please enter a date, such as 31/05/2026."))


class PhoneField(TelField):
    """A phone number, with what it looks like beside it; whether it is one is the domain's to say."""

    def __init__(self, label: Any = None, validators: Any = None, **more: Any) -> None:
        shown = {
            "description": lazy_gettext("%(digits)d digits, such as 091 234 5678.", digits=PHONE_DIGITS),
            "render_kw": {"inputmode": "tel"},
        }
        super().__init__(label, validators, **{**shown, **more})

    def comparable(self) -> str:
        """Return the number as it is kept, to compare what was typed with what is saved."""
        return phones.canonical(self.data or "")


class EmailAddressField(StringField):
    """An e-mail of somebody else: in a text field, which takes addresses in any script."""

    def comparable(self) -> str:
        """Return the e-mail as it is kept, to compare what was typed with what is saved."""
        return emails.canonical(self.data or "")


def new_password_field(label: Any) -> PasswordField:
    """Return the field for a password that is chosen; what the clinic wants of one is put beside it by ``say_least``.

    It is typed once: who wants to be sure shows what is typed.
    """
    return PasswordField(
        label,
        [required(), at_least(accounts.PASSWORD_MIN), at_most(accounts.PASSWORD_MAX)],
        render_kw={"autocomplete": "new-password"},
    )


def say_least(field: PasswordField, characters: int) -> None:
    """Let the field of a new password say how long it has to be, which hangs on whose it is."""
    field.description = gettext(
        "At least %(least)d characters. Don't use a common word or your name.", least=characters
    )
