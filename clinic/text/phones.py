"""Phone numbers: how people type them, how they are kept (ten digits), searched for and shown. Pure."""

import re
import unicodedata

from clinic.text.normalization import without_invisible

PHONE_DIGITS = 10
PHONE_PATTERN = rf"[0-9]{{{PHONE_DIGITS}}}"
#: More than this is no phone number, however it is written; in characters.
TYPED_MOST = 100

#: What people put between the digits: spaces, dots, dashes, parentheses, strokes.
_BETWEEN = re.compile(r"[\s.·•()\[\]/_-]+")
#: Vietnam's code as it is dialled from abroad, with the zero that some keep behind it.
_COUNTRY = re.compile(r"(?:\+|00)840*")
#: The same without a sign, before the nine digits of a whole number.
_BARE_COUNTRY = re.compile(r"84([1-9][0-9]{8})")


def canonical(text: str) -> str:
    """Return a phone number as it is kept; what is none stays as near to what was typed as can be.

    >>> canonical("+84 (0)91-234.5678"), canonical("091 234 5678"), canonical("84912345678")
    ('0912345678', '0912345678', '0912345678')
    """
    plain = _BETWEEN.sub("", _plain_signs(without_invisible(text)))
    plain = _COUNTRY.sub("0", plain, count=1) if _COUNTRY.match(plain) else plain
    return _BARE_COUNTRY.sub(r"0\1", plain) if _BARE_COUNTRY.fullmatch(plain) else plain


def _plain_signs(text: str) -> str:
    """Return ``text`` with digits of any script as ours, and every dash and plus as the plain one."""
    return "".join(_plain_sign(sign) for sign in text)


def _plain_sign(sign: str) -> str:
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    if unicodedata.category(sign) == "Pd" or sign == "\N{MINUS SIGN}":
        return "-"
    return "+" if unicodedata.normalize("NFKC", sign) == "+" else sign


def is_phone(text: str) -> bool:
    """Return whether ``text`` is a phone number in its canonical form."""
    return re.fullmatch(PHONE_PATTERN, text) is not None


def digits(text: str) -> str:
    """Return the digits of a phone number, or of a part of one, as they stand in the canonical form; "" for no number.

    >>> digits("+84 91 234"), digits("5678"), digits("room 5")
    ('091234', '5678', '')
    """
    plain = canonical(text)
    return plain if plain.isascii() and plain.isdecimal() else ""


def shown(phone: str) -> str:
    """Return a kept number in groups that are easy to read aloud, on one line: ``091 234 5678``."""
    return "\N{NO-BREAK SPACE}".join((phone[:3], phone[3:6], phone[6:])) if is_phone(phone) else phone
