"""The shapes in which the demo clinic is written down. Plain data: knows no database and no clock.

Days are working days relative to the day of planting: -1 is the last working day before it, 0 that day itself,
1 the next working day. Sundays are no working days, unless the planting happens on one.
"""

from typing import Literal, NamedTuple

from clinic.policy import Role

Lang = Literal["en", "vi"]


class Text(NamedTuple):
    """One text in both languages of the clinic."""

    en: str
    vi: str

    def in_(self, lang: Lang) -> str:
        """The text in the given language."""
        return self.vi if lang == "vi" else self.en


class ServicePlan(NamedTuple):
    """A service of a department; the price is in VND."""

    key: str
    name: Text
    description: Text
    price: int


class DepartmentPlan(NamedTuple):
    """A department with its services and rooms; the fee is in VND, rooms are numbers like "204" (on floor 2)."""

    key: str
    name: Text
    icon: str
    description: Text
    fee: int
    rooms: tuple[str, ...]
    services: tuple[ServicePlan, ...]


class DoctorPlan(NamedTuple):
    """A doctor; `room` is the number of the doctor's own room. The fee is in VND."""

    key: str
    email: str
    name: str
    department: str
    room: str | None
    title: Text
    specialization: Text
    years: int
    fee: int
    rating: str
    reviews: int
    bio: Text
    languages: tuple[str, ...] = ("vi",)


class PatientPlan(NamedTuple):
    """A patient. Weight (kg) and height (cm) are where that patient's vital signs start from."""

    key: str
    email: str
    name: str
    born: str
    gender: Literal["male", "female", "other"]
    lang: Lang
    weight: float
    height: int
    address: str
    contact: str
    insured: bool = True


class Vitals(NamedTuple):
    """What was measured at one visit: systolic/diastolic pressure, pulse, temperature, saturation, weight, breaths."""

    systolic: int
    diastolic: int
    pulse: int
    temperature: float = 36.7
    saturation: int = 98
    weight: float | None = None
    breaths: int = 16


class Case(NamedTuple):
    """One typical visit: who sees people with it, why they come, what is found and what is done about it."""

    doctors: tuple[str, ...]
    symptoms: Text
    reason: Text
    diagnosis: Text
    prescription: Text
    plan: Text
    service: str | None = None
    follow_up: int | None = None
    vitals: Vitals | None = None


class Course(NamedTuple):
    """What brings one patient to the clinic: cases with the working days on which they were, or will be, seen."""

    patient: str
    appointments: tuple[tuple[int, str], ...]


class Appointment(NamedTuple):
    """One visit: a case of `CASES`, or, for the people with whom the demo is told, their own words instead.

    An empty text is taken from the case. `status` is what it would be in the middle of the clinic's day: a visit
    that hasn't begun when the demo is planted is never a completed one.
    """

    patient: str
    doctor: str
    day: int
    time: str
    status: Literal["booked", "confirmed", "completed", "cancelled"]
    case: str = ""
    symptoms: str = ""
    reason: str = ""
    notes: str = ""
    service: str | None = None
    diagnosis: str = ""
    first_diagnosis: str = ""
    prescription: str = ""
    plan: str = ""
    findings: str = ""
    follow_up: int | None = None
    vitals: Vitals | None = None
    cancelled_by: Role = Role.PATIENT
    cancellation_reason: str = ""
    moved_from: tuple[int, str] | None = None
    move_reason: str = ""
    #: What the doctor wrote to the patient once the visit was confirmed, and for colleagues alone.
    clinic_notes: str = ""
    staff_notes: str = ""
