"""The worker's mail through a real SMTP server: what arrives, when the server is away, whom it refuses, two at once."""

from __future__ import annotations

import email
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from clinic import clock, mail, scheduling
from clinic.cli import transport_of
from clinic.db import session, transaction
from clinic.mail import MailStatus, OutboxMail
from tests.settings import SETTINGS, as_environment

ROOT = Path(__file__).resolve().parents[2]
NOBODY = "nobody@example.com"


class Letterbox:
    """An SMTP server's inside: keeps what arrives, knows one address that doesn't exist."""

    def __init__(self) -> None:
        self.arrived: list[EmailMessage] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address == NOBODY:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it so
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.arrived.append(message)
        return "250 OK"


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


@pytest.fixture
def smtp(letterbox: Letterbox) -> Iterator[str]:
    controller = Controller(letterbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def put(*addresses: str) -> None:
    with transaction() as current:
        current.add_all(
            OutboxMail(to=each, kind="note", language="en", subject=f"For {each}", body="Hello\n") for each in addresses
        )


def statuses() -> dict[str, str]:
    session().rollback()
    return {row.to: row.status for row in session().scalars(select(OutboxMail))}


def transport(url: str) -> mail.Transport:
    found = transport_of(url, "Sen Clinic <hello@clinic.example>")
    assert found is not None
    return found


@pytest.mark.usefixtures("app_context")
def test_a_booking_arrives_as_text_html_and_calendar(cast, day, smtp, letterbox):
    visit = scheduling.book(
        cast.actor("ana", "vi"),
        doctor_id=cast.chen,
        department_id=cast.cardiology,
        on=day(3),
        at=scheduling.SLOT_TIMES[2],
    )
    assert mail.deliver(transport(smtp)) == 1
    (message,) = letterbox.arrived
    assert message["To"] == "ana@example.com"
    assert message["From"] == "Sen Clinic <hello@clinic.example>"
    kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    text, html, calendar = (part for part in message.walk() if not part.is_multipart())
    assert f"/patient/appointments/{visit['id']}" in text.get_content()
    assert "Dr Chen" in html.get_content()
    assert "DTSTART" in str(calendar.get_content())


@pytest.mark.usefixtures("app_context", "cast")
def test_a_repetition_has_the_same_message_id(smtp, letterbox):
    put("ana@example.com")
    letter = mail.Letter("ana@example.com", "Twice", "Hello\n", number=7)
    send = transport(smtp)
    send(letter)
    send(letter)
    assert {message["Message-ID"] for message in letterbox.arrived} == {"<outbox-7@clinic.example>"}


@pytest.mark.usefixtures("app_context", "cast")
def test_mail_waits_while_the_server_is_away(clock_at, letterbox):
    now = clock_at(clock.now())
    port = free_port()
    url = f"smtp://127.0.0.1:{port}"
    put("ana@example.com", "boris@example.com")
    assert mail.deliver(transport(url)) == 0
    assert set(statuses().values()) == {MailStatus.QUEUED}
    assert [row.attempts for row in session().scalars(select(OutboxMail))] == [0, 0], "an absence is no mail's fault"
    controller = Controller(letterbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        clock_at(now + mail.AWAY_WAIT + timedelta(seconds=1))
        assert mail.deliver(transport(url)) == 2
    finally:
        controller.stop()
    assert {message["To"] for message in letterbox.arrived} == {"ana@example.com", "boris@example.com"}


@pytest.mark.usefixtures("app_context", "cast")
def test_one_bad_address_holds_up_nobody(smtp, letterbox):
    put("ana@example.com", NOBODY, "boris@example.com")
    assert mail.deliver(transport(smtp)) == 2
    assert [message["To"] for message in letterbox.arrived] == ["ana@example.com", "boris@example.com"]
    assert statuses()[NOBODY] == MailStatus.QUEUED


def test_two_workers_at_once_send_each_mail_once(app, database, cast, smtp, letterbox):
    addresses = [f"patient{number}@example.com" for number in range(30)]
    with app.app_context():
        put(*addresses)
    settings = {**SETTINGS, "database_url": database.url, "mail_url": smtp}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker", "--once"]
    workers = [
        subprocess.Popen(
            command, cwd=ROOT, env=os.environ | as_environment(settings), stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = [worker.communicate(timeout=60)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], said
    assert sorted(message["To"] for message in letterbox.arrived) == sorted(addresses)
    with app.app_context():
        assert set(statuses().values()) == {MailStatus.SENT}
