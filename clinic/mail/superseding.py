"""Which mail doesn't leave any more: what it tells isn't so by now, or a later one of its thread has left.

Asked as a mail is about to leave, since all may have changed while it waited: for its first try, or for the next after a
refusal. What its facts mean, each kind of letter knows (``LetterKind.outdated``, ``following``).
"""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select

from clinic import clock
from clinic.db import AnyRow, session
from clinic.i18n import N_
from clinic.mail.letter_kinds import kind_of
from clinic.mail.models import MailStatus, OutboxMail

OUTDATED = N_("What this e-mail says is no longer true, or came too late.")
OVERTAKEN = N_("A later e-mail about the same has been sent.")


class Superseded(Exception):
    """A mail that mustn't leave any more; its text says why."""


class AnotherInHand(Exception):
    """A mail of whose thread another is being sent at this moment, an earlier or a later one."""


def refuse_outdated(row: AnyRow) -> None:
    """``Superseded`` where what a mail tells isn't so any more."""
    if row.facts is not None and kind_of(row.kind).is_outdated(row.facts):
        raise Superseded(OUTDATED)


def unsent_before(row: AnyRow, claim_lasts: timedelta) -> list[Mapping[str, object]]:
    """Return what letters of a mail's thread tell that were queued before it and haven't left, since the last that has.

    ``Superseded`` where a later one has left, ``AnotherInHand`` where the mail has to wait for another. In a transaction,
    which holds the thread until it ends: nobody else asks meanwhile.
    """
    # In one order, so that two never wait for a row of each other's.
    in_thread = (
        select(OutboxMail.id, OutboxMail.status, OutboxMail.claimed_at, OutboxMail.facts)
        .where(OutboxMail.thread == row.thread)
        .order_by(OutboxMail.id)
        .with_for_update()
    )
    others = [other for other in session().execute(in_thread) if other.id != row.id]
    claims_since = clock.now() - claim_lasts
    if any(other.claimed_at is not None and other.claimed_at >= claims_since for other in others):
        raise AnotherInHand
    unsent: list[Mapping[str, object]] = []
    for other in others:
        if other.id > row.id:
            if other.status == MailStatus.SENT:
                raise Superseded(OVERTAKEN)
        elif other.status == MailStatus.SENT:
            unsent.clear()
        elif other.facts is not None:
            unsent.append(other.facts)
    return unsent
