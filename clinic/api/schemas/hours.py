"""Weekly hours of the clinic and of doctors, extra hours of a day, and days on which the clinic is closed."""

from marshmallow import fields, validate

from clinic.api.schemas.fields import Answer, Body, ClockTime, Count, Day, Id, Listed, Part, Query, Text, WholeNumber
from clinic.scheduling import CLOSURE_NAME_MAX

_WEEKDAY = {"minimum": 1, "maximum": 7, "description": "1 is Monday."}
_ROOM = {"description": "Where the doctor sits then, if not in their own room."}
_VALID_FROM = {"description": "The first day; null: from ever."}
_VALID_UNTIL = {"description": "The last day; null: for good."}
_ACCEPTED = {
    "description": "How many coming visits the caller knows to lose their time; 409 `visits_booked` where others do, with their "
    "ids in `appointments`."
}
_HOLIDAY = {"description": "The public holiday that it was taken over from."}
_LEFT = {"description": "The visits that have lost their time: they stay booked and wait to be settled."}


class Stretch(Answer):
    """Hours of a weekday."""

    weekday = fields.Integer(validate=validate.Range(1, 7), metadata=_WEEKDAY)
    from_time = fields.Time()
    to_time = fields.Time()


class DoctorStretch(Stretch):
    """Hours of a weekday of a doctor."""

    room_id = fields.Integer(allow_none=True, metadata=_ROOM)
    valid_from = fields.Date(allow_none=True, metadata=_VALID_FROM)
    valid_until = fields.Date(allow_none=True, metadata=_VALID_UNTIL)


class OpeningHours(Answer):
    """The clinic's weekly hours; without any it is open on the whole grid each day."""

    hours = fields.List(fields.Nested(Stretch))


class OpeningHoursSaved(Answer):
    """The clinic's weekly hours were set."""

    success = fields.Boolean()
    message = fields.String()
    opening_hours = fields.Nested(OpeningHours)
    appointments = fields.List(fields.Integer(), metadata=_LEFT)


class DoctorHours(Answer):
    """A doctor's weekly hours; on days on which none are valid, the clinic's are."""

    doctor_id = fields.Integer()
    hours = fields.List(fields.Nested(DoctorStretch))


class DoctorHoursSaved(Answer):
    """A doctor's weekly hours were set."""

    success = fields.Boolean()
    message = fields.String()
    doctor_hours = fields.Nested(DoctorHours)
    appointments = fields.List(fields.Integer(), metadata=_LEFT)


class StretchEntry(Body):
    """Hours of a weekday, on the slots' grid."""

    weekday = WholeNumber(required=True, metadata=_WEEKDAY)
    from_time = ClockTime(required=True)
    to_time = ClockTime(required=True)


class DoctorStretchEntry(StretchEntry):
    """Hours of a weekday of a doctor, on the slots' grid."""

    room_id = Id(load_default=None, metadata=_ROOM)
    valid_from = Day(load_default=None, metadata=_VALID_FROM)
    valid_until = Day(load_default=None, metadata=_VALID_UNTIL)


class OpeningHoursEntry(Body):
    """The clinic's week, whole."""

    hours = Listed(Part(StretchEntry, required=True), required=True)
    accepted_count = Count(load_default=0, metadata=_ACCEPTED)


class DoctorHoursEntry(Body):
    """A doctor's weekly hours, whole: those of earlier and later days too."""

    hours = Listed(Part(DoctorStretchEntry, required=True), required=True)
    accepted_count = Count(load_default=0, metadata=_ACCEPTED)


class ExtraHours(Answer):
    """Hours of one day at which a doctor sees patients whatever weekly hours and closures say."""

    id = fields.Integer()
    day = fields.Date()
    from_time = fields.Time()
    to_time = fields.Time()
    room_id = fields.Integer(allow_none=True, metadata=_ROOM)


class ExtraHoursEntered(Answer):
    """Extra hours were entered."""

    success = fields.Boolean()
    message = fields.String()
    extra_hours = fields.Nested(ExtraHours)


class ExtraHoursEntry(Body):
    """Hours of one day, on the slots' grid."""

    day = Day(required=True)
    from_time = ClockTime(required=True)
    to_time = ClockTime(required=True)
    room_id = Id(load_default=None, metadata=_ROOM)


class Closure(Answer):
    """Days, or hours of one day, on which the clinic is closed; its name is what people are told why."""

    id = fields.Integer()
    first_day = fields.Date()
    last_day = fields.Date()
    from_time = fields.Time(allow_none=True)
    to_time = fields.Time(allow_none=True)
    name = fields.String()
    holiday = fields.String(allow_none=True, metadata=_HOLIDAY)


class ClosureEntered(Answer):
    """The clinic is closed."""

    success = fields.Boolean()
    message = fields.String()
    closure = fields.Nested(Closure)
    appointments = fields.List(fields.Integer(), metadata=_LEFT)


class ClosureEntry(Body):
    """Days, or hours of one day, and why in both languages."""

    first_day = Day(required=True)
    last_day = Day(load_default=None, metadata={"description": "Without it, a single day."})
    from_time = ClockTime(load_default=None)
    to_time = ClockTime(load_default=None)
    name = Text(CLOSURE_NAME_MAX, required=True)
    name_vi = Text(CLOSURE_NAME_MAX, load_default="")
    accepted_count = Count(load_default=0, metadata=_ACCEPTED)


class Accepted(Query):
    """What the caller knows to be left without time."""

    accepted_count = Count(load_default=0, metadata=_ACCEPTED)
