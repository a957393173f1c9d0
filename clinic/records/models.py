"""Tables of what was found and decided at an appointment: the medical record, and every version it ever had."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from clinic import clock
from clinic.db import APPEND_ONLY, NEVER_DELETED, Base, UtcDateTime

DIAGNOSIS_MAX = 2000
TEXT_MAX = 5000
#: Vital signs may hold keys of the client's own; together no more than this many, each text no longer than that.
VITALS_MAX_KEYS = 40
VITALS_MAX_TEXT = 500


class MedicalRecord(Base):
    """The record of one appointment, as it reads now."""

    __tablename__ = "medical_records"
    __table_args__ = (
        Index("uq_medical_records_appointment_id", "appointment_id", unique=True),
        Index("ix_medical_records_created_by_id", "created_by_id"),
        NEVER_DELETED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="RESTRICT"))
    diagnosis: Mapped[str] = mapped_column(Text)
    prescription: Mapped[str | None] = mapped_column(Text)
    treatment_plan: Mapped[str | None] = mapped_column(Text)
    notes: Mapped[str | None] = mapped_column(Text)
    follow_up_date: Mapped[date | None]
    vital_signs: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    #: Goes up by one with each change; what ETags and the form's hidden field carry.
    version: Mapped[int] = mapped_column(default=1)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("doctors.user_id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)


class RecordRevision(Base):
    """A version of a record, complete. The database refuses to change or delete it."""

    __tablename__ = "record_revisions"
    __table_args__ = (
        Index("uq_record_revisions_record_id_version", "record_id", "version", unique=True),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("medical_records.id", ondelete="RESTRICT"))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    by_user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    by_name: Mapped[str] = mapped_column(String(150))
    diagnosis: Mapped[str] = mapped_column(Text)
    prescription: Mapped[str | None] = mapped_column(Text)
    treatment_plan: Mapped[str | None] = mapped_column(Text)
    notes: Mapped[str | None] = mapped_column(Text)
    follow_up_date: Mapped[date | None]
    vital_signs: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
