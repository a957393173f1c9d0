"""Vital signs on pages: the lines that are shown, and what the record form reads and writes.

Which signs there are, their units and ranges are the domain's. Numbers are written as the reader's language does;
typed ones may have either decimal mark.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import gettext, lazy_gettext
from wtforms import StringField

from clinic import records
from clinic.i18n import N_
from clinic.records import VitalSigns
from clinic.web.kit import date_formatting, formatting
from clinic.web.kit.forms import PortalForm

BLOOD_PRESSURE_LABEL = N_("Blood pressure")
BLOOD_PRESSURE_UNIT = "mmHg"
KNOWN = (records.BLOOD_PRESSURE, *records.VITALS)


@dataclass(frozen=True)
class SignLine:
    """A vital sign as it is shown."""

    label: str
    value: str
    unit: str


@dataclass(frozen=True)
class Shown:
    """The vital signs of a record, in the clinic's order, then the other client's keys; and the body mass index."""

    lines: list[SignLine]
    bmi: Decimal | None


def shown(signs: VitalSigns | None, *, known_only: bool = False) -> Shown:
    """Return how ``signs`` of a record are shown; ``known_only`` leaves out what another client added."""
    signs = {key: value for key, value in (signs or {}).items() if key in KNOWN or not known_only}
    lines = []
    if signs.get(records.BLOOD_PRESSURE):
        lines.append(SignLine(gettext(BLOOD_PRESSURE_LABEL), str(signs[records.BLOOD_PRESSURE]), BLOOD_PRESSURE_UNIT))
    lines += [
        SignLine(gettext(sign.label), _written(signs[key]), gettext(sign.unit))
        for key, sign in records.VITALS.items()
        if signs.get(key)
    ]
    lines += [SignLine(key.replace("_", " ").capitalize(), _plain(value), "") for key, value in others(signs).items()]
    return Shown(lines, records.bmi(signs))


def others(signs: VitalSigns | None) -> dict[str, object]:
    """Return the signs that the clinic's own forms don't know; they were sent by another client and are kept."""
    return {key: value for key, value in (signs or {}).items() if key not in KNOWN}


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | bool) else formatting.number(value)


def _written(value: object) -> str:
    """Return a known sign as the reader's language writes it; clients may have sent a number as a text."""
    number = records.number(value)
    return formatting.number(value if number is None else number)


class SignField(StringField):
    """What was measured of a known sign, as it is typed."""

    def comparable(self) -> object:
        """Return the sign as it is kept, to compare what was typed with what is saved."""
        return read({self.name: self.data}).get(self.name)


class VitalSignsForm(PortalForm):
    """A field for each known sign, by its key."""


# How WTForms composes a form; its fields stand in the order in which they were made.
for _key in KNOWN:
    _label = BLOOD_PRESSURE_LABEL if _key == records.BLOOD_PRESSURE else records.VITALS[_key].label
    setattr(VitalSignsForm, _key, SignField(lazy_gettext(_label)))


def hints(age: int, earlier: Iterable[tuple[date, VitalSigns | None]]) -> dict[str, str]:
    """Return for under each field the sign's unit, what is normal at ``age``, and the last value of the ``earlier`` records.

    These are the days and vital signs of earlier appointments, the latest first.
    """
    units = {records.BLOOD_PRESSURE: gettext("%(unit)s, such as 120/80", unit=BLOOD_PRESSURE_UNIT)}
    units |= {key: gettext(sign.unit) for key, sign in records.VITALS.items()}
    last: dict[str, str] = {}
    for on, signs in earlier:
        for key, value in typed(signs).items():
            if value:
                last.setdefault(
                    key, gettext("last %(value)s on %(day)s", value=value, day=date_formatting.day_plain(on))
                )
    return {key: ", ".join(filter(None, [unit, _normal(key, age), last.get(key)])) for key, unit in units.items()}


def _normal(key: str, age: int) -> str:
    """Return in words what is normal of a sign, "" where that isn't known."""
    spans = [
        f"{formatting.number(each.low)}–{formatting.number(each.high)}" for each in records.normal_ranges(key, age)
    ]
    return gettext("normal %(range)s", range=" / ".join(spans)) if spans else ""


def typed(signs: VitalSigns | None) -> dict[str, str]:
    """Return what the form's fields hold for ``signs`` of a record."""
    return {key: _written(value) for key, value in (signs or {}).items() if key in KNOWN and value is not None}


def read(texts: Mapping[str, str | None]) -> dict[str, object]:
    """Return the signs that were typed: numbers where they are some, else the text, for the domain to judge."""
    return {key: _number(records.without_unit(key, text)) for key, text in texts.items() if text and text.strip()}


def _number(plain: str) -> int | float | str:
    whole, _, rest = plain.partition(".")
    if not (plain.isascii() and whole.isdigit() and len(plain) < 20):
        return plain
    if not rest and "." not in plain:
        return int(plain)
    return float(plain) if rest.isdigit() else plain
