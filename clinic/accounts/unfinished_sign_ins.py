"""Sign-ins that stopped after the password: whoever knows it and has no second step leaves nothing else.

A ticket (``second_factor.tickets``) says that the password was right. Where it ran out unused, and came from a network in
which the account isn't used, the person is told so, once a day at most.
"""

from sqlalchemy import select, update

from clinic import clock
from clinic.accounts.known_devices import is_elsewhere
from clinic.accounts.models import User
from clinic.accounts.notices import notify
from clinic.accounts.sign_in_letters import SIGN_IN_UNFINISHED, NewDeviceFacts
from clinic.accounts.sign_in_models import SignInTicket, TicketPurpose
from clinic.db import affected, session, transaction

#: Tickets that a right password is given.
_AFTER_PASSWORD = (TicketPurpose.SECOND_FACTOR, TicketPurpose.SET_UP)
_AT_ONCE = 1000


def tell_unfinished_sign_ins() -> int:
    """Tell people whose password was entered somewhere unknown, and the second step not taken; return of how many sign-ins."""
    unused = (
        SignInTicket.purpose.in_(_AFTER_PASSWORD)
        & SignInTicket.ended_at.is_(None)
        & (SignInTicket.expires_at <= clock.now())
    )
    found = select(SignInTicket.id, SignInTicket.user_id).where(unused).order_by(SignInTicket.id).limit(_AT_ONCE)
    notified = 0
    for row in session().execute(found).all():
        with transaction() as current:
            # The user is locked first, as by whoever uses a ticket; it counts as ended from then on, and is looked at once.
            user = current.get(User, row.user_id, populate_existing=True, with_for_update={"key_share": True})
            ticket = current.get(SignInTicket, row.id, populate_existing=True)
            ended = update(SignInTicket).where(SignInTicket.id == row.id, unused).values(ended_at=clock.now())
            if user is None or ticket is None or affected(ended) == 0:
                continue
            if user.is_active and is_elsewhere(user.id, ticket.address):
                facts = NewDeviceFacts(user.full_name, ticket.created_at, ticket.address)
                notify(user, SIGN_IN_UNFINISHED, facts, key=clock.local(ticket.created_at).date().isoformat())
                notified += 1
    return notified
