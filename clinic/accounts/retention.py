"""Which rows about accounts are of no use any more, and may be removed (``flask prune``). Accounts themselves stay."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from clinic import clock, settings
from clinic.accounts.email_change_models import EmailChange, Notice
from clinic.accounts.factor_models import Passkey, RecoveryCode, TotpFactor
from clinic.accounts.models import PasswordReset, SignInSession
from clinic.accounts.sign_in_models import KnownDevice, SignInAttempt, SignInTicket
from clinic.mail import MailedLink
from clinic.pruning import Old

#: How long is kept what no setting is about: tickets after their end, browsers in which nobody signs in any more (they keep
#: no cookie for longer), what people were told, second steps that they removed.
TICKETS_KEPT = timedelta(days=1)
DEVICES_KEPT = timedelta(days=400)
NOTICES_KEPT = timedelta(days=365)
FACTORS_KEPT = timedelta(days=365)


def old_rows() -> list[Old]:
    """Return what of accounts is kept no longer."""
    at, kept = clock.now(), settings.current().retention
    return [
        # Those of a session go with it otherwise, uncounted.
        Old(SignInTicket, _over(SignInTicket, at - TICKETS_KEPT)),
        Old(SignInSession, _over(SignInSession, at - kept.sessions)),
        Old(SignInAttempt, SignInAttempt.at <= at - kept.attempts),
        Old(PasswordReset, _over(PasswordReset, at - kept.links)),
        Old(EmailChange, _done(at - kept.links)),
        Old(KnownDevice, KnownDevice.last_seen_at <= at - DEVICES_KEPT),
        Old(Notice, Notice.created_at <= at - NOTICES_KEPT),
        Old(TotpFactor, TotpFactor.ended_at <= at - FACTORS_KEPT),
        Old(Passkey, Passkey.ended_at <= at - FACTORS_KEPT),
        Old(RecoveryCode, (RecoveryCode.ended_at <= at - FACTORS_KEPT) | (RecoveryCode.used_at <= at - FACTORS_KEPT)),
    ]


def _over(kind: type[PasswordReset | SignInSession | SignInTicket], at: datetime) -> ColumnElement[bool]:
    """Return the condition of what was ended or had run out by then."""
    return (kind.ended_at <= at) | (kind.expires_at <= at)


def _done(at: datetime) -> ColumnElement[bool]:
    """Return the condition of changes of an e-mail that were over by then, for which nothing can be undone since: confirmed or
    ended, or never confirmed and with a dead link."""
    waits = select(MailedLink.id).where(
        MailedLink.id == EmailChange.confirm_link_id, MailedLink.ended_at.is_(None), MailedLink.expires_at > at
    )
    never_confirmed = EmailChange.ended_at.is_(None) & (EmailChange.requested_at <= at) & ~waits.exists()
    no_veto = EmailChange.vetoable_until.is_(None) | (EmailChange.vetoable_until <= at)
    return ((EmailChange.ended_at <= at) | never_confirmed) & no_veto
