"""The clinic's weekly opening hours, and the weekly hours of each doctor: for days without end, or from and until a day.

A change that leaves visits without time shows them first; it is saved with the number that was shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import SelectChoice

from clinic import clock, directory, scheduling
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.scheduling import DoctorHoursRow, WeekOfDoctor
from clinic.web.admin.catalogue import display_name
from clinic.web.admin.hours_form import DoctorHoursForm, OpeningHoursForm
from clinic.web.admin.menu import blueprint
from clinic.web.appointments.left_without_time import say_saved, shown_count, without_time
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.days import day_from
from clinic.web.kit.formatting import doctor_name
from clinic.web.kit.forms import PortalForm, whole
from clinic.web.kit.page import page, see_other
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.kit.weekly_hours import nothing_entered, week_lines

_FRAGMENT = {"week-hours"}


@blueprint.route("/opening-hours", methods=["GET", "POST"])
@keeps_unsent(OpeningHoursForm)
def opening_hours() -> ResponseReturnValue:
    """Show the clinic's week in its form; save it on POST, or add and remove rows of it."""
    actor, shown = signed_in_actor(), scheduling.opening_hours()
    form = OpeningHoursForm(data=dict(shown))
    if form.pressed():
        return _opening_page(form)
    outcome = submitted(
        form,
        lambda: scheduling.set_opening_hours(
            actor, form.rows(), expected_version=form.version.data or "", expected_count=form.shown_count
        ),
    )
    if outcome.done:
        say_saved(gettext("The opening hours are saved."), outcome.result.appointments)
        return see_other(url_for(".opening_hours"))
    if form.note_stale(outcome.refusal, shown["hours"], shown["version"]):
        return see_other(url_for(".opening_hours"))
    affected = without_time(actor, outcome.refusal)
    form.expected_count.data = shown_count(affected)
    return _opening_page(form, status=outcome.status, affected=affected)


def _opening_page(form: OpeningHoursForm, **more: Any) -> ResponseReturnValue:
    shown = {"affected": None, "status": 200, **more}
    return page("admin/opening_hours.html", fragments=_FRAGMENT, form=form, nothing_entered=nothing_entered(), **shown)


@dataclass(frozen=True)
class Period:
    """The weekly hours of a doctor that are valid from and until the same days; None: from ever, for good."""

    valid_from: date | None
    valid_until: date | None
    hours: Sequence[DoctorHoursRow] = ()

    def has(self, row: DoctorHoursRow) -> bool:
        """Return whether a row is valid on the same days."""
        return (row["valid_from"], row["valid_until"]) == (self.valid_from, self.valid_until)

    @property
    def state(self) -> str:
        """``now``, ``later`` or ``over``."""
        today = clock.today()
        if self.valid_until is not None and self.valid_until < today:
            return "over"
        return "later" if self.valid_from is not None and self.valid_from > today else "now"

    @property
    def query(self) -> dict[str, str]:
        """How an address names it."""
        return {"from": _iso(self.valid_from), "until": _iso(self.valid_until)}


def _iso(on: date | None) -> str:
    return on.isoformat() if on else ""


def periods(week: WeekOfDoctor) -> list[Period]:
    """Return a doctor's weekly hours by the days on which they are valid, in their order."""
    bounds = sorted(
        {(row["valid_from"], row["valid_until"]) for row in week["hours"]},
        key=lambda each: (each[0] or date.min, each[1] or date.max),
    )
    found = [Period(*each) for each in bounds]
    return [
        Period(each.valid_from, each.valid_until, [row for row in week["hours"] if each.has(row)]) for each in found
    ]


@blueprint.get("/doctors/<int:doctor_id>/hours")
def doctor_hours(doctor_id: int) -> ResponseReturnValue:
    """Show the weekly hours of a doctor, those that are valid now and others, or the clinic's that hold instead."""
    actor = signed_in_actor()
    doctor = directory.one_doctor(actor, doctor_id)
    rooms = {row["id"]: display_name(row) for row in directory.all_rooms(actor).results}
    own = periods(scheduling.doctor_hours(doctor_id))
    return page(
        "admin/doctor_hours.html",
        doctor=doctor,
        periods=own,
        lines=[week_lines(each.hours, rooms, gettext("no hours")) for each in own],
        clinic=week_lines(scheduling.opening_hours()["hours"]),
        nothing_entered=nothing_entered(),
    )


@blueprint.route("/doctors/<int:doctor_id>/hours/edit", methods=["GET", "POST"])
@keeps_unsent(DoctorHoursForm)
def doctor_hours_edit(doctor_id: int) -> ResponseReturnValue:
    """Show the doctor's hours of the days that the address names, or new ones, in their form; save them on POST."""
    actor = signed_in_actor()
    doctor, week = directory.one_doctor(actor, doctor_id), scheduling.doctor_hours(doctor_id)
    shown = _requested(week) or Period(None, None)
    others = [row for row in week["hours"] if row not in shown.hours]
    form = DoctorHoursForm(data={"version": week["version"], **vars(shown)})
    form.rows_before = len(others)
    is_new = not shown.hours
    rooms = directory.all_rooms(actor).results
    pressed = form.pressed()
    _offer(form, rooms, doctor)
    if pressed:
        return _edit_page(doctor, form, is_new)
    outcome = submitted(
        form,
        lambda: scheduling.set_doctor_hours(
            actor,
            doctor_id,
            [*others, *form.rows_of_doctor()],
            expected_version=form.version.data or "",
            expected_count=form.shown_count,
        ),
    )
    address = url_for(".doctor_hours", doctor_id=doctor_id)
    if outcome.done:
        say_saved(
            gettext("The hours of %(name)s are saved.", name=doctor_name(doctor["full_name"])),
            outcome.result.appointments,
        )
        return see_other(address)
    typed = Period(form.valid_from.data, form.valid_until.data)
    if form.note_stale(outcome.refusal, [row for row in week["hours"] if typed.has(row)], week["version"]):
        return see_other(address)
    affected = without_time(actor, outcome.refusal)
    form.expected_count.data = shown_count(affected)
    return _edit_page(doctor, form, is_new, status=outcome.status, affected=affected)


def _edit_page(doctor: directory.DoctorEntry, form: DoctorHoursForm, is_new: bool, **more: Any) -> ResponseReturnValue:
    return page(
        "admin/doctor_hours_edit.html",
        fragments=_FRAGMENT,
        doctor=doctor,
        form=form,
        is_new=is_new,
        **{"affected": None, "status": 200, **more},
    )


def _requested(week: WeekOfDoctor) -> Period | None:
    """Return the doctor's hours that the address names; None where it names none, or they are gone."""
    wanted = (_day("from"), _day("until"))
    if "from" not in request.args:
        return None
    return next((each for each in periods(week) if (each.valid_from, each.valid_until) == wanted), None)


def _day(name: str) -> date | None:
    return day_from(request.args.get(name, ""))


def _offer(form: DoctorHoursForm, rooms: Sequence[directory.RoomEntry], doctor: directory.DoctorEntry) -> None:
    """Offer the rooms of the doctor's department, the doctor's own, and those that were chosen."""
    rows = [entry.form for entry in form.hours.entries]
    chosen = {row.room_id.data for row in rows}
    suiting = [
        (room["id"], display_name(room), room["is_active"])
        for room in rooms
        if room["id"] in chosen or room["id"] == doctor["room_id"] or room["department_id"] == doctor["department_id"]
    ]
    for row in rows:
        row.room_id.offer(suiting)
        row.room_id.choices[0] = SelectChoice("", gettext("own room"))


@blueprint.route("/doctors/<int:doctor_id>/hours/remove", methods=["GET", "POST"])
def doctor_hours_remove(doctor_id: int) -> ResponseReturnValue:
    """Ask whether the doctor's hours of the days that the address names should go; remove them on POST. A second press
    finds them gone."""
    actor = signed_in_actor()
    doctor, week = directory.one_doctor(actor, doctor_id), scheduling.doctor_hours(doctor_id)
    form, shown = PortalForm(), _requested(week)
    address = url_for(".doctor_hours", doctor_id=doctor_id)
    if shown is None and form.is_submitted():
        flash(gettext("These hours aren't on the list any more."))
        return see_other(address)
    if shown is None:
        raise NotFound(N_("We can't find these hours."))
    others = [row for row in week["hours"] if row not in shown.hours]
    expected_count = whole(request.form.get("expected_count")) or 0
    outcome = submitted(
        form,
        lambda: scheduling.set_doctor_hours(
            actor,
            doctor_id,
            others,
            expected_version=request.form.get("version", ""),
            expected_count=expected_count,
        ),
    )
    if outcome.done:
        say_saved(gettext("The hours are removed."), outcome.result.appointments)
        return see_other(address)
    return page(
        "admin/doctor_hours_remove.html",
        status=outcome.status,
        doctor=doctor,
        period=shown,
        version=week["version"],
        lines=week_lines(shown.hours, off=gettext("no hours")),
        form=form,
        affected=without_time(actor, outcome.refusal),
        address=address,
    )
