"""The outbox: a mail is a row written in the transaction of the change that it is about, and leaves only after the
commit.

Written when it is queued (``clinic.mail.letters``), in the reader's language. ``clinic.mail.delivery`` sends it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypedDict

import structlog
from sqlalchemy import ColumnElement, and_, select, update

from clinic import audit, clock
from clinic.audit import OPERATOR, AuditAction, Subject
from clinic.db import DatabaseUnavailable, ReadModel, atomic, is_of_database, row_id, session
from clinic.errors import Conflict, NotFound
from clinic.i18n import N_
from clinic.mail import letters
from clinic.mail.models import ERROR_MAX, SUBJECT_MAX, MailStatus, OutboxMail
from clinic.paging import Keyset, Page, PageRequest, paginate
from clinic.policy import Action, Actor, require
from clinic.text import emails
from clinic.text.word_search import TRIGRAM, contains, unindexed

#: To whom a dry-run mail would go (RFC 2606).
NOBODY = "nobody@clinic.invalid"
NO_MAIL = N_("We can't find this e-mail.")

log = structlog.get_logger(__name__)

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
    #: Whether it may be sent again.
    given_up: bool
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
        and_(*_GIVEN_UP).label("given_up"),
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
        where.append(to_address(to))
    return paginate(_LISTED.select, (OutboxMail.id.desc(),), page, _LISTED.shape, where=where)


def to_address(part: str) -> ColumnElement[bool]:
    """Return the condition for mail to an address with a ``part``."""
    searched = emails.canonical(part)
    return contains(OutboxMail.to if len(searched) >= TRIGRAM else unindexed(OutboxMail.to), searched)


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
