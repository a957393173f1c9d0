"""Mail: ``letters`` writes it, ``outbox`` holds it, ``delivery`` sends it by a ``transport``, of which ``smtp`` is one;
``watching`` tells how that goes. ``models`` are its tables; ``links`` are those that are mailed to people.

The front door: what domains and deliveries may call. Knows no domain; only the command line sends.
"""

from clinic.mail.delivery import AWAY_WAIT, CLAIM_LASTS, MOST_ATTEMPTS, deliver
from clinic.mail.links import LinkPurpose, MailedLink
from clinic.mail.models import SUBJECT_MAX, MailStatus, MailWorker, OutboxMail
from clinic.mail.outbox import (
    NOBODY,
    all_mail,
    given_up,
    in_outbox,
    one_mail,
    queue,
    render_and_discard,
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
    "LinkPurpose",
    "MailStatus",
    "MailWorker",
    "MailedLink",
    "OutboxMail",
    "OutboxState",
    "Sightings",
    "WorkerRow",
    "all_mail",
    "deliver",
    "given_up",
    "in_outbox",
    "is_lost",
    "one_mail",
    "outbox_state",
    "queue",
    "render_and_discard",
    "runs_here",
    "send_again",
    "send_all_again",
    "workers",
]
