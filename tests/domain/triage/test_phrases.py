"""What people write, and what it must show: every emergency is found, and no harmless use of its words raises an alarm.

The phrases stand in a file for each language of the portal. Whoever changes the lexicon adds phrases first.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clinic.i18n import LANGUAGES
from clinic.text.normalization import folded
from clinic.triage import HIGH, assess, lexicon

FOLDER = Path(__file__).resolve().parent
#: By language; the harmless and the ordinary count, too.
LEAST = 150


def phrases(language: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def _cases(language: str, group: str) -> Iterator[tuple[str, str]]:
    said = phrases(language)
    for kind, texts in said.get(group, {}).items():
        for text in texts:
            yield kind, text
            # Vietnamese is typed without accents as often as with them.
            if language == "vi":
                yield kind, folded(text)
    for kind, texts in said.get("with_accents", {}).get(group, {}).items():
        yield from ((kind, text) for text in texts)


def cases(group: str) -> list[tuple[str, str]]:
    return list(dict.fromkeys(case for language in LANGUAGES for case in _cases(language, group)))


def test_every_language_of_the_portal_has_its_phrases() -> None:
    """Phrases that no test reads let an emergency pass for nothing."""
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(LANGUAGES)


@pytest.mark.parametrize(("kind", "text"), cases("emergency"))
def test_an_emergency_is_found(kind: str, text: str) -> None:
    found = assess(text)
    assert found.urgency == HIGH
    assert kind in [emergency.key for emergency in found.emergencies]
    assert found.self_harm or kind != "self_harm"


@pytest.mark.parametrize("text", [text for _, text in cases("emergency_of_any_kind")])
def test_an_emergency_of_any_kind_is_found(text: str) -> None:
    assert assess(text).urgency == HIGH


@pytest.mark.parametrize("text", [text for _, text in cases("not_high")])
def test_what_is_harmless_or_denied_raises_no_alarm(text: str) -> None:
    assert [emergency.key for emergency in assess(text).emergencies] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_phrases_enough_and_of_every_kind(language: str) -> None:
    said = phrases(language)
    texts = [text for group in ("emergency", "not_high") for some in said[group].values() for text in some]
    assert len(set(texts)) >= LEAST
    assert set(said["emergency"]) == {emergency.key for emergency in lexicon().emergencies}


#: Ways to write the same: none may hide an emergency.
WAYS = {
    "shouted": str.upper,
    "typographic apostrophe": lambda text: text.replace("'", "’"),
    "no apostrophe": lambda text: text.replace("'", ""),
    "no punctuation": lambda text: text.replace(",", "").replace(".", ""),
    "spread out": lambda text: text.replace(" ", "  \u00a0"),
    "invisible marks": lambda text: text.replace(" ", " \u200b"),
    "decomposed accents": lambda text: unicodedata.normalize("NFD", text),
    "something before": lambda text: f"Hello doctor, I hope you are well. {text}",
    "something after": lambda text: f"{text}. What should I do? Thank you.",
    "no fever before": lambda text: f"No fever. {text}",
    "a harmless thing before": lambda text: f"I came for a blood test and blood pressure check. {text}",
    "denied in the same breath": lambda text: f"no cough but {text}",
    "không sốt nhưng": lambda text: f"không sốt nhưng {text}",
    "twice": lambda text: f"{text}\n{text}",
}


@pytest.mark.parametrize("way", WAYS)
def test_an_emergency_is_found_however_it_is_written(way: str) -> None:
    said = [*cases("emergency"), *cases("emergency_of_any_kind")]
    missed = [text for _, text in said if assess(WAYS[way](text)).urgency != HIGH]
    assert missed == []
