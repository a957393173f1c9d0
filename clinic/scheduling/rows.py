"""What the front door of scheduling hands out and takes: the keys of each row and what they hold. Knows no table."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import TypedDict

from clinic.directory.rows import DepartmentBrief, DepartmentRow, RoomRow, ServiceRow, Translations


class AppointmentPatient(TypedDict):
    """The patient of an appointment."""

    id: int
    full_name: str
    email: str | None
    phone_num: str


class AppointmentDoctor(TypedDict):
    """The doctor of an appointment."""

    id: int
    full_name: str
    specialization: str
    title: str
    rating: float
    avatar_url: str | None


class PreviousSlot(TypedDict):
    """The slot that an appointment had before it was moved: ``YYYY-MM-DD`` and ``HH:MM``."""

    date: str
    time: str


class AppointmentRow(TypedDict):
    """An appointment as lists and pages show it, and the API but for what it adds and keeps back.

    ``starts_at`` and ``version`` are for pages and forms; ``examination_fee`` and ``service_fee`` make up ``estimated_fee``.
    """

    id: int
    patient: AppointmentPatient
    doctor: AppointmentDoctor
    department: DepartmentRow
    service: ServiceRow | None
    appointment_date: date
    appointment_time: time
    room: RoomRow | None
    status: str
    symptoms: str | None
    reason: str | None
    notes: str | None
    estimated_fee: Decimal
    examination_fee: Decimal
    service_fee: Decimal | None
    cancellation_reason: str | None
    cancelled_at: datetime | None
    rescheduled_from: PreviousSlot | None
    created_at: datetime
    updated_at: datetime
    starts_at: datetime
    version: int


class AppointmentChanges(TypedDict, total=False):
    """What may be edited of an appointment; a missing key leaves what stands."""

    symptoms: str | None
    reason: str | None
    notes: str | None
    room_id: int | None


class RoomChange(TypedDict("RoomChange", {"from": str | None, "to": str | None})):
    """The numbers of the rooms before and after a change, None for no room."""


class EventSlot(PreviousSlot, total=False):
    """When an appointment was, or is to be; handed over, with whom."""

    doctor_id: int
    doctor: str


class EventDetails(TypedDict("EventSlots", {"from": EventSlot, "to": EventSlot}, total=False), total=False):
    """What else the history tells, by what happened: moved or handed over ``from`` and ``to``, edited ``fields``, a
    ``service`` or one that was dropped, why."""

    fields: list[str]
    room: RoomChange
    reason: str | None
    service: str
    service_id: int
    dropped_service: str
    fee: str


class EventRow(TypedDict):
    """One line of an appointment's history; which ``details`` there are depends on ``what`` happened."""

    at: datetime
    what: str
    by_user_id: int
    by_name: str
    by_role: str
    from_status: str | None
    to_status: str
    details: EventDetails


class FeeBreakdown(TypedDict):
    """How the fee of an appointment is made up, in VND."""

    health_examination_fee: Decimal
    service_fee: Decimal
    total_fee: Decimal


class OfferedService(ServiceRow):
    """A service that an appointment may get, and what the appointment would cost then, in VND."""

    health_examination_fee: Decimal
    total_fee: Decimal


class EarlierAppointment(TypedDict):
    """An earlier appointment of the same patient with the same doctor; ``service`` is its name."""

    id: int
    appointment_date: date
    appointment_time: time
    status: str
    reason: str | None
    service: str | None


class PatientRow(TypedDict):
    """A doctor's own patient, with the days of their appointments with this doctor.

    ``id`` and ``patient_id`` are the same number. ``last_visit`` is the latest that has begun or is completed,
    ``last_appointment`` the latest of all.
    """

    id: int
    patient_id: int
    full_name: str
    email: str | None
    phone_num: str
    date_of_birth: date
    gender: str
    age: int
    appointment_count: int
    last_appointment: date
    last_visit: date | None
    next_visit: date | None


class LeaveRow(TypedDict):
    """A doctor's leave; without times it covers whole days."""

    id: int
    first_day: date
    last_day: date
    from_time: time | None
    to_time: time | None
    reason: str | None


class OpeningHoursRow(TypedDict):
    """A stretch of the clinic's weekly hours; ``weekday`` 1 is Monday."""

    weekday: int
    from_time: time
    to_time: time


class DoctorHoursRow(OpeningHoursRow):
    """A stretch of a doctor's weekly hours: in which room, if not in their own, and from and until when it is valid."""

    room_id: int | None
    valid_from: date | None
    valid_until: date | None


class WeekOfClinic(TypedDict):
    """The clinic's weekly hours; ``version`` is for ``expected_version`` of the command that sets them."""

    hours: list[OpeningHoursRow]
    version: str


class WeekOfDoctor(TypedDict):
    """A doctor's weekly hours; ``version`` is for ``expected_version`` of the command that sets them."""

    hours: list[DoctorHoursRow]
    version: str


class ExtraHoursRow(TypedDict):
    """Hours of one day at which a doctor sees patients besides the weekly ones."""

    id: int
    day: date
    from_time: time
    to_time: time
    room_id: int | None


class ClosureRow(TypedDict):
    """Days, or hours of one day, on which the clinic is closed; ``holiday`` is the public one that it was taken over from."""

    id: int
    first_day: date
    last_day: date
    from_time: time | None
    to_time: time | None
    name: str
    translations: Translations
    holiday: str | None


class BookableDepartment(DepartmentBrief):
    """The department of a doctor who can be booked, with what an examination costs, in VND."""

    health_examination_fee: Decimal


class SlotDoctor(TypedDict):
    """The doctor whose slots they are."""

    id: int
    full_name: str
    specialization: str
