"""A patient's list of appointments: what is coming, the soonest first, and what is past or cancelled, the latest first.

A card of an appointment leads to what can be done with it now; whether it can be done is the domain's to say.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import records, scheduling
from clinic.paging import Keyset
from clinic.policy import Actor
from clinic.scheduling import PAST, UPCOMING, AppointmentRow, AppointmentStatus
from clinic.web.appointments.booking_choices import book_again_addresses
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.list_filters import ListFilters, read_filters
from clinic.web.kit.page import page
from clinic.web.kit.paging import requested_rows
from clinic.web.kit.status_looks import status_label

PAGE_SIZE = 10
#: What the list of past appointments may be narrowed to.
OVER = (AppointmentStatus.COMPLETED, AppointmentStatus.CANCELLED)


@dataclass(frozen=True)
class Card:
    """An appointment as it is listed; ``diagnosis`` is what its record says, "" without one. ``book_again`` leads to
    booking its doctor once more, "" where that isn't offered."""

    appointment: AppointmentRow
    is_coming: bool
    may_move: bool
    may_cancel: bool
    diagnosis: str = ""
    book_again: str = ""


def card(
    actor: Actor, appointment: AppointmentRow, *, is_coming: bool, diagnosis: str = "", book_again: str = ""
) -> Card:
    """Return an appointment as it is listed; nothing is offered that can't be done now."""
    able = {change for change, refusal in scheduling.possible(actor, appointment).items() if refusal is None}
    return Card(appointment, is_coming, "reschedule" in able, "cancel" in able, diagnosis, book_again)


def appointments() -> ResponseReturnValue:
    """List what is coming, or what is past by status and days, as the address asks."""
    actor, filters = signed_in_actor(), read_filters("status", "date_from", "date_to")
    by_days = filters.text("date_from") or filters.text("date_to")
    status = filters.status or (PAST if by_days else UPCOMING)
    is_past = status == PAST or status in OVER
    found = scheduling.appointments(
        actor,
        status=status,
        date_from=filters.day("date_from"),
        date_to=filters.day("date_to"),
        page=requested_rows(PAGE_SIZE),
    )
    written = records.records_for(actor, [row["id"] for row in found.results]) if is_past else {}
    again = book_again_addresses(found.results) if is_past else {}
    cards = [
        card(
            actor,
            row,
            is_coming=not is_past,
            diagnosis=_diagnosis(written.get(row["id"])),
            book_again=again.get(row["doctor"]["id"], ""),
        )
        for row in found.results
    ]
    return page(
        "patient/appointments.html",
        fragments={"visit-list"},
        found=found,
        cards=cards,
        filters=filters,
        is_past=is_past,
        is_narrowed=_is_narrowed(filters),
        coming=_count(actor, UPCOMING),
        past=_count(actor, PAST),
        statuses=[(PAST, gettext("All")), *((str(each), status_label(each)) for each in OVER)],
    )


def _diagnosis(record: records.RecordRow | None) -> str:
    return record["diagnosis"] if record else ""


def _is_narrowed(filters: ListFilters) -> bool:
    """Return whether the address asks for less than one of the two lists."""
    return bool(filters.text("date_from") or filters.text("date_to") or filters.status not in (None, UPCOMING, PAST))


def _count(actor: Actor, status: str) -> int:
    return scheduling.appointments(actor, status=status, page=Keyset(1)).count


def add_to(blueprint: Blueprint) -> None:
    """Add the page to the patient's."""
    blueprint.add_url_rule("/appointments", view_func=appointments)
