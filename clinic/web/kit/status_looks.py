"""What a status looks like on pages: an appointment's, with its words, tags, symbol and mark, a mail's, a follow-up's.

One table for all pages; a status without a look doesn't type-check. Templates ask ``status | status_label``,
``status | look`` and the like.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from flask import Flask
from flask_babel import gettext

from clinic.i18n import N_
from clinic.mail import MailStatus
from clinic.records import FollowUpState
from clinic.scheduling import AppointmentStatus


@dataclass(frozen=True, slots=True)
class StatusLook:
    """How one status is shown. ``tag`` and ``card_tag`` are kinds of the macro ``tag`` (``components/ui.html``), in
    lists and on a patient's own card; ``symbol`` is of the sprite, beside the words on the card; ``dot`` is the class
    beside ``.dot`` (``css/workspace.css``) in a doctor's day and week, "" for the plain one."""

    label: str
    tag: str
    card_tag: str
    symbol: str
    dot: str


def status_look(status: str) -> StatusLook:
    """Return how a status of appointments is shown."""
    known = AppointmentStatus(status)
    match known:
        case AppointmentStatus.BOOKED:
            return StatusLook(N_("Waiting for confirmation"), tag="wait", card_tag="wait", symbol="clock", dot="")
        case AppointmentStatus.CONFIRMED:
            return StatusLook(N_("Confirmed"), tag="", card_tag="", symbol="check", dot="in")
        case AppointmentStatus.COMPLETED:
            return StatusLook(N_("Completed"), tag="done", card_tag="done", symbol="check", dot="ok")
        case AppointmentStatus.CANCELLED:
            return StatusLook(N_("Cancelled"), tag="bad", card_tag="off", symbol="x", dot="off")
        case other:
            assert_never(other)


#: The words of each status, to be translated.
STATUS_LABELS = {str(status): status_look(status).label for status in AppointmentStatus}


def status_label(status: str) -> str:
    """Return an appointment's status in a patient's words."""
    return gettext(status_look(status).label)


def mail_look(status: str) -> tuple[str, str]:
    """Return the words of a mail's status, to be translated, and the kind of its tag."""
    known = MailStatus(status)
    match known:
        case MailStatus.QUEUED:
            return N_("Waiting"), "wait"
        case MailStatus.SENT:
            return N_("Sent"), ""
        case MailStatus.FAILED:
            return N_("Failed"), "bad"
        case MailStatus.SUPERSEDED:
            return N_("No longer needed"), "off"
        case other:
            assert_never(other)


def follow_up_icon(state: FollowUpState) -> str:
    """Return the symbol that stands before how a follow-up stands."""
    match state:
        case FollowUpState.KEPT:
            return "circle-check"
        case FollowUpState.BOOKED:
            return "calendar"
        case FollowUpState.DUE:
            return "calendar-plus"
        case FollowUpState.OVERDUE:
            return "alert-triangle"
        case other:
            assert_never(other)


def install(app: Flask) -> None:
    """Make the looks known to the templates, and all statuses in the order of an appointment's life."""
    app.jinja_env.filters.update(
        follow_up_icon=follow_up_icon, look=status_look, mail_look=mail_look, status_label=status_label
    )
    app.jinja_env.globals.update(appointment_statuses=tuple(AppointmentStatus))
