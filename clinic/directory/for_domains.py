"""The door of the directory for scheduling and records: parts of their selects, and a step of their transactions.

Nothing here asks who acts or commits; the command that calls has asked, and commits. Deliveries enter by ``clinic.directory``.
"""

from clinic.directory.admin_edits import write_doctor
from clinic.directory.new_doctors import keep_new_doctors_out
from clinic.directory.revisions import remembered
from clinic.directory.service import (
    DEPARTMENT_COLUMNS,
    PUBLIC_DOCTOR,
    ROOM_COLUMNS,
    SERVICE_COLUMNS,
    brief,
    department_row,
    room_row,
    select_services,
    service_row,
)

__all__ = [
    "DEPARTMENT_COLUMNS",
    "PUBLIC_DOCTOR",
    "ROOM_COLUMNS",
    "SERVICE_COLUMNS",
    "brief",
    "department_row",
    "keep_new_doctors_out",
    "remembered",
    "room_row",
    "select_services",
    "service_row",
    "write_doctor",
]
