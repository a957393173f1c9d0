"""When patients can be seen: the clinic's weekly hours and each doctor's, extra hours of a day, closed days."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response
from flask_babel import gettext as _

from clinic import directory, scheduling
from clinic.api.auth import signed_in
from clinic.api.blueprint import Resource
from clinic.api.language import chosen_language
from clinic.api.responses import answer, done, nothing, picked
from clinic.api.schemas import hours as schemas
from clinic.api.versions import ETAG, IF_MATCH, etag_of_text, expected_text
from clinic.errors import NotFound
from clinic.i18n import N_
from clinic.policy import Action, Actor

resource = Resource("hours", __name__, description="When patients can be seen: weekly hours, extra hours, closed days.")

_CLOSURE = ("id", "first_day", "last_day", "from_time", "to_time", "name", "holiday")


@resource.route("/opening-hours/")
@resource.response(200, schemas.OpeningHours, headers=ETAG)
def opening_hours() -> Response:
    """Read the clinic's weekly hours. Without any it is open on the whole grid each day."""
    week = scheduling.opening_hours()
    return answer({"hours": week["hours"]}, headers=etag_of_text(week["version"]))


@resource.route("/opening-hours/", methods=["PUT"])
@resource.response(200, schemas.OpeningHoursSaved, headers=ETAG)
@resource.refuses(409, 412)
@resource.reads(IF_MATCH)
@signed_in(Action.MANAGE_HOURS)
@resource.arguments(schemas.OpeningHoursEntry)
def put_opening_hours(actor: Actor, body: dict[str, Any]) -> Response:
    """Set the clinic's weekly hours; admins who look after the catalogue. None open the whole grid each day."""
    change = scheduling.set_opening_hours(
        actor,
        body["hours"],
        expected_version=expected_text(scheduling.opening_hours()["version"]),
        expected_count=body["accepted_count"],
    )
    week = scheduling.opening_hours()
    return done(
        _("The opening hours are saved."),
        headers=etag_of_text(week["version"]),
        opening_hours={"hours": week["hours"]},
        appointments=change.appointments,
    )


@resource.route("/doctors/<id:doctor_id>/hours/")
@resource.response(200, schemas.DoctorHours, headers=ETAG)
@resource.refuses(404)
def doctor_hours(doctor_id: int) -> Response:
    """Read a doctor's weekly hours, earlier and later ones too. On days on which none are valid, the clinic's are."""
    directory.doctor(doctor_id, lang=chosen_language())
    week = scheduling.doctor_hours(doctor_id)
    return answer({"doctor_id": doctor_id, "hours": week["hours"]}, headers=etag_of_text(week["version"]))


@resource.route("/doctors/<id:doctor_id>/hours/", methods=["PUT"])
@resource.response(200, schemas.DoctorHoursSaved, headers=ETAG)
@resource.refuses(404, 409, 412)
@resource.reads(IF_MATCH)
@signed_in(Action.MANAGE_HOURS)
@resource.arguments(schemas.DoctorHoursEntry)
def put_doctor_hours(actor: Actor, body: dict[str, Any], doctor_id: int) -> Response:
    """Set a doctor's weekly hours; admins who look after the catalogue. None let the clinic's be valid."""
    change = scheduling.set_doctor_hours(
        actor,
        doctor_id,
        body["hours"],
        expected_version=expected_text(scheduling.doctor_hours(doctor_id)["version"]),
        expected_count=body["accepted_count"],
    )
    week = scheduling.doctor_hours(doctor_id)
    return done(
        _("The doctor's hours are saved."),
        headers=etag_of_text(week["version"]),
        doctor_hours={"doctor_id": doctor_id, "hours": week["hours"]},
        appointments=change.appointments,
    )


@resource.route("/doctors/<id:doctor_id>/extra-hours/")
@resource.response(200, schemas.ExtraHours(many=True))
@resource.refuses(404)
@signed_in(Action.OPEN_EXTRA_HOURS)
def extra_hours(actor: Actor, doctor_id: int) -> Response:
    """List a doctor's extra hours from today on: the doctor, admins at reception."""
    return answer(scheduling.extra_hours(actor, doctor_id))


@resource.route("/doctors/<id:doctor_id>/extra-hours/", methods=["POST"])
@resource.response(201, schemas.ExtraHoursEntered)
@resource.refuses(404, 409)
@signed_in(Action.OPEN_EXTRA_HOURS)
@resource.arguments(schemas.ExtraHoursEntry)
def add_extra_hours(actor: Actor, body: dict[str, Any], doctor_id: int) -> Response:
    """Let a doctor see patients at these hours of a day: the doctor, admins at reception.

    Weekly hours and closures don't matter then; leave does. Hours that are entered already aren't entered twice.
    """
    change = scheduling.add_extra_hours(actor, doctor_id, **body)
    entered = _of_id(scheduling.extra_hours(actor, doctor_id), change.id)
    return done(_("The extra hours are added."), status=201, extra_hours=entered)


@resource.route("/doctors/<id:doctor_id>/extra-hours/<id:extra_hours_id>/", methods=["DELETE"])
@resource.response(204)
@resource.refuses(404, 409)
@signed_in(Action.OPEN_EXTRA_HOURS)
@resource.arguments(schemas.Accepted, location="query")
def delete_extra_hours(actor: Actor, query: dict[str, Any], doctor_id: int, extra_hours_id: int) -> Response:
    """Take extra hours back: the doctor, admins at reception."""
    _of_id(scheduling.extra_hours(actor, doctor_id), extra_hours_id)
    scheduling.remove_extra_hours(actor, extra_hours_id, expected_count=query["accepted_count"])
    return nothing()


@resource.route("/closures/")
@resource.response(200, schemas.Closure(many=True))
def closures() -> Response:
    """List the present and coming days, or hours of a day, on which the clinic is closed, soonest first."""
    return answer([picked(row, _CLOSURE) for row in scheduling.closures(lang=chosen_language())])


@resource.route("/closures/", methods=["POST"])
@resource.response(201, schemas.ClosureEntered)
@resource.refuses(409)
@signed_in(Action.MANAGE_HOURS)
@resource.arguments(schemas.ClosureEntry)
def add_closure(actor: Actor, body: dict[str, Any]) -> Response:
    """Close the clinic on whole days or at hours of one day; admins who look after the catalogue.

    What is entered already isn't entered twice.
    """
    change = scheduling.add_closure(actor, expected_count=body.pop("accepted_count"), **body)
    entered = _of_id(scheduling.closures(lang=chosen_language()), change.id)
    return done(
        _("The closure is added. Those times can't be booked any more."),
        status=201,
        closure=picked(entered, _CLOSURE),
        appointments=change.appointments,
    )


@resource.route("/closures/<id:closure_id>/", methods=["DELETE"])
@resource.response(204)
@resource.refuses(404)
@signed_in(Action.MANAGE_HOURS)
def delete_closure(actor: Actor, closure_id: int) -> Response:
    """Take a closure back; visits that still stand there are kept. Admins who look after the catalogue."""
    scheduling.remove_closure(actor, closure_id)
    return nothing()


def _of_id(rows: Iterable[Mapping[str, Any]], number: int) -> Mapping[str, Any]:
    """Return the row of an id; ``NotFound`` if there is none."""
    for row in rows:
        if row["id"] == number:
            return row
    raise NotFound(N_("We can't find these hours."))
