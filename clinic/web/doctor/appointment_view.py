"""An appointment as its doctor sees it: gathered once for the day's page and the appointment's own.

Asks the domains and words their refusals; what is possible and who may see it is theirs to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request, url_for
from flask_babel import gettext

from clinic import records, scheduling
from clinic.errors import DomainError
from clinic.i18n import N_
from clinic.policy import Action, Actor, can
from clinic.scheduling import AppointmentRow
from clinic.web.appointments import vital_signs
from clinic.web.appointments.transitions import doubts, why_refused
from clinic.web.appointments.vital_signs import Shown

#: What a doctor can do with an appointment on these pages, by the domain's name of the change.
ACTIONS = {
    "confirm": N_("Confirm"),
    "complete": N_("Complete"),
    "assign_service": N_("Choose a service"),
    "write_record": N_("Write the record"),
    "reschedule": N_("Move"),
    "cancel": N_("Cancel"),
}


@dataclass(frozen=True)
class AppointmentView:
    """What is shown of one appointment. ``able`` names the changes possible now, ``unable`` gives the reasons why
    others are not."""

    appointment: AppointmentRow
    able: frozenset[str]
    unable: list[tuple[str, str]]
    #: Whether another doctor can be proposed for it.
    can_propose: bool
    fee: scheduling.FeeBreakdown
    record: records.RecordRow | None
    follow_up: records.FollowUp | None
    notes: scheduling.SharedNotes
    #: None for who may not read them.
    staff_notes: list[scheduling.StaffNote] | None
    vitals: Shown
    background: scheduling.Background
    #: Why the appointment may not be over yet: completing asks then.
    doubts: list[str]


def appointment_view(actor: Actor, appointment: AppointmentRow) -> AppointmentView:
    """Gather what is shown of ``appointment``. Its record and the notes for colleagues are read, and that is
    audited."""
    record = records.records_for(actor, [appointment["id"]]).get(appointment["id"])
    asks_again = record is not None and record["follow_up_date"] is not None
    follow_ups = records.follow_ups_of(actor, appointment_ids=[appointment["id"]]) if asks_again else []
    possible = scheduling.possible(actor, appointment)
    return AppointmentView(
        appointment=appointment,
        able=frozenset(name for name, refusal in possible.items() if refusal is None),
        unable=_unable(actor, appointment, possible),
        can_propose=scheduling.is_open(appointment["status"]) and not scheduling.has_begun(appointment),
        fee=scheduling.fee_breakdown(appointment),
        record=record,
        follow_up=next(iter(follow_ups), None),
        notes=scheduling.notes_of(actor, appointment["id"]),
        staff_notes=scheduling.staff_notes(actor, appointment["id"]) if can(actor, Action.READ_STAFF_NOTES) else None,
        vitals=vital_signs.shown(record and record["vital_signs"]),
        background=scheduling.background(actor, appointment["id"]),
        doubts=doubts(appointment, written=record is not None),
    )


def _unable(
    actor: Actor, appointment: AppointmentRow, possible: Mapping[str, DomainError | None]
) -> list[tuple[str, str]]:
    """Return (names of actions, why not) with the actions of one reason together."""
    by_reason: dict[str, list[str]] = {}
    for name, label in ACTIONS.items():
        refusal = possible.get(name)
        if refusal is not None:
            by_reason.setdefault(why_refused(actor, appointment, name, refusal), []).append(gettext(label))
    return [(", ".join(labels), reason) for reason, labels in by_reason.items()]


def came_from_day() -> bool:
    """Return whether the person came from the day's page (``?desk=1``), so that they go back there."""
    return request.args.get("desk") == "1"


def back_to(appointment: AppointmentRow) -> str:
    """Return where the person goes back to from a page about ``appointment``."""
    if came_from_day():
        return url_for("doctor.home", day=appointment["appointment_date"].isoformat(), visit=appointment["id"])
    return url_for("doctor.appointment", appointment_id=appointment["id"])
