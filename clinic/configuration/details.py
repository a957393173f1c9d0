"""What the clinic may decide in the portal: each value by name, how it is checked, and how all are laid over others.

Checked by the very types that the environment's values have (``clinic.contact``, ``clinic.settings``), refused in words that
can be translated. Pure: no database, no clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, TypedDict, cast

import structlog
from pydantic import AfterValidator, EmailStr, Field, TypeAdapter, ValidationError

from clinic.contact import (
    CLINIC_NAME_MAX,
    EMERGENCY_NUMBER,
    ClinicName,
    EmergencyNumber,
    Phone,
    PlainWords,
    WebAddress,
)
from clinic.i18n import DEFAULT_LANGUAGE, LANGUAGES, N_, checked_languages
from clinic.settings import HORIZON_LEAST, HORIZON_MOST, LEAD_MOST, NOTICE_MOST, ClinicSettings, nothing_to_book
from clinic.text.validation import ValidationErrors

LETTERHEAD_MAX, ADDRESS_MAX, ADDRESS_OF_MAP_MAX = 300, 300, 500
_NUMBER_MAX, _EMAIL_MAX = 40, 254
VIETNAMESE = "vi"

#: What a value is in JSON.
Value = str | int | bool | list[str] | None

log = structlog.get_logger("clinic.configuration")


class ClinicDetails(TypedDict):
    """Everything that the clinic decides about itself. A text in Vietnamese is None where it is the English one."""

    clinic_name: str
    letterhead: str | None
    letterhead_vi: str | None
    phone: str | None
    email: str | None
    address: str | None
    address_vi: str | None
    map_url: str | None
    emergency_number: str
    horizon_days: int
    notice_hours: int
    lead_hours: int
    languages: list[str]
    is_demo: bool


@dataclass(frozen=True)
class _Rule:
    """How a value is checked: its type, and what is said where it isn't of it."""

    kind: TypeAdapter[Any]
    refusal: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    #: Of a text its greatest length; None for what is no text.
    most: int | None = None
    required: bool = False


def _text(kind: Any, most: int, refusal: str = "", *, required: bool = False, **params: object) -> _Rule:
    return _Rule(TypeAdapter(kind), refusal, params, most=most, required=required)


def _number(least: int, most: int) -> _Rule:
    limits = {"least": least, "most": most}
    kind = TypeAdapter(Annotated[int, Field(ge=least, le=most, strict=True)])
    return _Rule(kind, N_("Please enter a number from %(least)d to %(most)d."), limits)


_RULES: Mapping[str, _Rule] = {
    "clinic_name": _text(
        ClinicName, CLINIC_NAME_MAX, N_("Please write the name on one line, in visible letters."), required=True
    ),
    "letterhead": _text(PlainWords, LETTERHEAD_MAX),
    "letterhead_vi": _text(PlainWords, LETTERHEAD_MAX),
    "phone": _text(Phone, _NUMBER_MAX, N_("Please enter a phone number like 028 1234 5678.")),
    "email": _text(EmailStr, _EMAIL_MAX, N_("Please enter an e-mail address like name@example.com.")),
    "address": _text(PlainWords, ADDRESS_MAX),
    "address_vi": _text(PlainWords, ADDRESS_MAX),
    "map_url": _text(
        WebAddress, ADDRESS_OF_MAP_MAX, N_("Please enter a web address that begins with https://, without spaces.")
    ),
    "emergency_number": _text(
        EmergencyNumber,
        _NUMBER_MAX,
        N_("Please enter a number to dial in digits, such as %(number)s."),
        required=True,
        number=EMERGENCY_NUMBER,
    ),
    "horizon_days": _number(HORIZON_LEAST, HORIZON_MOST),
    "notice_hours": _number(0, NOTICE_MOST),
    "lead_hours": _number(0, LEAD_MOST),
    "languages": _Rule(
        TypeAdapter(Annotated[list[str], AfterValidator(checked_languages)]), N_("Please choose at least one language.")
    ),
    "is_demo": _Rule(TypeAdapter(Annotated[bool, Field(strict=True)]), N_("Please say yes or no.")),
}
#: What can be saved, in the order in which it is shown.
EDITABLE: Sequence[str] = tuple(_RULES)


def details_of(settings: ClinicSettings) -> ClinicDetails:
    """Return what settings say of the clinic."""
    contact = settings.contact
    letterhead, letterhead_vi = _plain(contact.letterhead)
    address, address_vi = _plain(contact.address)
    return {
        "clinic_name": settings.clinic_name,
        "letterhead": letterhead,
        "letterhead_vi": letterhead_vi,
        "phone": contact.phone,
        "email": contact.email,
        "address": address,
        "address_vi": address_vi,
        "map_url": contact.map_url,
        "emergency_number": contact.emergency_number,
        "horizon_days": settings.booking.horizon_days,
        "notice_hours": settings.booking.notice_hours,
        "lead_hours": settings.booking.lead_hours,
        "languages": list(settings.languages),
        "is_demo": settings.is_demo,
    }


def _plain(words: Mapping[str, str] | None) -> tuple[str | None, str | None]:
    """Return a text in English and in Vietnamese, None for the second where both are the same."""
    if words is None:
        return None, None
    english, vietnamese = words[DEFAULT_LANGUAGE], words[VIETNAMESE]
    return english, None if vietnamese == english else vietnamese


def _words(english: str | None, vietnamese: str | None) -> Mapping[str, str] | None:
    return None if english is None else {**dict.fromkeys(LANGUAGES, english), VIETNAMESE: vietnamese or english}


def laid_over(environment: ClinicSettings, overrides: Mapping[str, object]) -> ClinicSettings:
    """Return the environment's settings with what the clinic has saved over them.

    What an older or newer version of the portal saved and this one can't use is the environment's.
    """
    values = cast(ClinicDetails, {**details_of(environment), **usable(overrides)})
    contact = replace(
        environment.contact,
        phone=values["phone"],
        email=values["email"],
        address=_words(values["address"], values["address_vi"]),
        letterhead=_words(values["letterhead"], values["letterhead_vi"]),
        map_url=values["map_url"],
        emergency_number=values["emergency_number"],
    )
    follows = environment.security_contact == environment.contact.email
    return replace(
        environment,
        clinic_name=values["clinic_name"],
        contact=contact,
        booking=replace(
            environment.booking,
            horizon_days=values["horizon_days"],
            notice_hours=values["notice_hours"],
            lead_hours=values["lead_hours"],
        ),
        languages=tuple(values["languages"]),
        is_demo=values["is_demo"],
        security_contact=contact.email if follows else environment.security_contact,
        environment=environment,
    )


def usable(overrides: Mapping[str, object]) -> dict[str, Value]:
    """Return what of saved values can be used; the log names the rest."""
    errors = ValidationErrors()
    found = checked(errors, {name: value for name, value in overrides.items() if name in _RULES})
    unusable = sorted({*errors.by_field, *(overrides.keys() - _RULES.keys())})
    if unusable:
        log.warning("saved settings not used", names=unusable)
    return found


def checked(errors: ValidationErrors, values: Mapping[str, object]) -> dict[str, Value]:
    """Return values as they are saved, noting each that is wrong, which is left out. An empty text is None."""
    found: dict[str, Value] = {}
    for name, value in values.items():
        before = len(errors.by_field)
        tidy = _checked(errors, name, value)
        if len(errors.by_field) == before:
            found[name] = tidy
    return found


def _checked(errors: ValidationErrors, name: str, value: object) -> Value:
    rule = _RULES[name]
    if rule.most is not None:
        value = errors.text(name, None if value is None else str(value), most=rule.most, required=rule.required) or None
        if value is None or name in errors.by_field:
            return None
    try:
        valid = rule.kind.validate_python(value)
    except ValidationError:
        errors.add(name, rule.refusal, **rule.params)
        return None
    return list(valid) if isinstance(valid, tuple) else cast(Value, valid)


def check_together(errors: ValidationErrors, values: Mapping[str, Value], before: Mapping[str, Value]) -> None:
    """Note a text in Vietnamese without one in English, which everybody else would miss, and days and hours of which one has
    changed and which leave patients nothing to book together."""
    if nothing_to_book(cast(int, values["lead_hours"]), cast(int, values["horizon_days"])):
        changed = [name for name in ("lead_hours", "horizon_days") if values[name] != before[name]]
        for name in changed[:1]:
            errors.add(
                name,
                N_("Patients couldn't book anything: they would have to book so long before that no day is left."),
            )
    for name in ("letterhead", "address"):
        if values[f"{name}_{VIETNAMESE}"] is not None and values[name] is None and name not in errors.by_field:
            errors.add(name, N_("Please fill this in."))
