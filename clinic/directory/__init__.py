"""What the clinic offers: departments, services, rooms and doctors.

The front door: everything that deliveries may call.
"""

from clinic.directory.models import BIO_MAX, NAME_MAX, TITLE_MAX
from clinic.directory.profile import EDITABLE, me, update_me
from clinic.directory.service import (
    department,
    departments,
    doctor,
    doctors,
    doctors_of,
    rooms,
    service,
    services,
)
from clinic.directory.suggestion import suggest_department

__all__ = [
    "BIO_MAX",
    "EDITABLE",
    "NAME_MAX",
    "TITLE_MAX",
    "department",
    "departments",
    "doctor",
    "doctors",
    "doctors_of",
    "me",
    "rooms",
    "service",
    "services",
    "suggest_department",
    "update_me",
]
