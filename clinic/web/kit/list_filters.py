"""The filters of a list, parsed from the query string; what can't be parsed is ignored and reported."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from flask import Flask, request, url_for
from flask_babel import gettext

from clinic import scheduling
from clinic.i18n import N_
from clinic.web.kit.days import day_from
from clinic.web.kit.forms import whole
from clinic.web.kit.status_looks import STATUS_LABELS

#: The filter of appointments by their status; whoever works here also finds what should have been completed or
#: cancelled.
STATUSES = {"": N_("All"), scheduling.UPCOMING: N_("Upcoming"), scheduling.PAST: N_("Past"), **STATUS_LABELS}
STAFF_STATUSES = {**STATUSES, scheduling.STILL_OPEN: N_("Past, still open")}
#: The filter for what is on or off.
SWITCHED = {"": N_("All"), "on": N_("Switched on"), "off": N_("Switched off")}
#: The last day of a range, by the name of its field, and the first.
RANGES = {"date_to": "date_from", "last": "first"}
#: How much of a filter's text is read, in characters; its field takes no more.
TEXT_MAX = 150


@dataclass(frozen=True)
class ListFilters:
    """The filters of the present list, by name, as they were typed."""

    values: dict[str, str]

    def text(self, name: str) -> str:
        """Return what was typed, "" for nothing."""
        return self.values.get(name, "")

    def one_of(self, name: str, allowed: Collection[str]) -> str | None:
        """Return the value if it is one of ``allowed`` and not empty."""
        text = self.text(name)
        return text if text and text in allowed else None

    def number(self, name: str) -> int | None:
        """Return the number, None for anything else."""
        return whole(self.text(name))

    def day(self, name: str) -> date | None:
        """Return the day, None for anything else and for the last day of a range that ends before it begins."""
        return None if self.reversed(name) else day_from(self.text(name))

    def no_day(self, name: str) -> bool:
        """Return whether something was typed that is no day."""
        return bool(self.text(name)) and day_from(self.text(name)) is None

    def reversed(self, name: str) -> bool:
        """Return whether this is the last day of a range and lies before the first."""
        first, last = (day_from(self.text(each)) for each in (RANGES.get(name, ""), name))
        return first is not None and last is not None and last < first

    def day_fault(self, name: str) -> str:
        """Return in words what is wrong with a day, "" for nothing."""
        if self.reversed(name):
            return gettext(scheduling.REVERSED_DAYS)
        if self.no_day(name):
            return gettext("“%(text)s” isn't a date. Please enter one such as 31/05/2026.", text=self.text(name))
        return ""

    @property
    def status(self) -> str | None:
        """Return which appointments are asked for, a key of ``STAFF_STATUSES``; None for all."""
        return self.one_of("status", STAFF_STATUSES)

    @property
    def switched(self) -> bool | None:
        """Return whether only what is on, or only what is off, is asked for; None for both."""
        return {"on": True, "off": False}.get(self.text("active"))

    @property
    def any(self) -> bool:
        """Return whether anything at all is asked for."""
        return any(self.values.values())

    @property
    def address(self) -> str:
        """The list's address without any filter."""
        return url_for(str(request.endpoint), **(request.view_args or {}))


def read_filters(*names: str) -> ListFilters:
    """Read the filters of these names."""
    return ListFilters({name: request.args.get(name, "").strip()[:TEXT_MAX] for name in names})


def status_choices(*, staff: bool = False) -> list[tuple[str, str]]:
    """Return what the filter of appointments by their status offers a patient, or the ``staff``, in the reader's
    language."""
    return [(value, gettext(label)) for value, label in (STAFF_STATUSES if staff else STATUSES).items()]


def install(app: Flask) -> None:
    """Tell the templates how much a search field takes."""
    app.jinja_env.globals.update(search_max=TEXT_MAX)
