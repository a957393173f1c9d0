"""Texts that people type: how they are tidied, what may not stand in them, how they are compared in a search.

A command collects what is wrong with its fields in ``Faults`` and refuses them all at once.
"""

import re
import unicodedata

from clinic.errors import InvalidInput, Text
from clinic.i18n import N_

#: Control characters (line feed, tab and return aside) and lone surrogates: no database and no page can hold them.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LINE_BREAKS = re.compile(r"\r\n?")


def folded(text: str) -> str:
    """Return ``text`` as a search compares it: lower case, without accents, đ as d, single spaces.

    >>> folded("Đỗ  Ngọc Mai")
    'do ngoc mai'
    """
    plain = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(letters.casefold().split())


def like_pattern(text: str) -> str:
    """Return the LIKE pattern (escape character ``/``) for rows that contain ``text``."""
    escaped = _FORBIDDEN.sub("", text).replace("/", "//").replace("%", "/%").replace("_", "/_")
    return f"%{escaped}%"


def _is_name(text: str) -> bool:
    """Tell whether a text can stand where names stand."""
    plain = text.isprintable() and any(letter.isalpha() for letter in text)
    return plain and "://" not in text and "www." not in text.casefold()


#: Marks that make up one letter, at most: a letter of Vietnamese is written as up to three.
_MARKS = 4


def composed(text: str, most: int) -> str | None:
    """Return ``text`` with composed accents; None where it is longer than ``most`` characters however it is written.

    The length comes first: to order the marks of one letter takes time that grows with the square of their number, in
    which a process serves nobody else.
    """
    return None if len(text) > most * _MARKS else unicodedata.normalize("NFC", text)


class Faults:
    """What is wrong with the fields of a command, collected so that a person learns it all at once."""

    def __init__(self) -> None:
        self.errors: dict[str, list[Text | str]] = {}

    def add(self, field: str, message: str, **params: object) -> None:
        """Note one fault of ``field``."""
        self.errors.setdefault(field, []).append(Text(message, params))

    def text(self, field: str, value: str | None, *, most: int, required: bool = False, line: bool = False) -> str:
        """Return ``value`` tidied (trimmed, one kind of line break, composed accents), noting what is wrong with it.

        ``most`` is its greatest length in characters. A ``line`` is a name or the like: on one line, with a letter in it,
        without invisible characters and web addresses, since names stand in mails to others.
        """
        tidy = _LINE_BREAKS.sub("\n", value or "").strip()
        if _FORBIDDEN.search(tidy):
            self.add(field, N_("This text holds characters that can't be stored."))
            return ""
        whole = composed(tidy, most)
        tidy = whole or ""
        if line and tidy and not _is_name(tidy):
            self.add(field, N_("Please write this on one line, in letters that can be seen, without web addresses."))
        if required and whole == "":
            self.add(field, N_("Please fill this in."))
        if whole is None or len(whole) > most:
            self.add(field, N_("Please use at most %(most)d characters."), most=most)
        return tidy

    def refuse(self) -> None:
        """Raise ``InvalidInput`` if anything is wrong."""
        if self.errors:
            raise InvalidInput.of(self.errors)
