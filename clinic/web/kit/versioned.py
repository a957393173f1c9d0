"""Forms that know which version of a thing they were filled from.

Nobody's text is lost and nobody's is written over unseen: when somebody else saved meanwhile (the domain says ``Stale``,
the page answers 412), what they saved stands beside what was typed, field by field, and the next sending writes over
exactly that. Where what they saved is what was typed, the form was sent twice: it is ``saved_already``, and its view answers
as if it had saved. Where the version that the form was filled from is known, only fields that both changed stand against each
other: what only the others changed is taken over, what only this person changed stays. The macros ``field``, ``stale_message`` and ``save_or_take`` of ``components/forms.html`` show it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import Field, HiddenField, TextAreaField

from clinic.text.normalization import LINE_BREAKS, SPACES, one_line
from clinic.web.kit import date_formatting, formatting
from clinic.web.kit.forms import PortalForm, is_only_shown, whole

#: What a version or a number of appointments that can't be read stands for: nothing ever has it.
UNREADABLE = -1
NOT_SHOWN = ("HiddenField", "CSRFTokenField")


class VersionedForm(PortalForm):
    """A form with the ``version`` that was read."""

    version = HiddenField()
    #: Beside what others saved: the version that was read first.
    filled_from = HiddenField()
    #: Whether something was saved since the form was filled.
    stale = False
    #: Whether that is what was typed here, so that nothing is left to save: the form was sent twice.
    saved_already = False

    @property
    def expected_version(self) -> int:
        """The version that the changes were made to; what wasn't sent is unreadable, whatever the form was filled with."""
        number = whole(str(self.version.raw_data[0])) if self.version.raw_data else None
        return UNREADABLE if number is None else number

    @property
    def differs(self) -> bool:
        """Whether anything that was typed differs from what was saved meanwhile."""
        return any(hasattr(field, "saved_meanwhile") for field in self)

    @property
    def takes_over(self) -> bool:
        """Whether anything that only the others changed stands in the form now."""
        return any(hasattr(field, "taken_over") for field in self)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Return whether the form may be acted on.

        Where it is only shown again, in another language say, without what others saved, it is sent as it was first: that
        is shown beside it once more, and not written over.
        """
        if is_only_shown() and self.filled_from.data:
            self.version.data = self.filled_from.data
        return super().validate(*args, **kwargs)

    def set_beside(self, saved: Mapping[str, object], filled_from: Mapping[str, object] | None = None) -> None:
        """Mark where what was typed differs from ``saved``, the data of a fresh form; nothing unless the form is stale.

        ``saved`` has the ``version`` that the next sending writes over. ``filled_from`` is what the form held before
        anything was typed, where that is known.
        """
        if not self.stale:
            return
        self.filled_from.data = str(self.expected_version)
        self.version.data = str(saved["version"])
        fresh = type(self)(formdata=None, data=dict(saved))
        before = None if filled_from is None else type(self)(formdata=None, data=dict(filled_from))
        for field in self:
            if field.type in NOT_SHOWN:
                continue
            typed, stored = _comparable(field), _comparable(fresh[field.name])
            was = None if before is None else _comparable(before[field.name])
            if typed == stored or (before is not None and stored == was):
                continue
            if before is not None and typed == was:
                _take_over(field, fresh[field.name].data)
            else:
                field.saved_meanwhile = _in_words(field, fresh[field.name].data)
        self.saved_already = self.expected_version != UNREADABLE and not (self.differs or self.takes_over)


def _comparable(field: Field) -> Any:
    """Return what a field holds as it is compared: in the form in which it is kept, and what is empty is nothing."""
    own = getattr(field, "comparable", None)
    data = field.data if own is None else own()
    if not isinstance(data, str):
        return data
    if not isinstance(field, TextAreaField):
        return one_line(data) or None
    return unicodedata.normalize("NFC", SPACES.sub(" ", LINE_BREAKS.sub("\n", data))).strip() or None


def _take_over(field: Field, stored: Any) -> None:
    """Let the field hold what was saved meanwhile, and say so."""
    field.data, field.raw_data, field.taken_over = stored, None, True


def _in_words(field: Field, stored: Any) -> str:
    """Return what was saved as its field would show it."""
    for choice in getattr(field, "choices", None) or []:
        if stored is not None and str(choice.value) == str(stored):
            return str(choice.label)
    if isinstance(stored, list):  # of a field to be ticked, which knows the words of each code
        words: Mapping[str, str] = field.offered()
        return ", ".join(words.get(code, code) for code in stored)
    if isinstance(stored, date):
        return date_formatting.day_plain(stored)
    if isinstance(stored, Decimal):
        return formatting.money(stored)
    return "" if stored is None else str(stored)
