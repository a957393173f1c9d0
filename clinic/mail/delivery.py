"""Sending the outbox: what is due is claimed, written, handed to a transport and marked, one mail after the other.

Knows no transport: whoever runs ``deliver`` hands one in.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from jinja2 import TemplateError
from sqlalchemy import or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from clinic import clock
from clinic.db import AnyRow, transaction
from clinic.db_errors import in_short, is_of_database, is_passing
from clinic.mail.composing import READ, SENT, LinkEnded, body_to_keep, letter_of
from clinic.mail.letter_kinds import OtherVersion
from clinic.mail.models import ERROR_MAX, MailStatus, OutboxMail
from clinic.mail.superseding import AnotherInHand, Superseded, refuse_outdated, unsent_before
from clinic.mail.transport import CutOff, Letter, Refused, ServerAway, Transport

#: A claim so old belongs to a worker that died. Longer than the slowest server may take over one mail (``clinic.mail.smtp``);
#: whoever stops a worker waits as long (compose.yaml, docs/operations.md).
CLAIM_LASTS = timedelta(minutes=10)
#: After so many tries that reached it, refused for the time being or cut off, a mail is given up; the waits in between
#: double from one minute.
MOST_ATTEMPTS = 10
#: The longest that a worker tries nothing while the server is away.
AWAY_WAIT = timedelta(minutes=1)
#: How long a mail waits for one of its thread that another worker has in hand.
IN_HAND_WAIT = timedelta(seconds=10)
#: How long a mail waits that the database couldn't tell enough of; others go first.
DATABASE_WAIT = timedelta(minutes=1)
#: How often, and after how many seconds each time, the mark of a sent mail is tried while the database is away.
MARK_ATTEMPTS = 200
MARK_WAIT = 3.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Claimed:
    """A mail that is one worker's to send, as long as the row holds ``claim``."""

    id: int
    claim: str
    attempts: int
    row: AnyRow


def deliver(
    transport: Transport, *, claim_lasts: timedelta = CLAIM_LASTS, stopped: Callable[[], bool] = lambda: False
) -> int:
    """Send what is due, one mail after the other until ``stopped``; return how many were sent.

    A mail is claimed before it is sent and marked after, so two workers never have the same one, and a worker that
    dies leaves one claim, which runs out after ``claim_lasts``. A mail that can't be written or is refused holds up
    nobody. ``ServerAway`` when the server is, before a mail or (``CutOff``) in its midst: wait a little then, at most ``AWAY_WAIT``.
    """
    sent = 0
    while not stopped() and (claimed := _claim(claim_lasts)) is not None:
        letter = _compose(claimed, claim_lasts)
        sent += letter is not None and _send(transport, claimed, letter)
    return sent


def _compose(claimed: _Claimed, claim_lasts: timedelta) -> Letter | None:
    """Write a claimed mail; None where that can't or mustn't be, which is written down: for good, or until the next attempt."""
    try:
        refuse_outdated(claimed.row)
        unsent = _unsent_before(claimed, claim_lasts)
        return None if unsent is None else letter_of(claimed.row, unsent)
    except Superseded as error:
        log.info("mail superseded", mail_id=claimed.id)
        _mark(claimed, status=MailStatus.SUPERSEDED, last_error=str(error))
    except OtherVersion as error:
        # While an upgrade goes on there are workers of both versions: this one leaves it to the other for a while.
        _note_refusal(claimed, error)
    except LinkEnded as error:
        log.info("mail given up, its link has ended", mail_id=claimed.id)
        _mark(claimed, status=MailStatus.FAILED, last_error=str(error))
    except (OSError, MemoryError, TemplateError) as error:
        # The machine's fault, or that of files which are being exchanged for another version's.
        log.exception("mail not written yet", mail_id=claimed.id, kind=claimed.row.kind)
        _note_refusal(claimed, error)
    except SQLAlchemyError as error:
        _note_database(claimed, error)
    except Exception as error:
        log.exception("mail not written", mail_id=claimed.id, kind=claimed.row.kind)
        _mark(claimed, status=MailStatus.FAILED, last_error=in_short(error)[:ERROR_MAX])
    return None


def _unsent_before(claimed: _Claimed, claim_lasts: timedelta) -> Sequence[Mapping[str, object]] | None:
    """Return what else its reader hasn't heard of; None where another of its thread is in hand, for which it waits.

    It is asked and given back in one transaction, which holds the thread: of two that were claimed at once, whichever asks
    last finds no other claim and leaves, so they never wait for each other.
    """
    if claimed.row.thread is None:
        return []
    with transaction():
        try:
            return unsent_before(claimed.row, claim_lasts)
        except AnotherInHand:
            _mark(claimed, next_attempt_at=clock.now() + IN_HAND_WAIT)
            return None


def _send(transport: Transport, claimed: _Claimed, letter: Letter) -> bool:
    """Send a claimed mail and write down what became of it; return whether it left."""
    try:
        transport(letter)
    except CutOff as error:
        _note_refusal(claimed, error)
        raise
    except ServerAway as error:
        _give_back(claimed, error)
        raise
    except Exception as error:  # noqa: BLE001 - whatever a mail server does, the mail stays and the others go on
        _note_refusal(claimed, error)
        return False
    _note_sent(claimed, letter)
    return True


def _claim(lasts: timedelta) -> _Claimed | None:
    """Take the mail that is due the longest, None if none is."""
    at, claim = clock.now(), secrets.token_hex(16)
    with transaction() as current:
        row = current.execute(
            select(*READ, *SENT, OutboxMail.attempts)
            .where(OutboxMail.status == MailStatus.QUEUED, OutboxMail.next_attempt_at <= at)
            .where(or_(OutboxMail.claimed_at.is_(None), OutboxMail.claimed_at < at - lasts))
            .order_by(OutboxMail.next_attempt_at, OutboxMail.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None:
            return None
        current.execute(update(OutboxMail).where(OutboxMail.id == row.id).values(claimed_by=claim, claimed_at=at))
    return _Claimed(row.id, claim, row.attempts, row)


def _mark(claimed: _Claimed, **values: object) -> None:
    """Write what became of a mail and end the claim; nothing if another worker has claimed it meanwhile."""
    ours = (OutboxMail.id == claimed.id) & (OutboxMail.claimed_by == claimed.claim)
    with transaction() as current:
        current.execute(update(OutboxMail).where(ours).values(claimed_by=None, claimed_at=None, **values))


def _give_back(claimed: _Claimed, error: ServerAway) -> None:
    """Let a mail wait as before; an absent server is no mail's fault."""
    log.warning("mail server away", mail_id=claimed.id, error=type(error).__name__)
    _mark(claimed, last_error=str(error)[:ERROR_MAX])


def _note_database(claimed: _Claimed, error: SQLAlchemyError) -> None:
    """Let a mail wait that the database couldn't tell enough of: as long as it takes where that passes, which is no mail's fault.

    Where it refuses a statement, this mail may be why: its tries are counted. A database that is away refuses this mark
    too, which ``deliver`` raises; the mail is due again once its claim has run out.
    """
    if not is_passing(error):
        log.error("mail not written yet", mail_id=claimed.id, kind=claimed.row.kind, error=in_short(error))
        _note_refusal(claimed, error)
        return
    log.warning("mail waits for the database", mail_id=claimed.id, error=in_short(error))
    _mark(claimed, last_error=in_short(error)[:ERROR_MAX], next_attempt_at=clock.now() + DATABASE_WAIT)


def _note_refusal(claimed: _Claimed, error: Exception) -> None:
    """Write down that a mail was refused or cut off, and when it is tried again, if at all; others go first."""
    log.warning("mail refused", mail_id=claimed.id, error=type(error).__name__)
    attempts = claimed.attempts + 1
    for_good = isinstance(error, Refused) and error.for_good
    text = str(error) if isinstance(error, Refused | CutOff | OtherVersion) else in_short(error)
    _mark(
        claimed,
        attempts=attempts,
        last_error=text[:ERROR_MAX],
        status=MailStatus.FAILED if for_good or attempts >= MOST_ATTEMPTS else MailStatus.QUEUED,
        next_attempt_at=clock.now() + timedelta(minutes=2 ** (attempts - 1)),
    )


def _note_sent(claimed: _Claimed, letter: Letter) -> None:
    """Write down that a mail left, whoever claims it by now.

    Without this mark it would leave again, so a database that is away is waited for as long as the claim lasts.
    """
    left = MARK_ATTEMPTS
    while True:
        left -= 1
        try:
            return _mark_sent(claimed, letter)
        except Exception as error:
            if left == 0 or not is_of_database(error):
                raise
            log.error("sent mail not marked yet", mail_id=claimed.id, kind=type(error).__name__)
        time.sleep(MARK_WAIT)


def _mark_sent(claimed: _Claimed, letter: Letter) -> None:
    """Keep a mail that left as it was read, in the place of what it tells."""
    with transaction() as current:
        current.execute(
            update(OutboxMail)
            .where(OutboxMail.id == claimed.id)
            .values(
                subject=letter.subject,
                body=body_to_keep(letter),
                facts=None,
                status=MailStatus.SENT,
                sent_at=clock.now(),
                attempts=claimed.attempts + 1,
                claimed_by=None,
                claimed_at=None,
                last_error=None,
            )
        )
