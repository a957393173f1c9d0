"""What the clinic offers: departments, services, rooms and doctors.

service.py        what everybody sees of it     clinic_search.py  one search over it     suggestion.py  what suits symptoms
revisions.py      what processes remember of it, and until when
me.py             one's own profile, with what a role adds
admin_lists.py    what the office sees of it     admin_edits.py  what the office writes     new_doctors.py  nobody is overlooked
for_domains.py    what scheduling and records may use

This is the front door: everything that deliveries may call.
"""

from clinic.directory.admin_edits import invite_doctor, save_department, save_room, save_service
from clinic.directory.admin_lists import (
    all_departments,
    all_doctors,
    all_rooms,
    all_services,
    one_department,
    one_doctor,
    one_room,
    one_service,
)
from clinic.directory.clinic_search import Found, find_doctors, search, spoken_languages
from clinic.directory.me import EDITABLE, me, update_me
from clinic.directory.models import BIO_MAX, NAME_MAX, SPOKEN_LANGUAGES, TITLE_MAX
from clinic.directory.revisions import revision
from clinic.directory.rows import (
    DepartmentBrief,
    DepartmentDetail,
    DepartmentEntry,
    DepartmentRow,
    DepartmentValues,
    DoctorChanges,
    DoctorEntry,
    DoctorProfile,
    DoctorRow,
    DoctorsOfDepartment,
    DoctorValues,
    Profile,
    ProfileChanges,
    RoomEntry,
    RoomRow,
    RoomValues,
    ServiceEntry,
    ServiceRow,
    ServiceValues,
    SuggestedDepartment,
)
from clinic.directory.service import (
    department,
    departments,
    doctor,
    doctors,
    doctors_of,
    license_number,
    room_of,
    rooms,
    service,
    services,
)
from clinic.directory.suggestion import SYMPTOMS_MAX, Suggestion, suggest_department

__all__ = [
    "BIO_MAX",
    "EDITABLE",
    "NAME_MAX",
    "SPOKEN_LANGUAGES",
    "SYMPTOMS_MAX",
    "TITLE_MAX",
    "DepartmentBrief",
    "DepartmentDetail",
    "DepartmentEntry",
    "DepartmentRow",
    "DepartmentValues",
    "DoctorChanges",
    "DoctorEntry",
    "DoctorProfile",
    "DoctorRow",
    "DoctorValues",
    "DoctorsOfDepartment",
    "Found",
    "Profile",
    "ProfileChanges",
    "RoomEntry",
    "RoomRow",
    "RoomValues",
    "ServiceEntry",
    "ServiceRow",
    "ServiceValues",
    "SuggestedDepartment",
    "Suggestion",
    "all_departments",
    "all_doctors",
    "all_rooms",
    "all_services",
    "department",
    "departments",
    "doctor",
    "doctors",
    "doctors_of",
    "find_doctors",
    "invite_doctor",
    "license_number",
    "me",
    "one_department",
    "one_doctor",
    "one_room",
    "one_service",
    "revision",
    "room_of",
    "rooms",
    "save_department",
    "save_room",
    "save_service",
    "search",
    "service",
    "services",
    "spoken_languages",
    "suggest_department",
    "update_me",
]
