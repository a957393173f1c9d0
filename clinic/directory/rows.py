"""What the front door of the directory hands out and takes: the keys of each row and what they hold. Knows no table."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NotRequired, TypedDict, final

from clinic.accounts.rows import AccountChanges, AccountRow, PatientChanges, PatientProfile

#: The texts of an entry in other languages than English, by language and column.
Translations = Mapping[str, Mapping[str, str]]


class DepartmentBrief(TypedDict):
    """A department by name and sign."""

    id: int
    name: str
    icon: str


class SuggestedDepartment(DepartmentBrief):
    """The department to begin with."""

    description: str


class DepartmentRow(DepartmentBrief):
    """A department as the public sees it."""

    description: str
    health_examination_fee: Decimal
    is_active: bool
    services_count: int
    created_at: datetime
    updated_at: datetime


class ServiceRow(TypedDict):
    """A service as the public sees it."""

    id: int
    name: str
    department_id: int
    department_name: str
    department_icon: str
    description: str
    price: Decimal
    is_active: bool
    created_at: datetime


class RoomRow(TypedDict):
    """A consulting room; ``department`` is the id of the department that it belongs to."""

    id: int
    room_number: str
    floor: int
    department: int | None
    is_active: bool
    created_at: datetime


class DoctorRow(TypedDict):
    """A doctor as the public sees them."""

    id: int
    user_id: int
    full_name: str
    email: str
    phone_num: str
    title: str
    specialization: str
    department_id: int
    department_name: str
    department_icon: str
    experience_years: int
    consultation_fee: Decimal
    rating: Decimal
    avatar_url: str | None
    total_reviews: int
    bio: str
    examination_fee: Decimal
    languages: list[str]


class DepartmentDetail(DepartmentRow):
    """A department with what it offers and who works there."""

    services: list[ServiceRow]
    doctors: list[DoctorRow]
    doctors_count: int


class DoctorsOfDepartment(TypedDict):
    """The doctors of one department, for a form."""

    department: DepartmentBrief
    doctors: list[DoctorRow]
    count: int


# --- as the office sees it --------------------------------------------------------------------------------------------


@final
class DepartmentEntry(TypedDict):
    """A department as the office edits it."""

    id: int
    name: str
    icon: str
    description: str
    translations: Translations
    health_examination_fee: Decimal
    is_active: bool
    version: int


@final
class ServiceEntry(TypedDict):
    """A service as the office edits it."""

    id: int
    name: str
    description: str
    translations: Translations
    price: Decimal
    is_active: bool
    version: int
    department_id: int
    department_name: str


@final
class RoomEntry(TypedDict):
    """A room as the office edits it, with the doctor whose own it is."""

    id: int
    room_number: str
    floor: int
    is_active: bool
    version: int
    department_id: int | None
    department_name: str | None
    doctor_id: int | None
    doctor_name: str | None


@final
class DoctorEntry(TypedDict):
    """A doctor as the office edits them; ``version`` is that of the profile."""

    id: int
    full_name: str
    email: str
    phone_num: str
    is_active: bool
    has_password: bool
    department_id: int
    department_name: str
    room_id: int | None
    room_number: str | None
    title: str
    specialization: str
    bio: str
    translations: Translations
    license_number: str
    experience_years: int
    consultation_fee: Decimal
    languages: list[str]
    version: int


class DepartmentValues(TypedDict, total=False):
    """What the office writes of a department."""

    name: str | None
    name_vi: str | None
    icon: str | None
    description: str | None
    description_vi: str | None
    health_examination_fee: Decimal | None


class ServiceValues(TypedDict, total=False):
    """What the office writes of a service."""

    department_id: int | None
    name: str | None
    name_vi: str | None
    description: str | None
    description_vi: str | None
    price: Decimal | None


class RoomValues(TypedDict, total=False):
    """What the office writes of a room."""

    room_number: str | None
    floor: int | None
    department_id: int | None


class DoctorValues(TypedDict, total=False):
    """What the office writes of a doctor; without ``languages`` those that are known stay."""

    department_id: int | None
    room_id: int | None
    license_number: str | None
    title: str | None
    title_vi: str | None
    specialization: str | None
    specialization_vi: str | None
    bio: str | None
    bio_vi: str | None
    experience_years: int | None
    consultation_fee: Decimal | None
    languages: Collection[str]


# --- a person's own profile -------------------------------------------------------------------------------------------


class DoctorProfile(TypedDict):
    """What a doctor sees of their own entry: title, specialization and bio as they are stored, not translated."""

    department_id: int
    department_name: str
    room_id: int | None
    title: str
    specialization: str
    bio: str
    license_number: str
    experience_years: int
    consultation_fee: Decimal
    rating: Decimal
    total_reviews: int
    avatar_url: str | None


class Profile(AccountRow):
    """A person's own account with the profile of their role, of which an admin has none."""

    patient_profile: NotRequired[PatientProfile]
    doctor_profile: NotRequired[DoctorProfile]


class DoctorChanges(TypedDict, total=False):
    """What a doctor may change of their own entry; ``room`` is the id of a room that is no other doctor's."""

    room: int | None
    title: str | None
    specialization: str | None
    bio: str | None


class ProfileChanges(AccountChanges, total=False):
    """What a person changes of their own profile; a missing key leaves what stands."""

    patient_profile: PatientChanges | None
    doctor_profile: DoctorChanges | None
