"""What is done to everybody's sign-in at once, in the transaction of a connection that is handed in."""

from sqlalchemy import Connection, inspect, update

from clinic import clock
from clinic.accounts.models import PasswordReset, SignInSession
from clinic.accounts.sign_in_models import KnownDevice, SignInTicket
from clinic.mail import MailedLink


def end_all_proofs(connection: Connection, because: str) -> None:
    """End every sign-in session, and every link, ticket and browser by which somebody is known, as far as the database's
    revision has them: a backup may be older."""
    at = clock.now()
    connection.execute(
        update(SignInSession).where(SignInSession.ended_at.is_(None)).values(ended_at=at, ended_because=because)
    )
    present = inspect(connection).get_table_names()
    for kind in (PasswordReset, MailedLink, SignInTicket, KnownDevice):
        if kind.__tablename__ in present:
            connection.execute(update(kind).where(kind.ended_at.is_(None)).values(ended_at=at))
