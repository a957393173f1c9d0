"""The outbox: a mail is a row written in the transaction of the change that it is about, and leaves only after the
commit.

Written when it is queued (``clinic.mail.letters``), in the reader's language. Knows no transport: whoever runs
``deliver`` hands one in.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypedDict

import structlog
from sqlalchemy import CheckConstraint, ColumnElement, Index, String, Text, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from clinic import audit, clock
from clinic.audit import OPERATOR, AuditAction, Subject
from clinic.db import (
    Base,
    DatabaseUnavailable,
    ReadModel,
    UtcDateTime,
    atomic,
    is_of_database,
    row_id,
    session,
    transaction,
)
from clinic.errors import Conflict, NotFound
from clinic.i18n import N_
from clinic.mail import letters
from clinic.mail.transport import CutOff, Letter, Refused, ServerAway, Transport
from clinic.paging import Keyset, Page, PageRequest, paginate
from clinic.policy import Action, Actor, require
from clinic.text import emails
from clinic.text.word_search import contains
from clinic.word_lists import one_of

SUBJECT_MAX = 250
#: To whom a dry-run mail would go (RFC 2606).
NOBODY = "nobody@clinic.invalid"
#: A claim so old belongs to a worker that died. Longer than the slowest server may take over one mail (``clinic.mail.smtp``);
#: whoever stops a worker waits as long (compose.yaml, docs/operations.md).
CLAIM_LASTS = timedelta(minutes=10)
#: After so many tries that reached it, refused for the time being or cut off, a mail is given up; the waits in between
#: double from one minute.
MOST_ATTEMPTS = 10
#: The longest that a worker tries nothing while the server is away.
AWAY_WAIT = timedelta(minutes=1)
#: How often, and after how many seconds each time, the mark of a sent mail is tried while the database is away.
MARK_ATTEMPTS = 200
MARK_WAIT = 3.0
ERROR_MAX = 500
NO_MAIL = N_("We can't find this e-mail.")

log = structlog.get_logger(__name__)


class MailStatus(StrEnum):
    """Where a mail stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class OutboxMail(Base):
    """One mail to one person."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint(one_of("status", MailStatus), name="status_known"),
        Index("ix_outbox_status_next_attempt_at", "status", "next_attempt_at"),
        Index("ix_outbox_status_id", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    to: Mapped[str] = mapped_column("recipient", String(254))
    kind: Mapped[str] = mapped_column(String(50))
    language: Mapped[str] = mapped_column(String(5))
    subject: Mapped[str] = mapped_column(String(SUBJECT_MAX))
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    #: The appointment as an iCalendar entry, where the mail is about one.
    calendar: Mapped[str | None] = mapped_column(Text)
    status: Mapped[MailStatus] = mapped_column(String(10), default=MailStatus.QUEUED)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    claimed_by: Mapped[str | None] = mapped_column(String(32))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(ERROR_MAX))


#: Makes the iCalendar entry that goes with a mail.
Entry = Callable[[], bytes]
#: Mail that was given up and can be sent again: there is something to send.
_GIVEN_UP = (OutboxMail.status == MailStatus.FAILED, OutboxMail.body != "")


def queue(
    kind: str, *, to: str | None, language: str, context: Mapping[str, object], calendar: Entry | None = None
) -> None:
    """Queue the mail ``templates/mail/<kind>.txt`` in the present transaction; who has no e-mail gets none.

    A mail that can't be written doesn't undo what it tells of: it stands in the outbox as given up, without a text, so
    that the office sees whom to call.
    """
    if to is not None:
        _add(kind, to, language, context, calendar)


def render_and_discard(kind: str, *, language: str, context: Mapping[str, object]) -> None:
    """Do the work of ``queue`` and keep nothing of it: the time taken doesn't reveal whether a mail was queued."""
    mail = _add(kind, NOBODY, language, context, None)
    session().flush()
    session().delete(mail)
    session().flush()


def _add(kind: str, to: str, language: str, context: Mapping[str, object], calendar: Entry | None) -> OutboxMail:
    """Put a mail into the outbox, or the mark that it couldn't be written."""
    # What the caller changed is written first: a fault of that is no fault of the mail.
    session().flush()
    try:
        with session().begin_nested():
            mail = _written(kind, to, language, context, calendar)
            session().add(mail)
    except DatabaseUnavailable:
        raise
    except Exception as error:
        log.error("mail not written", kind=kind, exc_info=None if is_of_database(error) else error)
        mail = _unwritten(kind, to, language, error)
        session().add(mail)
    return mail


def _written(kind: str, to: str, language: str, context: Mapping[str, object], calendar: Entry | None) -> OutboxMail:
    written = letters.write(kind, language, context)
    return OutboxMail(
        to=to,
        kind=kind,
        language=language,
        subject=written.subject[:SUBJECT_MAX],
        body=written.text,
        html=written.html,
        calendar=None if calendar is None else calendar().decode(),
    )


def _unwritten(kind: str, to: str, language: str, error: Exception) -> OutboxMail:
    """Return the mark of a mail that couldn't be written: given up, without a text."""
    text = type(error).__name__ if is_of_database(error) else f"{type(error).__name__}: {error}"
    return OutboxMail(
        to=to,
        kind=kind,
        language=language,
        subject=kind,
        body="",
        status=MailStatus.FAILED,
        last_error=text[:ERROR_MAX],
    )


class OutboxRow(TypedDict):
    """A mail of the outbox as the operator reads it, with its text."""

    to: str
    subject: str
    body: str
    status: str
    created_at: datetime
    sent_at: datetime | None


class MailRow(TypedDict):
    """A mail of the outbox as the office lists it; ``written`` is false where it has no text."""

    id: int
    to: str
    kind: str
    subject: str
    written: bool
    status: str
    created_at: datetime
    sent_at: datetime | None
    attempts: int
    last_error: str | None


class MailText(MailRow):
    """A mail of the outbox with its text."""

    body: str


_OUTBOX = ReadModel(
    OutboxRow,
    select(
        OutboxMail.to.label("to"),
        OutboxMail.subject,
        OutboxMail.body,
        OutboxMail.status,
        OutboxMail.created_at,
        OutboxMail.sent_at,
    ).order_by(OutboxMail.id),
)


def all_mail() -> list[OutboxRow]:
    """Return all mail, queued and sent, oldest first."""
    return [_OUTBOX.shape(row) for row in session().execute(_OUTBOX.select)]


_LISTED = ReadModel(
    MailRow,
    select(
        OutboxMail.id,
        OutboxMail.to.label("to"),
        OutboxMail.kind,
        OutboxMail.subject,
        (OutboxMail.body != "").label("written"),
        OutboxMail.status,
        OutboxMail.created_at,
        OutboxMail.sent_at,
        OutboxMail.attempts,
        OutboxMail.last_error,
    ),
)
_WITH_TEXT = ReadModel(MailText, _LISTED.select.add_columns(OutboxMail.body))


def in_outbox(
    actor: Actor | None, *, status: str | None = None, to: str = "", page: PageRequest | Keyset | None = None
) -> Page[MailRow]:
    """Return the mail in the outbox, newest first, by status and part of the address. For the office alone."""
    require(actor, Action.SEE_AUDIT_TRAIL)
    where = []
    if status in list(MailStatus):
        where.append(OutboxMail.status == status)
    if to.strip():
        where.append(contains(OutboxMail.to, emails.canonical(to)))
    return paginate(_LISTED.select, (OutboxMail.id.desc(),), page, _LISTED.shape, where=where)


def one_mail(actor: Actor | None, mail_id: int) -> MailText:
    """Return a mail of the outbox with its text, in which the links that open an account are masked.

    For the office alone; ``NotFound`` if there is none.
    """
    require(actor, Action.SEE_AUDIT_TRAIL)
    row = session().execute(_WITH_TEXT.select.where(OutboxMail.id == row_id(mail_id))).one_or_none()
    if row is None:
        raise NotFound(NO_MAIL)
    return {**_WITH_TEXT.shape(row), "body": letters.masked(row.body)}


def given_up(actor: Actor | None, mail_id: int) -> MailRow:
    """Return a mail that was given up and can be sent again; ``NotFound`` or ``Conflict`` otherwise."""
    require(actor, Action.MANAGE_CLINIC)
    row = session().execute(_LISTED.select.where(OutboxMail.id == row_id(mail_id), *_GIVEN_UP)).one_or_none()
    if row is None:
        raise _not_given_up(mail_id)
    return _LISTED.shape(row)


@atomic
def send_again(actor: Actor | None, mail_id: int) -> None:
    """Let a mail that was given up wait again, to be tried at once. ``NotFound`` or ``Conflict`` otherwise."""
    actor = require(actor, Action.MANAGE_CLINIC)
    if not _let_wait(OutboxMail.id == row_id(mail_id)):
        raise _not_given_up(mail_id)
    audit.record(actor, AuditAction.MAIL_SENT_AGAIN, [Subject(mail_id)])


@atomic
def send_all_again() -> int:
    """Let every mail that was given up wait again; return how many. For the operator, and written down as theirs."""
    waiting = _let_wait()
    audit.record(OPERATOR, AuditAction.MAIL_SENT_AGAIN, [Subject(mail_id) for mail_id in waiting])
    return len(waiting)


def _let_wait(*which: ColumnElement[bool]) -> list[int]:
    """Let mail that was given up wait again; return the ids."""
    return sorted(
        session().scalars(
            update(OutboxMail)
            .where(*_GIVEN_UP, *which)
            .values(status=MailStatus.QUEUED, attempts=0, next_attempt_at=clock.now(), claimed_by=None, claimed_at=None)
            .returning(OutboxMail.id)
        )
    )


def _not_given_up(mail_id: int) -> NotFound | Conflict:
    found = session().get(OutboxMail, row_id(mail_id))
    if found is None:
        return NotFound(NO_MAIL)
    if not found.body:
        return Conflict(N_("We couldn't write this e-mail, so there's nothing to send."), code="invalid_transition")
    return Conflict(N_("This e-mail is already waiting or has been sent."), code="invalid_transition")


# --- sending ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Claimed:
    """A mail that is one worker's to send, as long as the row holds ``claim``."""

    id: int
    claim: str
    attempts: int
    letter: Letter


def deliver(
    transport: Transport, *, claim_lasts: timedelta = CLAIM_LASTS, stopped: Callable[[], bool] = lambda: False
) -> int:
    """Send what is due, one mail after the other until ``stopped``; return how many were sent.

    A mail is claimed before it is sent and marked after, so two workers never have the same one, and a worker that
    dies leaves one claim, which runs out after ``claim_lasts``. A refused mail holds up nobody. ``ServerAway`` when
    the server is, before a mail or (``CutOff``) in its midst: wait a little then, at most ``AWAY_WAIT``.
    """
    sent = 0
    while not stopped() and (claimed := _claim(claim_lasts)) is not None:
        sent += _send(transport, claimed)
    return sent


def _send(transport: Transport, claimed: _Claimed) -> bool:
    """Send a claimed mail and write down what became of it; return whether it left."""
    try:
        transport(claimed.letter)
    except CutOff as error:
        _note_refusal(claimed, error)
        raise
    except ServerAway as error:
        _give_back(claimed, error)
        raise
    except Exception as error:  # noqa: BLE001 - whatever a mail server does, the mail stays and the others go on
        _note_refusal(claimed, error)
        return False
    _note_sent(claimed)
    return True


def _claim(lasts: timedelta) -> _Claimed | None:
    """Take the mail that is due the longest, None if none is."""
    at, claim = clock.now(), secrets.token_hex(16)
    with transaction() as current:
        row = current.execute(
            select(
                OutboxMail.id,
                OutboxMail.attempts,
                OutboxMail.to,
                OutboxMail.subject,
                OutboxMail.body,
                OutboxMail.html,
                OutboxMail.calendar,
                OutboxMail.created_at,
            )
            .where(OutboxMail.status == MailStatus.QUEUED, OutboxMail.next_attempt_at <= at)
            .where(or_(OutboxMail.claimed_at.is_(None), OutboxMail.claimed_at < at - lasts))
            .order_by(OutboxMail.next_attempt_at, OutboxMail.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None:
            return None
        current.execute(update(OutboxMail).where(OutboxMail.id == row.id).values(claimed_by=claim, claimed_at=at))
    letter = Letter(row.to, row.subject, row.body, row.html, row.calendar, row.id, row.created_at)
    return _Claimed(row.id, claim, row.attempts, letter)


def _write(claimed: _Claimed, **values: object) -> None:
    """Write what became of a mail and end the claim; nothing if another worker has claimed it meanwhile."""
    ours = (OutboxMail.id == claimed.id) & (OutboxMail.claimed_by == claimed.claim)
    with transaction() as current:
        current.execute(update(OutboxMail).where(ours).values(claimed_by=None, claimed_at=None, **values))


def _give_back(claimed: _Claimed, error: ServerAway) -> None:
    """Let a mail wait as before; an absent server is no mail's fault."""
    log.warning("mail server away", mail_id=claimed.id, error=type(error).__name__)
    _write(claimed, last_error=str(error)[:ERROR_MAX])


def _note_refusal(claimed: _Claimed, error: Exception) -> None:
    """Write down that a mail was refused or cut off, and when it is tried again, if at all; others go first."""
    log.warning("mail refused", mail_id=claimed.id, error=type(error).__name__)
    attempts = claimed.attempts + 1
    for_good = isinstance(error, Refused) and error.for_good
    text = str(error) if isinstance(error, Refused | CutOff) else f"{type(error).__name__}: {error}"
    _write(
        claimed,
        attempts=attempts,
        last_error=text[:ERROR_MAX],
        status=MailStatus.FAILED if for_good or attempts >= MOST_ATTEMPTS else MailStatus.QUEUED,
        next_attempt_at=clock.now() + timedelta(minutes=2 ** (attempts - 1)),
    )


def _note_sent(claimed: _Claimed) -> None:
    """Write down that a mail left, whoever claims it by now.

    Without this mark it would leave again, so a database that is away is waited for as long as the claim lasts.
    """
    for attempt in range(1, MARK_ATTEMPTS + 1):
        try:
            return _mark_sent(claimed)
        except Exception as error:
            if attempt == MARK_ATTEMPTS or not is_of_database(error):
                raise
            log.error("sent mail not marked yet", mail_id=claimed.id, kind=type(error).__name__)
            time.sleep(MARK_WAIT)
    return None


def _mark_sent(claimed: _Claimed) -> None:
    with transaction() as current:
        current.execute(
            update(OutboxMail)
            .where(OutboxMail.id == claimed.id)
            .values(
                status=MailStatus.SENT,
                sent_at=clock.now(),
                attempts=claimed.attempts + 1,
                claimed_by=None,
                claimed_at=None,
                last_error=None,
            )
        )
