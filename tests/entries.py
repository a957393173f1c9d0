"""The audit as tests of commands look at it: what was done, without the lists and searches that were read on the way."""

from __future__ import annotations

from typing import Any

from clinic import records
from clinic.audit import AuditAction
from clinic.policy import Actor
from clinic.records import AuditRow

#: What lists and searches leave.
OF_LISTS = {
    AuditAction.APPOINTMENTS_READ,
    AuditAction.PEOPLE_SEARCHED,
    AuditAction.AUDIT_READ,
    AuditAction.OUTBOX_READ,
}


def entries(actor: Actor, **narrowed: Any) -> list[AuditRow]:
    """The entries that ``actor`` finds, newest first."""
    return [row for row in records.audit_trail(actor, **narrowed).results if row["action"] not in OF_LISTS]
