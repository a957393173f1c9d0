"""The lexicon: the data files beside this module, read and checked once.

``words.toml`` has sets of words that rules share; ``context.toml`` what is harmless, what denies, and who is a child;
``emergencies/`` one file for each kind of emergency, with its source; ``soon.toml`` what shouldn't wait long;
``fields.toml`` what departments are called and what brings people there; ``first_aid.toml`` what to do until help comes.

A rule is sets of words that stand near each other in any order: ``"@chest + pain*, tight* - tight trousers"``. A set that
begins with ``~`` may stand anywhere in the text; what follows ``-`` keeps the rule from counting.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from clinic.i18n import LANGUAGES
from clinic.triage.terms import Index, Sets, Term, parse_term

FOLDER = Path(__file__).resolve().parent / "data"
#: The one kind of emergency that is answered with words of its own.
SELF_HARM = "self_harm"
Words = Mapping[str, str]


class LexiconError(Exception):
    """A data file can't be used; the message names the file and what is wrong in it."""


@dataclass(frozen=True)
class Group:
    """One of these terms must stand in the text: near the other groups' terms, or ``anywhere``."""

    terms: tuple[Term, ...]
    anywhere: bool


@dataclass(frozen=True)
class Rule:
    """What must stand together, and what must not stand anywhere in the text."""

    groups: tuple[Group, ...]
    unless: tuple[Term, ...]


@dataclass(frozen=True)
class Emergency:
    """A kind of emergency: its name, where its rules come from, and what helps until help comes (keys of first aid)."""

    key: str
    name: Words
    source: str
    first_aid: tuple[str, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class FirstAid:
    """What to do until help comes, by language, and who says so."""

    words: Words
    source: str


@dataclass(frozen=True)
class Field:
    """A field of medicine: parts of departments' names, and what brings people there."""

    key: str
    names: tuple[str, ...]
    complaints: tuple[Rule, ...]


@dataclass(frozen=True)
class Context:
    """What is said around a symptom: see ``context.toml``, whose keys these are."""

    harmless: tuple[Term, ...]
    denials: tuple[Term, ...]
    fillers: tuple[Term, ...]
    parts: tuple[Term, ...]
    alternatives: tuple[Term, ...]
    negative: tuple[Term, ...]
    affirmed: tuple[Term, ...]
    child: tuple[Term, ...]
    years: tuple[Term, ...]

    def terms(self) -> Iterable[Term]:
        """Yield every term."""
        for field in fields(self):
            yield from getattr(self, field.name)


@dataclass(frozen=True)
class Lexicon:
    """Everything that the data files say."""

    emergencies: tuple[Emergency, ...]
    soon: tuple[Rule, ...]
    fields: tuple[Field, ...]
    first_aid: Mapping[str, FirstAid]
    context: Context

    @cached_property
    def in_rules(self) -> frozenset[Term]:
        """The terms that rules look for."""
        return frozenset(term for rule in self.rules() for group in rule.groups for term in group.terms)

    @cached_property
    def index(self) -> Index:
        """All terms, to be found in a text."""
        unless = (term for rule in self.rules() for term in rule.unless)
        return Index([*self.in_rules, *unless, *self.context.terms()])

    def rules(self) -> Iterable[Rule]:
        """Yield every rule."""
        for emergency in self.emergencies:
            yield from emergency.rules
        yield from self.soon
        for field in self.fields:
            yield from field.complaints


@cache
def lexicon() -> Lexicon:
    """Return the portal's lexicon; ``LexiconError`` where a data file is wrong."""
    return load(FOLDER)


def load(folder: Path) -> Lexicon:
    """Read the data files in ``folder``; ``LexiconError`` where one is wrong."""
    sets = _sets(folder / "words.toml")
    first_aid = _checked(folder / "first_aid.toml", _first_aid)
    files = sorted((folder / "emergencies").glob("*.toml"))
    emergencies = tuple(_emergency(file, sets, first_aid) for file in files)
    if SELF_HARM not in {emergency.key for emergency in emergencies}:
        raise LexiconError(f"emergencies/{SELF_HARM}.toml is missing.")
    return Lexicon(
        emergencies=emergencies,
        soon=_checked(folder / "soon.toml", lambda data: _rules(data, sets)),
        fields=_checked(folder / "fields.toml", lambda data: tuple(_field(key, data[key], sets) for key in data)),
        first_aid=first_aid,
        context=_checked(folder / "context.toml", lambda data: _context(data, sets)),
    )


# --- files ------------------------------------------------------------------------------------------------------------


Parsed = TypeVar("Parsed")


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LexiconError(f"{file.name} can't be read: {error}") from error


def _checked(file: Path, parse: Callable[[Mapping[str, Any]], Parsed]) -> Parsed:
    """Return what ``parse`` makes of a file; what is wrong in it is told with the file's name."""
    try:
        return parse(_read(file))
    except KeyError as error:
        raise LexiconError(f"{file.name}: {error} is missing") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise LexiconError(f"{file.name}: {error}") from error


def _sets(file: Path) -> Sets:
    data = _read(file)
    merged: dict[str, Sequence[str]] = {}
    for language in LANGUAGES:
        for name, text in data.get(language, {}).items():
            if name in merged:
                raise LexiconError(f"{file.name}: the set {name} stands there twice")
            merged[name] = _list(text)
    return Sets(merged)


def _emergency(file: Path, sets: Sets, first_aid: Mapping[str, FirstAid]) -> Emergency:
    def parse(data: Mapping[str, Any]) -> Emergency:
        unknown = [key for key in data["first_aid"] if key not in first_aid]
        if unknown:
            raise ValueError(f"there is no first aid {unknown[0]!r}")
        for language in LANGUAGES:
            if not data[language]:
                raise ValueError(f"there is no rule in {language!r}")
        return Emergency(
            key=file.stem,
            name=_words(data["name"]),
            source=_text(data["source"]),
            first_aid=tuple(data["first_aid"]),
            rules=_rules(data, sets),
        )

    return _checked(file, parse)


def _first_aid(data: Mapping[str, Any]) -> Mapping[str, FirstAid]:
    return {key: FirstAid(_words(entry), _text(entry["source"])) for key, entry in data.items()}


def _field(key: str, data: Mapping[str, Any], sets: Sets) -> Field:
    return Field(key, tuple(_list(data["names"])), _rules(data, sets))


def _context(data: Mapping[str, Any], sets: Sets) -> Context:
    def terms(key: str) -> tuple[Term, ...]:
        return tuple(term for language in LANGUAGES for term in _terms(data[language][key], sets))

    return Context(**{name: terms(name) for name in (field.name for field in fields(Context))})


# --- texts ------------------------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a source in words is missing")
    return value.strip()


def _words(data: Mapping[str, Any]) -> Words:
    return {language: _text(data[language]) for language in LANGUAGES}


def _list(text: str) -> list[str]:
    return [part for part in (" ".join(part.split()) for part in text.split(",")) if part]


def _terms(text: str, sets: Sets) -> tuple[Term, ...]:
    return tuple(term for part in _list(text) for term in parse_term(part, sets))


def _rules(data: Mapping[str, Any], sets: Sets) -> tuple[Rule, ...]:
    return tuple(_rule(text, sets) for language in LANGUAGES for text in data[language])


def _rule(text: str, sets: Sets) -> Rule:
    wanted, _, unless = " ".join(text.split()).partition(" - ")
    groups = tuple(
        Group(_terms(part.removeprefix("~"), sets), anywhere=part.startswith("~")) for part in wanted.split(" + ")
    )
    if not all(group.terms for group in groups) or all(group.anywhere for group in groups):
        raise ValueError(f"{text!r} is no rule: each part needs words, and one of them must not begin with ~")
    return Rule(groups, _terms(unless, sets))
