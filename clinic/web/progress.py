"""What can be done with a visit now, for every role; confirming and completing it, for its doctor and the office.

A blueprint's view says where the person goes back to, and how the visit is shown where it can't be done:

    return confirm_visit(the_actor(), appointment_id, back=address_of, show=_visit_page)

Whether it can be done is the domain's to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import scheduling
from clinic.errors import Conflict, DomainError
from clinic.policy import Actor
from clinic.scheduling import Status
from clinic.web import filters
from clinic.web.page import see_other

Visit = dict[str, Any]
Back = Callable[[Visit], str]


class Show(Protocol):
    """Answers a visit's page, with a refusal in words."""

    def __call__(self, actor: Actor, visit: Visit, *, refusal: str, status: int) -> ResponseReturnValue:
        """Answer the page."""


def why_not(actor: Actor, visit: Visit, change: str) -> str | None:
    """Return in words why ``change`` of ``visit`` is not possible now, None if it is."""
    refusal = scheduling.possible(actor, visit)[change]
    return in_words(refusal, visit) if refusal else None


def in_words(refusal: DomainError, visit: Visit) -> str:
    """Return why something is not possible with ``visit``; a doctor who sees nobody at present is called by name."""
    if refusal.code == "doctor_unavailable":
        return gettext(
            "%(doctor)s isn't seeing patients at present.", doctor=filters.doctor_name(visit["doctor"]["full_name"])
        )
    return refusal.text(gettext)


def confirm_visit(actor: Actor, appointment_id: int, *, back: Back, show: Show) -> ResponseReturnValue:
    """Confirm a booked visit, and say how the patient learns of it."""

    def said(visit: Visit) -> str:
        return f"{gettext('The visit is confirmed.')} {filters.how_told(visit)}"

    return _once(actor, appointment_id, scheduling.confirm, Status.CONFIRMED, said, back, show)


def complete_visit(actor: Actor, appointment_id: int, *, back: Back, show: Show) -> ResponseReturnValue:
    """Complete a confirmed visit."""

    def said(_visit: Visit) -> str:
        return gettext("The visit is completed.")

    return _once(actor, appointment_id, scheduling.complete, Status.COMPLETED, said, back, show)


def _once(
    actor: Actor,
    appointment_id: int,
    command: Callable[[Actor, int], Visit],
    target: Status,
    said: Callable[[Visit], str],
    back: Back,
    show: Show,
) -> ResponseReturnValue:
    """Do ``command``; a second press finds it done, any other conflict shows the visit as it stands, with why not."""
    try:
        visit = command(actor, appointment_id)
    except Conflict as refusal:
        visit = scheduling.appointment(actor, appointment_id)
        if visit["status"] != target:
            return show(actor, visit, refusal=refusal.text(gettext), status=409)
    else:
        flash(said(visit), "success")
    return see_other(back(visit))
