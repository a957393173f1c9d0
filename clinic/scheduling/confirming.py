"""Confirming several appointments at once: each by its own rule, and what can't be confirmed keeps nobody else waiting."""

from collections.abc import Mapping

from clinic.errors import Conflict, DomainError, NotFound, Stale
from clinic.policy import Action, Actor, require
from clinic.scheduling.service import confirm

#: How many are confirmed at a time, at most.
CONFIRMED_MOST = 100


def confirm_each(actor: Actor | None, states: Mapping[int, str]) -> dict[int, DomainError | None]:
    """Confirm these appointments, each in a transaction of its own if it is still in its state of ``states``
    (``expected_state``); return of each why it isn't confirmed, None if it is.

    What waits to be settled isn't: it may not take place, and its patient would be told that it does. Beyond the first ``CONFIRMED_MOST`` none is looked at.
    """
    require(actor, Action.CONFIRM)
    found: dict[int, DomainError | None] = {}
    for appointment_id, state in list(states.items())[:CONFIRMED_MOST]:
        try:
            confirm(actor, appointment_id, expected_state=state, unless_waiting=True)
        except (Conflict, NotFound, Stale) as refusal:
            found[appointment_id] = refusal
        else:
            found[appointment_id] = None
    return found
