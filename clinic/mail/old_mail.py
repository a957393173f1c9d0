"""Which mail and mailed links are of no use any more, and may be removed (``flask prune``)."""

from clinic import clock, settings
from clinic.mail.links import MailedLink
from clinic.mail.models import MailStatus, OutboxMail
from clinic.pruning import Old


def old_rows() -> list[Old]:
    """Return what of the outbox and the links is kept no longer: first texts of sent mail, much later that it was sent."""
    at, kept = clock.now(), settings.current().retention
    is_sent = OutboxMail.status == MailStatus.SENT
    is_unsent = OutboxMail.status.in_([MailStatus.FAILED, MailStatus.SUPERSEDED])
    # A subject tells as much as a text: with whom a visit is, that somebody's e-mail was changed.
    has_text = (OutboxMail.body != "") | (OutboxMail.subject != "")
    no_text = {"subject": "", "body": "", "html": None, "calendar": None}
    return [
        Old(OutboxMail, is_sent & (OutboxMail.sent_at <= at - kept.mail)),
        Old(OutboxMail, is_unsent & (OutboxMail.created_at <= at - kept.mail)),
        Old(OutboxMail, is_sent & has_text & (OutboxMail.sent_at <= at - kept.mail_text), no_text),
        Old(MailedLink, (MailedLink.ended_at <= at - kept.links) | (MailedLink.expires_at <= at - kept.links)),
    ]
