"""How letters leave by SMTP: MAIL_URL becomes a transport, and a server's answer becomes an error or a success.

Knows no outbox and no database. Only the command line sends.
"""

import re
import smtplib
import ssl
from contextlib import suppress
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from socket import socket
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import click

from clinic.mail.transport import CutOff, Letter, Refused, ServerAway

PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
#: Seconds that a server may take to answer a command.
COMMAND_TIMEOUT = 15
#: Seconds that it may take to accept a letter's content: it looks for spam then, and a letter that we gave up
#: waiting for may arrive twice (RFC 1047). All commands of a letter and twice this stay within ``mail.CLAIM_LASTS``.
CONTENT_TIMEOUT = 180
#: After so many letters a new connection is opened; many servers allow no more.
LETTERS_A_CONNECTION = 50
#: What a server says of itself or of our sign-in, in the midst of a letter too (RFC 5321, RFC 4954). Not 454: to a
#: recipient it is said of the relaying of this one letter.
OF_THE_SERVER = frozenset({421, 530, 534, 535, 538})


class _Policy(EmailPolicy):
    """How a message is written, with its free text folded by the older ``Header``.

    The newer way loses spaces where a line ends between two encoded words (CPython issue 92081): "Thứ Sáu" arrived as
    "ThứSáu".
    """

    def fold(self, name: str, value: Any) -> str:
        """Return a header in lines."""
        if name == "Subject":
            return f"{name}: {self._encoded(name, str(value))}{self.linesep}"
        if name == "From" and not (person := value.addresses[0]).display_name.isascii():
            shown = self._encoded(name, person.display_name)
            return f"{name}: {shown}{self.linesep} <{person.addr_spec}>{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return a header in lines, as it travels."""
        return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii")

    def _encoded(self, name: str, text: str) -> str:
        charset = "us-ascii" if text.isascii() else "utf-8"
        return Header(text, charset, header_name=name).encode(linesep=self.linesep)


SMTP_POLICY = _Policy(linesep="\r\n")
_METHOD = re.compile(r"^METHOD:(\w+)\s*$", re.MULTILINE)


class SmtpTransport:
    """Sends letters by one SMTP server; the connection is opened by the first and serves those that follow."""

    def __init__(self, url: str, sender: Address, *, content_timeout: float = CONTENT_TIMEOUT) -> None:
        parts = urlsplit(url)
        self._scheme, self._host = parts.scheme, parts.hostname or "localhost"
        self._port = parts.port or PORTS[parts.scheme]
        self._sign_in = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        self._sender, self._content_timeout = sender, content_timeout
        self._server: smtplib.SMTP | None = None
        self._sent = 0

    def __call__(self, letter: Letter) -> None:
        """Send one letter. ``Refused``, ``ServerAway`` or ``CutOff`` where it was not taken."""
        message = message_of(letter, self._sender)
        server = self._connection()
        to, utf8 = str(message["To"]), not str(message["To"]).isascii()
        if utf8 and not server.has_extn("smtputf8"):
            raise Refused("this mail server knows no addresses with such letters", for_good=True)
        # Written before the server hears of it: a letter that can't be written leaves no half of a dialogue behind.
        content = message.as_bytes(policy=SMTP_POLICY.clone(utf8=utf8))
        try:
            self._send(server, to, content, ["SMTPUTF8", "BODY=8BITMIME"] if utf8 else [])
        except Refused:
            with suppress(OSError):
                _wait_at_most(server, COMMAND_TIMEOUT)
                server.rset()
            raise
        except BaseException:
            # Whatever it was, nobody knows what the server waits for now: the next letter gets a fresh connection.
            self.close()
            raise
        self._sent += 1

    def connect(self) -> None:
        """Connect and sign in, as the first letter would; ``ServerAway`` where that can't be."""
        self._connection()

    def close(self) -> None:
        """End the connection, if there is one."""
        server, self._server, self._sent = self._server, None, 0
        if server is None:
            return
        with suppress(OSError):
            server.quit()
        server.close()

    def _connection(self) -> smtplib.SMTP:
        """Return a connection that answers; ``ServerAway`` without one."""
        if self._server is not None and (self._sent >= LETTERS_A_CONNECTION or not _answers(self._server)):
            self.close()
        if self._server is None:
            try:
                self._server = self._open()
            except (OSError, UnicodeError) as error:
                raise ServerAway(_error_text(error)) from error
        return self._server

    def _open(self) -> smtplib.SMTP:
        secure = ssl.create_default_context()
        if self._scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=COMMAND_TIMEOUT, context=secure)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=COMMAND_TIMEOUT)
        try:
            server.ehlo_or_helo_if_needed()
            if self._scheme == "smtp+starttls":
                server.starttls(context=secure)
                server.ehlo_or_helo_if_needed()
            if self._sign_in is not None:
                server.login(*self._sign_in)
        except BaseException:
            server.close()
            raise
        return server

    def _send(self, server: smtplib.SMTP, to: str, content: bytes, options: list[str]) -> None:
        try:
            # The sender is the same for all letters: who refuses it refuses us.
            _expect(server.mail(self._sender.addr_spec, options), of_the_server=True)
            _expect(server.rcpt(to))
            _wait_at_most(server, self._content_timeout)
            _expect(server.data(content))
            _wait_at_most(server, COMMAND_TIMEOUT)
        except smtplib.SMTPDataError as error:
            raise _judgement(error.smtp_code, error.smtp_error) from error
        except OSError as error:
            raise CutOff(_error_text(error)) from error


class ConsoleTransport:
    """Prints letters instead of sending them: for trying the portal."""

    def __call__(self, letter: Letter) -> None:
        """Print one letter."""
        click.echo(f"To: {letter.to}\nSubject: {letter.subject}\n\n{letter.body}")

    def connect(self) -> None:
        """Do nothing: whoever reads it is there."""

    def close(self) -> None:
        """Do nothing: there is no connection."""


def transport_of(url: str, sender: str, clinic_name: str) -> SmtpTransport | ConsoleTransport:
    """Return what sends mail by ``url`` (MAIL_URL) from ``sender`` (MAIL_FROM), named as the clinic if it has no name."""
    if urlsplit(url).scheme == "console":
        return ConsoleTransport()
    name, address = parseaddr(sender)
    return SmtpTransport(url, Address(name or clinic_name, addr_spec=address))


def message_of(letter: Letter, sender: Address) -> EmailMessage:
    """Return a letter as it travels: text, HTML and the calendar's entry as alternatives, the entry as a file too.

    Mail programs read the alternative (RFC 6047) and put the appointment into the calendar; the file is for all others.
    ``Refused`` where no message can be made of it.
    """
    message = EmailMessage(policy=SMTP_POLICY)
    try:
        message["From"] = sender
        message["To"] = ascii_domain(letter.to)
        message["Subject"] = letter.subject
    except ValueError as error:
        raise Refused(f"no header can be made of it: {error}", for_good=True) from error
    # The same at each try, so that a receiver can tell a repetition.
    message["Date"] = format_datetime(letter.written)
    message["Message-ID"] = f"<outbox-{letter.number}-{int(letter.written.timestamp() * 1000)}@{sender.domain}>"
    # Nobody's holiday notice is wanted in answer (RFC 3834; the second is what Exchange reads).
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    try:
        message.set_content(letter.body)
        if letter.html is not None:
            message.add_alternative(letter.html, subtype="html")
        if letter.calendar is not None:
            _add_calendar(message, letter.calendar)
    except ValueError as error:
        raise Refused(f"it can't be written: {error}", for_good=True) from error
    return message


def _add_calendar(message: EmailMessage, calendar: str) -> None:
    found = _METHOD.search(calendar)
    method = {"method": found[1]} if found else {}
    entry = calendar.encode()
    message.add_alternative(entry, maintype="text", subtype="calendar", params={"charset": "utf-8", **method})
    message.add_attachment(entry, maintype="application", subtype="ics", filename="visit.ics")


def ascii_domain(address: str) -> str:
    """Return an address with its domain as the name system knows it (``bücher.example`` is ``xn--bcher-kva.example``)."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return address


def _answers(server: smtplib.SMTP) -> bool:
    """Return whether a connection that was used before is still good."""
    try:
        return server.noop()[0] == 250
    except OSError:
        return False


def _wait_at_most(server: smtplib.SMTP, seconds: float) -> None:
    # It has just answered, so there is a connection.
    cast(socket, server.sock).settimeout(seconds)


def _expect(answer: tuple[int, bytes], *, of_the_server: bool = False) -> None:
    """Raise what an answer other than yes means."""
    code, reply = answer
    if code not in (250, 251):
        raise ServerAway(_answer(code, reply)) if of_the_server else _judgement(code, reply)


def _judgement(code: int, reply: bytes | str) -> Exception:
    """Return what an answer to a letter means: for the server as a whole, or for the letter, for now (4xx) or for good."""
    text = _answer(code, reply)
    # The server's own matter, but perhaps called forth by this letter: so the others go first, and it is counted.
    return CutOff(text) if code in OF_THE_SERVER else Refused(text, for_good=code >= 500)


def _answer(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return f"{code} {' '.join(text.split())}"


def _error_text(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"
