"""The append-only trail of who saw or changed which person's data or the clinic's own, when.

Written in the transaction of a change, and committed before what was read is handed out: there is no change and no
reading without its entry. The database refuses to change or delete an entry.

actions.py   what can be noted, and of whom each action tells
entries.py   the table, and how entries are written
event_patients.py  whom an entry is about where it is about several
readings.py  what people were shown, gathered while a request is answered
security_events.py  sign-ins, refusals
seals.py     the table of seals     chain.py  how they chain the entries to each other     sealing.py  who makes them, and
when that is refused                verifying.py  whether they hold
"""

from clinic.audit.actions import (
    ABOUT_APPOINTMENTS,
    ABOUT_RECORDS,
    ABOUT_USERS,
    TOLD_TO_PATIENTS,
    AuditAction,
)
from clinic.audit.chain import ChainState, Head, announce_head, announce_head_daily, state
from clinic.audit.entries import (
    DEVICE_MAX,
    GUEST,
    GUEST_ROLE,
    MORE_REFUSALS,
    OPERATOR,
    OPERATOR_ROLE,
    AuditEvent,
    Details,
    RequestOrigin,
    Subject,
    SystemActor,
    origin,
    record,
    request_id,
)
from clinic.audit.event_patients import AuditEventPatient
from clinic.audit.readings import NOTHING, gathering, record_appointments, record_reading, record_search
from clinic.audit.sealing import Sealer, SealingRefused, seal
from clinic.audit.seals import AuditSeal
from clinic.audit.security_events import (
    email_digest,
    record_refusal,
    record_refused_sign_in,
    record_sign_in,
    unless_busy,
)
from clinic.audit.verifying import Fault, Verdict, heads_in, verify

__all__ = [
    "ABOUT_APPOINTMENTS",
    "ABOUT_RECORDS",
    "ABOUT_USERS",
    "DEVICE_MAX",
    "GUEST",
    "GUEST_ROLE",
    "MORE_REFUSALS",
    "NOTHING",
    "OPERATOR",
    "OPERATOR_ROLE",
    "TOLD_TO_PATIENTS",
    "AuditAction",
    "AuditEvent",
    "AuditEventPatient",
    "AuditSeal",
    "ChainState",
    "Details",
    "Fault",
    "Head",
    "RequestOrigin",
    "Sealer",
    "SealingRefused",
    "Subject",
    "SystemActor",
    "Verdict",
    "announce_head",
    "announce_head_daily",
    "email_digest",
    "gathering",
    "heads_in",
    "origin",
    "record",
    "record_appointments",
    "record_reading",
    "record_refusal",
    "record_refused_sign_in",
    "record_search",
    "record_sign_in",
    "request_id",
    "seal",
    "state",
    "unless_busy",
    "verify",
]
