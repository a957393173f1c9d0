"""Asking a command what it would refuse, so that a person learns everything that is wrong at once.

A delivery parses the shape of what was sent; where a shape is wrong it can't act, but may ask what else is.
"""

from collections.abc import Callable

from clinic.db import rolled_back
from clinic.errors import DomainError, Text


def would_refuse(command: Callable[[], object]) -> dict[str, list[Text]]:
    """Return the texts of each field that ``command`` would refuse. Whatever it does is taken back.

    A refusal that is about no field counts for nothing: the command isn't given yet.
    """
    with rolled_back():
        try:
            command()
        except DomainError as refusal:
            return refusal.errors
    return {}
