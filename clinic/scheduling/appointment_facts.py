"""An appointment as a letter and a calendar entry tell of it: as it stood when it was changed, in the reader's language."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from clinic import clock
from clinic.scheduling.rows import AppointmentRow


@dataclass(frozen=True)
class RoomFacts:
    """Where an appointment is."""

    id: int
    room_number: str
    floor: int


@dataclass(frozen=True)
class SlotFacts:
    """When and where an appointment is to be."""

    date: date
    time: time
    room: RoomFacts | None

    @property
    def room_id(self) -> int | None:
        """The room's id, None without a room."""
        return None if self.room is None else self.room.id

    @property
    def starts_at(self) -> datetime:
        """The moment at which it begins."""
        return clock.starts_at(self.date, self.time)


@dataclass(frozen=True)
class AppointmentFacts(SlotFacts):
    """What patients are told of an appointment."""

    id: int
    status: str
    patient_name: str
    doctor_name: str
    department_name: str
    estimated_fee: Decimal
    updated_at: datetime
    #: How often it was changed since it was booked.
    changes: int
    #: 0 in a letter that was queued before there was one.
    doctor_id: int = 0

    @classmethod
    def of(cls, appointment: AppointmentRow, *, changes: int) -> "AppointmentFacts":
        """Return what an Appointment row tells."""
        room = appointment["room"]
        return cls(
            date=appointment["appointment_date"],
            time=appointment["appointment_time"],
            room=None if room is None else RoomFacts(room["id"], room["room_number"], room["floor"]),
            id=appointment["id"],
            status=appointment["status"],
            patient_name=appointment["patient"]["full_name"],
            doctor_name=appointment["doctor"]["full_name"],
            department_name=appointment["department"]["name"],
            estimated_fee=appointment["estimated_fee"],
            updated_at=appointment["updated_at"],
            changes=changes,
            doctor_id=appointment["doctor"]["id"],
        )
