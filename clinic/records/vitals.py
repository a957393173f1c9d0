"""Vital signs: which the clinic knows, in which units, which values are possible and which are normal for an adult at rest,
and how what was sent is judged. Pure.

Sources of the normal ranges, compared with what they say in November 2026 (docs/triage.md, Sources):

- Respiratory rate 12 to 20, oxygen saturation from 96 % and temperature from 36.1 °C: what scores 0 in the National Early Warning
  Score 2 (Royal College of Physicians, 2017). It lets temperature go to 38.0; the NHS calls 38 °C a high one, so 37.9 is the end here.
- Heart rate 60 to 100: the NHS, for most adults at rest (athletes have less); the score's own 0 is 51 to 90.
- Blood pressure at a clinic: low below 90/60, high from 140/90 on (NHS; WHO, Guideline for the pharmacological treatment of
  hypertension in adults, 2021). What lies between is neither, and not ideal throughout: the NHS calls 90/60 to 120/80 ideal.

They are shown beside a number as help for the reader; nothing is decided by them. No clinician has reviewed them yet.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from clinic.i18n import N_
from clinic.records.models import VITALS_MAX_KEYS, VITALS_MAX_TEXT
from clinic.records.rows import VitalSigns
from clinic.text.normalization import UNSTORABLE
from clinic.text.validation import ValidationErrors

#: From, to, and the words for numbers that are right in another unit.
Other = tuple[str, str, str]


@dataclass(frozen=True)
class NormalRange:
    """The values that are normal for an adult at rest, both ends among them."""

    low: Decimal
    high: Decimal

    def __contains__(self, value: Decimal) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True)
class VitalSign:
    """A measure with its unit and the range that can be true of a living person (API, ``medical-record/``).

    ``normal`` is None where a person's size decides, not a range.
    """

    key: str
    label: str
    unit: str
    low: Decimal
    high: Decimal
    decimals: int = 0
    #: What people write behind the number, as a pattern.
    written_unit: str = ""
    #: Numbers that are right in another unit, and what is said then.
    other_unit: tuple[Decimal, Decimal] | None = None
    other_unit_words: str = ""
    normal: NormalRange | None = None

    def in_other_unit(self, value: Decimal) -> bool:
        """Return whether ``value`` can't be true but would be in the other unit that people think in."""
        return self.other_unit is not None and self.other_unit[0] <= value <= self.other_unit[1]


def _range(low: str, high: str) -> NormalRange:
    return NormalRange(Decimal(low), Decimal(high))


def _sign(
    key: str,
    label: str,
    unit: str,
    low: str,
    high: str,
    decimals: int = 0,
    *,
    written: str,
    other: Other | None = None,
    normal: NormalRange | None = None,
) -> VitalSign:
    unlike = None if other is None else (Decimal(other[0]), Decimal(other[1]))
    words = "" if other is None else other[2]
    return VitalSign(key, label, unit, Decimal(low), Decimal(high), decimals, written, unlike, words, normal)


_CELSIUS = r"(?:°|độ|o)?\s*c|°|độ"
_A_MINUTE = r"bpm|(?:nhịp|lần|beats?|breaths?)?\s*(?:/|a|per)\s*(?:min|minute|phút)"
_FAHRENHEIT = ("86", "113", N_("Please enter the temperature in degrees Celsius, such as 38.5."))
_GRAMS = ("501", "9999", N_("Please enter the weight in kilograms, such as 3.5."))
_METRES = ("0.3", "2.6", N_("Please enter the height in centimetres, such as 170."))
VITALS: Mapping[str, VitalSign] = {
    sign.key: sign
    for sign in (
        _sign(
            "temperature",
            N_("Temperature"),
            "°C",
            "30",
            "45",
            1,
            written=_CELSIUS,
            other=_FAHRENHEIT,
            normal=_range("36.1", "37.9"),
        ),
        _sign(
            "heart_rate",
            N_("Heart rate"),
            N_("bpm"),
            "20",
            "300",
            written=_A_MINUTE,
            normal=_range("60", "100"),
        ),
        _sign(
            "respiratory_rate",
            N_("Respiratory rate"),
            N_("/min"),
            "4",
            "80",
            written=_A_MINUTE,
            normal=_range("12", "20"),
        ),
        _sign(
            "oxygen_saturation",
            N_("Oxygen saturation"),
            "%",
            "40",
            "100",
            written="%",
            normal=_range("96", "100"),
        ),
        _sign("weight", N_("Weight"), "kg", "0.3", "500", 1, written="kgs?|ký|kí", other=_GRAMS),
        _sign("height", N_("Height"), "cm", "20", "260", 1, written="cm", other=_METRES),
    )
}
BLOOD_PRESSURE = "blood_pressure"
SYSTOLIC = (40, 300)
DIASTOLIC = (20, 200)
#: Systolic and diastolic: neither low nor high.
NORMAL_PRESSURE = (_range("90", "139"), _range("60", "89"))
#: Children have ranges of their own at each age, which the clinic's doctors know; none is shown for them.
NORMAL_FROM_AGE = 16
_PRESSURE = re.compile(r"\s*(\d{1,3})\s*/\s*(\d{1,3})\s*", re.ASCII)
#: More than this is no number with its unit; in characters.
_TYPED_MOST = 40
_PRESSURE_UNIT = r"mm\s*hg"
_NUMBER = re.compile(r"[+-]?\d{1,10}(\.\d{1,10})?", re.ASCII)
MOST_NUMBER = 10**15
#: What a client may keep beside the known signs, as JSON, in characters.
MOST_JSON = VITALS_MAX_KEYS * VITALS_MAX_TEXT


def normal_ranges(key: str, age: int) -> tuple[NormalRange, ...]:
    """Return what is normal of a known sign at ``age``: one range, two of a blood pressure, none where it isn't known.

    >>> [str(each.low) for each in normal_ranges("blood_pressure", 40)], normal_ranges("heart_rate", 9)
    (['90', '60'], ())
    """
    if age < NORMAL_FROM_AGE:
        return ()
    if key == BLOOD_PRESSURE:
        return NORMAL_PRESSURE
    sign = VITALS.get(key)
    return (sign.normal,) if sign and sign.normal else ()


def number(value: object) -> Decimal | None:
    """Return a number or numeric string as a decimal, None if it is neither.

    >>> number("36.60"), number(True), number("NaN")
    (Decimal('36.60'), None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    text = value.strip() if isinstance(value, str) else repr(value) if isinstance(value, float) else str(value)
    if not isinstance(value, float) and not _NUMBER.fullmatch(text):
        return None
    found = Decimal(text)
    return found if found.is_finite() else None


def without_unit(key: str, text: str) -> str:
    """Return what was typed for a known sign without its own unit, its decimal mark a point.

    >>> without_unit("oxygen_saturation", "98 %"), without_unit("temperature", "38,5 °C"), without_unit("height", "170")
    ('98', '38.5', '170')
    """
    if len(text) > _TYPED_MOST:
        return text
    written = _PRESSURE_UNIT if key == BLOOD_PRESSURE else VITALS[key].written_unit
    plain = unicodedata.normalize("NFKC", text).replace("℃", "°C").strip()
    bare = re.sub(rf"\s*(?:{written})\.?$", "", plain, count=1, flags=re.IGNORECASE)
    return bare.replace(",", ".")


def pressure(value: object) -> tuple[int, int] | None:
    """Return systolic and diastolic pressure (mmHg) of a text like "120/80", None if it isn't one."""
    found = _PRESSURE.fullmatch(value) if isinstance(value, str) else None
    return (int(found[1]), int(found[2])) if found else None


def checked(errors: ValidationErrors, vital_signs: object) -> dict[str, object] | None:
    """Return ``vital_signs`` as they are stored, adding to ``errors`` what can't be.

    Known keys are judged by ``VITALS``; an empty one is absent; other keys are kept. None where nothing is left.
    """
    if vital_signs is None or vital_signs == "":
        return None
    if not isinstance(vital_signs, Mapping):
        errors.add("vital_signs", N_("Vital signs must be an object of names and values."))
        return None
    written = json.dumps(vital_signs, ensure_ascii=False, default=str)
    if len(vital_signs) > VITALS_MAX_KEYS or len(written) > MOST_JSON:
        errors.add("vital_signs", N_("That's too many vital signs."))
        return None
    if UNSTORABLE.search(written) or "\\u0000" in written:
        errors.add("vital_signs", N_("This text has characters that we can't save."))
        return None
    stored = {
        str(key): value.strip() if isinstance(value, str) else value
        for key, value in vital_signs.items()
        if not _absent(key, value)
    }
    if _has_huge_number([value for key, value in stored.items() if key not in VITALS]):
        errors.add("vital_signs", N_("One of these numbers is too large."))
    for key, value in stored.items():
        _check(errors, key, value)
    return stored or None


def _has_huge_number(value: object) -> bool:
    """Return whether a number that nobody measures stands somewhere in ``value``."""
    if isinstance(value, Mapping):
        return any(map(_has_huge_number, value.values()))
    if isinstance(value, list):
        return any(map(_has_huge_number, value))
    return isinstance(value, int | float) and abs(value) >= MOST_NUMBER


def _absent(key: str, value: object) -> bool:
    known = key in VITALS or key == BLOOD_PRESSURE
    return known and (value is None or (isinstance(value, str) and not value.strip()))


def _check(errors: ValidationErrors, key: str, value: object) -> None:
    field = f"vital_signs.{key}"
    if key == BLOOD_PRESSURE:
        _check_pressure(errors, field, value)
    elif sign := VITALS.get(key):
        found = number(value)
        if found is None:
            errors.add(field, N_("Please enter a number."))
        elif sign.in_other_unit(found):
            errors.add(field, sign.other_unit_words)
        elif not sign.low <= found <= sign.high:
            errors.add(
                field,
                N_("Please enter a value from %(low)s to %(high)s %(unit)s."),
                low=sign.low,
                high=sign.high,
                unit=sign.unit,
            )
    elif not _storable(value):
        errors.add("vital_signs", N_("This text has characters that we can't save."))


def _storable(value: object) -> bool:
    """Return whether ``value`` is JSON: what Python reads as NaN and Infinity isn't, and PostgreSQL refuses it."""
    try:
        json.dumps(value, allow_nan=False, default=str)
    except ValueError:
        return False
    return True


def _check_pressure(errors: ValidationErrors, field: str, value: object) -> None:
    found = pressure(value)
    if found is None:
        errors.add(field, N_("Please enter blood pressure such as 120/80."))
        return
    systolic, diastolic = found
    in_range = SYSTOLIC[0] <= systolic <= SYSTOLIC[1] and DIASTOLIC[0] <= diastolic <= DIASTOLIC[1]
    if not in_range or systolic <= diastolic:
        errors.add(
            field,
            N_("Please enter blood pressure with the larger number first: %(upper)s over %(lower)s."),
            upper="\N{EN DASH}".join(map(str, SYSTOLIC)),
            lower="\N{EN DASH}".join(map(str, DIASTOLIC)),
        )


def _true_number(key: str, value: object) -> Decimal | None:
    found, sign = number(value), VITALS[key]
    return found if found is not None and sign.low <= found <= sign.high else None


def bmi(vital_signs: VitalSigns | None) -> Decimal | None:
    """Return the body mass index (kg/m², one decimal) where weight and height are known and can be true."""
    weight, height = (_true_number(key, (vital_signs or {}).get(key)) for key in ("weight", "height"))
    if weight is None or height is None:
        return None
    return round(weight / (height / 100) ** 2, 1)
