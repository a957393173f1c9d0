"""What the office reads medical records for, in words: to choose from, and as a patient is told."""

from __future__ import annotations

from typing import assert_never

from flask import request
from flask_babel import gettext

from clinic.policy import STATED_PURPOSES, Purpose


def text_of(purpose: Purpose) -> str:
    """Return a purpose in words."""
    match purpose:
        case Purpose.PATIENT_REQUEST:
            return gettext("Patient's request")
        case Purpose.BILLING:
            return gettext("Billing or insurance")
        case Purpose.CORRECTION:
            return gettext("Correcting an entry")
        case Purpose.COMPLAINT:
            return gettext("A complaint")
        case Purpose.QUALITY:
            return gettext("Quality of care")
        case Purpose.OTHER:
            return gettext("Another reason")
        case Purpose.API:
            return gettext("none (connected program)")
        case other:
            assert_never(other)


def stated() -> Purpose | None:
    """Return the purpose that the address says, None where it says none that is known."""
    word = request.args.get("purpose", "")
    return Purpose(word) if word in list(STATED_PURPOSES) else None


def choices() -> list[tuple[str, str]]:
    """Return what a person chooses from: word and text."""
    return [(str(each), text_of(each)) for each in STATED_PURPOSES]


def with_reason(sentence: str, purpose: str | None) -> str:
    """Return a sentence of who read what, with the reason that they gave, if one is noted."""
    if purpose not in list(Purpose):
        return sentence
    reason = text_of(Purpose(purpose))
    return gettext("%(sentence)s Reason given: %(reason)s.", sentence=sentence, reason=reason[:1].lower() + reason[1:])
