"""Texts that people type: how they are tidied, what may not stand in them, how two of them are compared.

Phone numbers and e-mails have modules of their own, ``clinic.text.phones`` and ``clinic.text.emails``; ``clinic.text.word_search`` finds rows
by what is typed. A command collects what is wrong with its fields in ``ValidationErrors`` and refuses them all at once.
"""

import re
import unicodedata

#: Control characters (line feed, tab and return aside) and lone surrogates: no database and no page can hold them.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
LINE_BREAKS = re.compile("\r\n?|[\x85\u2028\u2029]")
#: What no database can keep: NUL, and half of a surrogate pair.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
#: Spaces that aren't the ordinary one but look like it: documents and web pages are full of no-break spaces.
SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
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
    """Return whether a character is a mark that nobody sees: of no width, a soft hyphen, a direction of writing."""
    return unicodedata.category(letter) == "Cf"


def without_invisible(text: str) -> str:
    """Return ``text`` without its invisible marks."""
    return "".join(letter for letter in text if not is_invisible(letter))


def one_line(text: str) -> str:
    """Return a name or the like as it is kept: composed accents, single ordinary spaces, no invisible marks.

    Line breaks stay, since they are refused rather than mended.
    """
    plain = without_invisible(SPACES.sub(" ", text.replace("\t", " ")))
    return unicodedata.normalize("NFC", re.sub(" +", " ", plain).strip())


def like_pattern(text: str) -> str:
    """Return the LIKE pattern (escape character ``/``) for rows that contain ``text``."""
    escaped = FORBIDDEN.sub("", text).replace("/", "//").replace("%", "/%").replace("_", "/_")
    return f"%{escaped}%"


def is_name(text: str) -> bool:
    """Return whether a text can stand where names stand."""
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
