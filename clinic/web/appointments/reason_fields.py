"""What patients may tell the doctor in advance, wherever it is asked: at the booking and afterwards.

Each is made where it stands on its form, as those of ``patient_fields`` are.
"""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import TextAreaField

from clinic import scheduling
from clinic.web.kit.forms import at_most


def reason_field() -> TextAreaField:
    """Return the field for why the patient comes; may be left empty."""
    return TextAreaField(
        lazy_gettext("Reason for your visit"),
        [at_most(scheduling.REASON_MAX)],
        description=lazy_gettext("Only you and the clinic's staff can read this."),
    )


def symptoms_field() -> TextAreaField:
    """Return the field for more than the reason; may be left empty."""
    return TextAreaField(
        lazy_gettext("Anything else the doctor should know?"),
        [at_most(scheduling.SYMPTOMS_MAX)],
        description=lazy_gettext("How long you've had it, any allergies, medicines you take."),
    )
