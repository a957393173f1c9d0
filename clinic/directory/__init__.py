"""What the clinic offers: departments, services, rooms and doctors.

The front door: everything that deliveries may call.
"""

from clinic.directory.finding import Found, find_doctors, search, spoken_languages
from clinic.directory.models import BIO_MAX, NAME_MAX, SPOKEN_LANGUAGES, TITLE_MAX
from clinic.directory.office import (
    all_departments,
    all_doctors,
    all_rooms,
    all_services,
    one_department,
    one_doctor,
    one_room,
    one_service,
)
from clinic.directory.profile import EDITABLE, me, update_me
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
from clinic.directory.writing import invite_doctor, save_department, save_room, save_service

__all__ = [
    "BIO_MAX",
    "EDITABLE",
    "NAME_MAX",
    "SPOKEN_LANGUAGES",
    "SYMPTOMS_MAX",
    "TITLE_MAX",
    "Found",
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
