"""What the clinic offers: departments, services, rooms and doctors.

The front door: everything that deliveries may call.
"""

from clinic.directory.models import BIO_MAX, NAME_MAX, TITLE_MAX
from clinic.directory.service import department, departments, doctor, doctors, me, rooms, service, services

__all__ = [
    "BIO_MAX",
    "NAME_MAX",
    "TITLE_MAX",
    "department",
    "departments",
    "doctor",
    "doctors",
    "me",
    "rooms",
    "service",
    "services",
]
