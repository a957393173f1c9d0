"""Terms: the words and phrases of the lexicon, and where they stand in a text.

``bleed*`` is any word that begins so; ``=mặt`` is a word that must be written with its accents (without them it is another
word too often); ``@chest`` is each word of that set; everything else is the word itself. Long English words are found
with one slip of the keyboard in them. Contractions have one spelling (``tokenizer.py``), and "not" stands for each of them
("isn't", "can't"); ``=not`` is that word alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from typing import Self

from clinic.triage.tokenizer import NEGATED, Token, in_one_spelling, read

#: From so many letters on, one letter may be wrong, missing, doubled or swapped with its neighbour.
_LONG = 7
#: Common words that look like a slip in one of the lexicon's ("severed", "stabbed", "charred") and aren't.
_NO_SLIPS = frozenset(
    "attached backing blending breeding certain charged construction constructed downed election exploring failing filming "
    "flushing forming heating leading leasing lighting medical meditation migrant present rapping scaling seating selling "
    "setting severe spelling sporting started stated stubbed though".split()
)


@dataclass(frozen=True)
class Word:
    """One word of a term."""

    exact: str
    plain: str
    stem: bool
    with_accents: bool

    def fits(self, token: Token) -> bool:
        """Return whether a word of a text is this one."""
        if self.exact != self.plain:
            same = self.exact == token.exact
            return same or (token.loose and not token.accented and not self.with_accents and self.plain == token.plain)
        if token.accented:
            return False
        if self.plain == "not" and not self.with_accents and token.plain in NEGATED:
            return True
        if token.plain == self.plain or (self.stem and token.plain.startswith(self.plain)):
            return True
        return len(self.plain) >= _LONG and token.plain not in _NO_SLIPS and _nearly(self.plain, token.plain, self.stem)


@dataclass(frozen=True, eq=False)
class Term:
    """A word or a phrase. The same words are the same object (``term_of``), so that looking one up costs nothing."""

    words: tuple[Word, ...]


@cache
def term_of(words: tuple[Word, ...]) -> Term:
    """Return the term that consists of ``words``."""
    return Term(words)


@lru_cache(maxsize=50_000)
def _nearly(word: str, typed: str, stem: bool) -> bool:
    """Return whether ``typed`` is ``word``, or begins with it, but for one slip; the first letter is right."""
    if typed[0] != word[0] or len(typed) < len(word) - 1:
        return False
    lengths = range(len(word) - 1, len(word) + 2) if stem else (len(typed),)
    return any(_one_slip(word, typed[:length]) for length in lengths)


def _one_slip(word: str, typed: str) -> bool:
    """Return whether the two differ by one letter more, fewer or other, or by two neighbours swapped."""
    if abs(len(word) - len(typed)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, typed, strict=False)) if a != b), min(len(word), len(typed)))
    rest, other = word[at:], typed[at:]
    swapped = rest[:2] == other[:2][::-1] and rest[2:] == other[2:]
    return swapped or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]


class Sets:
    """Words under a name, which stand for one another in terms: ``@name`` is each of them in turn."""

    def __init__(self, texts: Mapping[str, Sequence[str]]) -> None:
        self._texts = texts
        #: Most are named hundreds of times: each is read once.
        self._read: dict[str, tuple[tuple[Word, ...], ...]] = {}

    def words_of(self, name: str) -> tuple[tuple[Word, ...], ...]:
        """Return what a set stands for; ``ValueError`` where there is none of this name."""
        if name not in self._texts:
            raise ValueError(f"there is no set of words @{name}")
        if name not in self._read:
            self._read[name] = tuple(term.words for text in self._texts[name] for term in parse_term(text, self))
        return self._read[name]


def parse_term(text: str, sets: Sets) -> Iterator[Term]:
    """Yield the terms that ``text`` stands for: one, or one for each word of the sets in it."""
    parts = [
        sets.words_of(part[1:]) if part.startswith("@") else (_words(part),) for part in in_one_spelling(text).split()
    ]
    for chosen in product(*parts):
        yield term_of(tuple(word for words in chosen for word in words))


@cache
def _words(part: str) -> tuple[Word, ...]:
    with_accents, stem = part.startswith("="), part.endswith("*")
    bare = part.removeprefix("=").removesuffix("*")
    tokens = read(bare)
    if not tokens or (stem and len(bare) < 3):
        raise ValueError(f"{part!r} is no word, or too short a beginning of one")
    last = len(tokens) - 1
    return tuple(
        Word(token.exact, token.plain, stem and number == last, with_accents) for number, token in enumerate(tokens)
    )


@dataclass(frozen=True)
class Span:
    """Where a term stands: from the word ``start`` up to, not including, ``end``."""

    start: int
    end: int

    def is_hidden_by(self, phrase: Self) -> bool:
        """Return whether ``phrase`` takes words of this span, and this says no more than the phrase does."""
        apart = phrase.end <= self.start or self.end <= phrase.start
        longer = self.start <= phrase.start and phrase.end <= self.end and self != phrase
        return not apart and not longer


class Index:
    """All terms of a lexicon by how they begin, so that a text is compared with the few that it may hold."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._by_word: dict[str, list[Term]] = {}
        self._by_letter: dict[str, list[Term]] = {}
        for term in dict.fromkeys(terms):
            first = term.words[0]
            if first.stem or (first.exact == first.plain and len(first.plain) >= _LONG):
                self._by_letter.setdefault(first.plain[0], []).append(term)
            else:
                self._by_word.setdefault(first.plain, []).append(term)

    def beginning_with(self, token: Token) -> Iterator[Term]:
        """Yield the terms whose first word may be ``token``."""
        yield from self._by_word.get(token.plain, ())
        yield from self._by_letter.get(token.plain[0], ())
        if token.plain in NEGATED:
            yield from self._by_word.get("not", ())


class Finder:
    """Where the terms of a lexicon stand in one text."""

    def __init__(self, tokens: Sequence[Token], index: Index) -> None:
        self._tokens = tokens
        self._found: dict[Term, list[Span]] = {}
        for at, token in enumerate(tokens):
            for term in index.beginning_with(token):
                if self._is_at(term.words, at):
                    self._found.setdefault(term, []).append(Span(at, at + len(term.words)))

    def spans(self, term: Term) -> Sequence[Span]:
        """Return where ``term`` stands, within one sentence each."""
        return self._found.get(term, ())

    def all(self) -> Iterator[tuple[Term, Span]]:
        """Yield every term that stands in the text, with where it does."""
        for term, spans in self._found.items():
            for span in spans:
                yield term, span

    def any_of(self, terms: Iterable[Term]) -> list[Span]:
        """Return where any of ``terms`` stands."""
        return [span for term in terms for span in self.spans(term)]

    def _is_at(self, words: tuple[Word, ...], start: int) -> bool:
        tokens = self._tokens[start : start + len(words)]
        return (
            len(tokens) == len(words)
            and tokens[0].sentence == tokens[-1].sentence
            and all(word.fits(token) for word, token in zip(words, tokens, strict=True))
        )
