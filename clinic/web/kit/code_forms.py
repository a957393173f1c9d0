"""The field for a code of an app or a recovery code, and the picture that an app scans."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import HiddenField, StringField

from clinic import accounts
from clinic.web.kit.forms import PortalForm, at_most, required


def code_field(label: Any, description: Any = "") -> StringField:
    """Return the field for a code; phones offer the digits, and the code where they know it."""
    return StringField(
        label,
        [required(), at_most(accounts.CODE_MAX)],
        description=description,
        render_kw={
            "autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "none", "spellcheck": "false",
        },
    )  # fmt: skip


class CodeForm(PortalForm):
    """A code; ``unsent_form`` carries, sealed, what was typed before the session ended."""

    sealable = False
    code = code_field(lazy_gettext("Code"), lazy_gettext("From your app, or one of your recovery codes."))
    unsent_form = HiddenField()


class SetUpForm(PortalForm):
    """The first code of an app that scanned what was offered; ``offer`` carries that, sealed."""

    sealable = False
    code = code_field(lazy_gettext("Code"), lazy_gettext("The one that your app shows now."))
    offer = HiddenField()
    unsent_form = HiddenField()

    def pending(self) -> accounts.Pending:
        """Return what the person sets up."""
        return accounts.Pending(self.offer.data or "", self.code.data or "")


def picture_of(offer: accounts.TotpOffer) -> str:
    """Return the QR code that an app scans, as an address of the picture itself, in black on white in any theme."""
    import segno  # noqa: PLC0415 - only who sets up an app needs it

    return str(segno.make(offer.address, error="m").svg_data_uri(scale=4, border=4, light="#fff"))


def grouped(secret: str) -> str:
    """Return a secret in groups of four, for typing."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
