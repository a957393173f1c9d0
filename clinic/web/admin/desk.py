"""The office's first page: the day of all doctors, an appointment of it or a free time in the panel beside it.

All of it is links and forms. ``static/js/desk.js`` goes through the cells by arrows, fetches the panel alone, and asks every
twenty seconds whether the day is another (``desk_changes``).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from clinic import directory, scheduling
from clinic.errors import NotFound
from clinic.policy import Actor
from clinic.scheduling import CONFIRMED_MOST, DeskAppointment
from clinic.web.admin import desk_grid
from clinic.web.admin.desk_booking import (
    BookingPanel,
    DeskBookingForm,
    book_slot,
    booking_panel,
    go_to_new_patient,
    look_for_patient,
)
from clinic.web.admin.desk_place import DeskPlace, ShownDay, requested_place
from clinic.web.admin.menu import blueprint
from clinic.web.kit import date_formatting
from clinic.web.kit.access import may_open, signed_in_actor, unattended
from clinic.web.kit.days import day_from
from clinic.web.kit.forms import PortalForm, whole
from clinic.web.kit.guard import elsewhere
from clinic.web.kit.list_filters import read_filters
from clinic.web.kit.page import page, see_other, wanted_fragment
from clinic.web.kit.preferences import chosen_language
from clinic.web.kit.unsent_forms import keeps_unsent

FRAGMENTS = frozenset({"desk-day", "desk-panel", "desk-found"})
#: How many that wait to be confirmed the list shows.
WAITING_MOST = 24
#: How many of those that weren't confirmed are named.
NAMED_MOST = 6


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Show a day of the clinic or of a department: doctors across, times down; with an appointment, or a free time to
    book, in the panel."""
    actor, place = signed_in_actor(), requested_place()
    return _desk_page(actor, place, booking=booking_panel(actor, place))


@blueprint.get("/desk/changes")
@unattended
def desk_changes() -> ResponseReturnValue:
    """Show the day anew if it isn't any more what the page shows, of which ``seen`` tells; 204 while it is."""
    actor, place = signed_in_actor(), requested_place()
    seen = ShownDay.opened(request.args.get("seen", ""), actor, place)
    if seen is None:
        return _desk_page(actor, place)
    if seen.revision == scheduling.day_desk_revision(actor, place.day.on, department_id=place.department):
        return "", 204
    return _desk_page(actor, place, seen=seen)


@blueprint.post("/desk/book")
@keeps_unsent(DeskBookingForm)
def desk_book() -> ResponseReturnValue:
    """Book a free time of the desk for the patient that was chosen; show the panel again where that is refused.

    Its other buttons look for the patient (``find``), or go on to make them (``new``); what was typed stays.
    """
    actor, form = signed_in_actor(), DeskBookingForm()
    place = requested_place(day_from(form.on.data or ""), whole(form.department.data or ""))
    if "find" in request.form:
        return _desk_page(actor, place, booking=booking_panel(actor, place, form), status=look_for_patient(form))
    if "new" in request.form:
        going = go_to_new_patient(actor, form)
        if going.done:
            return elsewhere(going.result)
        return _desk_page(actor, place, booking=booking_panel(actor, place, form), status=going.status)
    outcome = book_slot(actor, form)
    if outcome.done:
        return see_other(place.address(visit=outcome.result))
    return _desk_page(actor, place, booking=booking_panel(actor, place, form), status=outcome.status)


@blueprint.post("/desk/confirm")
def desk_confirm() -> ResponseReturnValue:
    """Confirm the appointments that the list showed, or the one of them that was pressed; say which couldn't be."""
    actor, form = signed_in_actor(), PortalForm()
    place = requested_place(day_from(request.form.get("on", "")), whole(request.form.get("department", "")))
    if form.validate():
        pressed = request.form.get("only") or request.form.get("shown", "")
        _confirm(actor, dict(filter(None, map(_stated, pressed.split(";")[:CONFIRMED_MOST]))))
    return see_other(place.address())


def _stated(text: str) -> tuple[int, str] | None:
    """Return an appointment and where it stood on the page; None where ``text`` doesn't say so."""
    number, _, state = text.partition(" ")
    found = whole(number)
    return None if found is None or not state else (found, state)


def _confirm(actor: Actor, states: dict[int, str]) -> None:
    found = scheduling.confirm_each(actor, states)
    done = sum(refusal is None for refusal in found.values())
    if done:
        flash(ngettext("%(num)d visit is confirmed.", "%(num)d visits are confirmed.", done), "success")
    refused = {number: refusal for number, refusal in found.items() if refusal is not None}
    for number, refusal in list(refused.items())[:NAMED_MOST]:
        flash(f"{_named(actor, number)}: {refusal.text(gettext)}", "error")
    if len(refused) > NAMED_MOST:
        more = len(refused) - NAMED_MOST
        flash(ngettext("%(num)d more isn't confirmed.", "%(num)d more aren't confirmed.", more), "error")


def _named(actor: Actor, number: int) -> str:
    """Return whose appointment this is and when, for a refusal."""
    try:
        visit = scheduling.desk_appointment(actor, number)
    except NotFound:
        return gettext("Visit %(number)s", number=number)
    return f"{visit.patient_name}, {date_formatting.clock_time(visit.at)}"


# --- the page ---------------------------------------------------------------------------------------------------------


def _desk_page(
    actor: Actor,
    place: DeskPlace,
    *,
    booking: BookingPanel | None = None,
    seen: ShownDay | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """Answer with the desk, or the part of it that is asked for: nothing else is read then."""
    target = wanted_fragment(FRAGMENTS)
    context: dict[str, Any] = {"place": place, "day": place.day, "booking": booking, "opened": None}
    if target != "desk-day" and booking is None and place.visit is not None:
        context |= _visit_panel(actor, place.visit)
    if target in (None, "desk-day"):
        context |= _day(actor, place, seen)
        context["grid"] = desk_grid.grid_of(context["day_desk"], _doctor_shown(place, booking, context["opened"]))
    return page("admin/home.html", fragments=FRAGMENTS, status=status, **context)


def _doctor_shown(place: DeskPlace, booking: BookingPanel | None, opened: DeskAppointment | None) -> int | None:
    """Return whose column a phone shows: who was chosen, who was shown before a refresh, or whoever the panel is about."""
    panel = booking.doctor["id"] if booking else opened.doctor_id if opened else None
    return place.doctor or read_filters("shown").number("shown") or panel


def _day(actor: Actor, place: DeskPlace, seen: ShownDay | None) -> dict[str, Any]:
    desk = scheduling.day_desk(
        actor, place.day.on, department_id=place.department, shown_at=seen.shown_at if seen else None
    )
    return {
        "day_desk": desk,
        "states": desk_grid.states(),
        "afternoon_words": desk_grid.afternoon_words,
        "week_href": partial(_week_href, place),
        "waiting": desk.to_confirm[:WAITING_MOST] if may_open("admin.desk_confirm") else [],
        "doctors_names": {each.id: each.full_name for each in desk.doctors},
        "departments": directory.departments(lang=chosen_language()).results,
        "still_open": scheduling.count_still_open(actor) if place.day.is_today else 0,
        "to_settle": scheduling.count_to_settle(actor) if may_open("admin.settling") else 0,
        "seen": ShownDay.of(desk.revision).sealed(actor, place),
        "may_book": may_open("admin.desk_book"),
    }


def _week_href(place: DeskPlace, doctor_id: int) -> str:
    return url_for(".doctor_week", doctor_id=doctor_id, day=place.day.on.isoformat())


def _visit_panel(actor: Actor, number: int) -> dict[str, Any]:
    """Return what the panel shows of an appointment; nothing of one that there isn't."""
    try:
        appointment = scheduling.appointment(actor, number)
        visit: DeskAppointment = scheduling.desk_appointment(actor, number)
    except NotFound:
        return {}
    possible = scheduling.possible(actor, appointment)
    return {
        "opened": visit,
        "appointment": appointment,
        "age": desk_grid.short_age(visit.born, visit.on),
        "state": desk_grid.state_words(visit),
        "able": {name for name, no in possible.items() if no is None},
        "visit_href": url_for(".appointment", appointment_id=number),
    }
