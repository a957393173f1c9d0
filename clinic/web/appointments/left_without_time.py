"""What pages say of a change of hours or closures: the visits that it would leave without time, and how many it has."""

from __future__ import annotations

from collections.abc import Collection

from flask import flash
from flask_babel import ngettext

from clinic import scheduling
from clinic.errors import DomainError
from clinic.policy import Action, Actor, can
from clinic.scheduling import Dependents


def without_time(actor: Actor, refusal: DomainError | None) -> Dependents | None:
    """Return the visits that a change would leave without time, if that is why it was refused: all of them counted, those
    that the actor may see listed."""
    if refusal is None or refusal.code != "visits_booked":
        return None
    ids = refusal.params["appointments"]
    rows = scheduling.appointments_by_id(actor, ids) if can(actor, Action.SEE_APPOINTMENT) else []
    return Dependents(rows, len(ids), 0)


def shown_count(affected: Dependents | None) -> str:
    """Return what the form holds of the visits that the person is shown."""
    return str(affected.appointment_count if affected else 0)


def say_saved(words: str, left: Collection[int]) -> None:
    """Say above the next page that a change is saved, and how many visits it has left without time."""
    if left:
        words += " " + ngettext(
            "%(num)d visit now has no time and needs to be settled.",
            "%(num)d visits now have no time and need to be settled.",
            len(left),
        )
    flash(words, "success")
