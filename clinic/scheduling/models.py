"""Tables of appointments: appointments, and the append-only history of what happened to each.

The partial unique indexes are the last word on who gets a slot. A cancelled appointment sets its slot free.
"""

from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic import clock
from clinic.db import APPEND_ONLY, NEVER_DELETED, Base, ClockTime, UtcDateTime
from clinic.directory.models import Money
from clinic.policy import Role
from clinic.scheduling.calendar import SLOT_TIMES
from clinic.scheduling.lifecycle import AppointmentStatus
from clinic.scheduling.rows import EventDetails, PreviousSlot
from clinic.word_lists import Word, one_of

SYMPTOMS_MAX = 2000
REASON_MAX = 500
#: Of the notes that are given with a booking.
NOTES_MAX = 2000
#: Of the notes as they are kept and edited: with room for the lines that moves append (``notes.with_move``).
NOTES_STORED_MAX = 2 * NOTES_MAX
STAFF_NOTES_MAX = 2000


class EventType(StrEnum):
    """What can happen to an appointment, as its history records it."""

    CREATED = "created"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    RESCHEDULED = "rescheduled"
    SERVICE_ASSIGNED = "service_assigned"
    EDITED = "edited"
    REOPENED = "reopened"
    HANDED_OVER = "handed_over"


NOT_CANCELLED = text("status <> 'cancelled'")


def _taken(name: str, column: str) -> Index:
    """Return the index that lets ``column`` stand once at a date and time among appointments not cancelled."""
    return Index(
        name,
        column,
        "appointment_date",
        "appointment_time",
        unique=True,
        sqlite_where=NOT_CANCELLED,
        postgresql_where=NOT_CANCELLED,
    )


class Appointment(Base):
    """An appointment: one patient, one doctor, one slot. Never deleted."""

    __tablename__ = "appointments"
    __table_args__ = (
        CheckConstraint(one_of("status", AppointmentStatus), name="status_known"),
        CheckConstraint(
            one_of("appointment_time", (at.isoformat() for at in SLOT_TIMES)), name="appointment_time_on_grid"
        ),
        CheckConstraint("estimated_fee >= 0", name="estimated_fee_not_negative"),
        CheckConstraint("examination_fee >= 0", name="examination_fee_not_negative"),
        CheckConstraint("service_fee >= 0", name="service_fee_not_negative"),
        # In this order: where doctor and patient both clash, PostgreSQL reports the doctor's slot first.
        _taken("uq_appointments_doctor_slot", "doctor_id"),
        _taken("uq_appointments_patient_slot", "patient_id"),
        _taken("uq_appointments_room_slot", "room_id"),
        # The lists stay flat to a million rows with these (bench/deep.py, docs/decisions/0012-pages-from-a-row-on.md).
        Index("ix_appointments_doctor_list", "doctor_id", text("appointment_date DESC"), "appointment_time", "id"),
        Index("ix_appointments_patient_list", "patient_id", text("appointment_date DESC"), "appointment_time", "id"),
        Index("ix_appointments_list", text("appointment_date DESC"), "appointment_time", "id"),
        Index("ix_appointments_status_list", "status", text("appointment_date DESC"), "appointment_time", "id"),
        Index(
            "ix_appointments_department_list", "department_id", text("appointment_date DESC"), "appointment_time", "id"
        ),
        Index("ix_appointments_doctor_patients", "doctor_id", "patient_id", "status", "appointment_date"),
        # Days whose appointments change are noted (docs/decisions/0025-daily-counts.md).
        {"info": {**NEVER_DELETED["info"], "notes": ("INSERT", "UPDATE")}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.user_id", ondelete="RESTRICT"))
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.user_id", ondelete="RESTRICT"))
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id", ondelete="RESTRICT"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id", ondelete="SET NULL"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id", ondelete="SET NULL"))
    appointment_date: Mapped[date]
    appointment_time: Mapped[time] = mapped_column(ClockTime)
    status: Mapped[AppointmentStatus] = mapped_column(Word(AppointmentStatus), default=AppointmentStatus.BOOKED)
    symptoms: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    notes: Mapped[str | None] = mapped_column(Text)
    #: What was agreed with the booking: the department's fee then. A fee agreed is a fee kept, whatever it costs later.
    examination_fee: Mapped[Decimal] = mapped_column(Money, server_default="0")
    #: The whole: examination and service.
    estimated_fee: Mapped[Decimal] = mapped_column(Money)
    #: The service's price when it was assigned, a part of the fee; prices change.
    service_fee: Mapped[Decimal | None] = mapped_column(Money)
    cancellation_reason: Mapped[str | None] = mapped_column(Text)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: {"date": "YYYY-MM-DD", "time": "HH:MM"} of the slot before the last move.
    rescheduled_from: Mapped[PreviousSlot | None] = mapped_column(JSON(none_as_null=True))
    #: Goes up by one whenever a text or the room changes: by an edit, or by a move, which may change both.
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)


#: The condition for appointments that aren't cancelled, written as in the indexes over them: PostgreSQL uses these in a plan that it keeps
#: only if no parameter stands in the place of the word.
STANDS = Appointment.status != literal_column(f"'{AppointmentStatus.CANCELLED}'")


class AppointmentEvent(Base):
    """One thing that happened to an appointment: who, what, when, from, to. The database refuses to change or delete
    it."""

    __tablename__ = "appointment_events"
    __table_args__ = (
        CheckConstraint(one_of("what", EventType), name="what_known"),
        Index("ix_appointment_events_appointment_id_id", "appointment_id", "id"),
        # What somebody has booked and moved of a day is counted by it.
        Index("ix_appointment_events_by_user_id_at", "by_user_id", "at"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="RESTRICT"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    #: Who did it. No foreign key action may change a history, so a user with a history can't be deleted.
    by_user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    by_role: Mapped[str] = mapped_column(Word(Role))
    what: Mapped[EventType] = mapped_column(Word(EventType, least=20))
    from_status: Mapped[str | None] = mapped_column(Word(AppointmentStatus))
    to_status: Mapped[str] = mapped_column(Word(AppointmentStatus))
    details: Mapped[EventDetails] = mapped_column(JSON, default=dict)


class NoteRevision(Base):
    """How an appointment's notes read from one of its versions on, and who made them so. The database refuses to change
    or delete it."""

    __tablename__ = "note_revisions"
    __table_args__ = (
        Index("uq_note_revisions_appointment_id_version", "appointment_id", "version", unique=True),
        CheckConstraint("(by_user_id IS NULL) = (by_role IS NULL)", name="author_with_role"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="RESTRICT"))
    #: The version of the appointment; not each of them changes the notes.
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    #: None where several had written in them before authors were kept.
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    by_role: Mapped[str | None] = mapped_column(Word(Role))
    #: Whether a move added its line (API, ``.../reschedule/``); nobody wrote it as a note.
    is_move: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str | None] = mapped_column(Text)


class StaffNoteRevision(Base):
    """A version of what doctor and office write for each other about an appointment; patients never see it. The latest
    one stands.

    The database refuses to change or delete it.
    """

    __tablename__ = "staff_note_revisions"
    __table_args__ = (
        Index("uq_staff_note_revisions_appointment_id_version", "appointment_id", "version", unique=True),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="RESTRICT"))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    by_user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    by_role: Mapped[str] = mapped_column(Word(Role))
    text: Mapped[str] = mapped_column(Text, default="")


class DoctorLeave(Base):
    """Days, or hours of one day, on which a doctor sees nobody. Without hours it covers whole days."""

    __tablename__ = "doctor_leave"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="days_in_order"),
        CheckConstraint("(from_time IS NULL) = (to_time IS NULL)", name="hours_both_or_none"),
        CheckConstraint("from_time IS NULL OR (first_day = last_day AND from_time < to_time)", name="hours_of_one_day"),
        Index("ix_doctor_leave_doctor_id_last_day", "doctor_id", "last_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.user_id", ondelete="CASCADE"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    #: Slots of which any part lies between these two are closed.
    from_time: Mapped[time | None] = mapped_column(ClockTime)
    to_time: Mapped[time | None] = mapped_column(ClockTime)
    reason: Mapped[str | None] = mapped_column(String(REASON_MAX))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


class DailyCount(Base):
    """How many appointments a day has by one dimension: what the numbers of a period are added up from.

    Cancelled ones are counted by status only. Stored by ``clinic.scheduling.daily_counts`` for days that are over, and true
    unless the day stands in ``changed_days``.
    """

    __tablename__ = "daily_counts"

    day: Mapped[date] = mapped_column(primary_key=True)
    #: Of what: status, department, doctor or slot (``daily_counts.Dimension``).
    dimension: Mapped[str] = mapped_column(String(10), primary_key=True)
    #: The status; the id of the department or doctor; the weekday (1 is Monday) and the time.
    key: Mapped[str] = mapped_column(Word(AppointmentStatus), primary_key=True)
    count: Mapped[int]


class ChangedDay(Base):
    """A day whose appointments have changed since they were counted. Written by the database with each such change.

    A line each time, so that two bookings of one day never wait for each other.
    """

    __tablename__ = "changed_days"
    __table_args__ = (Index("ix_changed_days_day", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
