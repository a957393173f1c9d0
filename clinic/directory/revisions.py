"""The revision of the public directory, and what each process remembers of it (docs/decisions/0024).

The database's triggers give departments, services, rooms and doctors, and the users behind these, a new revision with each
change of theirs, in the same transaction: a text that never comes twice. So whatever was read at a revision is right for
as long as the database names that one, and is shown by every process that has read it.

For showing only: what decides (may this doctor be booked) reads the database. Nothing that depends on the clock, on visits
or on who asks may be remembered.
"""

import functools
import pickle
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from sqlalchemy import event
from sqlalchemy.orm import Session

from clinic.byte_cache import ByteCache
from clinic.db import is_writing, session

P = ParamSpec("P")
T = TypeVar("T")

#: Many times what the directory of a large clinic takes, in both languages.
MOST_BYTES = 4 * 1024 * 1024
_remembered = ByteCache(MOST_BYTES)
#: Under which a session knows the revision until its transaction ends.
_KNOWN = "directory_revision"
_REVISION = "SELECT token FROM directory_revision"


def revision() -> str | None:
    """Return the revision of the public directory, asked for once in a request.

    None if nothing may be remembered: in a transaction that may write and sees what nobody else does, and before the
    directory's first entry.
    """
    if is_writing():
        return None
    known = session().info
    return cast(str | None, known[_KNOWN]) if _KNOWN in known else _ask()


def _ask() -> str | None:
    # Straight to the driver: the statement is asked with every answer, and has nothing to be compiled.
    token: str | None = session().connection().exec_driver_sql(_REVISION).scalar()
    session().info[_KNOWN] = token
    return token


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, _transaction: object) -> None:
    session.info.pop(_KNOWN, None)


def remembered(read: Callable[P, T]) -> Callable[P, T]:
    """Make what ``read`` returns for the same arguments come from memory while the directory doesn't change.

    It is remembered only if the revision is the same before and after reading, so that what is remembered under a revision
    is what the database held at it. As bytes: whoever is given it may do with it what they like.
    """

    @functools.wraps(read)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        now = revision()
        if now is None:
            return read(*args, **kwargs)
        key = (now, read.__qualname__, args, *sorted(kwargs.items()))
        pickled = _remembered.get(key)
        if pickled is not None:
            return cast(T, pickle.loads(pickled))  # noqa: S301 - this process has written it
        found = read(*args, **kwargs)
        if _ask() == now:
            _remembered.put(key, pickle.dumps(found, pickle.HIGHEST_PROTOCOL))
        return found

    return run
