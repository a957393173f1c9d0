"""What is done to everybody's sign-in at once, in the transaction of a connection that is handed in."""

from sqlalchemy import Connection, delete, update

from clinic import clock
from clinic.accounts.models import PasswordReset, SignInSession
from clinic.accounts.sign_in_models import SignInTicket
from clinic.mail import MailedLink


def end_all_proofs(connection: Connection, because: str) -> None:
    """End every sign-in session, every sign-in that waits for its second step, and every link that was mailed."""
    at = clock.now()
    connection.execute(
        update(SignInSession).where(SignInSession.ended_at.is_(None)).values(ended_at=at, ended_because=because)
    )
    connection.execute(update(MailedLink).where(MailedLink.ended_at.is_(None)).values(ended_at=at))
    connection.execute(update(PasswordReset).where(PasswordReset.ended_at.is_(None)).values(ended_at=at))
    connection.execute(delete(SignInTicket))
