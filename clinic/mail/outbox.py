"""The outbox: mail is queued in the transaction of the change that it is about, and leaves only after the commit.

What stands there is what the mail tells; it is written when it leaves (``clinic.mail.composing``, in the reader's
language). ``clinic.mail.delivery`` sends it.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TypedDict

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update

from clinic import audit, clock
from clinic.audit import OPERATOR, AuditAction, Subject
from clinic.db import AnyRow, Base, atomic, row_id, session
from clinic.errors import Conflict, NotFound
from clinic.i18n import N_
from clinic.mail import letters
from clinic.mail.composing import READ, subject_of, text_of, text_with_link
from clinic.mail.letter_facts import Facts
from clinic.mail.letter_kinds import LetterKind
from clinic.mail.letters import Written
from clinic.mail.models import MailStatus, OutboxMail
from clinic.paging import Keyset, Page, PageRequest, paginate
from clinic.policy import Action, Actor, require
from clinic.text import emails
from clinic.text.word_search import TRIGRAM, contains, unindexed

#: To whom a dry-run mail would go (RFC 2606).
NOBODY = "nobody@clinic.invalid"
NO_MAIL = N_("We can't find this e-mail.")

#: Mail that was given up and can be sent again. Before there were facts, a mail that couldn't be written had an empty body.
_GIVEN_UP = (OutboxMail.status == MailStatus.FAILED, or_(OutboxMail.facts.is_not(None), OutboxMail.body != ""))
_QUEUE = insert(Base.metadata.tables[OutboxMail.__tablename__])


def queue(kind: LetterKind[Facts], facts: Facts, *, to: str | None, language: str, link_id: int | None = None) -> None:
    """Queue a mail that tells ``facts`` in the present transaction; who has no e-mail gets none.

    ``link_id``: of the link that stands in it (``new_link``), where ``TOKEN_PLACE`` keeps the place of its token.
    """
    if to is not None:
        session().execute(_QUEUE, {**_row(kind, facts, to, language), "link_id": link_id})


def queue_and_discard(kind: LetterKind[Facts], facts: Facts, *, language: str) -> None:
    """Do the work of ``queue`` and keep nothing of it: the time taken doesn't reveal whether a mail was queued."""
    number = session().scalar(_QUEUE.returning(OutboxMail.id), _row(kind, facts, NOBODY, language))
    session().execute(delete(OutboxMail).where(OutboxMail.id == number))


def _row(kind: LetterKind[Facts], facts: Facts, to: str, language: str) -> Mapping[str, object]:
    return {
        "recipient": to,
        "kind": kind.name,
        "language": language,
        "facts": kind.stored(facts),
        "thread": None if kind.thread is None else kind.thread(facts),
    }


class OutboxRow(TypedDict):
    """A mail of the outbox as the operator reads it, with its text."""

    to: str
    subject: str
    body: str
    status: str
    created_at: datetime
    sent_at: datetime | None


class MailRow(TypedDict):
    """A mail of the outbox as the office lists it; ``written`` is false where it could not be written."""

    id: int
    to: str
    kind: str
    #: Empty where it is kept no longer.
    subject: str
    written: bool
    status: str
    #: Whether it was given up and can be sent again.
    given_up: bool
    #: Whether it won't be sent, since it isn't true any more; ``last_error`` says why.
    superseded: bool
    created_at: datetime
    sent_at: datetime | None
    attempts: int
    last_error: str | None


class MailText(MailRow):
    """A mail of the outbox with its text."""

    body: str


def all_mail(*, masked: bool = False) -> list[OutboxRow]:
    """Return all mail, queued and sent, oldest first; ``masked``: without the secrets in its links, as a clinic's must be."""
    rows = select(
        *READ, OutboxMail.to.label("to"), OutboxMail.status, OutboxMail.created_at, OutboxMail.sent_at
    ).order_by(OutboxMail.id)
    return [_printed(row, masked) for row in session().execute(rows)]


def _printed(row: AnyRow, masked: bool) -> OutboxRow:
    text = (text_of(row) if masked else text_with_link(row)) or _unwritten(row)
    return {
        "to": row.to,
        "subject": text.subject,
        "body": letters.masked(text.text) if masked else text.text,
        "status": row.status,
        "created_at": row.created_at,
        "sent_at": row.sent_at,
    }


def _unwritten(row: AnyRow) -> Written:
    """Return what stands for a mail that can't be written, or whose text isn't kept any more."""
    return Written(row.subject or row.kind, "")


_LISTED = select(
    OutboxMail.kind,
    OutboxMail.language,
    OutboxMail.facts,
    OutboxMail.subject,
    func.coalesce(OutboxMail.body != "", False).label("has_body"),
    OutboxMail.id,
    OutboxMail.to.label("to"),
    OutboxMail.status,
    func.coalesce(and_(*_GIVEN_UP), False).label("given_up"),
    OutboxMail.created_at,
    OutboxMail.sent_at,
    OutboxMail.attempts,
    OutboxMail.last_error,
)


def _listed(row: AnyRow) -> MailRow:
    """Return a mail as a list shows it: by its subject, whose letter isn't written for that.

    But for one that was given up, to say whether it can be.
    """
    if row.facts is None:
        return _described(row, row.subject if row.has_body else None)
    if row.status != MailStatus.FAILED:
        return _described(row, subject_of(row))
    text = text_of(row)
    return _described(row, None if text is None else text.subject)


def _described(row: AnyRow, subject: str | None) -> MailRow:
    """Return what is told of a mail with this ``subject``; None for one that has no text."""
    is_pruned = subject is None and row.status == MailStatus.SENT
    return {
        "id": row.id,
        "to": row.to,
        "kind": row.kind,
        "subject": "" if is_pruned else subject or _unwritten(row).subject,
        "written": subject is not None or is_pruned,
        "status": row.status,
        "given_up": row.given_up and subject is not None,
        "superseded": row.status == MailStatus.SUPERSEDED,
        "created_at": row.created_at,
        "sent_at": row.sent_at,
        "attempts": row.attempts,
        "last_error": row.last_error,
    }


def in_outbox(
    actor: Actor | None, *, status: str | None = None, to: str = "", page: PageRequest | Keyset | None = None
) -> Page[MailRow]:
    """Return the mail in the outbox, newest first, by status and part of the address. For the office alone."""
    actor = require(actor, Action.SEE_OUTBOX)
    where = []
    if status in list(MailStatus):
        where.append(OutboxMail.status == status)
    if to.strip():
        where.append(to_address(to))
    found = paginate(_LISTED, (OutboxMail.id.desc(),), page, _listed, where=where)
    narrowed = [name for name, value in (("status", status), ("to", to.strip())) if value]
    audit.record_reading(actor, AuditAction.OUTBOX_READ, [audit.NOTHING], filters=narrowed)
    return found


def to_address(part: str) -> ColumnElement[bool]:
    """Return the condition for mail to an address with a ``part``."""
    searched = emails.canonical(part)
    return contains(OutboxMail.to if len(searched) >= TRIGRAM else unindexed(OutboxMail.to), searched)


def one_mail(actor: Actor | None, mail_id: int) -> MailText:
    """Return a mail of the outbox with its text, in which the links that open an account are masked.

    For the office alone; ``NotFound`` if there is none.
    """
    actor = require(actor, Action.SEE_OUTBOX)
    whole = _LISTED.add_columns(OutboxMail.body, OutboxMail.link_id)
    row = session().execute(whole.where(OutboxMail.id == row_id(mail_id))).one_or_none()
    if row is None:
        raise NotFound(NO_MAIL)
    audit.record_reading(actor, AuditAction.OUTBOX_READ, [Subject(mail_id)])
    text = text_of(row)
    return {
        **_described(row, None if text is None else text.subject),
        "body": letters.masked((text or _unwritten(row)).text),
    }


def given_up(actor: Actor | None, mail_id: int) -> MailRow:
    """Return a mail that was given up and can be sent again; ``NotFound`` or ``Conflict`` otherwise."""
    require(actor, Action.SEND_MAIL_AGAIN)
    row = session().execute(_LISTED.where(OutboxMail.id == row_id(mail_id), *_GIVEN_UP)).one_or_none()
    if row is None:
        raise _not_given_up(mail_id)
    return _listed(row)


def given_up_to(addresses: Collection[str]) -> set[str]:
    """Return those of these e-mails to which mail was given up that nobody has sent again since."""
    if not addresses:
        return set()
    to_them = select(OutboxMail.to).where(OutboxMail.status == MailStatus.FAILED, OutboxMail.to.in_(addresses))
    return set(session().scalars(to_them))


@atomic
def send_again(actor: Actor | None, mail_id: int) -> None:
    """Let a mail that was given up wait again, to be tried at once. ``NotFound`` or ``Conflict`` otherwise."""
    actor = require(actor, Action.SEND_MAIL_AGAIN)
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
    if found.status == MailStatus.SUPERSEDED:
        return Conflict(
            N_("This e-mail won't be sent: it's no longer true, or a later one has been sent."),
            code="invalid_transition",
        )
    if found.body == "":
        return Conflict(N_("We couldn't write this e-mail, so there's nothing to send."), code="invalid_transition")
    return Conflict(N_("This e-mail is already waiting or has been sent."), code="invalid_transition")
