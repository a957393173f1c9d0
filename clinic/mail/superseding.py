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


class EarlierInHand(Exception):
    """A mail that comes after one which is being sent at this moment."""


def unsent_before(row: AnyRow, claim_lasts: timedelta) -> list[Mapping[str, object]]:
    """Return what letters of a mail's thread tell that were queued before it and haven't left, since the last that has.

    ``Superseded`` where the mail itself isn't to leave any more, ``EarlierInHand`` where it has to wait for another.
    """
    if row.facts is not None and kind_of(row.kind).is_outdated(row.facts):
        raise Superseded(OUTDATED)
    return [] if row.thread is None else _unsent(row, clock.now() - claim_lasts)


def _unsent(row: AnyRow, claims_since: object) -> list[Mapping[str, object]]:
    others = (
        select(OutboxMail.id, OutboxMail.status, OutboxMail.claimed_at, OutboxMail.facts)
        .where(OutboxMail.thread == row.thread, OutboxMail.id != row.id)
        .order_by(OutboxMail.id)
    )
    unsent: list[Mapping[str, object]] = []
    for other in session().execute(others):
        if other.id > row.id:
            if other.status == MailStatus.SENT:
                raise Superseded(OVERTAKEN)
        elif other.status == MailStatus.SENT:
            unsent.clear()
        elif other.claimed_at is not None and other.claimed_at >= claims_since:
            raise EarlierInHand
        elif other.facts is not None:
            unsent.append(other.facts)
    return unsent
