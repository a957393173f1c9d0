"""The clinic itself."""

from marshmallow import fields

from clinic.api.schemas.fields import Answer, Body, Count, Listed, Switch, Text
from clinic.configuration import EDITABLE
from clinic.i18n import LANGUAGES
from clinic.settings import HORIZON_LEAST, HORIZON_MOST, LEAD_MOST, NOTICE_MOST

_LANGUAGE = {"enum": list(LANGUAGES)}
_HORIZON = {"minimum": HORIZON_LEAST, "maximum": HORIZON_MOST, "description": "A day can be booked so many days ahead."}
_NOTICE = {
    "minimum": 0,
    "maximum": NOTICE_MOST,
    "description": "Patients and doctors cancel at least so many hours before the start.",
}
_LEAD = {
    "minimum": 0,
    "maximum": LEAD_MOST,
    "description": "Patients book and move to times that start at least so many hours ahead; the office isn't bound.",
}
_DEMO = {"description": "Whether every page says that all data is invented."}


class Clinic(Answer):
    """How the clinic is reached, and its rules of booking."""

    clinic_name = fields.String()
    letterhead = fields.String(allow_none=True)
    letterhead_vi = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    address = fields.String(allow_none=True)
    address_vi = fields.String(allow_none=True)
    map_url = fields.Url(allow_none=True)
    emergency_number = fields.String()
    horizon_days = fields.Integer(metadata=_HORIZON)
    notice_hours = fields.Integer(metadata=_NOTICE)
    lead_hours = fields.Integer(metadata=_LEAD)
    languages = fields.List(fields.String(metadata=_LANGUAGE))
    is_demo = fields.Boolean(metadata=_DEMO)
    timezone = fields.String()


class ClinicSaved(Answer):
    """The changes were saved."""

    success = fields.Boolean()
    message = fields.String()
    clinic = fields.Nested(Clinic)


class ClinicEntry(Body):
    """What is to be changed; what is left out stays."""

    all_at_once = True

    clinic_name = Text()
    letterhead = Text()
    letterhead_vi = Text()
    phone = Text()
    email = Text()
    address = Text()
    address_vi = Text()
    map_url = Text()
    emergency_number = Text()
    horizon_days = Count(metadata=_HORIZON)
    notice_hours = Count(metadata=_NOTICE)
    lead_hours = Count(metadata=_LEAD)
    languages = Listed(Text(metadata=_LANGUAGE))
    is_demo = Switch(metadata=_DEMO)
    reset = Listed(
        Text(metadata={"enum": list(EDITABLE)}),
        metadata={"description": "Keys whose value is to be that of the server's settings again."},
    )
