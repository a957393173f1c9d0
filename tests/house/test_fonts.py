"""Every letter of every language has its font: a browser takes another face for a letter that none of ours covers."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from pathlib import Path

import pytest
from babel import Locale

from clinic.i18n import DEFAULT_LANGUAGE, LANGUAGES
from clinic.text.formats import LOCALES
from tests.house.test_words import texts
from tools import translations

FACE = re.compile(r"@font-face \{([^}]*)\}")
FAMILY = re.compile(r'font-family: "([^"]+)"')
#: Symbols that every system draws alike, in a font of its own.
SYMBOLS = {"Sm", "So", "Sk"}


def covered(root: Path) -> dict[str, set[int]]:
    """The code points that each family has a font for (``unicode-range``)."""
    found: dict[str, set[int]] = defaultdict(set)
    for rules in FACE.findall((root / "static" / "css" / "clinic.css").read_text(encoding="utf-8")):
        for first, last in re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", rules):
            found[FAMILY.findall(rules)[0]] |= set(range(int(first, 16), int(last or first, 16) + 1))
    return found


def letters(language: str) -> set[str]:
    """What a language is written with: its own catalogue, and its names of days, months and countries (Babel)."""
    locale = Locale.parse(LOCALES[language])
    names = [*locale.territories.values(), *locale.months["format"]["wide"].values()]
    names += [*locale.days["format"]["wide"].values(), LANGUAGES[language]]
    alphabet = {letter for name in names for letter in name.lower() + name.upper() if letter.isalpha()}
    return alphabet | {letter for text in said(language) for letter in text}


def said(language: str) -> list[str]:
    """The texts of the portal in a language."""
    if language == DEFAULT_LANGUAGE:
        return texts()
    path = next(path for path in translations.catalogs() if language in path.parts)
    strings = (message.string for message in translations.read(path) if message.id)
    return [text for each in strings for text in ([each] if isinstance(each, str) else each)]


def without_a_font(language: str, points: set[int]) -> str:
    """The letters of a language that no font has, in order."""
    return "".join(
        sorted(
            letter
            for letter in letters(language)
            if ord(letter) not in points and unicodedata.category(letter) not in {"Cc", "Lm", *SYMBOLS}
        )
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_of_a_language_has_a_font(root: Path, language: str) -> None:
    fonts = covered(root)
    assert len(fonts) == 2
    lacking = {family: without_a_font(language, points) for family, points in fonts.items()}
    assert not any(lacking.values()), (
        f"take the subset that has these letters into tools/vendor.json, and a @font-face for it into clinic.css: {lacking}"
    )


def test_a_letter_without_a_font_is_found(root: Path) -> None:
    points = covered(root)["Be Vietnam Pro"]
    assert not {ord(letter) for letter in "äöüßÄÖÜ"} - points
    assert {ord(letter) for letter in "łžяあ"}.isdisjoint(points)
    assert "ế" in without_a_font("vi", points - {ord("ế")})
