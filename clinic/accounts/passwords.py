"""Passwords: which are good enough, and how they are kept.

Argon2id with t=2, m=19 MiB, p=1 (OWASP Password Storage Cheat Sheet). What is "a known common one" (API,
``auth/register/``) is decided by zxcvbn's lists, a deny list of Vietnamese favourites, and the person's own name and
e-mail.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from clinic.accounts.models import NO_PASSWORD, PASSWORD_MAX, PASSWORD_MIN
from clinic.i18n import N_
from clinic.text.normalization import composed, folded
from clinic.text.validation import ValidationErrors

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)

#: zxcvbn gets no more: what makes a password common stands at its beginning, and 24 characters of "leet" cost it a third of
#: a second, 72 of them three. Anybody may send one.
_ZXCVBN_MAX = 16
#: Fewer guesses than this is a common password with a twist.
_FEWEST_GUESSES = 10_000

#: By language, what everybody who speaks it would think of and zxcvbn's lists, which are English, don't have.
FAVOURITES: Mapping[str, frozenset[str]] = {
    "en": frozenset(),
    "vi": frozenset(
        "matkhau anhyeuem emyeuanh yeuem yeuanh iloveyou vietnam vietnamvodich hanoi saigon hochiminh khongcogi "
        "khongbiet matkhaumoi conyeume giadinh hanhphuc tinhyeu bacsi benhvien phongkham benhnhan suckhoe".split()
    ),
}
_FAVOURITES = frozenset().union(*FAVOURITES.values())
_TRAILING = re.compile(r"[\W\d_]+$")


@cache
def _common() -> frozenset[str]:
    """Return the list of leaked passwords that zxcvbn carries."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 - 12 MB that only a new password needs

    return frozenset(FREQUENCY_LISTS["passwords"])


def check_password(
    errors: ValidationErrors, password: str, *, email: str, full_name: str, field: str = "password"
) -> None:
    """Add to ``errors`` why ``password`` may not be chosen (8 to 128 characters, not common, not e-mail or name).

    What costs most is left out where ``errors`` holds something already: the person has to type a password again anyway.
    """
    whole = composed(password, PASSWORD_MAX)
    if whole is None or len(whole) > PASSWORD_MAX:
        errors.add(field, N_("Please use at most %(most)d characters."), most=PASSWORD_MAX)
        return
    password = whole
    if len(password) < PASSWORD_MIN:
        errors.add(field, N_("Please use at least %(least)d characters."), least=PASSWORD_MIN)
    elif not password.isprintable():
        errors.add(field, N_("This text has characters that we can't save."))
    elif _is_own(password, email, full_name):
        errors.add(field, N_("Please choose a password that isn't your name or e-mail."))
    elif _is_listed(password) or (not errors.by_field and _is_easily_guessed(password)):
        errors.add(field, N_("This password is too common. Please choose another one."))


def _bare(text: str) -> str:
    """Return ``text`` without accents, spaces and punctuation, in lower case."""
    return re.sub(r"[\W_]+", "", folded(text))


def _is_own(password: str, email: str, full_name: str) -> bool:
    """Return whether the password is the person's e-mail or name, digits put behind it or not."""
    own = {_bare(email), _bare(email.partition("@")[0]), _bare(full_name)} - {""}
    return _bare(password) in own or _bare(_TRAILING.sub("", password)) in own


def _is_listed(password: str) -> bool:
    """Return whether the password is one that many people use."""
    plain = folded(password)
    return plain in _common() or _bare(_TRAILING.sub("", plain)) in _FAVOURITES


def _is_easily_guessed(password: str) -> bool:
    """Return whether zxcvbn expects few guesses for the password."""
    from zxcvbn import zxcvbn  # noqa: PLC0415 - it reads the same lists

    return bool(zxcvbn(password[:_ZXCVBN_MAX])["guesses"] < _FEWEST_GUESSES)


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
    known_hash = None if stored == NO_PASSWORD else stored
    try:
        _hasher.verify(
            _nobodys_hash() if known_hash is None else known_hash, password[:PASSWORD_MAX] if whole is None else whole
        )
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
    return known_hash is not None and whole is not None and len(whole) <= PASSWORD_MAX
