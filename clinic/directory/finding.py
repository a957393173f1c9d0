"""One search over what the clinic offers and what people suffer from: departments, doctors, services, and emergencies.

The text may be a symptom and is treated as such: it is compared here and kept nowhere.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_

from clinic.accounts.models import User
from clinic.directory.models import Doctor
from clinic.directory.service import departments, list_doctors, services
from clinic.directory.suggestion import Suggestion, suggest_department
from clinic.i18n import DEFAULT_LANGUAGE
from clinic.paging import Keyset
from clinic.search import contains, matches, search_words

#: Doctors and services that a search shows; whoever wants more chooses a department.
MOST_FOUND = 6
#: A text of more words is a description, and nobody's name.
_MOST_WORDS = 6
#: What people write before a name, in either language, folded.
_TITLES = frozenset("dr doctor bs bac si ts ths pgs gs prof the a an khoa department of".split())

Row = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """What a search found. ``suggestion`` says where to begin with a symptom, and whether the words show an emergency."""

    suggestion: Suggestion
    departments: list[Row]
    doctors: list[Row]
    services: list[Row]

    @property
    def is_empty(self) -> bool:
        """Whether nothing fits, so that general practice is only where anybody may begin."""
        return not (self.suggestion.matched or self.departments or self.doctors or self.services)


def search(text: str, *, lang: str) -> Found:
    """Return what fits ``text``: each of its words stands in a name, in any order, with or without accents.

    ``InvalidInput`` on ``symptoms``, ``NotFound`` without a department, as ``suggest_department`` has them.
    """
    suggestion = suggest_department(text, lang=lang)
    words = [word for word in search_words(text) if word not in _TITLES]
    if not words or len(words) > _MOST_WORDS or suggestion.assessment.self_harm:
        return Found(suggestion, [], [], [])
    return Found(
        suggestion,
        _departments(words, lang),
        list_doctors(
            lang,
            Keyset(MOST_FOUND),
            *(or_(contains(User.name_key, word), contains(Doctor.specialization_key, word)) for word in words),
        ).results,
        [row for row in services(lang=lang).results if matches(row["name"], " ".join(words))][:MOST_FOUND],
    )


def _departments(words: list[str], lang: str) -> list[Row]:
    """Return the departments whose name, in the reader's language or in English, has all ``words``."""
    named = {row["id"]: row["name"] for row in departments(lang=DEFAULT_LANGUAGE).results}
    return [
        row for row in departments(lang=lang).results if matches(f"{row['name']} {named[row['id']]}", " ".join(words))
    ]
