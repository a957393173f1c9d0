"""The field for a code of an app or a recovery code, what a passkey answered, and the picture that an app scans."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, StringField

from clinic import accounts, settings
from clinic.web.kit.forms import PortalForm, at_most, required


def code_field(label: Any, description: Any = "", *, digits: bool = True) -> StringField:
    """Return the field for a code; phones offer the digits where it has no others, and the code where they know it."""
    return StringField(
        label,
        [required(), at_most(accounts.CODE_MAX)],
        description=description,
        render_kw={
            "autocomplete": "one-time-code",
            "inputmode": "numeric" if digits else "text",
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )


def relying_party() -> accounts.RelyingParty:
    """Return the portal as browsers know it: by its own address, or that of the request where it has none."""
    return accounts.RelyingParty.at(settings.current().public_url or request.host_url)


class CodeForm(PortalForm):
    """A code, or in its place what a passkey signed; ``unsent_form`` carries, sealed, what was typed before."""

    sealable = False
    code = code_field(lazy_gettext("Code"), lazy_gettext("From your app, or one of your recovery codes."), digits=False)
    passkey = HiddenField()
    unsent_form = HiddenField()

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Return whether the form may be acted on: with a passkey no code is needed."""
        if self.passkey.data:
            self.code.validators = []
        return super().validate(*args, **kwargs)

    def answer(self) -> accounts.PasskeyAnswer | None:
        """Return what a passkey signed, None where a code was typed."""
        return accounts.PasskeyAnswer(self.passkey.data, relying_party()) if self.passkey.data else None

    def ask_for(self, step: accounts.SecondStep) -> None:
        """Let the field ask for what somebody has: without an app for a recovery code alone."""
        self.passkey.data = ""  # an answer is good once
        if step.methods and accounts.Method.TOTP not in step.methods:
            self.code.label.text = gettext("Recovery code")
            self.code.description = gettext("One of those that you kept when you set up your second step.")
            self.code.render_kw = {**self.code.render_kw, "autocomplete": "off"}


class SetUpForm(PortalForm):
    """The first code of an app that scanned what was offered; ``offer`` carries that, sealed."""

    sealable = False
    code = code_field(lazy_gettext("Code"), lazy_gettext("The one that your app shows now."))
    offer = HiddenField()
    unsent_form = HiddenField()

    def pending(self) -> accounts.Pending:
        """Return what the person sets up."""
        return accounts.Pending(self.offer.data or "", self.code.data or "")


class PasskeyNameForm(PortalForm):
    """What somebody calls a passkey."""

    name = StringField(
        lazy_gettext("Name"),
        [required(), at_most(accounts.PASSKEY_NAME_MAX)],
        description=lazy_gettext('So that you know it again, such as "My phone".'),
    )


class PasskeyForm(PasskeyNameForm):
    """A new passkey: its name, and what the browser made; ``unsent_form`` as above."""

    passkey = HiddenField()
    unsent_form = HiddenField()

    def pending(self) -> accounts.PendingPasskey:
        """Return what the person adds."""
        answer = accounts.PasskeyAnswer(self.passkey.data or "", relying_party())
        return accounts.PendingPasskey(self.name.data or "", answer)


def picture_of(offer: accounts.TotpOffer) -> str:
    """Return the QR code that an app scans, as an address of the picture itself, in black on white in any theme."""
    import segno  # noqa: PLC0415 - only who sets up an app needs it

    return str(segno.make(offer.address, error="m").svg_data_uri(scale=4, border=4, light="#fff"))


def grouped(secret: str) -> str:
    """Return a secret in groups of four, for typing."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
