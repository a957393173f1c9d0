"""What a person wrote, as words that can be compared: folded marks, sentences, and each word with and without accents.

Vietnamese is typed with accents, with some, or with none. A word with accents is compared with its accents; one without
may stand for any that is written alike, unless it is an English word in an English sentence. Knows no list of words but the few that tell the
two languages apart.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

#: What is said in one word or in two, and typed with the apostrophe or without: each is read as one of them.
_SPELLINGS = tuple(
    # "@" begins the name of a set of words in the lexicon, which is nobody's sentence.
    (re.compile(rf"(?<![@\w])(?:{spellings})\b", re.IGNORECASE), word)
    for spellings, word in (
        (r"i'm", "i am"),
        (r"(he|she)'?s", r"\1 is"),
        (r"it'?s", "it is"),
        (r"(that|what)'?s", r"\1 is"),
        (r"(you|they)'?re", r"\1 are"),
        (r"(i|you|they)'?ve", r"\1 have"),
        (r"want(?:s|ed|ing)", "want"),
        (r"wanna", "want to"),
        (r"m[uú]n", "muốn"),
        (r"gonna", "going to"),
        (r"can(?:n?'?t|[^\S\n]*not)", "cant"),
        (r"won'?t|will[^\S\n]+not", "wont"),
        (r"(?:is|are|was|were|ai)(?:n'?t|[^\S\n]*not)", "isnt"),
        (r"(?:do|does)(?:n'?t|[^\S\n]*not)", "dont"),
        (r"(?:has|have|had)(?:n'?t|[^\S\n]*not)", "havent"),
        (r"(did|could|would|should|must|need)(?:n'?t|[^\S\n]*not)", r"\1nt"),
        # "Dad's fallen", "my heart's racing": of whom it is said is the word before.
        (r"(\w+)'s", r"\1"),
    )
)
#: Whether there is any of them in a text: one look instead of many, as hardly any word has one.
_ANY_SPELLING = re.compile("|".join(spellings.pattern for spellings, _word in _SPELLINGS), re.IGNORECASE)
#: The words that ``_SPELLINGS`` makes of a "not" behind another word: where "not" is looked for, each of them is one.
NEGATED = frozenset("cant wont isnt dont havent didnt couldnt wouldnt shouldnt mustnt neednt".split())
_APOSTROPHES = re.compile("[\u2018\u2019\u201b\u2032\u02bc\u02b9\uff07`\u00b4']")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_WORD = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+")
#: Where a sentence ends; an ellipsis ends none.
_STOP = re.compile(r"(?<!\.)\.(?!\.|\d)|[!?;\n]+")
_COMMA = re.compile(r"[,:()/]|\.\.+|…|\s[-\u2013\u2014]\s")
#: A sentence that begins so goes on with what the one before was about.
_GOES_ON = frozenset("it its they this that and also with now no nay va kem".split()) | {"nó", "này", "và", "kèm", "bị"}
#: The tones of Vietnamese. Hook and tilde are confused in writing, so they count as one.
_TONES = {"\u0300": "1", "\u0301": "2", "\u0303": "3", "\u0309": "3", "\u0323": "4"}
#: Written alike in English and, without accents, in Vietnamese; in an English sentence they are English.
_EITHER = frozenset(
    "be an ban bang can chat chin con cut dam dan dang do doc dot gong hang hay hen ho hot lam lan long mat may me mom nan nay no "
    "on pin phone ren sang sac so song tai tan tang tay te than that thai tim to tong tram van vet vo".split()
)
_ENGLISH = frozenset("the my i is and have with of was has it for from when am been".split())
_VIETNAMESE = frozenset(
    "toi bi khong ko co dau va cua nguoi duoc con em be thay lam rat qua nhieu muon dang hay chau ra minh len tre".split()
)


@lru_cache(maxsize=20_000)
def exact(word: str) -> str:
    """Return a word in lower case with its vowels' marks and its tone, wherever in the word the tone is written.

    >>> exact("hoà") == exact("hòa")
    True
    """
    letters: list[str] = []
    tones: list[str] = []
    for letter in unicodedata.normalize("NFD", word.casefold()):
        (tones if letter in _TONES else letters).append(_TONES.get(letter, letter))
    return unicodedata.normalize("NFC", "".join(letters)) + "".join(tones)


@lru_cache(maxsize=20_000)
def plain(word: str) -> str:
    """Return a word in lower case without any accent; đ is d."""
    letters = unicodedata.normalize("NFKD", word.casefold().replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter)) or word


@dataclass(frozen=True)
class Token:
    """A word of the text, in which sentence it stands, and whether a comma or the like comes before it."""

    exact: str
    plain: str
    sentence: int
    after_comma: bool
    #: Whether it may be a Vietnamese word whose accents were left out.
    loose: bool = True

    @property
    def accented(self) -> bool:
        """Whether it was written with accents."""
        return self.exact != self.plain


def read(text: str) -> tuple[Token, ...]:
    """Return ``text`` as words."""
    tidy = in_one_spelling(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)))
    tokens: list[Token] = []
    sentence, end = 0, 0
    for found in _WORD.finditer(tidy):
        word, gap = found[0].replace(",", "."), tidy[end : found.start()]
        end = found.end()
        if tokens and _STOP.search(gap) and exact(word) not in _GOES_ON:
            sentence += 1
        comma = _COMMA.search(gap) is not None or _STOP.search(gap) is not None
        tokens.append(Token(exact(word), plain(word), sentence, comma))
    english = {number for number, some in groupby(tokens, key=lambda token: token.sentence) if _are_english(list(some))}
    return tuple(
        replace(token, loose=False) if token.sentence in english and token.plain in _EITHER else token
        for token in tokens
    )


def in_one_spelling(text: str) -> str:
    """Return ``text`` without apostrophes, each contraction in the one form in which it is compared.

    >>> in_one_spelling("She’s been sick, I CAN NOT sleep and it hasn't helped")
    'She is been sick, I cant sleep and it havent helped'
    """
    text = _APOSTROPHES.sub("'", text)
    if _ANY_SPELLING.search(text):
        for spellings, word in _SPELLINGS:
            text = spellings.sub(word, text)
    return text.replace("'", "")


def _are_english(tokens: list[Token]) -> bool:
    """Return whether a sentence has more of English than of Vietnamese."""
    if any(token.accented for token in tokens):
        return False
    english = sum(token.plain in _ENGLISH for token in tokens)
    return english > sum(token.plain in _VIETNAMESE for token in tokens)
