"""Another table of permissions for the length of a test: what obeys the table answers differently then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import cast

from clinic import policy
from clinic.policy import Action, Reach, Role

Table = dict[Action, Mapping[Role, Reach]]


@contextmanager
def permitted(action: Action, by_role: Mapping[Role, Reach]) -> Iterator[None]:
    """Let these roles, and no others, do ``action``: ``with permitted(Action.BOOK, {Role.DOCTOR: Reach.OWN}):``."""
    table = cast(Table, policy.PERMISSIONS)
    before = table[action]
    table[action] = by_role
    try:
        yield
    finally:
        table[action] = before


def other_cells(action: Action, role: Role) -> Iterator[tuple[Reach | None, Mapping[Role, Reach]]]:
    """Every other reach that a role could have, with the table's line as it would be: narrowed, widened, taken away."""
    line = policy.PERMISSIONS[action]
    rest = {each: reach for each, reach in line.items() if each is not role}
    for reach in (None, *Reach):
        if reach is not line.get(role):
            yield reach, rest if reach is None else {**rest, role: reach}
