"""How people reach the clinic, and whom they call in an emergency.

Holds what the operator entered (CLINIC_FILE and the settings that come before it) as typed, checked values in each
language of the portal. Knows no page and no mail; whoever needs a number or the address reads
``clinic.settings.current().contact``.
"""

import re
from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, EmailStr, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from clinic.i18n import DEFAULT_LANGUAGE, LANGUAGES

#: Vietnam's ambulance.
EMERGENCY_NUMBER = "115"
#: The longest name of a clinic.
CLINIC_NAME_MAX = 100
_PHONE = re.compile(r"\+?[0-9][0-9 ().-]{2,28}")


def checked_clinic_name(value: str) -> str:
    """Return a clinic's name, trimmed; ``ValueError`` unless it is one line of 1 to 100 characters."""
    if not value.strip() or len(value) > CLINIC_NAME_MAX or not value.isprintable():
        raise ValueError(f"must be a name of 1 to {CLINIC_NAME_MAX} characters")
    return value.strip()


def checked_phone(value: str) -> str:
    """Return a phone number as people read it, trimmed; ``ValueError`` where nobody could dial it."""
    if not _PHONE.fullmatch(value.strip()):
        raise ValueError("must be a phone number like 028 1234 5678")
    return value.strip()


def checked_emergency_number(value: str) -> str:
    """Return an emergency number; ``ValueError`` unless it is two to eight digits."""
    if not re.fullmatch(r"[0-9]{2,8}", value.strip()):
        raise ValueError("must be a number to dial like 115")
    return value.strip()


def tel(number: str) -> str:
    """Return the address of a link that calls ``number``.

    >>> tel("028 1234 5678")
    'tel:02812345678'
    """
    return "tel:" + re.sub(r"[^0-9+]", "", number)


def _in_each_language(value: object) -> object:
    """Return a text as one per language; a plain text is the same in all of them."""
    return dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else value


def _complete(words: Mapping[str, str]) -> Mapping[str, str]:
    """Return the words of each language; ``ValueError`` where one is missing, empty or of a language not spoken here."""
    if set(words) != set(LANGUAGES) or not all(text.strip() for text in words.values()):
        raise ValueError(f"must be a text, or one for each of {', '.join(LANGUAGES)}")
    return MappingProxyType({language: text.strip() for language, text in words.items()})


def _web_address(value: str) -> str:
    if not value.startswith("https://") or any(letter.isspace() for letter in value):
        raise ValueError("must be a web address like https://maps.example/sen-clinic")
    return value


def checked_coordinates(value: str) -> tuple[float, float]:
    """Return latitude and longitude; ``ValueError`` unless they are two numbers in degrees like "10.7769, 106.7009"."""
    try:
        latitude, longitude = (float(part) for part in value.split(","))
    except ValueError:
        raise ValueError("must be a latitude and a longitude like 10.7769, 106.7009") from None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("must be a latitude from -90 to 90 and a longitude from -180 to 180")
    return latitude, longitude


def _some_words(value: str) -> str:
    if not value.strip():
        raise ValueError("must be a text")
    return value.strip()


#: A text that is the same in every language.
PlainWords = Annotated[str, AfterValidator(_some_words)]
#: A text for people, by language.
Words = Annotated[Mapping[str, str], BeforeValidator(_in_each_language), AfterValidator(_complete)]
ClinicName = Annotated[str, AfterValidator(checked_clinic_name)]
Phone = Annotated[str, AfterValidator(checked_phone)]
EmergencyNumber = Annotated[str, AfterValidator(checked_emergency_number)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
_STRICT = ConfigDict(extra="forbid")


def words_in(language: str, words: Mapping[str, str] | None) -> str:
    """Return a text in ``language``; "" where there is none."""
    return "" if words is None else words.get(language, words[DEFAULT_LANGUAGE])


@dataclass(frozen=True, config=_STRICT)
class Helpline:
    """A number for people in distress, as the clinic entered it: when it answers, and where the clinic has it from."""

    name: Words
    number: Phone
    hours: Words
    source: Words


@dataclass(frozen=True, config=_STRICT)
class Contact:
    """What people need to reach the clinic and help; what wasn't entered is "" or None."""

    phone: Phone | None = None
    email: EmailStr | None = None
    address: Words | None = None
    #: What stands below the clinic's name on printed sheets: who runs it, its licence.
    letterhead: Words | None = None
    #: Opening hours in words.
    hours: Words | None = None
    map_url: WebAddress | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    emergency_number: EmergencyNumber = EMERGENCY_NUMBER
    #: What the clinic adds to the privacy page: on which law it keeps data, how long, who answers for it.
    privacy: Words | None = None
    #: None ships: a number that is wrong, or answered by nobody, harms. The clinic enters what it has checked.
    helplines: tuple[Helpline, ...] = field(default=())

    @property
    def is_reachable(self) -> bool:
        """Whether anything was entered by which people find or reach the clinic."""
        return any((self.phone, self.email, self.address, self.hours, self.map_url))

    def __post_init__(self) -> None:
        """Refuse half a place: a map needs both coordinates."""
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude belong together")


def parse_contact(data: Mapping[str, object]) -> Contact:
    """Return what a data file says, checked; ``ValueError`` with everything that is wrong in one line."""
    try:
        return TypeAdapter(Contact).validate_python(dict(data))
    except ValidationError as error:
        raise ValueError("; ".join(_fault(fault["loc"], fault["msg"]) for fault in error.errors())) from None


def _fault(place: tuple[int | str, ...], message: str) -> str:
    where = ".".join(str(part) for part in place)
    text = message.removeprefix("Value error, ")
    return f"{where}: {text[0].lower()}{text[1:]}".removeprefix(": ")
