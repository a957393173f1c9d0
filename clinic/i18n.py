"""The languages of the portal and the marker for texts that are translated later.

The domain speaks English message ids; a delivery turns them into the person's language when it answers.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

LANGUAGES: Mapping[str, str] = {"en": "English", "vi": "Tiếng Việt"}
DEFAULT_LANGUAGE = "en"

Column = TypeVar("Column", bound=str | None)


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools know
    """Mark ``message`` for extraction; it is translated where it is shown."""
    return message


def known_language(language: str | None) -> str:
    """Return ``language`` if the portal speaks it, else the default."""
    return language if language is not None and language in LANGUAGES else DEFAULT_LANGUAGE


def checked_languages(codes: Iterable[str]) -> tuple[str, ...]:
    """Return codes of languages in the portal's order, each once; ``ValueError`` for one not spoken here, or for none."""
    wanted = set(codes)
    if not wanted or not wanted <= LANGUAGES.keys():
        raise ValueError(f"must be one or more of {', '.join(LANGUAGES)}")
    return tuple(code for code in LANGUAGES if code in wanted)


def localized(
    value: Column, translations: Mapping[str, Mapping[str, str]] | None, field: str, language: str
) -> Column | str:
    """Return a directory text in ``language``: its translation if there is one, else the ``value`` of the column."""
    if not translations:
        return value
    return translations.get(language, {}).get(field) or value
