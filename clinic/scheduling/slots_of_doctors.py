"""Free times of several doctors at once: every slot of some days, and when each doctor of a department is free next."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Integer, bindparam, select

from clinic import clock
from clinic.accounts.models import User
from clinic.db import AnyRow, built_once, row_id, session
from clinic.directory.for_domains import PUBLIC_DOCTOR
from clinic.directory.models import Department, Doctor
from clinic.errors import NotFound, Text
from clinic.i18n import N_, localized
from clinic.id_lists import among, id_list
from clinic.scheduling import calendar
from clinic.scheduling.attendance import Attendance, attendance_of_rows, with_attendance
from clinic.scheduling.calendar import REVERSED_DAYS, Moment, Slot
from clinic.scheduling.rows import SlotDoctor
from clinic.scheduling.slots import bookable_days, last_day, read_occupied, too_far
from clinic.text.validation import ValidationErrors

#: Of one reading.
MOST_DOCTORS, MOST_DAYS = 25, 31


@dataclass(frozen=True)
class DayOfSlots:
    """Every slot of a day; they name no room."""

    date: date
    slots: list[Slot]


@dataclass(frozen=True)
class SlotsOfDoctor:
    """The slots of a doctor, day by day."""

    doctor: SlotDoctor
    days: list[DayOfSlots]


@dataclass(frozen=True)
class NextFree:
    """When a doctor is free next, None if they aren't on any day that can be booked."""

    doctor: SlotDoctor
    moment: Moment | None


_PEOPLE = with_attendance(User.full_name, Doctor.specialization, Doctor.translations).where(*PUBLIC_DOCTOR)
_DOCTORS = built_once(_PEOPLE.where(among(Doctor.user_id, id_list("doctors"))))
_OF_DEPARTMENT = built_once(
    _PEOPLE.where(Doctor.department_id == bindparam("department", type_=Integer)).order_by(
        User.full_name, Doctor.user_id
    )
)


def slots_of_doctors(
    doctor_ids: Sequence[int], *, first: date | None = None, last: date | None = None, lang: str = "en"
) -> list[SlotsOfDoctor]:
    """Return every slot of these doctors on the days from ``first`` (today) to ``last`` (the same day), as for anybody, each
    with the reason why it can't be booked (API, ``slots/``), in two statements.

    The doctors come in the order in which they are named, each once. ``InvalidInput`` on ``doctor_id`` for more than
    ``MOST_DOCTORS``, on ``from`` and ``until`` for days that can't be booked, for more than ``MOST_DAYS``, or the wrong way
    round; ``NotFound`` on ``doctor_id`` with each that the public doesn't book.
    """
    wanted = list(dict.fromkeys(row_id(each) for each in doctor_ids))
    begin = clock.today() if first is None else first
    end = begin if last is None else last
    _check(wanted, begin, end)
    people, presence = _read(session().execute(_DOCTORS, {"doctors": wanted, "first": begin, "last": end}), lang)
    if unknown := [each for each in wanted if each not in people]:
        texts = [Text(N_("We can't find doctor %(number)d."), {"number": each}) for each in unknown]
        raise NotFound(N_("We can't find this doctor."), code="doctor_not_found", errors={"doctor_id": texts})
    days = [begin + timedelta(days=ahead) for ahead in range((end - begin).days + 1)]
    occupied, now = read_occupied(presence, days), clock.local(clock.now())
    return [
        SlotsOfDoctor(
            people[each], [DayOfSlots(on, calendar.day_slots(on, now=now, **occupied.of(each))) for on in days]
        )
        for each in wanted
    ]


def _check(doctor_ids: Sequence[int], first: date, last: date) -> None:
    errors = ValidationErrors()
    if len(doctor_ids) > MOST_DOCTORS:
        errors.add("doctor_id", N_("Please ask for at most %(most)d doctors at a time."), most=MOST_DOCTORS)
    if first < clock.today():
        errors.add("from", N_("This day has passed."))
    if last < first:
        errors.add("until", REVERSED_DAYS)
    elif (last - first).days >= MOST_DAYS:
        errors.add("until", N_("Please ask for at most %(most)d days at a time."), most=MOST_DAYS)
    for field, on in (("from", first), ("until", last)):
        if on > last_day():
            errors.by_field.setdefault(field, []).append(too_far())
    errors.raise_if_any()


def _read(rows: Iterable[AnyRow], lang: str) -> tuple[dict[int, SlotDoctor], dict[int, Attendance]]:
    """Return the doctors of ``rows`` by their ids, in their order, and when they see patients."""
    of_doctor: dict[int, list[AnyRow]] = defaultdict(list)
    for row in rows:
        of_doctor[row.user_id].append(row)
    people: dict[int, SlotDoctor] = {
        number: {
            "id": number,
            "full_name": first.full_name,
            "specialization": localized(first.specialization, first.translations, "specialization", lang),
        }
        for number, (first, *_more) in of_doctor.items()
    }
    return people, {number: attendance_of_rows(found, closed=False) for number, found in of_doctor.items()}


def next_free_of_department(department_id: int, *, lang: str = "en") -> list[NextFree]:
    """Return when the doctors of a department are free next (API, ``departments/{id}/next-free/``): at most
    ``MOST_DOCTORS``, who is free soonest first, those who aren't free at all last; in two statements.

    ``NotFound`` for an unknown or inactive department.
    """
    days, number = bookable_days(), row_id(department_id)
    wanted = {"department": number, "first": days[0], "last": days[-1]}
    people, presence = _read(session().execute(_OF_DEPARTMENT, wanted), lang)
    if not people:
        known = select(Department.id).where(Department.id == number, Department.is_active)
        if session().execute(known).first() is None:
            raise NotFound(N_("We can't find this department."), code="department_not_found")
        return []
    occupied, now = read_occupied(presence, days), clock.local(clock.now())
    found = [
        NextFree(doctor, next(calendar.free_moments(days, now=now, **occupied.of(each)), None))
        for each, doctor in people.items()
    ]
    soonest_first = sorted(
        found, key=lambda each: (each.moment is None, each.moment or Moment(days[-1], calendar.DAY_ENDS))
    )
    return soonest_first[:MOST_DOCTORS]
