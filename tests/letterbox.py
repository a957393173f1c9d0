"""A real SMTP server for tests: keeps what arrives, and answers as the test wants for an address.

``localhost`` and ``127.0.0.1`` are named by the certificate ``letterbox.pem``, whose key is no secret.
"""

from __future__ import annotations

import asyncio
import email
import ssl
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Event
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.servers import free_port
from tests.settings import PATIENCE

CERTIFICATE = Path(__file__).with_name("letterbox.pem")


class Letterbox:
    """An SMTP server: ``arrived`` holds the letters, ``connections`` counts who came.

    ``refuse(address, answer, at="RCPT")`` lets it answer so, at ``MAIL`` (a sender), ``RCPT``, ``DATA`` (before the content)
    or ``CONTENT``; the answer ``cut`` ends the connection without a word, a number is a silence of so many seconds.
    """

    def __init__(self, *, tls: str | None = None, login: tuple[str, str] | None = None, utf8: bool = False) -> None:
        self.port = free_port()
        self.arrived: list[EmailMessage] = []
        self.connections = 0
        #: Seconds between keeping a letter and saying so.
        self.hesitates = 0.0
        #: Set while it is silent because it was asked to be.
        self.silent = Event()
        self._answers: dict[tuple[str, str], str | float] = {}
        self._tls, self._login, self._utf8 = tls, login, utf8
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        """MAIL_URL for it, without a login."""
        return f"smtp://127.0.0.1:{self.port}"

    def refuse(self, address: str, answer: str | float | None, *, at: str = "RCPT") -> None:
        """Answer so to mails for ``address``; None takes them again."""
        if answer is None:
            self._answers.pop((at, address), None)
        else:
            self._answers[at, address] = answer

    def start(self) -> None:
        """Open the port."""
        secure = None
        if self._tls is not None:
            secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            secure.load_cert_chain(CERTIFICATE)
        more: dict[str, Any] = {"enable_SMTPUTF8": self._utf8}
        if self._tls == "starttls":
            more |= {"tls_context": secure, "require_starttls": True}
        if self._login is not None:
            more |= {"auth_required": True, "authenticator": self._judge, "auth_require_tls": self._tls == "starttls"}
        self._controller = _Controller(
            self, hostname="127.0.0.1", port=self.port, ssl_context=secure if self._tls == "smtps" else None, **more
        )
        self._controller.start()

    def stop(self) -> None:
        """Close the port and every connection."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def wait_for(self, enough: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until ``enough``; fails the test if it never is."""
        deadline = time.monotonic() + seconds
        while not enough():
            assert time.monotonic() < deadline, f"after {seconds} s only {len(self.arrived)} letters had arrived"
            time.sleep(0.01)

    def wait_for_letters(self, count: int) -> None:
        """Wait until so many letters have arrived in all."""
        self.wait_for(lambda: len(self.arrived) >= count)

    def subjects(self) -> list[str]:
        """The subjects of what arrived, in order."""
        return [str(message["Subject"]) for message in self.arrived]

    def _judge(self, _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and self._login is not None
        good = known and (data.login.decode(), data.password.decode()) == self._login
        # Not handled: the server is to say 535 itself, or it says nothing at all.
        return AuthResult(success=good, handled=False)

    async def answer(self, server: SMTP, at: str, address: str) -> str:
        """What is said at a command, 250 where nothing else was asked for."""
        answer = self._answers.get((at, address), "250 OK")
        if answer == "cut":
            server.transport.abort()
            return "421 gone"
        if isinstance(answer, str):
            return answer
        self.silent.set()
        await asyncio.sleep(answer)
        return "250 OK"

    # aiosmtpd calls these by their names.

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = await self.answer(server, "MAIL", address)
        if answer.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        answer = await self.answer(server, "RCPT", address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802
        answer = await self.answer(server, "CONTENT", envelope.rcpt_tos[0])
        if answer.startswith("250"):
            message = email.message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.arrived.append(message)
            await asyncio.sleep(self.hesitates)
        return answer


class _Server(SMTP):
    """A server that may refuse a letter's content before it comes, which aiosmtpd asks nobody about."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if self.envelope is not None and self.envelope.rcpt_tos:
            answer = await self.event_handler.answer(self, "DATA", self.envelope.rcpt_tos[0])
            if not answer.startswith("250"):
                await self.push(answer)
                return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)
