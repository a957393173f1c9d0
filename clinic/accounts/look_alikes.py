"""Patients who may be the one for whom an account is about to be made: a second account splits a person's history."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_, select

from clinic import audit
from clinic.accounts.models import NAME_MAX, Patient, User, name_key
from clinic.accounts.people_search import any_phone
from clinic.accounts.service import check_phone
from clinic.accounts.trigrams import has_part
from clinic.db import session
from clinic.id_lists import among_found
from clinic.policy import Action, Actor, require
from clinic.text.validation import ValidationErrors
from clinic.text.word_search import WORDS_MOST, search_words

#: How many are shown, those first who are alike in most.
SHOWN_MOST = 10
#: How many the database is asked for; of a common name there are thousands.
_READ_MOST = 200


class Alike(StrEnum):
    """In what two people are alike."""

    NAME = "name"
    BIRTH = "birth"
    PHONE = "phone"


@dataclass(frozen=True)
class LookAlike:
    """A patient of the clinic, and in what they are ``alike``."""

    id: int
    full_name: str
    date_of_birth: date
    phone_num: str
    email: str | None
    is_active: bool
    alike: tuple[Alike, ...]


def look_alikes(actor: Actor | None, *, full_name: str, phone_num: str, date_of_birth: date | None) -> list[LookAlike]:
    """Return the patients of the same name (accents ignored) or phone, or born that day with a word of the name."""
    return patients_alike(require(actor, Action.SEE_PEOPLE), full_name, phone_num, date_of_birth)


def patients_alike(actor: Actor, full_name: str, phone_num: str, date_of_birth: date | None) -> list[LookAlike]:
    """Return what ``look_alikes`` does to somebody who was let in."""
    errors = ValidationErrors()
    typed, phone = errors.text("full_name", full_name, most=NAME_MAX, line=True), check_phone(errors, phone_num)
    # What is refused anyway is looked for neither.
    name, phone = (
        "" if "full_name" in errors.by_field else name_key(typed),
        "" if "phone_num" in errors.by_field else phone,
    )
    same_name, same_phone = User.name_key == name, any_phone(phone, whole=True)
    born: ColumnElement[bool] = Patient.date_of_birth == date_of_birth
    # Of people who are found each by an index, not of all patients with all users.
    born_then = among_found(User.id, select(Patient.user_id).where(born))
    words = [has_part(User.name_key, User.id, word) for word in search_words(name)[:WORDS_MOST]]
    rows = session().execute(
        select(
            User.id,
            User.full_name,
            User.name_key,
            User.phone_num,
            User.email,
            User.is_active,
            Patient.date_of_birth,
            same_phone.label("same_phone"),
        )
        .join(Patient, Patient.user_id == User.id)
        .where(or_(same_name, same_phone, and_(born_then, or_(*words))) if words else same_phone)
        # Those who are alike in more than a common name come first: it must not push them out.
        .order_by(born.desc(), same_phone.desc(), same_name.desc(), User.id)
        .limit(_READ_MOST)
    )
    found = [
        LookAlike(
            row.id,
            row.full_name,
            row.date_of_birth,
            row.phone_num,
            row.email,
            row.is_active,
            tuple(_alike(row.name_key == name, row.date_of_birth == date_of_birth, row.same_phone)),
        )
        for row in rows
    ]
    return _noted(actor, sorted(found, key=lambda each: -len(each.alike))[:SHOWN_MOST])


def _noted(actor: Actor, shown: list[LookAlike]) -> list[LookAlike]:
    if shown:
        audit.record_search(actor, "", len(shown), [each.id for each in shown])
    return shown


def _alike(name: bool, birth: bool, phone: bool) -> Iterator[Alike]:
    for alike, in_what in ((name, Alike.NAME), (birth, Alike.BIRTH), (phone, Alike.PHONE)):
        if alike:
            yield in_what
