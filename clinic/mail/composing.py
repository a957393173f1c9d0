"""A mail of the outbox as it reads and as it leaves: written now from its facts, or as it was written before.

Rows are given with the columns of ``READ``, those of ``SENT`` besides for what leaves. The token of a link is put in as a mail
leaves, and stands nowhere else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from clinic.db import AnyRow
from clinic.mail import letters
from clinic.mail.letter_kinds import kind_of
from clinic.mail.letters import Written
from clinic.mail.links import TOKEN_PLACE, found_link, token_of
from clinic.mail.models import OutboxMail
from clinic.mail.transport import Letter

#: What a mail is read from.
READ = (
    OutboxMail.kind,
    OutboxMail.language,
    OutboxMail.facts,
    OutboxMail.subject,
    OutboxMail.body,
    OutboxMail.link_id,
)
#: What else it is sent from.
SENT = (
    OutboxMail.id,
    OutboxMail.to,
    OutboxMail.html,
    OutboxMail.calendar,
    OutboxMail.created_at,
    OutboxMail.thread,
)


class LinkEnded(Exception):
    """A mail whose link opens nothing any more: there is nothing to send."""


def letter_of(row: AnyRow, unsent: Sequence[Mapping[str, object]] = ()) -> Letter:
    """Return a mail as it is to leave, with its link; whatever goes wrong with its template or its facts is raised.

    ``unsent``: what letters of its thread before it tell, of which the reader knows nothing (``superseding.unsent_before``).
    ``OtherVersion`` where it is another version's to write, ``LinkEnded`` where its link opens nothing any more.
    """
    letter = _letter(row, unsent)
    if row.link_id is None:
        return letter
    link = found_link(row.link_id)
    if link is None or not link.is_good:
        raise LinkEnded("The link in this e-mail has ended.")
    token = token_of(link)
    html = None if letter.html is None else letter.html.replace(TOKEN_PLACE, token)
    return replace(letter, body=letter.body.replace(TOKEN_PLACE, token), html=html, token=token)


def body_to_keep(letter: Letter) -> str:
    """Return the text of a mail that has left as the outbox keeps it: without the token of its link."""
    return letter.body.replace(letter.token, TOKEN_PLACE) if letter.token else letter.body


def _letter(row: AnyRow, unsent: Sequence[Mapping[str, object]]) -> Letter:
    """Return a mail as it is to leave but for the token of its link; one that an earlier version queued holds its own."""
    if row.facts is None:
        return Letter(row.to, row.subject, row.body, row.html, row.calendar, row.id, row.created_at)
    kind = kind_of(row.kind)
    facts = kind.after_unsent(row.facts, unsent)
    written = kind.write(facts, row.language)
    html, entry = letters.as_html(written, row.language), kind.entry(facts, row.language, row.to)
    token = str(facts.get("token") or "")
    return Letter(row.to, written.subject, written.text, html, entry, row.id, row.created_at, token)


def text_of(row: AnyRow) -> Written | None:
    """Return how a mail reads, for whoever looks into the outbox; None where it can't be written."""
    if row.facts is None:
        return Written(row.subject, row.body) if row.body else None
    try:
        return kind_of(row.kind).write(row.facts, row.language)
    except Exception:  # noqa: BLE001 - why is told where it is to leave; the others are listed all the same
        return None


def subject_of(row: AnyRow) -> str | None:
    """Return the subject of a mail that waits, for a list; None where it can't be written."""
    try:
        return kind_of(row.kind).subject(row.facts, row.language)
    except Exception:  # noqa: BLE001 - as in ``text_of``
        return None


def notice_text(kind: str, facts: Mapping[str, object], language: str) -> str | None:
    """Return what a letter of a kind tells, as a page shows it; None where it can't be written."""
    try:
        return kind_of(kind).notice(facts, language)
    except Exception:  # noqa: BLE001 - one that another version has stored, or of before facts were
        return None


def text_with_link(row: AnyRow) -> Written | None:
    """Return how a mail reads with the link that it has, for whoever tries the portal and has no mailbox."""
    text, link = text_of(row), found_link(row.link_id)
    return text if text is None or link is None else replace(text, text=text.text.replace(TOKEN_PLACE, token_of(link)))
