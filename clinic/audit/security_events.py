"""Entries about getting in: sign-ins that worked or didn't, and what somebody who is signed in was refused."""

from datetime import timedelta
from typing import Unpack

from sqlalchemy import func, select

from clinic import clock
from clinic.audit.actions import AuditAction
from clinic.audit.entries import GUEST, MORE_REFUSALS, AuditEvent, Details, Subject, SystemActor, record
from clinic.audit.readings import NOTHING, digest
from clinic.db import session, transaction
from clinic.policy import Actor
from clinic.text import emails

#: Refusals of one session that are noted within an hour, each by itself.
REFUSALS_MOST, REFUSALS_WITHIN = 60, timedelta(hours=1)


def email_digest(email: str) -> str:
    """Return what stands for an e-mail in the audit, however it was typed."""
    return digest("audit e-mails", emails.canonical(email))


def record_sign_in(
    action: AuditAction,
    *,
    email: str,
    subject: Subject = NOTHING,
    actor: Actor | SystemActor = GUEST,
    **details: Unpack[Details],
) -> None:
    """Write of a try to sign in what became of it, in the present transaction or in one of its own.

    ``subject`` is the account that has the ``email``, which is noted as a digest only; ``actor`` whoever is signed in by it.
    """
    details["email_digest"] = email_digest(email)
    with transaction():
        record(actor, action, [subject], **details)


def record_refusal(actor: Actor, *, endpoint: str, subject_id: int = 0) -> None:
    """Write that somebody signed in was refused something, in a transaction of its own; of one session so many an hour
    (``REFUSALS_MOST``), then one entry that says that there are more."""
    with transaction():
        before = _refusals_of(actor)
        if before < REFUSALS_MOST:
            record(actor, AuditAction.ACCESS_REFUSED, [Subject(subject_id)], endpoint=endpoint)
        elif before == REFUSALS_MOST:
            record(actor, AuditAction.ACCESS_REFUSED, [NOTHING], endpoint=endpoint, reason=MORE_REFUSALS)


def _refusals_of(actor: Actor) -> int:
    recent = select(func.count(AuditEvent.id)).where(
        AuditEvent.action == AuditAction.ACCESS_REFUSED,
        AuditEvent.at > clock.now() - REFUSALS_WITHIN,
        AuditEvent.actor_id == actor.user_id,
        AuditEvent.session_id == actor.session_id,
    )
    return session().scalars(recent).one()
