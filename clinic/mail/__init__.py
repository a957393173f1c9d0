"""Mail: ``letters`` writes it, ``outbox`` holds it, ``delivery`` sends it by a ``transport``, of which ``smtp`` is one.

The front door: what domains and deliveries may call. Knows no domain; only the command line sends.
"""

from clinic.mail.delivery import AWAY_WAIT, CLAIM_LASTS, MOST_ATTEMPTS, deliver
from clinic.mail.models import SUBJECT_MAX, MailStatus, OutboxMail
from clinic.mail.outbox import (
    NOBODY,
    all_mail,
    count_waiting,
    given_up,
    in_outbox,
    one_mail,
    queue,
    render_and_discard,
    send_again,
    send_all_again,
)

__all__ = [
    "AWAY_WAIT",
    "CLAIM_LASTS",
    "MOST_ATTEMPTS",
    "NOBODY",
    "SUBJECT_MAX",
    "MailStatus",
    "OutboxMail",
    "all_mail",
    "count_waiting",
    "deliver",
    "given_up",
    "in_outbox",
    "one_mail",
    "queue",
    "render_and_discard",
    "send_again",
    "send_all_again",
]
