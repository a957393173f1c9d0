"""What a patient is offered in place of an appointment that can't stay as it is: pure, free times in, proposals out.

Knows no database and no clock.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from clinic.scheduling.calendar import Moment

#: Within so many days the same time of day counts as nearer than another time on a nearer day.
ALIKE_WITHIN = timedelta(days=7)


class ProposalKind(StrEnum):
    """What a proposal has in common with the appointment. One of each is made, in this order."""

    COLLEAGUE = "colleague"  # day and time, with a colleague of the department
    SAME_DOCTOR = "same_doctor"  # the doctor, and the time of day if it can be
    NEAREST = "nearest"  # nothing but the department: the nearest time that anybody has


@dataclass(frozen=True)
class Proposal:
    """A doctor's free time that is offered in place of an appointment."""

    doctor_id: int
    moment: Moment
    kind: ProposalKind


class DoctorSlot(NamedTuple):
    """A slot of a doctor."""

    doctor_id: int
    moment: Moment


@dataclass(frozen=True)
class Wanted:
    """An appointment that needs another place: ``colleagues`` are the doctors of its department, in the order in which they
    are preferred, ``busy`` when its patient has other appointments, ``held`` the slot that is held for it already, and ``last``
    the last day to which it may be moved.

    Earlier than it was to be, the patient has to be told in time: of a time on its day until ``earliest``, of one on a day
    before until ``earliest_before``.
    """

    id: int
    patient_id: int
    doctor_id: int
    moment: Moment
    colleagues: Sequence[int]
    busy: Container[Moment]
    earliest: Moment
    earliest_before: Moment
    held: DoctorSlot | None = None
    last: date = date.max


#: The free times of each doctor, soonest first; what is held for an appointment is no longer among them.
Free = Mapping[int, Mapping[Moment, object]]


@dataclass
class _Given:
    """What is proposed already: slots, and when which patient."""

    slots: set[DoctorSlot]
    patients: set[tuple[int, Moment]]

    def add(self, visit: Wanted, slot: DoctorSlot) -> None:
        self.slots.add(slot)
        self.patients.add((visit.patient_id, slot.moment))

    def allows(self, visit: Wanted, slot: DoctorSlot) -> bool:
        return slot not in self.slots and (visit.patient_id, slot.moment) not in self.patients


def propose(waiting: Iterable[Wanted], free: Free) -> dict[int, list[Proposal]]:
    """Return for each appointment at most one proposal of each kind, the one that is held first; no slot is proposed twice.

    Whoever comes first chooses first, and everybody a first proposal before anybody a second one.
    """
    in_order = sorted(waiting, key=lambda visit: (visit.moment, visit.id))
    proposals: dict[int, list[Proposal]] = {visit.id: [] for visit in in_order}
    given = _Given(set(), set())
    for visit in in_order:
        if visit.held is not None:
            proposals[visit.id].append(Proposal(*visit.held, _kind_of(visit, visit.held)))
            given.add(visit, visit.held)
    for place in range(len(ProposalKind)):
        for visit in in_order:
            found = None if len(proposals[visit.id]) > place else _next(visit, proposals[visit.id], free, given)
            if found is not None:
                proposals[visit.id].append(found)
                given.add(visit, DoctorSlot(found.doctor_id, found.moment))
    return proposals


def _kind_of(visit: Wanted, slot: DoctorSlot) -> ProposalKind:
    if slot.doctor_id == visit.doctor_id:
        return ProposalKind.SAME_DOCTOR
    return ProposalKind.COLLEAGUE if slot.moment == visit.moment else ProposalKind.NEAREST


def _next(visit: Wanted, known: Sequence[Proposal], free: Free, given: _Given) -> Proposal | None:
    """Return an appointment's next proposal, of the first kind that it has none of and that there is one of."""
    kinds = {proposal.kind for proposal in known}
    for kind, choose in _CHOICES.items():
        slot = None if kind in kinds else choose(visit, free, given)
        if slot is not None:
            return Proposal(*slot, kind)
    return None


def _open(visit: Wanted, doctor_id: int, free: Free, given: _Given) -> Iterator[DoctorSlot]:
    """Yield a doctor's free times that the patient can have: not given to another, not busy, and not too soon to be told."""
    return (
        slot
        for moment in free.get(doctor_id, ())
        if moment.date <= visit.last
        and moment not in visit.busy
        and (moment >= visit.moment or moment >= _earliest(visit, moment))
        and given.allows(visit, slot := DoctorSlot(doctor_id, moment))
    )


def _earliest(visit: Wanted, moment: Moment) -> Moment:
    return visit.earliest if moment.date == visit.moment.date else visit.earliest_before


def _colleague(visit: Wanted, free: Free, given: _Given) -> DoctorSlot | None:
    slots = (
        DoctorSlot(each, visit.moment)
        for each in visit.colleagues
        if each != visit.doctor_id and visit.moment in free.get(each, ())
    )
    return next((slot for slot in slots if given.allows(visit, slot)), None)


def _same_doctor(visit: Wanted, free: Free, given: _Given) -> DoctorSlot | None:
    slots = _open(visit, visit.doctor_id, free, given)
    return min(slots, key=lambda slot: _unlike(visit.moment, slot.moment), default=None)


def _nearest(visit: Wanted, free: Free, given: _Given) -> DoctorSlot | None:
    doctors = dict.fromkeys([visit.doctor_id, *visit.colleagues])
    slots = (slot for doctor_id in doctors for slot in _open(visit, doctor_id, free, given))
    return min(slots, key=lambda slot: _apart(visit.moment, slot.moment), default=None)


def _apart(one: Moment, other: Moment) -> timedelta:
    return abs(datetime.combine(one.date, one.time) - datetime.combine(other.date, other.time))


def _unlike(wanted: Moment, moment: Moment) -> tuple[bool, timedelta]:
    """Return how far a time is from the one that was booked: the same time of day within a week is nearer than any other."""
    alike = moment.time == wanted.time and abs(moment.date - wanted.date) <= ALIKE_WITHIN
    return not alike, _apart(wanted, moment)


_CHOICES: Mapping[ProposalKind, Callable[[Wanted, Free, _Given], DoctorSlot | None]] = {
    ProposalKind.COLLEAGUE: _colleague,
    ProposalKind.SAME_DOCTOR: _same_doctor,
    ProposalKind.NEAREST: _nearest,
}
