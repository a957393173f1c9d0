"""What a list's filter form asks for, read out of the address; what can't be read is left out and said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from flask import request, url_for

from clinic.i18n import N_

#: The filter for what is on or off.
SWITCHED = {"": N_("All"), "on": N_("Switched on"), "off": N_("Switched off")}
TEXT_MAX = 150


@dataclass(frozen=True)
class Asked:
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
        text = self.text(name)
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None

    def day(self, name: str) -> date | None:
        """Return the day, None for anything else."""
        text = self.text(name)
        try:
            return date.fromisoformat(text) if len(text) == 10 else None
        except ValueError:
            return None

    def no_day(self, name: str) -> bool:
        """Tell whether something was typed that is no day."""
        return bool(self.text(name)) and self.day(name) is None

    @property
    def switched(self) -> bool | None:
        """Return whether only what is on, or only what is off, is asked for; None for both."""
        return {"on": True, "off": False}.get(self.text("active"))

    @property
    def any(self) -> bool:
        """Tell whether anything at all is asked for."""
        return any(self.values.values())

    @property
    def address(self) -> str:
        """The list's address without any filter."""
        return url_for(str(request.endpoint), **(request.view_args or {}))


def asked(*names: str) -> Asked:
    """Read the filters of these names."""
    return Asked({name: request.args.get(name, "").strip()[:TEXT_MAX] for name in names})
