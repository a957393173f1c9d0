"""Slots and appointments."""

from marshmallow import fields

from clinic.api.schemas.directory import Department, DepartmentBrief, Room, Service
from clinic.api.schemas.fields import Answer, Body, Choice, ClockTime, Day, Id, Ids, Paged, Query, Text, list_of, money
from clinic.api.schemas.records import MedicalRecord
from clinic.scheduling import (
    MOST_DAYS,
    MOST_DOCTORS,
    NOTES_MAX,
    NOTES_STORED_MAX,
    REASON_MAX,
    SLOT_TIMES,
    STATUS_CHANGES,
    STATUSES,
    SYMPTOMS_MAX,
    UPCOMING,
)

STATUS_NAMES = tuple(str(status) for status in STATUSES)


class SlotQuery(Query):
    """Whose day is asked for."""

    doctor_id = Id(required=True)
    date = Day(required=True)
    department_id = Id()


class Slot(Answer):
    """A time of the day; ``room`` is the number of the room that a booking would get, ``reason`` why there is none."""

    time = fields.String(metadata={"enum": [f"{at:%H:%M}" for at in SLOT_TIMES]})
    available = fields.Boolean()
    room = fields.String(allow_none=True)
    reason = fields.String(
        allow_none=True,
        metadata={
            "description": (
                "Null where it can be booked; else past, taken, away, closed, off_hours or too_soon. "
                "There may be others in future."
            )
        },
    )


class SlotsQuery(Query):
    """Whose slots are asked for, and of which days."""

    all_at_once = True

    doctor_id = Ids(
        required=True,
        metadata={"description": f"Once for each doctor, at most {MOST_DOCTORS} of them.", "maxItems": MOST_DOCTORS},
    )
    first = Day(data_key="from", metadata={"description": "The first day; today if it is left out."})
    last = Day(
        data_key="until",
        metadata={"description": f"The last day, at most {MOST_DAYS} in all; the first one if it is left out."},
    )


class SlotDoctor(Answer):
    """The doctor whose slots they are."""

    id = fields.Integer()
    full_name = fields.String()
    specialization = fields.String(allow_none=True)


class SlotOfDay(Slot):
    """A time of a day; ``reason`` says why it can't be booked."""

    class Meta(Slot.Meta):
        """Which room a booking would get is told of one day alone."""

        exclude = ("room",)


class SlotsOfDay(Answer):
    """Every slot of a day, in order."""

    date = fields.Date()
    available_slots = fields.List(
        fields.Nested(SlotOfDay), metadata={"minItems": len(SLOT_TIMES), "maxItems": len(SLOT_TIMES)}
    )


class SlotsOfDoctor(Answer):
    """The slots of a doctor, day by day."""

    doctor = fields.Nested(SlotDoctor)
    days = fields.List(fields.Nested(SlotsOfDay))


class Slots(Answer):
    """The slots of each doctor, in the order in which they were named."""

    doctors = fields.List(fields.Nested(SlotsOfDoctor))


class FreeMoment(Answer):
    """A day and a time of the clinic that can be booked."""

    date = fields.Date()
    time = fields.String(metadata={"enum": [f"{at:%H:%M}" for at in SLOT_TIMES]})


class NextFree(Answer):
    """When a doctor is free next; null where no day that can be booked has a free time."""

    doctor = fields.Nested(SlotDoctor)
    next_free = fields.Nested(FreeMoment, allow_none=True)


class NextFreeOfDepartment(Answer):
    """The doctors of a department, who is free soonest first."""

    doctors = fields.List(fields.Nested(NextFree), metadata={"maxItems": MOST_DOCTORS})


class DaySlots(Answer):
    """Every slot of a doctor's day, in order; ``department`` only where it was asked for."""

    date = fields.Date()
    doctor = fields.Nested(SlotDoctor)
    department = fields.Nested(DepartmentBrief, metadata={"optional": True})
    available_slots = fields.List(
        fields.Nested(Slot), metadata={"minItems": len(SLOT_TIMES), "maxItems": len(SLOT_TIMES)}
    )


class AppointmentPatient(Answer):
    """The patient of an appointment."""

    id = fields.Integer()
    full_name = fields.String()
    email = fields.String(allow_none=True, metadata={"description": "Null for a patient who has none."})
    phone_num = fields.String()


class AppointmentDoctor(Answer):
    """The doctor of an appointment."""

    id = fields.Integer()
    full_name = fields.String()
    specialization = fields.String(allow_none=True)
    title = fields.String(allow_none=True)
    rating = fields.Float()
    avatar_url = fields.String(allow_none=True)


class SlotBefore(Answer):
    """The slot that an appointment had before it was moved."""

    date = fields.Date()
    time = fields.String(metadata={"pattern": "^[0-9]{2}:[0-9]{2}$"})


class Appointment(Answer):
    """An appointment."""

    id = fields.Integer()
    patient = fields.Nested(AppointmentPatient)
    doctor = fields.Nested(AppointmentDoctor)
    department = fields.Nested(Department)
    service = fields.Nested(Service, allow_none=True)
    appointment_date = fields.Date()
    appointment_time = fields.String(metadata={"pattern": "^[0-9]{2}:[0-9]{2}:00$"})
    room = fields.Nested(Room, allow_none=True)
    status = fields.String(metadata={"enum": list(STATUS_NAMES)})
    symptoms = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    notes = fields.String(allow_none=True)
    estimated_fee = money()
    cancellation_reason = fields.String(allow_none=True)
    cancelled_at = fields.DateTime(allow_none=True)
    rescheduled_from = fields.Nested(SlotBefore, allow_none=True)
    medical_record = fields.Nested(MedicalRecord, allow_none=True)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


AppointmentList = list_of(Appointment)


class AppointmentDone(Answer):
    """Something was done to an appointment."""

    success = fields.Boolean()
    message = fields.String()
    appointment = fields.Nested(Appointment)


class FeeBreakdown(Answer):
    """How the fee of an appointment is made up."""

    health_examination_fee = money()
    service_fee = money()
    total_fee = money()


class ServiceAssigned(AppointmentDone):
    """A service was assigned."""

    fee_breakdown = fields.Nested(FeeBreakdown)


class AppointmentFilter(Query):
    """Which appointments."""

    status = Choice(
        *STATUS_NAMES, UPCOMING, metadata={"description": "`upcoming`: booked or confirmed, from today on."}
    )
    date_from = Day()
    date_to = Day()
    doctor_id = Id(metadata={"description": "For an admin."})
    patient_id = Id(metadata={"description": "For an admin."})
    department_id = Id(metadata={"description": "For an admin."})


class AppointmentPageFilter(AppointmentFilter, Paged):
    """Which appointments, by page."""


class Booking(Body):
    """An appointment to book; ``patient_id`` is for an admin who books for somebody."""

    doctor_id = Id(required=True)
    department_id = Id(required=True)
    appointment_date = Day(required=True)
    appointment_time = ClockTime(required=True)
    symptoms = Text(SYMPTOMS_MAX)
    reason = Text(REASON_MAX)
    notes = Text(NOTES_MAX)
    patient_id = Id()


class Edit(Body):
    """What to edit of an appointment, as far as the caller's role may; any other key is refused."""

    symptoms = Text(SYMPTOMS_MAX)
    reason = Text(REASON_MAX)
    notes = Text(NOTES_STORED_MAX)
    room_id = Id()


class StatusChange(Body):
    """The status to bring an appointment to."""

    status = Text(required=True, metadata={"enum": [str(status) for status in STATUS_CHANGES]})


class Nothing(Body):
    """An action that needs no body; one that is sent is read and left alone."""

    body_optional = True


class Cancellation(Body):
    """Why an appointment is cancelled."""

    body_optional = True

    reason = Text(REASON_MAX)


class Reopening(Body):
    """Why a completed appointment is reopened; the appointment's history tells it."""

    reason = Text(REASON_MAX, required=True)


class Move(Body):
    """The slot that an appointment is moved to."""

    new_date = Day(required=True)
    new_time = ClockTime(required=True)
    reason = Text(REASON_MAX)


class HandOver(Body):
    """The doctor whom an appointment is given to; without a day or time it keeps its own."""

    doctor_id = Id(required=True)
    new_date = Day()
    new_time = ClockTime()
    reason = Text(REASON_MAX)


class ServiceChoice(Body):
    """The service that an appointment gets."""

    service_id = Id(required=True)
