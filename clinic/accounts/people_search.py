"""What somebody types to find a person, and the condition that it becomes.

Each part of it must fit, in whatever order: a word somewhere in the name, a date or a year of birth, digits of the phone
number; or all of it together is a part of the e-mail or the insurance number. ``read`` is pure; ``matching`` knows the
tables.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from babel.dates import get_month_names
from sqlalchemy import ColumnElement, and_, false, func, literal_column, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from clinic import clock
from clinic.accounts.models import BARE_INSURANCE_ID, INSURANCE_SEPARATORS, Patient, User
from clinic.accounts.service import EARLIEST_BIRTH
from clinic.accounts.trigrams import has_part
from clinic.db import session
from clinic.id_lists import among, among_found
from clinic.text import emails, phones
from clinic.text.formats import LOCALES
from clinic.text.normalization import folded
from clinic.text.word_search import TRIGRAM, contains, search_words

#: The names of the months in every language of the portal, as CLDR has them, folded.
_MONTHS = {
    folded(name).strip("."): number
    for locale in LOCALES.values()
    for number, name in get_month_names("wide", locale=locale).items()
}
#: A month's name or its beginning; those with more than letters in them ("tháng 5") as they stand.
_NAME = "|".join([*sorted((name for name in _MONTHS if not name.isalpha()), reverse=True), r"[^\W\d_]{3,}"])
#: The ways in which people write a date; the text is folded before ("31 tháng 5 năm 1990" has no accents then). Between
#: spaces the year has four digits: two would make a date of many a phone number. With two words between
#: the numbers it is Vietnamese.
_DATES = (
    re.compile(r"(?<![\w.])(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?!\w)"),
    re.compile(r"(?<![\w.])(?P<day>\d{1,2})([-/.])(?P<month>\d{1,2})\2(?P<year>\d{4}|\d{2})(?!\w)"),
    re.compile(r"(?<!\w)(?P<day>\d{1,2}) (?P<month>\d{1,2}) (?P<year>(19|20)\d{2})(?!\w)"),
    re.compile(r"(?<!\w)(ngay )?(?P<day>\d{1,2}) thang (?P<month>\d{1,2}),?( nam)? (?P<year>\d{4})(?!\w)"),
    re.compile(rf"(?<!\w)(?P<day>\d{{1,2}})(st|nd|rd|th|[.])? (?P<name>{_NAME})[.,]? (?P<year>\d{{4}})(?!\w)"),
    re.compile(rf"(?<!\w)(?P<name>{_NAME})[.]? (?P<day>\d{{1,2}})(st|nd|rd|th)?,? (?P<year>\d{{4}})(?!\w)"),
)
#: Digits with what people put between them, as in "+84 912-345.678".
_DIGITS = re.compile(r"(?<!\w)\+?\(?\d[\d .()/-]*\d(?!\w)|(?<!\w)\d(?!\w)")
_INSURANCE = re.compile(r"(?=.*\d)[a-z0-9]{4,}")
#: So much of a text is read, in characters: each part costs the database a condition.
READ_MOST = 150
#: So many people's rows are looked up one by one; so few where what is typed is too short for trigrams: then many fit.
LOOKED_UP_MOST, LOOKED_UP_OF_SHORT = 1_000, 250
#: For so many people PostgreSQL's usual plan is right: it looks up the rows of each.
FEW = 100


@dataclass(frozen=True)
class Part:
    """One part of what was typed; what is not empty are the ways in which it can fit."""

    word: str = ""
    digits: str = ""
    #: The first and the last day between which somebody was born.
    born: tuple[date, date] | None = None


@dataclass(frozen=True)
class Wanted:
    """Somebody who is looked for: all ``parts`` fit, or the e-mail or insurance number holds the whole text."""

    parts: tuple[Part, ...]
    email: str = ""
    insurance: str = ""


def read(text: str, today: date) -> Wanted:
    """Return what ``text`` asks for.

    >>> read("Nhung, 31/05/1990", date(2026, 3, 2)).parts[0].born[0].isoformat()
    '1990-05-31'
    >>> [part.word or part.digits for part in read("Đỗ +84 912 345 678 1990", date(2026, 3, 2)).parts]
    ['0912345678', '1990', 'do']
    """
    plain = folded(text[:READ_MOST])
    rest, parts = plain, []
    if (dated := _date_in(plain, today)) is not None:
        (start, end), born = dated
        rest, parts = f"{plain[:start]} {plain[end:]}", [Part(born=(born, born))]
    parts += [_of_digits(each, today) for found in _DIGITS.finditer(rest) for each in _numbers(found[0])]
    parts += [Part(word=word) for word in search_words(_DIGITS.sub(" ", rest))]
    whole = plain.translate(str.maketrans("", "", INSURANCE_SEPARATORS))
    return Wanted(
        tuple(dict.fromkeys(parts)),
        email=emails.canonical(text) if " " not in plain else "",
        insurance=whole if _INSURANCE.fullmatch(whole) else "",
    )


def _date_in(text: str, today: date) -> tuple[tuple[int, int], date] | None:
    """Return where the first date stands that somebody alive may be born on, and the date."""
    for shape in _DATES:
        for found in shape.finditer(text):
            named = found.groupdict()
            month = _month(named["name"]) if "name" in named else int(named["month"])
            if born := _born(int(named["day"]), month, named["year"], today):
                return found.span(), born
    return None


def _month(name: str) -> int:
    """Return the month of a name or its beginning in any language, 0 for none or for more than one."""
    found = (
        {_MONTHS[name]} if name in _MONTHS else {number for full, number in _MONTHS.items() if full.startswith(name)}
    )
    return found.pop() if len(found) == 1 else 0


def _born(day: int, month: int, year: str, today: date) -> date | None:
    """Return a date of birth, None for what can be none; of two digits, the latest such year that has begun."""
    number = int(year)
    if len(year) == 2:
        number += today.year // 100 * 100
        number -= 100 if number > today.year else 0
    try:
        born = date(number, month, day)
    except ValueError:
        return None
    return born if EARLIEST_BIRTH <= born <= today else None


def _numbers(typed: str) -> list[str]:
    """Return the numbers in a row of digits: a phone number in it and what stands on either side, else all of it as one."""
    groups = typed.split()
    for start, end in combinations(range(len(groups) + 1), 2):
        phone = " ".join(groups[start:end])
        if phones.PHONE_DIGITS <= len(phone) <= 2 * phones.PHONE_DIGITS and phones.is_phone(phones.canonical(phone)):
            return [phone, *groups[:start], *groups[end:]]
    return [typed]


def _of_digits(typed: str, today: date) -> Part:
    """Return a part of digits: a phone number, and where it may be a year or a date without separators, that too."""
    digits = phones.digits(typed) or re.sub(r"\D", "", typed)
    born: tuple[date, date] | None = None
    if len(digits) == 4 and EARLIEST_BIRTH.year <= int(digits) <= today.year:
        born = date(int(digits), 1, 1), date(int(digits), 12, 31)
    elif len(digits) == 8:
        day = _born(int(digits[:2]), int(digits[2:4]), digits[4:], today)
        born = (day, day) if day else None
    return Part(digits=digits, born=born)


def read_search(text: str) -> tuple[Part, ...]:
    """Return the parts of what somebody typed to find a person, as they are read today."""
    return read(text, clock.today()).parts


def matching(search: str) -> ColumnElement[bool]:
    """Return the condition for the users whom ``search`` asks for; nobody fits what asks for nothing."""
    wanted = read(search, clock.today())
    ways: list[ColumnElement[bool]] = []
    if wanted.parts:
        ways.append(and_(*(or_(false(), *_ways(part)) for part in wanted.parts)))
    if wanted.email:
        # Without an @ it isn't looked for in the domain, which most addresses share.
        ways.append(has_part(User.email, User.id, wanted.email, then="" if "@" in wanted.email else "@"))
    if wanted.insurance:
        ways.append(_is_patient(contains(literal_column(BARE_INSURANCE_ID), wanted.insurance)))
    return or_(false(), *ways)


@dataclass(frozen=True)
class LookedUp:
    """Whom a search asks for, asked of the database once for several lists: their ids in the order of their names and each one's
    role, None where they are too many."""

    search: str
    ids: Sequence[int] | None
    roles: Sequence[str] = ()


def look_up(search: str) -> LookedUp:
    """Return whom ``search`` asks for, now."""
    most = LOOKED_UP_MOST if _has_trigram(search) else LOOKED_UP_OF_SHORT
    found = select(User.id, User.role, User.name_key).where(matching(search)).limit(most + 1).cte("found")
    counted = select(func.count().label("total")).select_from(found).subquery("counted")
    # One row, without an id, where nobody is found, or more than are worth sorting and fetching.
    rows = (
        session()
        .execute(
            select(counted.c.total, found.c.id, found.c.role)
            .select_from(counted.outerjoin(found, counted.c.total <= most))
            .order_by(found.c.name_key, found.c.id)
        )
        .all()
    )
    total = rows[0].total
    if total > most:
        return LookedUp(search, None)
    return LookedUp(search, [row.id for row in rows[:total]], [row.role for row in rows[:total]])


def _has_trigram(search: str) -> bool:
    return any(len(part.word or part.digits) >= TRIGRAM for part in read_search(search))


def found_first(search: str) -> ColumnElement[bool]:
    """Return the same condition for a list of users in the order of their names, who are found before they are ordered.

    Those of one name stand together, which PostgreSQL doesn't know: it would walk the list by name and hope to meet
    them soon. Whom too short a part asks for it meets soon.
    """
    if _has_trigram(search):
        return and_(among_found(User.id, select(User.id).where(matching(search))))
    return matching(search)


def of_people(
    column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None], search: str | LookedUp
) -> ColumnElement[bool]:
    """Return the condition for rows whose ``column`` is somebody whom ``search`` asks for. It asks the database who that is.

    Of a few people their rows are looked up. Where many are meant, many of the rows are theirs: the database does best to
    walk them in their order until it has a page.
    """
    found = search if isinstance(search, LookedUp) else look_up(search)
    if found.ids is not None:
        return and_(among(column, found.ids, many_at=FEW))
    return column.in_(select(User.id).where(matching(found.search)))


def _ways(part: Part) -> Iterator[ColumnElement[bool]]:
    if part.word or part.digits:
        yield has_part(User.name_key, User.id, part.word or part.digits)
    if part.digits:
        yield any_phone(part.digits)
    if part.born:
        yield _is_patient(Patient.date_of_birth.between(*part.born))


def any_phone(digits: str, *, whole: bool = False) -> ColumnElement[bool]:
    """Return the condition for the users one of whose phone numbers holds ``digits``, or is them (``whole``).

    A second number of people is a column more here: every search for people knows it then.
    """
    columns = (User.phone_num,)
    return or_(*(column == digits if whole else has_part(column, User.id, digits) for column in columns))


def _is_patient(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(among_found(User.id, select(Patient.user_id).where(condition)))
