"""One search over what the clinic offers and what people suffer from: departments, doctors, services, and emergencies.

The text may be a symptom and is treated as such: it is compared here and kept nowhere.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Text, cast, or_, select

from clinic.accounts.models import User
from clinic.db import session
from clinic.directory.models import SPOKEN_LANGUAGES, Department, Doctor
from clinic.directory.revisions import remembered
from clinic.directory.rows import DepartmentRow, DoctorRow, ServiceRow
from clinic.directory.service import PUBLIC_DOCTOR, departments, list_doctors, services, speaks
from clinic.directory.suggestion import Suggestion, suggest_department
from clinic.i18n import DEFAULT_LANGUAGE
from clinic.id_lists import among
from clinic.paging import Keyset, Page
from clinic.text.word_search import WORDS_MOST, contains, matches, search_words, unindexed

#: Doctors and services that a search shows; whoever wants more chooses a department.
MOST_FOUND = 6
#: A text of more words is a description, and nobody's name.
_MOST_WORDS = 6
#: What people write before a name, in either language, folded.
_TITLES = frozenset("dr doctor bs bac si ts ths pgs gs prof the a an khoa department of".split())


@dataclass(frozen=True)
class Found:
    """What a search found. ``suggestion`` says where to begin with a symptom, and whether the words show an emergency."""

    suggestion: Suggestion
    departments: list[DepartmentRow]
    doctors: list[DoctorRow]
    services: list[ServiceRow]

    @property
    def is_empty(self) -> bool:
        """Whether nothing fits, so that general practice is only where anybody may begin."""
        return not (self.suggestion.matched or self.departments or self.doctors or self.services)


def search(text: str, *, lang: str) -> Found:
    """Return what fits ``text``: each of its words stands in a name, in any order, with or without accents.

    ``InvalidInput`` on ``symptoms``, ``NotFound`` without a department, as ``suggest_department`` has them.
    """
    suggestion = suggest_department(text, lang=lang)
    words = _without_titles(text)
    if not words or len(words) > _MOST_WORDS or suggestion.assessment.self_harm:
        return Found(suggestion, [], [], [])
    return Found(
        suggestion,
        _departments(words, lang),
        list_doctors(
            lang,
            Keyset(MOST_FOUND),
            *_described(words),
        ).results,
        [row for row in services(lang=lang).results if matches(row["name"], " ".join(words))][:MOST_FOUND],
    )


@remembered
def find_doctors(
    text: str = "",
    *,
    department_id: int | None = None,
    language: str | None = None,
    lang: str,
    page: Keyset | None = None,
) -> Page[DoctorRow]:
    """Return the active doctors, best rated first: of a department, and who see patients in ``language``, where asked.

    Each word of ``text`` stands in the name, the specialization or the department, as ``search`` finds them.
    """
    words = _without_titles(text)[:WORDS_MOST] or search_words(text)[:WORDS_MOST]
    where = _described(words)
    if department_id is not None:
        where.append(Doctor.department_id == department_id)
    if language is not None:
        where.append(speaks(language))
    return list_doctors(lang, page, *where)


@remembered
def spoken_languages() -> list[str]:
    """Return the languages that any active doctor sees patients in, in the order in which they are offered."""
    known = select(cast(Doctor.languages, Text)).distinct().join(User, User.id == Doctor.user_id)
    spoken = " ".join(
        session().scalars(known.join(Department, Department.id == Doctor.department_id).where(*PUBLIC_DOCTOR))
    )
    return [code for code in SPOKEN_LANGUAGES if f'"{code}"' in spoken]


def _without_titles(text: str) -> list[str]:
    return [word for word in search_words(text) if word not in _TITLES]


def _described(words: list[str]) -> list[ColumnElement[bool]]:
    """Return the conditions for doctors in whose name, specialization or department each of ``words`` stands."""
    named = _department_names() if words else {}
    return [
        or_(
            contains(unindexed(User.name_key), word),
            contains(Doctor.specialization_key, word),
            among(Doctor.department_id, [number for number, names in named.items() if matches(names, word)]),
        )
        for word in words
    ]


def _department_names() -> dict[int, str]:
    """Return the name of each department in every language that it has one in."""
    rows = session().execute(select(Department.id, Department.name, Department.translations))
    return {
        number: " ".join([name, *(texts.get("name", "") for texts in (translations or {}).values())])
        for number, name, translations in rows
    }


def _departments(words: list[str], lang: str) -> list[DepartmentRow]:
    """Return the departments whose name, in the reader's language or in English, has all ``words``."""
    named = {row["id"]: row["name"] for row in departments(lang=DEFAULT_LANGUAGE).results}
    return [
        row for row in departments(lang=lang).results if matches(f"{row['name']} {named[row['id']]}", " ".join(words))
    ]
