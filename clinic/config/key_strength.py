"""What a key is worth: how many bits somebody would have to guess who knows how people make up keys.

A key is described as cheaply as it can be, of words, syllables, years and single characters, and is worth what the description
costs. What a program drew at random has no description shorter than itself. Knows no setting.
"""

import re
from collections import Counter
from functools import cache
from itertools import pairwise
from math import log2

#: What a key has to be worth, in bits, and how much less one that is may seem to be worth by chance.
BITS_LEAST, BITS_BY_CHANCE = 128, 28
#: A word of a dictionary, a syllable or a year is worth no more than this, however long it is, and a short one less.
_BITS_OF_WORD, _BITS_OF_LETTER = 7, 4
_WORD_LEAST, _WORD_MOST = 4, 24
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "azerty")
#: A row of so many characters is one, and so many of the same are a repetition: fewer come by chance.
_ROW_LEAST = 5
_SAME = r"(.)\1{5,}|(.{2,}?)\2{2,}"
#: How often the same character stands between words in what somebody made up.
_SEPARATORS_LEAST = 3
#: A syllable of Vietnamese without its marks; most of English short words look like one.
_SYLLABLE = re.compile(
    r"(?:[bdhlmrsvx]|ch?|gh?|gi|kh?|ngh?|nh?|ph?|qu|t[hr]?)?"
    r"(?:[iu]?[eoua]|uy[ae]?|o?[aei]|[ieuy]|[iy]eu|uo[iu])(?:[ioyu]|ch?|m|n[gh]?|p|t)?"
)
#: Short words that don't, and stand in many a key that somebody made up.
_SHORT = frozenset("and app are as dev for from get had has her his if is its not of or our out use was you".split())
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_PUNCTUATION = r"[^0-9a-zA-Z]"
_LEET = str.maketrans("013457@$", "oieastas")


def is_weak(key: str, *known: str) -> bool:
    """Return whether a key can be guessed, by who knows the texts ``known``, too."""
    return estimated_bits(key, *known) < BITS_LEAST - BITS_BY_CHANCE


def estimated_bits(key: str, *known: str) -> float:
    """Return what a key is worth at most, in bits.

    What a program drew at random from an alphabet is worth its length times the logarithm of that.
    """
    rest = key
    for text in known:
        rest = re.sub(re.escape(text), "", rest, flags=re.IGNORECASE)
    rest = _without_separators(_without_rows(_without_repetitions(rest)))
    if not rest:
        return 0
    # Of a short text not every letter of its alphabet is in it.
    of_character = log2(max(min(_alphabet(rest), len(set(rest)) * 1.6), 1))
    return _cheapest(rest, of_character)


def _cheapest(text: str, of_character: float) -> float:
    """Return the bits of the cheapest description of ``text``, of pieces that people use and of single characters."""
    bits = [0.0]
    # Among hexadecimal digits a syllable comes by chance.
    shortest = _WORD_LEAST if of_character <= _BITS_OF_LETTER else 2
    for end in range(1, len(text) + 1):
        is_punctuation = bool(re.match(_PUNCTUATION, text[end - 1]))
        best = bits[end - 1] + (min(_BITS_OF_LETTER, of_character) if is_punctuation else of_character)
        for start in range(max(0, end - _WORD_MOST), end - shortest + 1):
            if bits[start] < best and _is_of_people(text[start:end]):
                best = min(best, bits[start] + min(_BITS_OF_WORD, _BITS_OF_LETTER * (end - start)))
        bits.append(best)
    return bits[-1]


def _is_of_people(piece: str) -> bool:
    """Return whether people write ``piece``: a word or a syllable in one case, or a year."""
    if piece.isdecimal():
        # Other digits of a few are as likely drawn.
        return bool(_YEAR.fullmatch(piece)) or (len(piece) > _WORD_LEAST + 1 and piece in _words())
    if not (piece.islower() or piece.isupper() or piece.istitle()):
        return False
    plain = piece.lower()
    if plain in _SHORT or (plain.isalpha() and _SYLLABLE.fullmatch(plain)):
        return True
    return len(piece) >= _WORD_LEAST and (
        plain in _words() or (len(piece) > _WORD_LEAST and _unleet(plain) in _words())
    )


def _unleet(text: str) -> str:
    """Return a word with the letters for which people write digits, where it is half of letters at least."""
    letters = sum(character.isalpha() for character in text)
    return text.translate(_LEET) if 2 * letters >= len(text) else text


def _alphabet(text: str) -> int:
    """Return how many characters the smallest alphabet has that ``text`` may be drawn from."""
    if re.fullmatch(r"[0-9a-f]*|[0-9A-F]*", text):
        return 10 if text.isdecimal() else 16
    classes = ((r"[0-9]", 10), (r"[a-z]", 26), (r"[A-Z]", 26), (r"[^0-9a-zA-Z]", 2))
    return sum(size for pattern, size in classes if re.search(pattern, text))


def _without_repetitions(text: str) -> str:
    return re.sub(_SAME, r"\1\2", text)


def _without_separators(text: str) -> str:
    """Return a text without the character that stands between its parts."""
    found = Counter(re.findall(_PUNCTUATION, text)).most_common(1)
    return text.replace(found[0][0], "") if found and found[0][1] >= _SEPARATORS_LEAST else text


def _without_rows(text: str) -> str:
    """Return a text in which of each row ("abcd", "9876", a row of the keyboard) the first is left."""
    for row in _KEYBOARD:
        text = re.sub(row, row[0], text, flags=re.IGNORECASE)
    left: list[str] = []
    at = 0
    while at < len(text):
        left.append(text[at])
        length = max(_row_length(text, at, 1), _row_length(text, at, -1))
        at += length if length >= _ROW_LEAST else 1
    return "".join(left)


def _row_length(text: str, start: int, step: int) -> int:
    """Return how many characters from ``start`` on follow each other, upwards or downwards."""
    length = 1
    for one, next_one in pairwise(text[start:]):
        if ord(next_one) - ord(one) != step:
            break
        length += 1
    return length


@cache
def _words() -> frozenset[str]:
    # As many as passwords are weighed by. Loaded by a start in production alone, where they are needed anyway.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 - see above

    return frozenset(word for words in FREQUENCY_LISTS.values() for word in words if len(word) >= _WORD_LEAST)
