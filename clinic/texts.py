"""Texts that people type: how they are tidied, what may not stand in them, how two of them are compared.

Phone numbers and e-mails have modules of their own, ``clinic.phones`` and ``clinic.emails``; ``clinic.search`` finds rows
by what is typed. A command collects what is wrong with its fields in ``Faults`` and refuses them all at once.
"""

import re
import unicodedata

from clinic.errors import InvalidInput, Text
from clinic.i18n import N_

#: Control characters (line feed, tab and return aside) and lone surrogates: no database and no page can hold them.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LINE_BREAKS = re.compile("\r\n?|[\x85\u2028\u2029]")
#: Spaces that aren't the ordinary one but look like it: documents and web pages are full of no-break spaces.
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
#: Signs that are written in several ways: phones type the curly apostrophe, documents have four kinds of dash.
_SIGNS = str.maketrans(dict.fromkeys("’‘ʼʻʹ′´`＇", "'") | dict.fromkeys("‐‑‒–—―−－", "-"))
#: Small letters that Unicode doesn't take apart, and those that people type in their place.
_LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ŋ": "n", "ø": "o", "ŧ": "t", "þ": "th", "æ": "ae", "œ": "oe"}
)


def folded(text: str) -> str:
    """Return ``text`` as it is compared: lower case, without accents and invisible marks, look-alike letters as one.

    Spaces are single; curly apostrophes and dashes are the plain ones.

    >>> folded("Đỗ  Ngọc Mai"), folded("Chi D’Amour")
    ('do ngoc mai', "chi d'amour")
    """
    plain = unicodedata.normalize("NFKD", text.translate(_SIGNS))
    letters = "".join(letter for letter in plain if not (unicodedata.combining(letter) or is_invisible(letter)))
    return " ".join(letters.casefold().translate(_LETTERS | _SIGNS).split())


#: Vietnamese letters in their order, which is English where only English ones stand; tones tell apart what is the same else.
_RANKS = {letter: rank for rank, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", 1000)}
_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")


def alphabetical(text: str) -> tuple[list[int], str]:
    """Return the key by which a text stands among others in a list: đ after all of d, ă and â after a, whatever the tones.

    For lists that are read whole: databases order pages of a longer one by what is ``folded``.

    >>> sorted(["Đau", "Da liễu", "Dược", "Đa khoa"], key=alphabetical)
    ['Da liễu', 'Dược', 'Đa khoa', 'Đau']
    """
    letters = unicodedata.normalize("NFC", _TONES.sub("", unicodedata.normalize("NFD", text.casefold())))
    plain = (letter if letter in _RANKS else folded(letter) or letter for letter in letters)
    return [_RANKS.get(letter, ord(letter)) for part in plain for letter in part], text


def is_invisible(letter: str) -> bool:
    """Tell whether a character is a mark that nobody sees: of no width, a soft hyphen, a direction of writing."""
    return unicodedata.category(letter) == "Cf"


def without_invisible(text: str) -> str:
    """Return ``text`` without its invisible marks."""
    return "".join(letter for letter in text if not is_invisible(letter))


def one_line(text: str) -> str:
    """Return a name or the like as it is kept: composed accents, single ordinary spaces, no invisible marks.

    Line breaks stay, since they are refused rather than mended.
    """
    plain = without_invisible(_SPACES.sub(" ", text.replace("\t", " ")))
    return unicodedata.normalize("NFC", re.sub(" +", " ", plain).strip())


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
        """Return ``value`` tidied (trimmed, one kind of line break and space, composed accents), noting what is wrong.

        ``most`` is its greatest length in characters. A ``line`` is a name or the like: on one line, with a letter in it,
        without web addresses, since names stand in mails to others; see ``one_line``.
        """
        tidy = _SPACES.sub(" ", _LINE_BREAKS.sub("\n", value or "")).strip()
        if _FORBIDDEN.search(tidy):
            self.add(field, N_("This text has characters that we can't save."))
            return ""
        if not without_invisible(tidy).strip():
            tidy = ""
        whole = composed(tidy, most)
        tidy = one_line(whole or "") if line else whole or ""
        if line and tidy and not _is_name(tidy):
            self.add(field, N_("Please write this on one line, in visible letters, without web addresses."))
        if required and whole == "":
            self.add(field, N_("Please fill this in."))
        if whole is None or len(whole) > most:
            self.add(field, N_("Please use at most %(most)d characters."), most=most)
        return tidy

    def refuse(self) -> None:
        """Raise ``InvalidInput`` if anything is wrong."""
        if self.errors:
            raise InvalidInput.of(self.errors)
