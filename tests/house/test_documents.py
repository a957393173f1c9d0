"""Documents have a line for each word of the lists that people and programs meet: a new one is missed here."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.i18n import LANGUAGES
from clinic.policy import Role
from clinic.scheduling.lifecycle import AppointmentStatus


def text_of(root: Path, name: str) -> str:
    """A document's text."""
    return (root / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("role", Role)
def test_a_role_has_its_words_its_rights_and_its_account_of_the_demo(root: Path, role: Role) -> None:
    assert f"`Role.{role.name}`" in text_of(root, "docs/glossary.md")
    assert role in text_of(root, "docs/api.md").lower(), f"say in docs/api.md what a {role} may do"
    assert f"`/{role}/`" in text_of(root, "README.md"), "say in README whose account of the demo shows its pages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_its_columns_and_its_place_where_the_portal_cannot_speak(root: Path, language: str) -> None:
    for name in ("docs/glossary.md", "docs/voice.md"):
        heads = [line for line in text_of(root, name).splitlines() if line.startswith("|") and "English" in line]
        assert heads
        assert all(LANGUAGES[language] in line for line in heads if LANGUAGES["vi"] in line), f"{name}: a column each"
    assert f"`{language}`" in text_of(root, "docs/api.md"), "Accept-Language"
    assert f'lang="{language}"' in text_of(root, "deploy/pages/unavailable.html")


@pytest.mark.parametrize("status", AppointmentStatus)
def test_a_status_is_in_the_glossary_and_the_lifecycle(root: Path, status: AppointmentStatus) -> None:
    assert f"`{status.name}`" in text_of(root, "docs/glossary.md")
    assert status in text_of(root, "docs/lifecycle.md").lower()
