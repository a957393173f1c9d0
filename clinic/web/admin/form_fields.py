"""Fields of the office's forms: money, whole numbers, a choice of entries. They parse; the domain judges."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from wtforms import Field, SelectChoice, SelectField, SelectMultipleField, StringField

from clinic import directory
from clinic.i18n import LANGUAGES
from clinic.policy import Duty
from clinic.web.kit import duty_words, formatting
from clinic.web.kit.forms import PortalForm, required, whole
from clinic.web.kit.preferences import offered_languages

#: Dong have no decimals; points, commas and spaces part thousands.
_MONEY = re.compile(r"\d+|\d{1,3}([.,\s]\d{3})+", re.ASCII)


#: What the clinic asks of a patient (``clinic.web.account.patient_fields``), line by line as the office's forms show it.
PATIENT_LINES = (
    ("date_of_birth", "gender"),
    ("address",),
    ("insurance_id",),
    ("emergency_contact", "emergency_contact_phone"),
)


class _Parsed(StringField):
    """A text field whose data is something else; what was typed stays when it can't be read."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.written()

    def written(self) -> str:
        """Return the data as it is typed."""
        return str(self.data)


class MoneyField(_Parsed):
    """An amount of dong, as ``Decimal``."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read e.g. "350000", "350.000" or "350,000 ₫"."""
        self.data = None
        text = (valuelist[0] if valuelist else "").replace("₫", "").strip()
        if not text:
            return
        if not _MONEY.fullmatch(text) or len(text) > 20:
            raise ValueError(gettext("Please enter an amount in dong, such as 350000."))
        self.data = Decimal(re.sub(r"\D", "", text))

    def written(self) -> str:
        """Return the amount without decimals."""
        return str(round(self.data or Decimal()))


class WholeNumberField(_Parsed):
    """A number without decimals."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read digits."""
        self.data = None
        text = (valuelist[0] if valuelist else "").strip()
        if not text:
            return
        self.data = whole(text)
        if self.data is None:
            raise ValueError(gettext("Please enter a whole number."))


def _id(value: Any) -> int | None:
    """Return the entry's number, None for nothing chosen; 0, which no entry has, for what is no number."""
    return (whole(str(value)) or 0) if value else None


class EntryField(SelectField):
    """A choice among the clinic's entries by id; nothing chosen is None."""

    def __init__(self, label: Any, validators: Any = None, **more: Any) -> None:
        super().__init__(label, validators, coerce=_id, choices=[SelectChoice("", "–")], validate_choice=False, **more)

    def offer(self, entries: Iterable[tuple[int, str, bool]]) -> None:
        """Set what can be chosen: id, name, whether it is switched on."""
        self.choices = [
            SelectChoice("", "–"),
            *(
                SelectChoice(str(number), name if on else gettext("%(name)s (off)", name=name))
                for number, name, on in entries
            ),
        ]


class TicksField(SelectMultipleField):
    """Some of several, to be ticked, as codes; the domain judges them."""

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, validate_choice=False, choices=[], **more)

    def offered(self) -> dict[str, str]:
        """Return what can be ticked: the words of each code."""
        raise NotImplementedError

    def boxes(self) -> list[tuple[str, str, bool]]:
        """Return what can be ticked: its code, its words, and whether it is."""
        return [(code, words, code in (self.data or ())) for code, words in self.offered().items()]


class SpokenField(TicksField):
    """The languages that a doctor speaks."""

    def offered(self) -> dict[str, str]:
        """Return each language by its name in the reader's."""
        return {code: formatting.spoken([code]) for code in directory.SPOKEN_LANGUAGES}


class DutiesField(TicksField):
    """What somebody of the office looks after."""

    def offered(self) -> dict[str, str]:
        """Return each duty with what it is."""
        return {duty: duty_words.explained(duty) for duty in Duty}


class SwitchField(TicksField):
    """One thing to be ticked or not."""

    _ON = "on"

    def __init__(self, label: Any, words: Any, **more: Any) -> None:
        super().__init__(label, **more)
        self._words = words

    @classmethod
    def data_of(cls, *, on: bool) -> list[str]:
        """Return what the field holds where it is ticked, or isn't."""
        return [cls._ON] if on else []

    @property
    def is_on(self) -> bool:
        """Whether it is ticked."""
        return self._ON in (self.data or ())

    def offered(self) -> dict[str, str]:
        """Return the one thing with its words."""
        return {self._ON: str(self._words)}


class LanguageField(SelectField):
    """The language in which somebody gets mails, one of those offered or their own; the domain judges it."""

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, [required()], choices=[], validate_choice=False, **more)

    def process(self, *args: Any, **more: Any) -> None:
        """Offer what the clinic does, and what was chosen already."""
        super().process(*args, **more)
        self.choices = [SelectChoice(*each) for each in offered_languages(self.object_data).items()]


class OfferedLanguagesField(TicksField):
    """The languages that the clinic offers."""

    def offered(self) -> dict[str, str]:
        """Return each language that the portal speaks by its own name."""
        return dict(LANGUAGES)


class AdminForm(PortalForm):
    """A form that is shown line by line: each line of ``lines`` names the fields that stand beside each other."""

    lines: tuple[tuple[str, ...], ...] = ()

    def shown(self) -> list[list[Field]]:
        """Return the fields line by line."""
        return [[self._fields[name] for name in line] for line in self.lines]

    def values(self) -> dict[str, Any]:
        """Return what was typed, by the domain's names."""
        return {name: self._fields[name].data for line in self.lines for name in line}
