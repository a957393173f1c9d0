"""The everyday visits of the demo clinic: what fills each doctor's next days, the near ones more than the far.

Drawn, the same on every run. A patient comes once a day at most, children come to those who see children.
"""

from collections.abc import Callable, Iterator
from datetime import time
from random import Random

from clinic.scheduling.calendar import SLOT_TIMES
from clinic.seed import cases_lower, cases_upper
from clinic.seed.numbering import DOCTORS
from clinic.seed.others import CHILDREN, CHILDREN_COME_WITH, OTHERS
from clinic.seed.shapes import Appointment, DoctorPlan

CASES = {**cases_upper.CASES, **cases_lower.CASES}
#: From when to when everybody is at lunch.
_LUNCH = (time(12), time(13))
TIMES = tuple(f"{at:%H:%M}" for at in SLOT_TIMES if not _LUNCH[0] <= at < _LUNCH[1])

#: The share of a day that is taken at a doctor whom everybody wants, from the day of planting on; then the rest.
_TAKEN = (0.8, 0.95, 0.85, 0.7, 0.55, 0.5, 0.4)
_LATER = ((12, 0.25), (18, 0.12), (24, 0.05))
_FOR_CHILDREN = {key for pair in CHILDREN_COME_WITH for key in pair}
#: How many days have to lie between two everyday visits of one person.
_APART = 6

#: (doctor, day, time) and (patient, day) that are spoken for.
Busy = set[tuple[str, int, str]]
#: Tells whether a doctor (by key) sees patients on a working day at a time ("HH:MM").
SeesPatients = Callable[[str, int, str], bool]


def share_of_day(day: int) -> float:
    """Return which share of a working day's times is asked for at a doctor whom everybody wants."""
    if day < len(_TAKEN):
        return _TAKEN[day]
    return next((share for until, share in _LATER if day <= until), 0.0)


class _People:
    """Hands out patients in turn, nobody twice within some days."""

    def __init__(self, random: Random, days_of: dict[str, set[int]]) -> None:
        self._random = random
        self._days_of = days_of
        self._adults = [plan.key for plan in OTHERS if plan.key not in CHILDREN]
        self._children = sorted(CHILDREN)

    def draw(self, day: int, *, child: bool) -> str:
        """Return somebody who doesn't come on that day yet."""
        people = self._children if child else self._adults
        for apart in (*[_APART] * 60, *[1] * 200):
            key = self._random.choice(people)
            if all(abs(day - other) >= apart for other in self._days_of.get(key, ())):
                self._days_of.setdefault(key, set()).add(day)
                return key
        raise LookupError(f"too few people for working day {day}")


def everyday_appointments(
    busy: Busy, days_of: dict[str, set[int]], sees_patients: SeesPatients
) -> Iterator[Appointment]:
    """Yield visits at times that are free in ``busy``, of people who don't come on these days (``days_of``) already."""
    random = Random(2604)
    people = _People(random, days_of)
    for doctor in DOCTORS:
        wanted = random.uniform(0.5, 1.0)
        for day in range(_LATER[-1][0] + 1):
            open_times = [at for at in TIMES if sees_patients(doctor.key, day, at)]
            count = round(len(open_times) * min(1.0, share_of_day(day) * wanted * random.uniform(0.8, 1.2)))
            free = [at for at in open_times if (doctor.key, day, at) not in busy]
            taken = len(open_times) - len(free)
            for at in sorted(random.sample(free, min(len(free), max(0, count - taken)))):
                yield _appointment(doctor, day, at, people, random)


def _appointment(doctor: DoctorPlan, day: int, at: str, people: _People, random: Random) -> Appointment:
    case = random.choice([key for key, case in CASES.items() if doctor.key in case.doctors])
    patient = people.draw(day, child=case in _FOR_CHILDREN)
    chance = random.random()
    plan = Appointment(patient, doctor.key, day, at, "confirmed" if chance < 0.75 else "booked", case=case)
    return plan._replace(status="completed") if day == 0 and chance < 0.9 else plan
