"""A patient's first page: the next appointment, what needs the patient, what is new, and the latest of what was
found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint
from flask.typing import ResponseReturnValue

from clinic import clock, records, scheduling
from clinic.paging import Keyset
from clinic.policy import Actor
from clinic.scheduling import AppointmentRow
from clinic.web.appointments.cancelling import cancelling
from clinic.web.appointments.transitions import why_not
from clinic.web.appointments.vitals_chart import Trend, vital_trends
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.page import page
from clinic.web.patient.appointment_list import Card, card
from clinic.web.patient.profile import age_today, own_birthday

#: More appointments than one person books ahead; the rest is on the list of appointments.
MOST_COMING = 20
#: The results and the prescription are those of so many appointments.
LATEST_RECORDS = 5
MOST_RESULTS = 3
#: So long a record is told as new.
NEWS = timedelta(days=30)


def home() -> ResponseReturnValue:
    """Show the next appointment as a slip, the ones after it, and what the patient may have to do or want to know."""
    actor = signed_in_actor()
    coming = scheduling.appointments(actor, status=scheduling.UPCOMING, page=Keyset(MOST_COMING)).results
    following = next((appointment for appointment in coming if appointment["starts_at"] > clock.now()), None)
    may_read = records.is_reader(actor)
    written = records.my_records(actor, page=Keyset(LATEST_RECORDS)).results if may_read else []
    return page(
        "patient/home.html",
        person=actor,
        appointment=following,
        days=(following["appointment_date"] - clock.today()).days if following else None,
        no_move=why_not(actor, following, "reschedule") if following else None,
        today=_begun(actor, coming),
        later=[card(actor, each, is_coming=True) for each in coming if _is_later(each, following)],
        follow_ups=[each for each in records.follow_ups_of(actor) if each.is_open],
        notes=scheduling.notes_of(actor, following["id"]).clinic if following else [],
        news=[each for each in written[:1] if each["visit"]["date"] > clock.today() - NEWS],
        results=_results(actor, written),
        to_confirm=not may_read,
        prescription=next((each for each in written if each["prescription"]), None),
        **(cancelling(actor, following) if following else {}),
    )


def _begun(actor: Actor, coming: Sequence[AppointmentRow]) -> list[Card]:
    """Return the appointments of today that have begun and that nobody has completed yet."""
    return [card(actor, each, is_coming=True) for each in coming if each["starts_at"] <= clock.now()]


def _is_later(appointment: AppointmentRow, following: AppointmentRow | None) -> bool:
    return appointment["starts_at"] > clock.now() and (following is None or appointment["id"] != following["id"])


def _results(actor: Actor, written: Sequence[records.ListedRecord]) -> list[Trend]:
    """Return the newest measurements: first those that change, then those that stay the same."""
    if not any(each["vital_signs"] for each in written):
        return []
    trends = vital_trends(
        ((each["visit"]["date"], each["vital_signs"]) for each in written), age=age_today(own_birthday(actor))
    )
    return [*trends.drawn, *trends.steady][:MOST_RESULTS]


def add_to(blueprint: Blueprint) -> None:
    """Add the page to the patient's."""
    blueprint.add_url_rule("/", view_func=home)
