"""What the clinic offers: departments, services, doctors for everybody; rooms for people who are signed in."""

from typing import Any

from flask import Response
from flask_babel import gettext as _

from clinic import directory
from clinic.api import caching
from clinic.api.auth import signed_in
from clinic.api.blueprint import Resource
from clinic.api.language import chosen_language
from clinic.api.responses import answer, listed
from clinic.api.schemas import directory as schemas
from clinic.api.schemas.fields import Paged, page_of
from clinic.policy import Action, Actor

resource = Resource("directory", __name__, description="Departments, services, rooms and doctors.")


@resource.route("/departments/")
@resource.response(200, schemas.DepartmentList, headers=caching.HEADERS)
@resource.refuses(404)
@caching.public(resource)
@resource.arguments(Paged, location="query")
def departments(query: dict[str, Any]) -> Response:
    """List the departments."""
    return listed(directory.departments(lang=chosen_language(), page=page_of(query)))


@resource.route("/departments/<id:department_id>/")
@resource.response(200, schemas.DepartmentDetail, headers=caching.HEADERS)
@resource.refuses(404)
@caching.public(resource)
def department(department_id: int) -> Response:
    """Read a department with its services and doctors."""
    return answer(directory.department(department_id, lang=chosen_language()))


@resource.route("/services/")
@resource.response(200, schemas.ServiceList, headers=caching.HEADERS)
@resource.refuses(404)
@caching.public(resource)
@resource.arguments(schemas.ServiceFilter, location="query")
def services(query: dict[str, Any]) -> Response:
    """List the services, of one department if asked."""
    page = page_of(query)
    return listed(directory.services(**query, lang=chosen_language(), page=page))


@resource.route("/services/<id:service_id>/")
@resource.response(200, schemas.Service, headers=caching.HEADERS)
@resource.refuses(404)
@caching.public(resource)
def service(service_id: int) -> Response:
    """Read a service."""
    return answer(directory.service(service_id, lang=chosen_language()))


@resource.route("/services/specialties/")
@resource.response(200, schemas.Department(many=True), headers=caching.HEADERS)
@caching.public(resource)
def specialties() -> Response:
    """List all departments at once."""
    return answer(directory.departments(lang=chosen_language()).results)


@resource.route("/doctors/")
@resource.response(200, schemas.DoctorList, headers=caching.HEADERS)
@resource.refuses(404)
@caching.public(resource)
@resource.arguments(schemas.DoctorFilter, location="query")
def doctors(query: dict[str, Any]) -> Response:
    """List the doctors, the best rated first."""
    page = page_of(query)
    return listed(directory.doctors(**query, lang=chosen_language(), page=page))


@resource.route("/doctors/<id:doctor_id>/")
@resource.response(200, schemas.Doctor, headers=caching.HEADERS)
@resource.refuses(404)
@caching.public(resource)
def doctor(doctor_id: int) -> Response:
    """Read a doctor."""
    return answer(directory.doctor(doctor_id, lang=chosen_language()))


@resource.route("/appointments/doctors-by-department/")
@resource.response(200, schemas.DoctorsOfDepartment)
@resource.refuses(404)
@signed_in(Action.SEE_DOCTORS_OF_DEPARTMENT)
@resource.arguments(schemas.OfDepartment, location="query")
def doctors_by_department(actor: Actor, query: dict[str, Any]) -> Response:
    """List the doctors of a department at once."""
    return answer(directory.doctors_of(actor, query["department_id"]))


@resource.route("/appointments/suggest-department/", methods=["POST"])
@resource.response(200, schemas.Suggestion)
@resource.refuses(404)
@signed_in(Action.ASK_FOR_DEPARTMENT)
@resource.arguments(schemas.Complaint)
def suggest_department(_actor: Actor, body: dict[str, Any]) -> Response:
    """Ask which department suits symptoms, and whether they show an emergency; no text leaves the clinic's own server.

    Words can show that something is urgent, never that nothing is: `low` means that they show nothing. What to do, and
    the number to call, stand in `reason`; show it whole.
    """
    found = directory.suggest_department(body["symptoms"], lang=chosen_language())
    return answer(
        {
            "success": True,
            "primary_department": found.primary_department,
            "reason": " ".join(text.translated(_) for text in found.reasons),
            "urgency": found.urgency,
        }
    )


@resource.route("/rooms/")
@resource.response(200, schemas.RoomList)
@resource.refuses(404)
@signed_in(Action.SEE_ROOMS)
@resource.arguments(schemas.RoomFilter, location="query")
def rooms(actor: Actor, query: dict[str, Any]) -> Response:
    """List the rooms, by floor and number."""
    page = page_of(query)
    return listed(directory.rooms(actor, **query, page=page))
