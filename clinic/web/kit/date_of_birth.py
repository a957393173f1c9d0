"""A date of birth in three boxes: day, month, year. Nobody turns pages of a calendar back to the year of their birth.

The macro ``field`` of ``components/forms.html`` shows it; ``patient_fields`` makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext, lazy_pgettext
from werkzeug.datastructures import MultiDict
from wtforms import Field
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from clinic.i18n import N_
from clinic.web.kit.days import day_from

#: The boxes in their order, with their labels and what is said where just that one is empty.
PARTS = {
    "day": (lazy_pgettext("date of birth", "Day"), N_("The date of birth needs a day.")),
    "month": (lazy_pgettext("date of birth", "Month"), N_("The date of birth needs a month.")),
    "year": (lazy_pgettext("date of birth", "Year"), N_("The date of birth needs a year.")),
}
NONE_GIVEN = N_("Enter the date of birth, for example 31 5 1990.")
NO_SUCH_DAY = N_("There's no such day. Enter the date of birth as numbers, for example 31 5 1990.")
SHORT_YEAR = N_("Enter the year of birth in full, for example 1990.")


@dataclass(frozen=True)
class Part:
    """One of the boxes."""

    name: str
    id: str
    label: Any
    value: str
    autocomplete: str


class BirthdayField(Field):
    """A date of birth; each box is sent under the field's name with ``_day``, ``_month`` or ``_year`` behind it."""

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Read the three boxes where they were sent."""
        names = [f"{self.name}_{part}" for part in PARTS]
        if formdata is not None and any(name in formdata for name in names):
            typed = [(formdata.getlist(name) or [""])[0].strip() for name in names]
            formdata = MultiDict([(self.name, text) for text in typed])
        super().process(formdata, *args, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day; whoever writes all of it into one box is understood."""
        self.data = None
        if not any(valuelist):
            return
        day, month, year = (*valuelist, "", "")[:3]
        if not (month or year) and (whole := day_from(day)):
            self.data = whole
            return
        for typed, (_label, missing) in zip((day, month, year), PARTS.values(), strict=True):
            if not typed:
                raise ValueError(gettext(missing))
        self.data = _date(day, month, year)

    @property
    def parts(self) -> list[Part]:
        """The boxes with what stands in them."""
        values: Mapping[str, str] = dict.fromkeys(PARTS, "")
        if self.raw_data:
            # One text, where another form sent the whole day as one: it stands in the first box.
            values = dict(zip(PARTS, (*self.raw_data, "", ""), strict=False))
        elif self.data is not None:
            values = {name: str(getattr(self.data, name)) for name in PARTS}
        return [
            Part(f"{self.name}_{name}", self.id if name == "day" else f"{self.id}-{name}", label, value, f"bday-{name}")
            for (name, (label, _missing)), value in zip(PARTS.items(), values.values(), strict=False)
        ]


def _date(day: str, month: str, year: str) -> date:
    """Return the date of three texts; ``ValueError`` with words for a person where they are none."""
    if not all(text.isdecimal() and len(text) <= 4 for text in (day, month, year)):
        raise ValueError(gettext(NO_SUCH_DAY))
    if len(year) != 4:
        raise ValueError(gettext(SHORT_YEAR))
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError(gettext(NO_SUCH_DAY)) from None


class DateGiven:
    """Refuse three empty boxes; without the HTML attribute, since browsers would mark a single box."""

    field_flags: Mapping[str, bool] = {"required": True}

    def __call__(self, _form: BaseForm, field: Field) -> None:
        """Refuse a field in which nothing was typed."""
        if not any(field.raw_data or []):
            raise StopValidation(gettext(NONE_GIVEN))
