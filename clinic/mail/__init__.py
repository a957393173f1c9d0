"""Mail: ``outbox`` holds it until it is sent, ``letters`` writes it, ``transport`` is what takes it away, ``smtp`` does so.

The front door: what domains and deliveries may call. Knows no domain; only the command line sends.
"""

from clinic.mail.outbox import (
    AWAY_WAIT,
    CLAIM_LASTS,
    MOST_ATTEMPTS,
    NOBODY,
    SUBJECT_MAX,
    MailStatus,
    OutboxMail,
    all_mail,
    deliver,
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
    "deliver",
    "given_up",
    "in_outbox",
    "one_mail",
    "queue",
    "render_and_discard",
    "send_again",
    "send_all_again",
]
