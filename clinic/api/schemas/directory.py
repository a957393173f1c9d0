"""Departments, services, rooms and doctors."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from clinic.api.schemas.fields import Answer, Body, Id, Paged, Query, Text, list_of, money
from clinic.directory import NAME_MAX, SPOKEN_LANGUAGES, SYMPTOMS_MAX
from clinic.errors import Text as Message
from clinic.i18n import N_


class Department(Answer):
    """A branch of medicine that patients book in."""

    id = fields.Integer()
    name = fields.String()
    icon = fields.String(allow_none=True)
    description = fields.String(allow_none=True)
    health_examination_fee = money()
    is_active = fields.Boolean()
    services_count = fields.Integer()
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class DepartmentBrief(Answer):
    """A department by name and sign."""

    id = fields.Integer()
    name = fields.String()
    icon = fields.String(allow_none=True)


class Service(Answer):
    """An examination or treatment, with its price."""

    id = fields.Integer()
    name = fields.String()
    department_id = fields.Integer()
    department_name = fields.String()
    department_icon = fields.String(allow_none=True)
    description = fields.String(allow_none=True)
    price = money()
    is_active = fields.Boolean()
    created_at = fields.DateTime()


class Room(Answer):
    """A consulting room; ``department`` is the id of the department it belongs to."""

    id = fields.Integer()
    room_number = fields.String()
    floor = fields.Integer()
    department = fields.Integer(allow_none=True)
    is_active = fields.Boolean()
    created_at = fields.DateTime()


class Doctor(Answer):
    """A doctor as the public knows them. ``id`` and ``user_id`` are the same number."""

    id = fields.Integer()
    user_id = fields.Integer()
    full_name = fields.String()
    email = fields.String()
    phone_num = fields.String()
    title = fields.String(allow_none=True)
    specialization = fields.String(allow_none=True)
    department_id = fields.Integer()
    department_name = fields.String()
    department_icon = fields.String(allow_none=True)
    experience_years = fields.Integer()
    consultation_fee = money()
    rating = money()
    avatar_url = fields.String(allow_none=True)
    total_reviews = fields.Integer()
    bio = fields.String(allow_none=True)
    examination_fee = money(metadata={"description": "What a visit costs: the department's `health_examination_fee`."})
    languages = fields.List(
        fields.String(metadata={"enum": list(SPOKEN_LANGUAGES)}),
        metadata={"description": "In which the doctor sees patients (ISO 639-1); empty where the clinic hasn't said."},
    )


class DepartmentDetail(Department):
    """A department with what it offers and who works there."""

    services = fields.List(fields.Nested(Service))
    doctors = fields.List(fields.Nested(Doctor))
    doctors_count = fields.Integer()


class DoctorsOfDepartment(Answer):
    """The doctors of one department."""

    department = fields.Nested(DepartmentBrief)
    doctors = fields.List(fields.Nested(Doctor))
    count = fields.Integer()


DepartmentList = list_of(Department)
ServiceList = list_of(Service)
RoomList = list_of(Room)
DoctorList = list_of(Doctor)


class OfDepartment(Query):
    """One department."""

    department_id = Id(required=True)


class ServiceFilter(Paged):
    """Which services."""

    department_id = Id()
    specialty_id = Id(metadata={"description": "A synonym of `department_id`."})

    @ma.post_load
    def without_synonym(self, query: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """Know the department by one name, as the domain does; under both it must be the same."""
        if "specialty_id" in query:
            named = query.pop("specialty_id")
            if query.setdefault("department_id", named) != named:
                raise ma.ValidationError({"specialty_id": [Message(N_("This must be the same as department_id."))]})
        return query


class RoomFilter(Paged):
    """Which rooms."""

    department_id = Id()
    unassigned = Text(metadata={"enum": ["1", "0"], "description": "1: only rooms that are no doctor's own."})

    @ma.post_load
    def as_switch(self, query: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """Read 1 and 0 as yes and no."""
        switch = query.pop("unassigned", "0")
        if switch not in {"0", "1"}:
            raise ma.ValidationError({"unassigned": [Message(N_("This must be 1 or 0."))]})
        return {**query, "unassigned": switch == "1"}


class DoctorFilter(Paged):
    """Which doctors."""

    department_id = Id()
    specialization = Text(
        NAME_MAX, metadata={"description": "A part of it, in any case and language, with or without accents."}
    )
    search = Text(NAME_MAX, metadata={"description": "A part of the name, with or without accents."})


class Complaint(Body):
    """What somebody feels, in their own words."""

    symptoms = Text(SYMPTOMS_MAX, required=True)


class SuggestedDepartment(DepartmentBrief):
    """The department to begin with."""

    description = fields.String(allow_none=True)


class Suggestion(Answer):
    """Which department suits what somebody feels, why, and how soon they should be seen."""

    success = fields.Boolean()
    primary_department = fields.Nested(SuggestedDepartment)
    reason = fields.String()
    urgency = fields.String(metadata={"enum": ["low", "medium", "high"]})
