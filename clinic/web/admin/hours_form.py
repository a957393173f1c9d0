"""The form of weekly hours: rows of two times each under their weekday, of which rows are added, copied and removed by presses
that save nothing.

It parses; the domain judges. Rows are named as the domain names them (``hours.<number>.<key>``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import time
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext
from wtforms import FieldList, Form, FormField, HiddenField, SelectChoice, SelectField, ValidationError
from wtforms.fields import Label
from wtforms.validators import Optional

from clinic import scheduling
from clinic.errors import DomainError, Stale
from clinic.i18n import N_
from clinic.scheduling import DoctorHoursRow, OpeningHoursRow
from clinic.web.admin.form_fields import EntryField
from clinic.web.kit.date_formatting import weekday_name
from clinic.web.kit.forms import DayField, PortalForm, whole

MONDAY, FRIDAY = 1, 5
WEEKDAYS = range(MONDAY, 8)
#: What a day without hours begins with, and the hours of a usual week: with a break at noon.
_MORNING, _AFTERNOON = (time(8), time(12)), (time(13), time(17))


#: What the fields of a row are called aloud, and in the summary of what is wrong.
_LABELS = {
    "from_time": N_("%(day)s %(number)d, from"),
    "to_time": N_("%(day)s %(number)d, until"),
    "room_id": N_("%(day)s %(number)d, room"),
}


def _time(text: str | None) -> time | None:
    try:
        at = time.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo is None else None


def _readable(_form: Form, field: SelectField) -> None:
    if field.data is None:
        raise ValidationError(gettext("Please choose a time."))


class TimeField(SelectField):
    """A time on the grid of the slots."""

    def __init__(self, label: Any = None, validators: Any = None, **more: Any) -> None:
        offered = [SelectChoice(f"{at:%H:%M}", f"{at:%H:%M}") for at in scheduling.HOURS]
        super().__init__(label, validators, coerce=_coerced, choices=offered, validate_choice=False, **more)


def _coerced(value: object) -> time | None:
    return value if isinstance(value, time) else _time(str(value))


class StretchForm(Form):
    """Hours of a weekday."""

    weekday = HiddenField()
    from_time = TimeField(lazy_gettext("From"), [_readable])
    to_time = TimeField(lazy_gettext("Until"), [_readable])


class StretchInRoomForm(StretchForm):
    """Hours of a weekday, and in which room."""

    room_id = EntryField(lazy_gettext("Room"))


def _weekday_of(row: Any) -> int:
    """Return the weekday of a row, 0 where it can't be read."""
    return whole(str(row.weekday.data)) or 0


class WeekRows(FieldList):
    """The rows of a week, in the order in which they were entered."""

    def _extract_indices(self, prefix: str, formdata: Collection[str]) -> Iterator[int]:
        """Yield the numbers of the rows that were sent; what only looks like a number is none."""
        for name in formdata:
            if name.startswith(f"{prefix}-"):
                number = whole(name.removeprefix(f"{prefix}-").partition("-")[0])
                if number is not None:
                    yield number


class WeekForm(PortalForm):
    """A week of hours, with the version that was read and how many visits the person was shown that lose their time.

    ``focus`` is where the person goes on after a press: the id of a field, or the value of a press.
    """

    version = HiddenField()
    expected_count = HiddenField(default="0")
    hours: WeekRows
    focus = ""
    #: How many rows the domain is given before those of this form.
    rows_before = 0
    #: What somebody else has saved since the form was filled, None where nobody has.
    saved_meanwhile: Sequence[OpeningHoursRow] | None = None

    @property
    def shown_count(self) -> int:
        """How many visits the person was shown."""
        return whole(self.expected_count.data) or 0

    def week(self) -> list[tuple[int, str, list[Any]]]:
        """Return each weekday with its name and its rows, each field of which says of what it is."""
        days = [(weekday, weekday_name(weekday), self._of_day(weekday)) for weekday in WEEKDAYS]
        for _weekday, day, rows in days:
            for number, row in enumerate(rows, 1):
                for field, words in _LABELS.items():
                    if field in row:
                        row[field].label = Label(row[field].id, gettext(words, day=day, number=number))
        return days

    def _of_day(self, weekday: int) -> list[Any]:
        return [row.form for row in self.hours.entries if _weekday_of(row.form) == weekday]

    def position_of(self, row: Form) -> int:
        """Return the place of a row among all of them, for the press that removes it."""
        return [each.form for each in self.hours.entries].index(row)

    def readable(self) -> list[Any]:
        """Return the rows whose times can be read, in the order in which the domain is given them."""
        return [row.form for row in self.hours.entries if row.form.from_time.data and row.form.to_time.data]

    def rows(self) -> list[OpeningHoursRow]:
        """Return what was typed, as the domain takes it; a weekday that can't be read is none of the week."""
        return [
            {
                "weekday": _weekday_of(row),
                "from_time": row.from_time.data,
                "to_time": row.to_time.data,
            }
            for row in self.readable()
        ]

    def refuse(
        self, error: DomainError, names: Mapping[str, str] | None = None, *, elsewhere: Collection[str] = ()
    ) -> None:
        """Show the domain's refusal, that of a row on the row."""
        self.week()  # its fields are named in the summary of what is wrong
        texts = error.field_texts(gettext)
        of_rows = {name for name in texts if name.split(".")[0] == self.hours.name}
        super().refuse(error, names, elsewhere={*elsewhere, *of_rows})
        for name in sorted(of_rows):
            field = self._field_of(name)
            if field is None:
                self.form_errors = [*self.form_errors, *texts[name]]
            elif not field.errors:
                field.errors = texts[name]
        self.hours.errors = [row.errors for row in self.hours.entries if row.errors]

    def _field_of(self, name: str) -> Any:
        """Return the field that the domain means, None if there is none on the page."""
        _hours, number, key = (*name.split("."), "", "")[:3]
        rows, position = self.readable(), (whole(number) or 0) - self.rows_before
        row = rows[position] if 0 <= position < len(rows) else {}
        return row[key] if key in _LABELS and key in row else None

    # --- presses that change the rows and save nothing -----------------------------------------------------------------

    def pressed(self) -> bool:
        """Return whether a button was pressed that changes the rows; they are changed then."""
        what, _, of = request.form.get("press", "").partition("-")
        do: Mapping[str, Callable[[int], None]] = {
            "add": self._add,
            "remove": self._remove,
            "copy": self._copy,
            "usual": self._fill_usual,
        }
        if what not in do:
            return False
        do[what](whole(of) or 0)
        return True

    def _add(self, weekday: int) -> None:
        """Add a row to a day: the morning, or the afternoon after what is there already."""
        last = max((row.to_time.data for row in self._of_day(weekday) if row.to_time.data), default=None)
        start, end = _MORNING
        if last is not None and last < _AFTERNOON[1]:
            start, end = max(last, _AFTERNOON[0]), _AFTERNOON[1]
        self.focus = self._append(weekday=weekday, from_time=start, to_time=end)

    def _append(self, **row: object) -> str:
        """Add a row and return the id of its first field, "" where there is no room for more."""
        if len(self.hours.entries) >= scheduling.MOST_STRETCHES:
            return ""
        return str(self.hours.append_entry(row).form.from_time.id)

    def _remove(self, position: int) -> None:
        if position < len(self.hours.entries):
            removed = self.hours.entries.pop(position)
            self.focus = f"add-{_weekday_of(removed.form)}"

    def _copy(self, _: int) -> None:
        """Give Tuesday to Friday the hours of Monday."""
        monday = [row.data for row in self._of_day(MONDAY)]
        copied = range(MONDAY + 1, FRIDAY + 1)
        self.hours.entries = [row for row in self.hours.entries if _weekday_of(row.form) not in copied]
        for weekday in copied:
            for stretch in monday:
                self._append(**{**stretch, "weekday": weekday})
        self.focus = "copy"

    def _fill_usual(self, _: int) -> None:
        """Fill an empty week in: Monday to Friday with a break at noon."""
        if not self.hours.entries:
            for weekday in range(MONDAY, FRIDAY + 1):
                for start, end in (_MORNING, _AFTERNOON):
                    self._append(weekday=weekday, from_time=start, to_time=end)
            self.focus = self.hours.entries[0].form.from_time.id

    # --- saved by somebody else meanwhile -------------------------------------------------------------------------------

    def note_stale(self, refusal: DomainError | None, saved: Sequence[OpeningHoursRow], version: str) -> bool:
        """Take what was saved meanwhile beside what was typed, if that is why it was refused: the next sending writes over
        it. Return whether it is what was typed here: the form was sent twice."""
        if not isinstance(refusal, Stale):
            return False
        self.saved_meanwhile, self.version.data = saved, version
        return _in_order(self.typed()) == _in_order(saved)

    def typed(self) -> Sequence[OpeningHoursRow | DoctorHoursRow]:
        """Return all that was typed of each row."""
        return self.rows()


def _in_order(rows: Sequence[OpeningHoursRow | DoctorHoursRow]) -> list[list[str]]:
    return sorted([f"{key}={value}" for key, value in sorted(row.items())] for row in rows)


class OpeningHoursForm(WeekForm):
    """The clinic's week."""

    hours = WeekRows(FormField(StretchForm), max_entries=scheduling.MOST_STRETCHES)


class DoctorHoursForm(WeekForm):
    """A doctor's week, and from and until when it is valid."""

    valid_from = DayField(lazy_gettext("Valid from"), [Optional()])
    valid_until = DayField(lazy_gettext("Valid until"), [Optional()])
    hours = WeekRows(FormField(StretchInRoomForm), max_entries=scheduling.MOST_STRETCHES)

    def rows_of_doctor(self) -> list[DoctorHoursRow]:
        """Return what was typed, as the domain takes it."""
        valid_from, valid_until = self.valid_from.data, self.valid_until.data
        return [
            {**row, "room_id": typed.room_id.data, "valid_from": valid_from, "valid_until": valid_until}
            for row, typed in zip(self.rows(), self.readable(), strict=True)
        ]

    def typed(self) -> Sequence[DoctorHoursRow]:
        """See ``WeekForm.typed``."""
        return self.rows_of_doctor()

    def _field_of(self, name: str) -> Any:
        return self.valid_until if name.endswith(".valid_until") else super()._field_of(name)
