"""Entries about getting in: sign-ins that worked or didn't, and what somebody who is signed in was refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Unpack

import structlog
from sqlalchemy import ColumnElement, func, select

from clinic import clock
from clinic.audit.actions import AuditAction
from clinic.audit.entries import (
    GUEST,
    MORE_REFUSALS,
    AuditEvent,
    Details,
    RequestOrigin,
    Subject,
    SystemActor,
    origin,
    record,
)
from clinic.audit.readings import NOTHING, digest
from clinic.db import session, transaction, waiting_at_most
from clinic.db_errors import DatabaseUnavailable
from clinic.policy import Actor
from clinic.text import emails
from clinic.text.ip_addresses import household

#: So long what was refused anyway waits for SQLite's one writer; then only the log has it.
WAITS_MOST = 1.5
#: Of e-mails that no account has, one try a network is noted within this time: whoever guesses fills no disk.
STRANGERS_WITHIN = timedelta(hours=1)
#: That somebody tried too often is noted once an account within this time.
LIMITED_WITHIN = timedelta(minutes=15)
#: Refusals of one session that are noted within an hour, each by itself.
REFUSALS_MOST, REFUSALS_WITHIN = 60, timedelta(hours=1)

log = structlog.get_logger("clinic.audit")


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


def record_refused_sign_in(*, email: str, subject: Subject = NOTHING, reason: str, limited: bool = False) -> None:
    """Write that a try to sign in was refused, in the present transaction; ``limited``: because there were too many.

    Each try of an account (``subject``) is noted, and once in a while that there were too many. Of e-mails that no account has
    one entry stands for all of a network (``STRANGERS_WITHIN``), with the network as its address.
    """
    action = AuditAction.SIGN_IN_LIMITED if limited else AuditAction.SIGN_IN_REFUSED
    if subject.subject_id:
        if not limited or not _was_noted(action, LIMITED_WITHIN, AuditEvent.subject_id == subject.subject_id):
            record_sign_in(action, email=email, subject=subject, reason=reason)
        return
    address, device = origin.get()
    network = household(address) if address else ""
    if _was_noted(action, STRANGERS_WITHIN, AuditEvent.subject_id == 0, AuditEvent.address == network):
        return
    token = origin.set(RequestOrigin(network, device))
    try:
        record_sign_in(action, email=email, reason=reason)
    finally:
        origin.reset(token)


def _was_noted(action: AuditAction, within: timedelta, *which: ColumnElement[bool]) -> bool:
    found = select(AuditEvent.id).where(AuditEvent.action == action, AuditEvent.at > clock.now() - within, *which)
    return session().scalar(found.limit(1)) is not None


@contextmanager
def unless_busy(**what: object) -> Iterator[None]:
    """Let what is noted of a refusal keep nobody waiting: where another process writes for long, only the log has it."""
    try:
        with waiting_at_most(WAITS_MOST):
            yield
    except DatabaseUnavailable as failure:
        log.error("refusal not noted", kind=type(failure.orig).__name__, **what)


def record_refusal(actor: Actor, *, endpoint: str, subject_id: int = 0, reason: str = "") -> None:
    """Write that somebody signed in was refused something and why, where that isn't their role; in a transaction of its own.

    Of one session so many an hour (``REFUSALS_MOST``), then one entry that says that there are more.
    """
    refused = {"endpoint": endpoint, "subject_id": subject_id, "reason": reason}
    with unless_busy(user_id=actor.user_id, session_id=actor.session_id, **refused), transaction():
        before = _refusals_of(actor)
        if before < REFUSALS_MOST:
            details = Details(endpoint=endpoint, reason=reason) if reason else Details(endpoint=endpoint)
            record(actor, AuditAction.ACCESS_REFUSED, [Subject(subject_id)], **details)
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
