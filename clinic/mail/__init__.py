"""Mail.

letter_kinds.py    what a letter of each kind tells and is made of, registered by the domains     letter_facts.py  that as JSON
outbox.py          mail that waits, was sent or was given up     models.py  its tables
composing.py       a mail written from its facts     letters.py  by its template, in the reader's language
superseding.py     which mail isn't to leave any more
delivery.py        sending what is due, by a transport.py, of which smtp.py is one     watching.py  how that goes
links.py           links that are mailed to people     old_mail.py  what is kept no longer

The front door: what domains and deliveries may call. Knows no domain; only the command line sends.
"""

from clinic.mail.composing import notice_text
from clinic.mail.delivery import AWAY_WAIT, CLAIM_LASTS, MOST_ATTEMPTS, deliver
from clinic.mail.letter_kinds import LetterKind, close_register, register
from clinic.mail.links import (
    TOKEN_PLACE,
    LinkPurpose,
    MailedLink,
    end_links,
    found_link,
    new_link,
    open_link,
    use_link,
)
from clinic.mail.models import SUBJECT_MAX, MailStatus, MailWorker, OutboxMail
from clinic.mail.old_mail import old_rows
from clinic.mail.outbox import (
    NOBODY,
    all_mail,
    given_up,
    given_up_to,
    in_outbox,
    one_mail,
    queue,
    queue_and_discard,
    send_again,
    send_all_again,
)
from clinic.mail.watching import (
    LOST_AFTER,
    OutboxState,
    Sightings,
    WorkerRow,
    is_lost,
    outbox_state,
    runs_here,
    workers,
)

__all__ = [
    "AWAY_WAIT",
    "CLAIM_LASTS",
    "LOST_AFTER",
    "MOST_ATTEMPTS",
    "NOBODY",
    "SUBJECT_MAX",
    "TOKEN_PLACE",
    "LetterKind",
    "LinkPurpose",
    "MailStatus",
    "MailWorker",
    "MailedLink",
    "OutboxMail",
    "OutboxState",
    "Sightings",
    "WorkerRow",
    "all_mail",
    "close_register",
    "deliver",
    "end_links",
    "found_link",
    "given_up",
    "given_up_to",
    "in_outbox",
    "is_lost",
    "new_link",
    "notice_text",
    "old_rows",
    "one_mail",
    "open_link",
    "outbox_state",
    "queue",
    "queue_and_discard",
    "register",
    "runs_here",
    "send_again",
    "send_all_again",
    "use_link",
    "workers",
]
