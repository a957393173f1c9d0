"""Tables of the clinic's calendar: its hours, each doctor's, what closes a day, and the appointments that fall out by it.

Times of day lie on the slots' grid; several stretches of one day count together.
"""

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic import clock
from clinic.db import Base, ClockTime, UtcDateTime
from clinic.directory.models import SHOWN_TO_ALL, Translations
from clinic.scheduling.calendar import HOURS, SLOT_TIMES
from clinic.scheduling.models import REASON_MAX
from clinic.word_lists import Word, one_of

CLOSURE_NAME_MAX = 80
#: Of the key by which a public holiday is known: country, day and name.
HOLIDAY_MAX = 120
WEEKDAYS = range(1, 8)  # ISO: 1 is Monday

_OPEN = text("settled_at IS NULL")
_HELD = text("released_at IS NULL")


def _on_grid(column: str, times: tuple[time, ...]) -> str:
    return one_of(column, (at.isoformat() for at in times))


def _stretch() -> tuple[CheckConstraint, ...]:
    """Return what holds a stretch of a day: both times on the grid, and in order."""
    return (
        CheckConstraint("from_time < to_time", name="times_in_order"),
        CheckConstraint(f"{_on_grid('from_time', HOURS)} AND {_on_grid('to_time', HOURS)}", name="times_on_grid"),
    )


def _weekday() -> CheckConstraint:
    return CheckConstraint(f"weekday BETWEEN {WEEKDAYS[0]} AND {WEEKDAYS[-1]}", name="weekday_in_week")


class OpeningHours(Base):
    """A stretch of the clinic's weekly opening hours. A clinic without any is open on the whole grid each day."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        *_stretch(),
        _weekday(),
        Index("uq_opening_hours_weekday_from_time", "weekday", "from_time", unique=True),
        SHOWN_TO_ALL,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    weekday: Mapped[int]
    from_time: Mapped[time] = mapped_column(ClockTime)
    to_time: Mapped[time] = mapped_column(ClockTime)


class DoctorHours(Base):
    """A stretch of a doctor's weekly hours, valid from and until a day (None: from ever, for good).

    A doctor with any that is valid on a day follows these alone on it, else the clinic's.
    """

    __tablename__ = "doctor_hours"
    __table_args__ = (
        *_stretch(),
        _weekday(),
        CheckConstraint("valid_until >= valid_from", name="validity_in_order"),
        Index("ix_doctor_hours_doctor_id", "doctor_id"),
        SHOWN_TO_ALL,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.user_id", ondelete="CASCADE"))
    weekday: Mapped[int]
    from_time: Mapped[time] = mapped_column(ClockTime)
    to_time: Mapped[time] = mapped_column(ClockTime)
    #: Where the doctor sits then, if not in their own room.
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id", ondelete="SET NULL"))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class ExtraHours(Base):
    """Hours of one day at which a doctor sees patients although nobody would be seen then. Leave closes them all the same."""

    __tablename__ = "extra_hours"
    __table_args__ = (
        *_stretch(),
        Index("uq_extra_hours_doctor_id_day_from_time", "doctor_id", "day", "from_time", unique=True),
        SHOWN_TO_ALL,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.user_id", ondelete="CASCADE"))
    day: Mapped[date]
    from_time: Mapped[time] = mapped_column(ClockTime)
    to_time: Mapped[time] = mapped_column(ClockTime)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


class Closure(Base):
    """Days, or hours of one day, on which the whole clinic is closed. Without hours it covers whole days."""

    __tablename__ = "closures"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="days_in_order"),
        CheckConstraint("(from_time IS NULL) = (to_time IS NULL)", name="hours_both_or_none"),
        CheckConstraint("from_time IS NULL OR (first_day = last_day AND from_time < to_time)", name="hours_of_one_day"),
        CheckConstraint(
            f"from_time IS NULL OR ({_on_grid('from_time', HOURS)} AND {_on_grid('to_time', HOURS)})",
            name="times_on_grid",
        ),
        Index("ix_closures_last_day", "last_day"),
        Index("uq_closures_holiday_first_day", "holiday", "first_day", unique=True),
        SHOWN_TO_ALL,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    from_time: Mapped[time | None] = mapped_column(ClockTime)
    to_time: Mapped[time | None] = mapped_column(ClockTime)
    #: What people are told why, in English; ``translations`` holds other languages.
    name: Mapped[str] = mapped_column(String(CLOSURE_NAME_MAX))
    translations: Mapped[Translations] = mapped_column(JSON, default=dict)
    #: The public holiday that it was taken over from, so that it is taken over once.
    holiday: Mapped[str | None] = mapped_column(String(HOLIDAY_MAX))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


class SettlingCause(StrEnum):
    """Why an appointment can't stay as it is."""

    LEAVE = "leave"
    CLOSURE = "closure"
    HOURS = "hours"
    SWITCHED_OFF = "switched_off"
    HANDING_OVER = "handing_over"


class SettlingOutcome(StrEnum):
    """What became of an appointment that couldn't stay as it was."""

    MOVED = "moved"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"
    KEPT = "kept"
    DECLINED = "declined"
    GONE = "gone"


class VisitToSettle(Base):
    """An appointment that can't stay as it is, until somebody has moved, handed over, cancelled or kept it."""

    __tablename__ = "visits_to_settle"
    __table_args__ = (
        CheckConstraint(one_of("cause", SettlingCause), name="cause_known"),
        CheckConstraint(one_of("outcome", SettlingOutcome), name="outcome_known"),
        CheckConstraint("(settled_at IS NULL) = (outcome IS NULL)", name="outcome_when_settled"),
        Index(
            "uq_visits_to_settle_appointment_id_open",
            "appointment_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_visits_to_settle_cause_cause_id", "cause", "cause_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="RESTRICT"))
    cause: Mapped[SettlingCause] = mapped_column(Word(SettlingCause, least=20))
    #: The leave, the closure, or the doctor or entry that was changed; None for the clinic's hours.
    cause_id: Mapped[int | None]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    #: What the patient is told why.
    reason: Mapped[str | None] = mapped_column(String(REASON_MAX))
    #: Whom the appointment's doctor asks to see the patient instead, if anybody, whatever else it waits for; and since when.
    proposed_doctor_id: Mapped[int | None]
    proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: By which the patient may answer.
    link_id: Mapped[int | None] = mapped_column(ForeignKey("mailed_links.id", ondelete="SET NULL"))
    outcome: Mapped[SettlingOutcome | None] = mapped_column(Word(SettlingOutcome, least=20))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


class SlotHold(Base):
    """A slot that is kept free for one appointment until a moment: taken for everybody but that one.

    Written under the doctor's row locked alone, as leave is; an appointment doesn't clash with it in any index.
    """

    __tablename__ = "slot_holds"
    __table_args__ = (
        CheckConstraint(_on_grid("appointment_time", SLOT_TIMES), name="appointment_time_on_grid"),
        Index(
            "uq_slot_holds_doctor_slot",
            "doctor_id",
            "appointment_date",
            "appointment_time",
            unique=True,
            sqlite_where=_HELD,
            postgresql_where=_HELD,
        ),
        Index("ix_slot_holds_for_appointment_id", "for_appointment_id"),
        Index("ix_slot_holds_until", "until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.user_id", ondelete="CASCADE"))
    appointment_date: Mapped[date]
    appointment_time: Mapped[time] = mapped_column(ClockTime)
    for_appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="CASCADE"))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
