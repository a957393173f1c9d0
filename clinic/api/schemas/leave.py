"""Doctors' leave, and the visits that can't stay as they are."""

from marshmallow import fields

from clinic.api.schemas.appointments import AppointmentPatient, SlotDoctor
from clinic.api.schemas.fields import Answer, Body, Choice, ClockTime, Day, Id, Listed, Part, Query, Switch, Text
from clinic.scheduling import REASON_MAX, STATUSES, ProposalKind, SettlingCause, ToCall, Way

_CAUSES, _WAYS = tuple(map(str, SettlingCause)), tuple(map(str, Way))
_DOCTOR = {"description": "Whose; for admins at reception."}
_LEFT = {"description": "The visits in it: they stay booked and wait to be settled."}


class LeaveQuery(Query):
    """Whose leave."""

    doctor_id = Id(metadata=_DOCTOR)


class Leave(Answer):
    """Days, or hours of one day, on which a doctor sees nobody; without times whole days."""

    id = fields.Integer()
    first_day = fields.Date()
    last_day = fields.Date()
    from_time = fields.Time(allow_none=True)
    to_time = fields.Time(allow_none=True)
    reason = fields.String(allow_none=True, metadata={"description": "Patients never see it."})


class LeaveEntered(Answer):
    """Leave was entered."""

    success = fields.Boolean()
    message = fields.String()
    leave = fields.Nested(Leave)
    appointments = fields.List(fields.Integer(), metadata=_LEFT)


class LeaveEntry(Body):
    """Days, or hours of one day on the slots' grid."""

    first_day = Day(required=True)
    last_day = Day(load_default=None, metadata={"description": "Without it, a single day."})
    from_time = ClockTime(load_default=None)
    to_time = ClockTime(load_default=None)
    reason = Text(REASON_MAX, load_default="")
    doctor_id = Id(load_default=None, metadata=_DOCTOR)


class VisitsToSettleQuery(Query):
    """Which of them: of a doctor, or what one leave, closure or other change leaves to be settled."""

    doctor_id = Id()
    cause = Choice(*_CAUSES)
    cause_id = Id(metadata={"description": "The leave, the closure, or the doctor or entry that was changed."})


class Proposal(Answer):
    """A free time that is proposed in place of a visit; the first one of a visit is held for it for a while."""

    doctor_id = fields.Integer()
    doctor_name = fields.String()
    date = fields.Date()
    time = fields.String(metadata={"pattern": "^[0-9]{2}:[0-9]{2}$"})
    kind = fields.String(metadata={"enum": list(map(str, ProposalKind))})


class VisitToSettle(Answer):
    """A visit that can't stay as it is."""

    appointment_id = fields.Integer()
    patient = fields.Nested(AppointmentPatient)
    doctor = fields.Nested(SlotDoctor)
    department_id = fields.Integer()
    appointment_date = fields.Date()
    appointment_time = fields.String(metadata={"pattern": "^[0-9]{2}:[0-9]{2}:00$"})
    status = fields.String(metadata={"enum": list(map(str, STATUSES))})
    state = fields.String(metadata={"description": "To be sent back with a choice, so that nothing else is changed."})
    cause = fields.String(metadata={"enum": list(_CAUSES)})
    cause_id = fields.Integer(allow_none=True)
    opened_at = fields.DateTime()
    to_call = fields.String(
        allow_none=True,
        metadata={"enum": [*map(str, ToCall), None], "description": "Why the patient is to be phoned, null if mailed."},
    )
    proposals = fields.List(fields.Nested(Proposal))


class ChoiceEntry(Body):
    """What is to become of one visit; `move` needs a doctor, a date and a time, and hands over to another doctor."""

    appointment_id = Id(required=True)
    way = Choice(*_WAYS, required=True)
    doctor_id = Id(load_default=None)
    date = Day(load_default=None)
    time = ClockTime(load_default=None)
    by_phone = Switch(load_default=False, metadata={"description": "Whether the patient was told on the phone."})
    state = Text(load_default="")


class SettlementEntry(Body):
    """What is to become of visits, and why: the patients read it."""

    choices = Listed(Part(ChoiceEntry, required=True), required=True)
    reason = Text(REASON_MAX, load_default="")


class ChooseAgain(Answer):
    """A visit for which something else is to be chosen, and why."""

    appointment_id = fields.Integer()
    code = fields.String()
    message = fields.String()
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "What is wrong, by the keys of the choice."},
    )


class Settlement(Answer):
    """What became of the choices: ids of visits that are settled, and that were before."""

    success = fields.Boolean()
    message = fields.String()
    settled = fields.List(fields.Integer())
    already = fields.List(fields.Integer())
    choose_again = fields.List(fields.Nested(ChooseAgain))
