"""Weekly hours of the clinic and of each doctor, and a doctor's extra hours of a day.

What the week is, is set as a whole, by who has seen what it was; a change says which coming appointments it leaves without
time (``calendar_changes``).
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from itertools import chain, combinations, groupby

from sqlalchemy import delete, insert, select

from clinic import audit, clock
from clinic.audit import AuditAction, Subject
from clinic.db import ReadModel, atomic, row_id, session
from clinic.directory.for_domains import remembered
from clinic.directory.models import Doctor, Room
from clinic.errors import Conflict, NotFound, Stale
from clinic.i18n import N_
from clinic.id_lists import among
from clinic.policy import Action, Actor, can, require
from clinic.scheduling.attendance import attendance
from clinic.scheduling.calendar_changes import CalendarChange, change_calendar
from clinic.scheduling.calendar_models import WEEKDAYS, DoctorHours, ExtraHours, OpeningHours, SettlingCause
from clinic.scheduling.day_frame import Stretch
from clinic.scheduling.rows import DoctorHoursRow, ExtraHoursRow, OpeningHoursRow, WeekOfClinic, WeekOfDoctor
from clinic.scheduling.spans import MOST_AT_A_TIME, check_times
from clinic.text.validation import ValidationErrors

#: Of one week: more than anybody's hours have breaks.
MOST_STRETCHES = 100
#: Of all weeks of a doctor, those that are over too.
MOST_IN_ALL = 1000
_CHANGED = N_("These hours have been changed by somebody else meanwhile. Here's how they are now.")
_NO_DOCTOR = N_("We can't find this doctor.")

_OPENING = ReadModel(
    OpeningHoursRow,
    select(OpeningHours.weekday, OpeningHours.from_time, OpeningHours.to_time).order_by(
        OpeningHours.weekday, OpeningHours.from_time
    ),
)
_OF_DOCTOR = ReadModel(
    DoctorHoursRow,
    select(
        DoctorHours.weekday,
        DoctorHours.from_time,
        DoctorHours.to_time,
        DoctorHours.room_id,
        DoctorHours.valid_from,
        DoctorHours.valid_until,
    ).order_by(DoctorHours.valid_from, DoctorHours.weekday, DoctorHours.from_time, DoctorHours.id),
)
_EXTRA = ReadModel(
    ExtraHoursRow,
    select(ExtraHours.id, ExtraHours.day, ExtraHours.from_time, ExtraHours.to_time, ExtraHours.room_id).order_by(
        ExtraHours.day, ExtraHours.from_time
    ),
)


def _version_of(rows: Iterable[OpeningHoursRow | DoctorHoursRow]) -> str:
    """Return a text that is the same for the same hours, and another one for others."""
    lines = sorted("|".join(str(value) for _key, value in sorted(row.items())) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def opening_hours() -> WeekOfClinic:
    """Return the clinic's weekly hours, and which version they are. Without any it is open on the whole grid each day."""
    rows = [_OPENING.shape(row) for row in session().execute(_OPENING.select)]
    return {"hours": rows, "version": _version_of(rows)}


def doctor_hours(doctor_id: int) -> WeekOfDoctor:
    """Return a doctor's weekly hours, and which version they are; without any that are valid the clinic's hold."""
    of_doctor = _OF_DOCTOR.select.where(DoctorHours.doctor_id == _known(doctor_id))
    rows = [_OF_DOCTOR.shape(row) for row in session().execute(of_doctor)]
    return {"hours": rows, "version": _version_of(rows)}


@remembered
def published_hours() -> list[OpeningHoursRow]:
    """Return the clinic's weekly hours from memory, for pages that tell everybody."""
    return opening_hours()["hours"]


@remembered
def published_doctor_hours(doctor_id: int, on: date) -> list[DoctorHoursRow]:
    """Return those of a doctor's weekly hours that are valid on a day, from memory, for pages that tell everybody."""
    return [
        row
        for row in doctor_hours(doctor_id)["hours"]
        if (row["valid_from"] or date.min) <= on <= (row["valid_until"] or date.max)
    ]


def extra_hours(actor: Actor | None, doctor_id: int) -> list[ExtraHoursRow]:
    """Return a doctor's extra hours from today on, soonest first."""
    actor = require(actor, Action.OPEN_EXTRA_HOURS)
    whose = _reached(actor, doctor_id)
    coming = _EXTRA.select.where(ExtraHours.doctor_id == whose, ExtraHours.day >= clock.today())
    return [_EXTRA.shape(row) for row in session().execute(coming)]


def _known(doctor_id: int) -> int:
    if session().scalar(select(Doctor.user_id).where(Doctor.user_id == row_id(doctor_id))) is None:
        raise NotFound(_NO_DOCTOR)
    return doctor_id


def _reached(actor: Actor, doctor_id: int) -> int:
    """Return the doctor whose extra hours the actor may open; ``NotFound`` for anybody else."""
    if not can(actor, Action.OPEN_EXTRA_HOURS, own=doctor_id == actor.doctor_id):
        raise NotFound(_NO_DOCTOR)
    return _known(doctor_id)


@atomic
def set_opening_hours(
    actor: Actor | None,
    hours: Sequence[OpeningHoursRow],
    *,
    expected_version: str | None = None,
    expected_count: int | None = None,
) -> CalendarChange:
    """Set the clinic's weekly hours; none open the whole grid each day.

    ``InvalidInput`` on ``hours.<number>.<key>``. ``Stale`` if they are no longer those of ``expected_version``. ``Conflict``
    ``visits_booked`` as ``change_calendar`` has it.
    """
    actor = require(actor, Action.MANAGE_HOURS)
    errors = _wrong_in_week(hours)
    _note_overlaps(errors, hours)
    errors.raise_if_any()

    def write() -> int:
        _refuse_stale(expected_version, opening_hours()["version"])
        session().execute(delete(OpeningHours).execution_options(synchronize_session=False))
        if hours:
            session().execute(insert(OpeningHours), [dict(row) for row in hours])
        return 0

    change = change_calendar(actor, SettlingCause.HOURS, write, expected_count=expected_count)
    audit.record(
        actor,
        AuditAction.OPENING_HOURS_CHANGED,
        [Subject(0)],
        stretches=len(hours),
        appointment_count=len(change.appointments),
    )
    return change


@atomic
def set_doctor_hours(
    actor: Actor | None,
    doctor_id: int,
    hours: Sequence[DoctorHoursRow],
    *,
    expected_version: str | None = None,
    expected_count: int | None = None,
) -> CalendarChange:
    """Set a doctor's weekly hours; none let the clinic's hold. Refused as ``set_opening_hours``; ``NotFound`` if there is no
    such doctor.

    A room is one of the doctor's department, or the doctor's own.
    """
    actor = require(actor, Action.MANAGE_HOURS)
    whose = _known(doctor_id)
    errors = _wrong_in_week(hours)
    for number, row in enumerate(hours):
        if row["valid_from"] and row["valid_until"] and row["valid_until"] < row["valid_from"]:
            errors.add(f"hours.{number}.valid_until", N_("The last day can't be before the first."))
    _check_rooms(errors, whose, {f"hours.{number}.room_id": row["room_id"] for number, row in enumerate(hours)})
    _note_overlaps(errors, hours)
    errors.raise_if_any()

    def write() -> int:
        _refuse_stale(expected_version, doctor_hours(whose)["version"])
        old = delete(DoctorHours).where(DoctorHours.doctor_id == whose)
        session().execute(old.execution_options(synchronize_session=False))
        if hours:
            session().execute(insert(DoctorHours), [{**row, "doctor_id": whose} for row in hours])
        return whose

    change = change_calendar(actor, SettlingCause.HOURS, write, doctor_id=whose, expected_count=expected_count)
    audit.record(
        actor,
        AuditAction.DOCTOR_HOURS_CHANGED,
        [Subject(whose)],
        stretches=len(hours),
        appointment_count=len(change.appointments),
    )
    return change


def _refuse_stale(expected: str | None, present: str) -> None:
    if expected is not None and expected != present:
        raise Stale(_CHANGED)


def _wrong_in_week(hours: Sequence[OpeningHoursRow | DoctorHoursRow]) -> ValidationErrors:
    errors = ValidationErrors()
    of_week = Counter(_validity(row) for row in hours)
    for present, most in ((max(of_week.values(), default=0), MOST_STRETCHES), (len(hours), MOST_IN_ALL)):
        if present > most:
            errors.add("hours", N_("Please enter at most %(most)d times for a week."), most=most)
    errors.raise_if_any()  # so many aren't looked at one by one
    for number, row in enumerate(hours):
        if row["weekday"] not in WEEKDAYS:
            errors.add(f"hours.{number}.weekday", N_("Please choose a day of the week."))
        check_times(errors, row["from_time"], row["to_time"], f"hours.{number}.")
    return errors


def _note_overlaps(errors: ValidationErrors, hours: Sequence[OpeningHoursRow | DoctorHoursRow]) -> None:
    """Note stretches that overlap others of the same weekday and days: they would count together, but nobody means that."""
    by_weekday = sorted(enumerate(hours), key=lambda each: each[1]["weekday"])
    of_days = (list(same) for _weekday, same in groupby(by_weekday, key=lambda each: each[1]["weekday"]))
    for (_first, one), (number, other) in chain.from_iterable(combinations(same, 2) for same in of_days):
        if _stretch(one).overlaps(_stretch(other)) and _both_hold(one, other):
            errors.add(f"hours.{number}.from_time", N_("This overlaps with other hours of the same day."))


def _stretch(row: OpeningHoursRow | DoctorHoursRow) -> Stretch:
    return Stretch(row["from_time"], row["to_time"])


def _both_hold(one: OpeningHoursRow | DoctorHoursRow, other: OpeningHoursRow | DoctorHoursRow) -> bool:
    """Return whether there is a day on which both are valid."""
    (begin, end), (other_begin, other_end) = _validity(one), _validity(other)
    return begin <= other_end and other_begin <= end


def _validity(row: OpeningHoursRow | DoctorHoursRow) -> tuple[date, date]:
    begin, end = row.get("valid_from"), row.get("valid_until")
    return (
        begin if isinstance(begin, date) else date.min,
        end if isinstance(end, date) else date.max,
    )


def _check_rooms(errors: ValidationErrors, doctor_id: int, rooms: Mapping[str, int | None]) -> None:
    """Note each field whose room isn't one of the doctor's department, or the doctor's own."""
    wanted = {room_id for room_id in rooms.values() if room_id is not None}
    if not wanted:
        return
    suits = (
        select(Room.id)
        .join(Doctor, (Doctor.department_id == Room.department_id) | (Doctor.room_id == Room.id))
        .where(Doctor.user_id == doctor_id, among(Room.id, [*map(row_id, wanted)]), Room.is_active)
    )
    known = set(session().scalars(suits))
    for field, room_id in rooms.items():
        if room_id is not None and room_id not in known:
            errors.add(field, N_("Please choose a room of the doctor's department."))


@atomic
def add_extra_hours(
    actor: Actor | None, doctor_id: int, *, day: date, from_time: time, to_time: time, room_id: int | None = None
) -> CalendarChange:
    """Let a doctor see patients at these hours of a day, whatever weekly hours and closures say (the reception for anybody, a
    doctor for themselves).

    Hours that are entered already for exactly this time are not entered twice. ``InvalidInput`` on the fields; ``Conflict`` on
    ``from_time``: ``hours_overlap`` with other extra hours, ``leave_overlaps`` with leave, which closes these hours too.
    """
    actor = require(actor, Action.OPEN_EXTRA_HOURS)
    whose = _reached(actor, doctor_id)
    errors = ValidationErrors()
    if day < clock.today():
        errors.add("day", N_("This day has passed."))
    elif day - clock.today() > MOST_AT_A_TIME:
        errors.add("day", N_("Please choose a day within the next %(days)d days."), days=MOST_AT_A_TIME.days)
    check_times(errors, from_time, to_time)
    _check_rooms(errors, whose, {"room_id": room_id})
    errors.raise_if_any()
    row = ExtraHours(
        doctor_id=whose, day=day, from_time=from_time, to_time=to_time, room_id=room_id, created_by_id=actor.user_id
    )
    is_new = True

    def write() -> int:
        nonlocal is_new
        present = (
            session().scalars(select(ExtraHours).where(ExtraHours.doctor_id == whose, ExtraHours.day == day)).all()
        )
        same = next((each for each in present if (each.from_time, each.to_time) == (from_time, to_time)), None)
        if same is not None:
            is_new = False
            return same.id
        _refuse_overlaps(whose, day, Stretch(from_time, to_time), present)
        session().add(row)
        session().flush()
        return row.id

    change = change_calendar(actor, SettlingCause.HOURS, write, doctor_id=whose)
    if is_new:
        _write_down(actor, AuditAction.EXTRA_HOURS_ENTERED, row)
    return change


def _refuse_overlaps(doctor_id: int, day: date, wanted: Stretch, present: Sequence[ExtraHours]) -> None:
    if any(wanted.overlaps(Stretch(each.from_time, each.to_time)) for each in present):
        raise Conflict(N_("This overlaps with other extra hours of the day."), code="hours_overlap", field="from_time")
    if any(wanted.overlaps(each) for each in attendance([doctor_id], day, day)[doctor_id].frame(day).leave):
        raise Conflict(
            N_("The doctor has leave at this time. Remove the leave first."), code="leave_overlaps", field="from_time"
        )


@atomic
def remove_extra_hours(
    actor: Actor | None, extra_hours_id: int, *, expected_count: int | None = None
) -> CalendarChange:
    """Take extra hours back. ``NotFound`` if there are none of the actor's; ``Conflict`` ``visits_booked`` as
    ``change_calendar`` has it."""
    actor = require(actor, Action.OPEN_EXTRA_HOURS)
    missing = NotFound(N_("We can't find these hours."))
    doctor_id = session().scalar(select(ExtraHours.doctor_id).where(ExtraHours.id == row_id(extra_hours_id)))
    if doctor_id is None or not can(actor, Action.OPEN_EXTRA_HOURS, own=doctor_id == actor.doctor_id):
        raise missing

    def write() -> int:
        row = session().get(ExtraHours, extra_hours_id, populate_existing=True)
        if row is None:
            raise missing
        _write_down(actor, AuditAction.EXTRA_HOURS_ENDED, row)
        session().delete(row)
        return row.doctor_id

    return change_calendar(actor, SettlingCause.HOURS, write, doctor_id=doctor_id, expected_count=expected_count)


def _write_down(actor: Actor, action: AuditAction, row: ExtraHours) -> None:
    audit.record(
        actor,
        action,
        [Subject(row.doctor_id)],
        extra_hours=row.id,
        day=row.day.isoformat(),
        from_time=f"{row.from_time:%H:%M}",
        to_time=f"{row.to_time:%H:%M}",
    )
