"""Another table of permissions for the length of a test: what obeys the table answers differently then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import cast

from clinic import policy
from clinic.policy import Action, Duty, Grantee, Reach, Role

Line = Mapping[Grantee, Reach]
Table = dict[Action, Line]


@contextmanager
def permitted(action: Action, line: Line) -> Iterator[None]:
    """Let these, and nobody else, do ``action``: ``with permitted(Action.BOOK, {Role.DOCTOR: Reach.OWN}):``."""
    table = cast(Table, policy.PERMISSIONS)
    before = table[action]
    table[action] = line
    try:
        yield
    finally:
        table[action] = before


def without(action: Action, who: Grantee) -> dict[Grantee, Reach]:
    """The table's line without somebody; without admins it is without all of their duties."""
    duties = set(Duty) if who is Role.ADMIN else set()
    return {each: reach for each, reach in policy.PERMISSIONS[action].items() if each not in {who, *duties}}


def other_cells(action: Action, who: Grantee) -> Iterator[tuple[Reach | None, Line]]:
    """Every other reach that somebody could have, with the table's line as it would be: narrowed, widened, taken away."""
    line, rest = policy.PERMISSIONS[action], without(action, who)
    taken = {each: reach for each, reach in line.items() if each not in rest}
    for reach in (None, *Reach):
        if reach not in (taken.values() if taken else (None,)):
            yield reach, rest if reach is None else {**rest, who: reach}
