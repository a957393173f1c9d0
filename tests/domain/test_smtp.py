"""SMTP as servers speak it: what their refusals mean, encryption and sign-in, and mails that arrive as they were written."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.mail import smtp
from clinic.mail.transport import CutOff, Letter, Refused, ServerAway
from tests.letterbox import CERTIFICATE, Letterbox
from tests.settings import PATIENCE

WRITTEN = datetime(2026, 3, 2, 9, 30, 15, 250000, tzinfo=UTC)
ANA = "ana@example.com"
APPOINTMENT = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Khám ở Phòng khám Sen\r\nEND:VCALENDAR\r\n"


@pytest.fixture(scope="module")
def boxes() -> Iterator[Callable[..., Letterbox]]:
    """Starts servers: `boxes(tls="starttls", login=("clinic", "secret"))`."""
    with ExitStack() as stack:

        def start(**how: Any) -> Letterbox:
            box = Letterbox(**how)
            box.start()
            stack.callback(box.stop)
            return box

        yield start


@pytest.fixture(scope="module")
def letterbox(boxes: Callable[..., Letterbox]) -> Letterbox:
    return boxes()


@pytest.fixture(scope="module")
def send(letterbox: Letterbox) -> Iterator[smtp.SmtpTransport]:
    sender = transport(letterbox.url)
    yield sender
    sender.close()


def transport(url: str, sender: str = "hello@clinic.example") -> smtp.SmtpTransport:
    made = smtp.transport_of(url, sender, "Phòng khám Sen")
    assert isinstance(made, smtp.SmtpTransport)
    return made


def letter(to: str = ANA, subject: str = "Hello", body: str = "Hello\n", **more: Any) -> Letter:
    return Letter(to, subject, body, **{"number": 7, "written": WRITTEN, **more})


def read(part: EmailMessage) -> str:
    """The text of a part; lines end in CRLF on the way."""
    return str(part.get_content()).replace("\r\n", "\n")


# --- what arrives -----------------------------------------------------------------------------------------------------


def test_a_letter_arrives_as_text_html_and_calendar(letterbox, send):
    send(letter(subject="Đã đặt lịch khám", body="Chào Ana,\n", html="<p>Chào Ana,</p>", calendar=APPOINTMENT))
    message = letterbox.arrived[-1]
    assert (message["From"], message["To"]) == ("Phòng khám Sen <hello@clinic.example>", ANA)
    assert message["Subject"] == "Đã đặt lịch khám"
    assert message.get_content_type() == "multipart/mixed"
    alternatives, attached = message.iter_parts()
    assert [part.get_content_type() for part in alternatives.iter_parts()] == [
        "text/plain", "text/html", "text/calendar",
    ]  # fmt: skip
    text, html, calendar = alternatives.iter_parts()
    assert (read(text), read(html)) == ("Chào Ana,\n", "<p>Chào Ana,</p>\n")
    assert dict(calendar["Content-Type"].params) == {"charset": "utf-8", "method": "REQUEST"}
    assert (attached.get_content_type(), attached.get_filename()) == ("application/ics", "visit.ics")
    assert calendar.get_payload(decode=True) == attached.get_content() == APPOINTMENT.encode()


def test_a_letter_without_a_visit_is_text_and_html_alone(letterbox, send):
    send(letter(html="<p>Hello</p>"))
    assert letterbox.arrived[-1].get_content_type() == "multipart/alternative"


def test_a_repetition_is_known_by_its_id_and_machines_answer_to_none(letterbox, send):
    send(letter())
    send(letter())
    first, second = letterbox.arrived[-2:]
    assert first["Message-ID"] == second["Message-ID"] == "<outbox-7-1772443815250@clinic.example>"
    assert first["Date"] == second["Date"] == "Mon, 02 Mar 2026 09:30:15 +0000"
    assert first["Auto-Submitted"] == "auto-generated"


def test_a_sender_with_a_name_keeps_it(letterbox):
    sender = transport(letterbox.url, "Lễ tân <desk@clinic.example>")
    sender(letter())
    sender.close()
    assert letterbox.arrived[-1]["From"] == "Lễ tân <desk@clinic.example>"


@pytest.mark.parametrize(
    "subject", ["ngắn", "Khám " * 49, "word " * 50, "Đ" * 250, 'a "quoted" <b@c.example>', "😀" * 60]
)
def test_a_subject_arrives_as_it_was_written(letterbox, send, subject):
    send(letter(subject=subject.strip()))
    assert letterbox.arrived[-1]["Subject"] == subject.strip()


@pytest.mark.parametrize("length", range(0, 180, 7))
def test_no_space_is_lost_where_a_subject_goes_over_several_lines(letterbox, send, length):
    names = "Nguyễn Thị Ánh Hồng Phượng Đặng Văn Ước Lê Quý Đôn Trần Hưng Đạo Phạm Ngũ Lão Lý Thường Kiệt Bùi Thị Xuân"
    for subject in ("Đã đổi lịch khám sang 11:00, Thứ Sáu, 4/12/2026, BS. ", "Visit moved to Friday, BS. "):
        send(letter(subject=(subject + f"{names} {names}"[:length]).strip()))
        assert letterbox.arrived[-1]["Subject"] == (subject + f"{names} {names}"[:length]).strip()


def test_a_clinic_with_a_long_name_keeps_it(letterbox):
    name = "Phòng khám Đa khoa Bông Sen Trắng Thành phố Hồ Chí Minh, cơ sở hai (Thủ Đức)"
    sender = smtp.SmtpTransport(letterbox.url, Address(name, addr_spec="hello@clinic.example"))
    sender(letter())
    sender.close()
    # Read by the older code, too: the newer puts spaces between encoded words of a name that has none there.
    written = dict(letterbox.arrived[-1].raw_items())["From"]
    assert str(make_header(decode_header(written))) == f"{name} <hello@clinic.example>"


@given(st.lists(st.text("aÁđ😀 .,:<>\"'=?_-()", min_size=1, max_size=40), max_size=6).map(" ".join))
def test_any_subject_survives(letterbox, send, written):
    subject = " ".join(written.split())
    send(letter(subject=subject))
    assert letterbox.arrived[-1]["Subject"] == subject


@pytest.mark.parametrize("body", [".\n..\n.hidden\n", "x" * 5000 + "\n", "Đ" * 3000 + "\n", "From here\n\nto there\n"])
def test_a_body_arrives_as_it_was_written(letterbox, send, body):
    send(letter(body=body))
    assert read(letterbox.arrived[-1]) == body


@pytest.mark.parametrize(
    "forged", [{"subject": "Hello\r\nBcc: all@example.com"}, {"to": "ana@example.com\nBcc: all@example.com"}]
)
def test_nothing_typed_becomes_a_header_of_its_own(letterbox, send, forged):
    before = len(letterbox.arrived)
    with pytest.raises(Refused) as refusal:
        send(letter(**forged))
    assert refusal.value.for_good
    assert len(letterbox.arrived) == before


def test_a_domain_in_letters_is_written_as_the_name_system_has_it(letterbox, send):
    send(letter(to="ana@bücher.example"))
    assert letterbox.arrived[-1]["To"] == "ana@xn--bcher-kva.example"


def test_a_domain_that_the_name_system_can_not_have_stays_as_it_was_typed():
    typed = f"lan@{'ü' * 70}.example"
    assert smtp.ascii_domain(typed) == typed


def test_a_name_in_letters_needs_a_server_that_knows_them(boxes, letterbox, send):
    with pytest.raises(Refused) as refusal:
        send(letter(to="ngọc@example.com"))
    assert refusal.value.for_good
    modern = boxes(utf8=True)
    sender = transport(modern.url)
    sender(letter(to="ngọc@example.com"))
    sender.close()
    assert modern.arrived[0]["To"] == "ngọc@example.com"


# --- what servers answer ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["RCPT", "DATA", "CONTENT"])
@pytest.mark.parametrize(
    ("answer", "kind", "for_good"),
    [
        ("450 4.2.0 greylisted", Refused, False),
        ("452 4.2.2 mailbox full", Refused, False),
        ("454 4.7.1 relay access denied", Refused, False),
        ("550 5.1.1 no such mailbox", Refused, True),
        ("554 5.7.1 looks like spam", Refused, True),
        ("421 4.3.2 shutting down", CutOff, None),
        ("530 5.7.0 sign in first", CutOff, None),
        ("cut", CutOff, None),
    ],
)
def test_what_a_refusal_means(letterbox, send, at, answer, kind, for_good):
    letterbox.refuse(ANA, answer, at=at)
    with pytest.raises((Refused, ServerAway)) as refusal:
        send(letter())
    letterbox.refuse(ANA, None, at=at)
    assert type(refusal.value) is kind
    if kind is Refused:
        assert (refusal.value.for_good, str(refusal.value)) == (for_good, answer)
    before = len(letterbox.arrived)
    send(letter())
    assert len(letterbox.arrived) == before + 1, "the next letter is taken as if nothing had been"


def test_whatever_breaks_off_a_letter_leaves_no_half_of_it_to_the_next(letterbox):
    """Here a signal does, while the server thinks: its late answer isn't taken for one to the next letter."""

    def strike(*_: object) -> None:
        raise ZeroDivisionError("nobody thought of this")

    def strikes() -> None:
        letterbox.silent.wait(PATIENCE)
        os.kill(os.getpid(), signal.SIGALRM)

    letterbox.silent.clear()
    letterbox.refuse(ANA, 5.0, at="CONTENT")
    sender, connections, usual = transport(letterbox.url), letterbox.connections, signal.signal(signal.SIGALRM, strike)
    thread = Thread(target=strikes)
    thread.start()
    try:
        with pytest.raises(ZeroDivisionError):
            sender(letter())
    finally:
        thread.join()
        signal.signal(signal.SIGALRM, usual)
        letterbox.refuse(ANA, None, at="CONTENT")
    sender(letter(subject="The next"))
    sender.close()
    assert letterbox.connections - connections == 2
    assert "The next" in letterbox.subjects()


def test_a_letter_that_cannot_be_written_is_not_begun(letterbox, send):
    with pytest.raises(Refused) as refusal:
        send(letter(body="half a letter: \ud800"))
    assert refusal.value.for_good
    send(letter())


@pytest.mark.parametrize("answer", ["451 too many mails", "553 sender not yours"])
def test_a_refused_sender_is_no_letters_fault(letterbox, answer):
    letterbox.refuse("other@clinic.example", answer, at="MAIL")
    sender = transport(letterbox.url, "other@clinic.example")
    with pytest.raises(ServerAway, match=answer) as refusal:
        sender(letter())
    assert type(refusal.value) is ServerAway
    sender.close()


def test_a_server_that_says_nothing_is_left_after_a_while(letterbox):
    letterbox.refuse(ANA, 30.0, at="CONTENT")
    sender = smtp.SmtpTransport(letterbox.url, Address(addr_spec="hello@clinic.example"), content_timeout=3.0)
    with pytest.raises(CutOff):
        sender(letter())
    letterbox.refuse(ANA, None, at="CONTENT")
    sender(letter())
    sender.close()


def test_letters_share_a_connection_up_to_a_limit(letterbox):
    before, sender = letterbox.connections, transport(letterbox.url)
    for _ in range(smtp.LETTERS_A_CONNECTION + 1):
        sender(letter())
    sender.close()
    assert letterbox.connections - before == 2


def test_a_server_that_was_away_in_between_is_found_again(boxes):
    box = boxes()
    sender = transport(box.url)
    sender(letter())
    box.stop()
    with pytest.raises(ServerAway) as absence:
        sender(letter())
    assert type(absence.value) is ServerAway, "the letter was not begun"
    box.start()
    sender(letter())
    sender.close()
    assert len(box.arrived) == 2


# --- encryption and sign-in -------------------------------------------------------------------------------------------

#: What aiosmtpd says where it is told not to ask for STARTTLS: behind TLS from the first byte it doesn't see it.
open_login = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@open_login
@pytest.mark.parametrize(("tls", "scheme"), [("smtps", "smtps"), ("starttls", "smtp+starttls")])
def test_encrypted_and_signed_in(boxes, monkeypatch, tls, scheme):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    box = boxes(tls=tls, login=("clinic@example.com", "p@ss/word: 1"))
    sender = transport(f"{scheme}://clinic%40example.com:p%40ss%2Fword%3A%201@localhost:{box.port}")
    sender(letter())
    sender.close()
    assert len(box.arrived) == 1


@pytest.mark.parametrize(("tls", "scheme"), [("smtps", "smtps"), ("starttls", "smtp+starttls")])
def test_a_server_that_cannot_prove_its_name_gets_no_letter(boxes, tls, scheme):
    box = boxes(tls=tls)
    with pytest.raises(ServerAway, match="CERTIFICATE_VERIFY_FAILED"):
        transport(f"{scheme}://localhost:{box.port}")(letter())
    assert box.arrived == []


def test_no_letter_goes_unencrypted_where_encryption_was_asked_for(letterbox):
    before = len(letterbox.arrived)
    with pytest.raises(ServerAway, match="STARTTLS"):
        transport(f"smtp+starttls://127.0.0.1:{letterbox.port}")(letter())
    assert len(letterbox.arrived) == before


@open_login
@pytest.mark.parametrize(("login", "said"), [("clinic:wrong", "535 "), ("clinic:mật-khẩu", "UnicodeEncodeError")])
def test_a_wrong_password_is_no_letters_fault(boxes, login, said):
    box = boxes(login=("clinic", "right"))
    with pytest.raises(ServerAway, match=said):
        transport(f"smtp://{login}@127.0.0.1:{box.port}")(letter())
    assert box.arrived == []
