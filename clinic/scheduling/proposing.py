"""Proposals for the appointments that wait to be settled, from what is free now; the first one of each is held for it.

A hold is made under the rows of the doctors locked alone, in the order of their ids: a booking holds them shared, so
nobody books a slot and gets it held in one moment (docs/decisions/0007).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Date, Integer, bindparam, insert, literal_column, null, or_, select, update

from clinic import clock
from clinic.accounts.models import User
from clinic.db import AnyRow, UtcDateTime, atomic, built_once, session
from clinic.directory.for_domains import PUBLIC_DOCTOR
from clinic.directory.models import Department, Doctor
from clinic.id_lists import among, id_list
from clinic.policy import Action, Actor, require
from clinic.scheduling import calendar, slots
from clinic.scheduling.attendance import Attendance, attendance
from clinic.scheduling.calendar import Moment
from clinic.scheduling.calendar_models import SlotHold, VisitToSettle
from clinic.scheduling.models import STANDS, Appointment
from clinic.scheduling.proposals import DoctorSlot, Proposal, Wanted, propose
from clinic.scheduling.work_list import WaitingVisit

#: How long a slot is held, at most: reception settles the list of a day on that day.
HELD_FOR = timedelta(hours=24)
#: How long before an earlier time than theirs patients have to be told of it, to be there: on the same day, and on a day before.
TOLD_AHEAD, TOLD_A_DAY_AHEAD = timedelta(hours=2), timedelta(hours=24)


@dataclass(frozen=True)
class Proposals:
    """What each appointment may get, by its id, best first; and the names of the doctors."""

    of_visit: Mapping[int, Sequence[Proposal]]
    doctors: Mapping[int, str]


def proposals(actor: Actor | None, waiting: Sequence[WaitingVisit]) -> Proposals:
    """Return what is proposed in place of these appointments (``visits_to_settle``), no slot twice.

    The first proposal of each is held for it, until it begins or for a day: what is chosen is still there when it is pressed.
    In three selects, and where something is to be held anew in three more and two statements that write, however many
    appointments there are.
    """
    require(actor, Action.SETTLE)
    if not waiting:
        return Proposals({}, {})
    doctors = _doctors_of(waiting)
    present = _Calendar.read(waiting, doctors)
    found = propose(present.wanted, present.free)
    if any(visit.held is None and found[visit.id] for visit in present.wanted):
        found = _hold_first(waiting, doctors)
    return Proposals(found, {row.user_id: row.full_name for row in doctors})


_DOCTORS = built_once(
    select(Doctor.user_id, Doctor.department_id, User.full_name)
    .join(User, User.id == Doctor.user_id)
    .join(Department, Department.id == Doctor.department_id)
    .where(
        or_(among(Doctor.department_id, id_list("departments")), among(Doctor.user_id, id_list("proposed"))),
        *PUBLIC_DOCTOR,
    )
    .order_by(User.name_key, Doctor.user_id)
)


def _doctors_of(waiting: Sequence[WaitingVisit]) -> Sequence[AnyRow]:
    """Return the doctors of these appointments' departments, and whom else their doctors ask for, of those whom the public
    books, by name."""
    departments = {visit.appointment["department"]["id"] for visit in waiting}
    proposed = {visit.proposed_doctor_id for visit in waiting} - {None}
    return session().execute(_DOCTORS, {"departments": sorted(departments), "proposed": list(proposed)}).all()


_first, _last = (bindparam(name, type_=Date) for name in ("first", "last"))
#: What is booked with some doctors or by some patients, and what is held with these doctors and for which appointment.
_TAKEN = built_once(
    select(
        Appointment.doctor_id,
        Appointment.appointment_date,
        Appointment.appointment_time,
        Appointment.patient_id,
        null().label("held_for"),
    ).where(
        STANDS,
        or_(among(Appointment.doctor_id, id_list("doctors")), among(Appointment.patient_id, id_list("patients"))),
        Appointment.appointment_date.between(_first, _last),
    )
).union_all(
    built_once(
        select(
            SlotHold.doctor_id,
            SlotHold.appointment_date,
            SlotHold.appointment_time,
            literal_column("0", Integer).label("patient_id"),
            SlotHold.for_appointment_id,
        ).where(
            SlotHold.released_at.is_(None),
            SlotHold.until > bindparam("now", type_=UtcDateTime),
            among(SlotHold.doctor_id, id_list("doctors")),
            SlotHold.appointment_date.between(_first, _last),
        )
    )
)


@dataclass(frozen=True)
class _Calendar:
    """What ``propose`` is told: which appointments need another place, and what is free."""

    wanted: Sequence[Wanted]
    free: Mapping[int, Mapping[Moment, object]]

    @classmethod
    def read(cls, waiting: Sequence[WaitingVisit], doctors: Sequence[AnyRow]) -> "_Calendar":
        """Read it as it is now, in two selects."""
        bookable, of_department = slots.bookable_days(), _by_department(doctors)
        # At its own time an appointment may be handed over beyond the days that are booked now.
        days = [*bookable, *sorted({day for visit in waiting if (day := _moment_of(visit).date) > bookable[-1]})]
        ids = sorted({row.user_id for row in doctors})
        presence = attendance(ids, days[0], days[-1])
        held, taken, busy = _taken(ids, waiting, days)
        free = {each: _free(presence[each], taken[each], days) for each in ids}
        earliest, earliest_before = (_after(span) for span in (TOLD_AHEAD, TOLD_A_DAY_AHEAD))
        wanted = [
            Wanted(
                id=visit.id,
                patient_id=visit.appointment["patient"]["id"],
                doctor_id=visit.appointment["doctor"]["id"],
                moment=_moment_of(visit),
                colleagues=_colleagues(visit, of_department),
                busy=busy[visit.appointment["patient"]["id"]] - {_moment_of(visit)},
                earliest=earliest,
                earliest_before=earliest_before,
                last=bookable[-1],
                held=next((slot for slot in held[visit.id] if slot.moment in free[slot.doctor_id]), None),
            )
            for visit in waiting
        ]
        kept = {slot for every in held.values() for slot in every}
        left = {
            each: {moment: None for moment in times if DoctorSlot(each, moment) not in kept}
            for each, times in free.items()
        }
        return cls(wanted, left)


def _by_department(doctors: Sequence[AnyRow]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for row in doctors:
        found[row.department_id].append(row.user_id)
    return found


def _colleagues(visit: WaitingVisit, of_department: Mapping[int, Sequence[int]]) -> list[int]:
    """Return who might see an appointment's patient instead: whom its doctor asks for first, then the department's doctors."""
    asked_for = [] if visit.proposed_doctor_id is None else [visit.proposed_doctor_id]
    return list(dict.fromkeys([*asked_for, *of_department.get(visit.appointment["department"]["id"], ())]))


def _after(span: timedelta) -> Moment:
    then = clock.local(clock.now() + span)
    return Moment(then.date(), then.time())


def _moment_of(visit: WaitingVisit) -> Moment:
    return Moment(visit.appointment["appointment_date"], visit.appointment["appointment_time"])


def _taken(
    doctor_ids: Sequence[int], waiting: Sequence[WaitingVisit], days: Sequence[date]
) -> tuple[Mapping[int, list[DoctorSlot]], Mapping[int, set[Moment]], Mapping[int, set[Moment]]]:
    """Return what is held for each appointment, and when each doctor and each patient has an appointment."""
    held, of_doctor, of_patient = defaultdict(list), defaultdict(set), defaultdict(set)
    wanted = {
        "doctors": doctor_ids,
        "patients": sorted({visit.appointment["patient"]["id"] for visit in waiting}),
        "first": days[0],
        "last": days[-1],
        "now": clock.now(),
    }
    for row in session().execute(_TAKEN, wanted):
        moment = Moment(row.appointment_date, row.appointment_time)
        if row.held_for is None:
            of_doctor[row.doctor_id].add(moment)
            of_patient[row.patient_id].add(moment)
        else:
            held[row.held_for].append(DoctorSlot(row.doctor_id, moment))
    return held, of_doctor, of_patient


def _free(presence: Attendance, taken: set[Moment], days: Sequence[date]) -> dict[Moment, None]:
    moments = calendar.free_moments(days, now=clock.local(clock.now()), taken=taken, away=presence.of_day)
    return dict.fromkeys(moments)


@atomic
def _hold_first(waiting: Sequence[WaitingVisit], doctors: Sequence[AnyRow]) -> dict[int, list[Proposal]]:
    """Hold the first proposal of each appointment that has none held, and return the proposals, as they are now."""
    ids = sorted({row.user_id for row in doctors})
    still = _lock(ids, [visit.id for visit in waiting])
    gone, waiting = [visit.id for visit in waiting if visit.id not in still], [v for v in waiting if v.id in still]
    if not waiting:
        return {number: [] for number in gone}
    present = _Calendar.read(waiting, doctors)
    found = propose(present.wanted, present.free)
    without = [visit.id for visit in present.wanted if visit.held is None]
    _release(ids, without)
    until = {visit.id: min(visit.appointment["starts_at"], clock.now() + HELD_FOR) for visit in waiting}
    rows = [
        {
            "doctor_id": found[number][0].doctor_id,
            "appointment_date": found[number][0].moment.date,
            "appointment_time": found[number][0].moment.time,
            "for_appointment_id": number,
            "until": until[number],
        }
        for number in without
        if found[number]
    ]
    if rows:
        session().execute(insert(SlotHold), rows)
    return {**found, **{number: [] for number in gone}}


def _lock(doctor_ids: Collection[int], appointment_ids: Collection[int]) -> set[int]:
    """Lock the rows of these doctors alone, then let nobody settle these appointments meanwhile, in one select; return those that
    still wait. Whoever settles one waits for this, and frees what is held for it."""
    of_doctors = select(Doctor.user_id).where(among(Doctor.user_id, doctor_ids)).order_by(Doctor.user_id)
    still = (
        select(VisitToSettle.appointment_id)
        .where(among(VisitToSettle.appointment_id, appointment_ids), VisitToSettle.settled_at.is_(None))
        .order_by(VisitToSettle.id)
    )
    doctors, rows = of_doctors.with_for_update().cte("locked_doctors"), still.with_for_update().cte("still_waiting")
    both = select(doctors.c.user_id.label("doctor_id"), null().label("appointment_id")).union_all(
        select(null(), rows.c.appointment_id)
    )
    return {row.appointment_id for row in session().execute(both) if row.appointment_id is not None}


def _release(doctor_ids: Collection[int], appointment_ids: Collection[int]) -> None:
    """Release what was held with these doctors until now, and what is held for these appointments and is of no use."""
    over = (SlotHold.until <= clock.now()) & among(SlotHold.doctor_id, doctor_ids)
    session().execute(
        update(SlotHold)
        .where(SlotHold.released_at.is_(None), over | among(SlotHold.for_appointment_id, appointment_ids))
        .values(released_at=clock.now())
        .execution_options(synchronize_session=False)
    )
