"""A front door of the domain with one call, and what its answer is taken for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from clinic.errors import NotFound
from clinic.policy import Action, Actor, Role
from tests.domain.world import World

YES, NO, HIDDEN = "let through", "Forbidden", "hidden"

Answers = tuple[str, str, str, str, str, str]


Call = Callable[[World, Actor], object]


@dataclass(frozen=True)
class Door:
    """One call of a front door. ``answers`` are those of ``MATRIX`` if none are given here; ``roles`` are whom it is for
    at all: others find it closed whatever the table grants them. Where it is ``only_own``, ANY shows no more than OWN.
    ``also`` is what else is asked for on the way to it.
    """

    action: Action
    call: Call
    answers: Answers | None = None
    roles: tuple[Role, ...] = tuple(Role)
    only_own: bool = False
    also: tuple[Action, ...] = ()


def among(wanted: object, found: Iterable[object]) -> None:
    """A list shows what is wanted, or it is hidden."""
    if wanted not in list(found):
        raise NotFound("It isn't in the list.")


def ids(rows: Iterable[Any]) -> list[int]:
    """The ids of rows."""
    return [row["id"] for row in rows]


def truly(value: object) -> None:
    """There is something, or it is hidden."""
    if not value:
        raise NotFound("There is nothing.")
