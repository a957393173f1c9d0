"""Passwords: which are good enough, and how they are kept.

Argon2id with t=2, m=19 MiB, p=1 (OWASP Password Storage Cheat Sheet). What is "a known common one" (API,
``auth/register/``) is decided by zxcvbn's lists, a deny list of Vietnamese favourites, and the person's own name and
e-mail. Those of people who work here are weighed strictly, and where the clinic wants it everybody's (``Owner``):
longer where nothing but the password opens the account (NIST SP 800-63B-4, 3.1.1.2), and not made of what others know.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from clinic import settings
from clinic.accounts.models import NO_PASSWORD, OFFICE_OPENS, PASSWORD_MAX, PASSWORD_MIN
from clinic.i18n import N_
from clinic.policy import Role
from clinic.text.normalization import composed, folded
from clinic.text.validation import ValidationErrors

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)

#: zxcvbn gets no more: what makes a password common stands at its beginning, and 24 characters of "leet" cost it a third of
#: a second, 72 of them three. Anybody may send one.
_ZXCVBN_MAX = 16
#: Fewer guesses than this is a common password with a twist; weighed strictly, what one machine tries in a moment.
_FEWEST_GUESSES, _FEWEST_GUESSES_STRICTLY = 10_000, 1_000_000
#: Characters of a password that alone opens an account that is weighed strictly.
PASSWORD_ALONE_MIN = 15
#: So many letters a password that is weighed strictly has besides what others know.
_OWN_LETTERS = 4

#: By language, what everybody who speaks it would think of and zxcvbn's lists, which are English, don't have.
FAVOURITES: Mapping[str, frozenset[str]] = {
    "en": frozenset(),
    "vi": frozenset(
        "matkhau anhyeuem emyeuanh yeuem yeuanh iloveyou vietnam vietnamvodich hanoi saigon hochiminh khongcogi "
        "khongbiet matkhaumoi conyeume giadinh hanhphuc tinhyeu bacsi benhvien phongkham benhnhan suckhoe".split()
    ),
}
_FAVOURITES = frozenset().union(*FAVOURITES.values())
#: By language, what stands on the clinic's door: whoever guesses at the account of somebody who works here begins with it.
DOOR_WORDS: Mapping[str, frozenset[str]] = {
    "en": frozenset(
        "clinic doctor admin administrator reception receptionist nurse office portal health password".split()
    ),
    "vi": frozenset("phongkham benhvien bacsi letan quantri quanly yta dieuduong benhnhan suckhoe matkhau".split()),
}
_DOOR_WORDS = frozenset().union(*DOOR_WORDS.values())
#: Shorter names and numbers are in too many passwords by chance.
_KNOWN_LEAST = 3
_TRAILING = re.compile(r"[\W\d_]+$")
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")


@dataclass(frozen=True)
class Owner:
    """Whose password is weighed: what others know of them, and what else their account asks for."""

    role: Role
    email: str
    full_name: str
    phone_num: str = ""
    date_of_birth: date | None = None
    has_second_factor: bool = False

    @property
    def is_weighed_strictly(self) -> bool:
        """Whether more is wanted of the password than of a patient's in development."""
        return self.role is not Role.PATIENT or settings.current().accounts.strict_passwords

    @property
    def least(self) -> int:
        """How many characters the password has at least."""
        return PASSWORD_ALONE_MIN if self.is_weighed_strictly and not self.has_second_factor else PASSWORD_MIN


@cache
def _common() -> frozenset[str]:
    """Return the list of leaked passwords that zxcvbn carries."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 - 12 MB that only a new password needs

    return frozenset(FREQUENCY_LISTS["passwords"])


def check_password(errors: ValidationErrors, password: str, owner: Owner, *, field: str = "password") -> None:
    """Add to ``errors`` why ``password`` may not be chosen (too short or long, common, the person's e-mail or name).

    What costs most is left out where ``errors`` holds something already: the person has to type a password again anyway.
    """
    whole = composed(password, PASSWORD_MAX)
    if whole is None or len(whole) > PASSWORD_MAX:
        errors.add(field, N_("Please use at most %(most)d characters."), most=PASSWORD_MAX)
        return
    password = whole
    if len(password) < owner.least:
        errors.add(field, N_("Please use at least %(least)d characters."), least=owner.least)
    elif not password.isprintable():
        errors.add(field, N_("This text has characters that we can't save."))
    elif _is_own(password, owner):
        errors.add(field, N_("Please choose a password that isn't your name or e-mail."))
    elif owner.is_weighed_strictly and _is_known(password, owner):
        errors.add(field, N_("Please choose a password that isn't made of what others know about you or the clinic."))
    elif _is_listed(password, owner) or (not errors.by_field and _is_easily_guessed(password, owner)):
        errors.add(field, N_("This password is too common. Please choose another one."))


def _bare(text: str) -> str:
    """Return ``text`` without accents, spaces and punctuation, in lower case."""
    return re.sub(r"[\W_]+", "", folded(text))


def _is_own(password: str, owner: Owner) -> bool:
    """Return whether the password is the person's e-mail or name, digits put behind it or not."""
    own = {_bare(owner.email), _bare(owner.email.partition("@")[0]), _bare(owner.full_name)} - {""}
    return _bare(password) in own or _bare(_TRAILING.sub("", password)) in own


def _is_known(password: str, owner: Owner) -> bool:
    """Return whether little is left of the password without what others know of the person and the clinic."""
    rest = whole = _bare(password)
    for word in sorted(set(_known_of(owner)), key=len, reverse=True):
        if len(word) >= _KNOWN_LEAST:
            rest = rest.replace(word, " ")
    return rest != whole and sum(letter.isalpha() for letter in rest) < _OWN_LETTERS


def _known_of(owner: Owner) -> Iterator[str]:
    """Yield what others know of a person and the clinic, as ``_bare`` writes it."""
    yield from _DOOR_WORDS
    for words in (settings.current().clinic_name, owner.full_name, re.sub(r"[@.]", " ", owner.email)):
        yield _bare(words)
        yield from map(_bare, words.split())
    yield owner.phone_num
    born = owner.date_of_birth
    if born is not None:
        yield from (f"{born:{written}}" for written in ("%Y", "%d%m", "%m%d", "%d%m%y", "%d%m%Y", "%Y%m%d"))


def _is_listed(password: str, owner: Owner) -> bool:
    """Return whether the password is one that many people use; weighed strictly also with signs and digits around it."""
    plain = folded(password)
    if owner.is_weighed_strictly and _AROUND.sub("", plain) in _common():
        return True
    return plain in _common() or _bare(_TRAILING.sub("", plain)) in _FAVOURITES


def _is_easily_guessed(password: str, owner: Owner) -> bool:
    """Return whether zxcvbn expects few guesses for the password."""
    from zxcvbn import zxcvbn  # noqa: PLC0415 - it reads the same lists

    fewest = _FEWEST_GUESSES_STRICTLY if owner.is_weighed_strictly else _FEWEST_GUESSES
    return bool(zxcvbn(password[:_ZXCVBN_MAX])["guesses"] < fewest)


def hash_password(password: str) -> str:
    """Return what is stored of ``password``, which ``check_password`` has let pass.

    Its accents are composed: keyboards write the same Vietnamese letter in two ways.
    """
    return _hasher.hash(unicodedata.normalize("NFC", password))


@cache
def _nobodys_hash() -> str:
    """Return the hash that the password of an unknown e-mail is compared with."""
    return _hasher.hash("nobody's password")


def matches(stored: str | None, password: str) -> bool:
    """Return whether ``password`` is the one ``stored``; takes the same time where nobody has that e-mail or
    password."""
    whole = composed(password, PASSWORD_MAX)
    known_hash = None if stored in {NO_PASSWORD, OFFICE_OPENS} else stored
    try:
        _hasher.verify(
            _nobodys_hash() if known_hash is None else known_hash, password[:PASSWORD_MAX] if whole is None else whole
        )
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
    return known_hash is not None and whole is not None and len(whole) <= PASSWORD_MAX
