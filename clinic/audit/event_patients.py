"""Whom an entry is about where it is about several: for whoever asks who was shown a patient.

The database writes these rows itself from the entry's details, by a trigger: no statement more, and none is forgotten. The
details are sealed, and ``verifying`` compares the rows with them.
"""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from clinic.db import APPEND_ONLY, Base


class AuditEventPatient(Base):
    """A patient whom an entry names among others. It has no foreign keys, as the entries have none."""

    __tablename__ = "audit_event_patients"
    __table_args__ = (
        Index("ix_audit_event_patients_patient_id_event_id", "patient_id", "event_id"),
        {**APPEND_ONLY, "sqlite_with_rowid": False},
    )

    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    patient_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
