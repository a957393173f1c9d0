"""The append-only trail of who saw or changed which person's data or the clinic's own, when.

Written in the transaction of a change, and committed before what was read is handed out: there is no change and no
reading without its entry. The database refuses to change or delete an entry.

actions.py   what can be noted, and of whom each action tells
entries.py   the table, and how entries are written
seals.py     the table of seals, which chain the entries to each other
"""

from clinic.audit.actions import (
    ABOUT_APPOINTMENTS,
    ABOUT_RECORDS,
    ABOUT_USERS,
    TOLD_TO_PATIENTS,
    AuditAction,
)
from clinic.audit.entries import (
    DEVICE_MAX,
    GUEST_ROLE,
    MORE_REFUSALS,
    OPERATOR,
    OPERATOR_ROLE,
    AuditEvent,
    Details,
    Subject,
    SystemActor,
    record,
    record_reading,
    request_id,
)
from clinic.audit.seals import AuditSeal

__all__ = [
    "ABOUT_APPOINTMENTS",
    "ABOUT_RECORDS",
    "ABOUT_USERS",
    "DEVICE_MAX",
    "GUEST_ROLE",
    "MORE_REFUSALS",
    "OPERATOR",
    "OPERATOR_ROLE",
    "TOLD_TO_PATIENTS",
    "AuditAction",
    "AuditEvent",
    "AuditSeal",
    "Details",
    "Subject",
    "SystemActor",
    "record",
    "record_reading",
    "request_id",
]
