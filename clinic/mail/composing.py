"""A mail of the outbox as it reads and as it leaves: written now from its facts, or as it was written before.

Rows are given with the columns of ``READ``, those of ``SENT`` besides for what leaves.
"""

from clinic.db import AnyRow
from clinic.mail import letters
from clinic.mail.letter_kinds import kind_of
from clinic.mail.letters import Written
from clinic.mail.models import OutboxMail
from clinic.mail.transport import Letter

#: What a mail is read from.
READ = (OutboxMail.kind, OutboxMail.language, OutboxMail.facts, OutboxMail.subject, OutboxMail.body)
#: What else it is sent from.
SENT = (OutboxMail.id, OutboxMail.to, OutboxMail.html, OutboxMail.calendar, OutboxMail.created_at)


def letter_of(row: AnyRow) -> Letter:
    """Return a mail as it is to leave; whatever goes wrong with its template or its facts is raised.

    ``OtherVersion`` where it is another version's to write.
    """
    if row.facts is None:
        return Letter(row.to, row.subject, row.body, row.html, row.calendar, row.id, row.created_at)
    kind = kind_of(row.kind)
    written = kind.write(row.facts, row.language)
    html, entry = letters.as_html(written, row.language), kind.entry(row.facts, row.language, row.to)
    return Letter(row.to, written.subject, written.text, html, entry, row.id, row.created_at)


def text_of(row: AnyRow) -> Written | None:
    """Return how a mail reads, for whoever looks into the outbox; None where it can't be written."""
    if row.facts is None:
        return Written(row.subject, row.body) if row.body else None
    try:
        return kind_of(row.kind).write(row.facts, row.language)
    except Exception:  # noqa: BLE001 - why is told where it is to leave; the others are listed all the same
        return None
