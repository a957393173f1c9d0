"""Letters are written when they leave, from what the outbox kept: they tell what was done, and one that can't be written
holds up no other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from jinja2 import Template
from sqlalchemy import update

from clinic import accounts, contact, mail, scheduling
from clinic.accounts.account_letters import PASSWORD_CHANGED, STAFF_CHANGED
from clinic.accounts.email_letters import EMAIL_UNDONE
from clinic.accounts.models import User
from clinic.accounts.second_factor.factor_letters import SECOND_FACTOR
from clinic.db import transaction
from clinic.errors import Conflict
from clinic.i18n import LANGUAGES
from clinic.mail import LetterKind, MailStatus, OutboxMail
from clinic.mail.letter_facts import from_json, to_json
from clinic.mail.letter_kinds import VERSION, OtherVersion, Register
from clinic.mail.transport import Letter
from clinic.paging import Keyset
from clinic.scheduling.appointment_facts import AppointmentFacts, RoomFacts, SlotFacts
from clinic.scheduling.notifications import BOOKED, AppointmentChangeFacts
from tests.domain.post import stored, written

pytestmark = pytest.mark.usefixtures("app_context")

BEFORE = Path(__file__).parent / "letters"


def sent() -> list[Letter]:
    """What leaves now."""
    left = list[Letter]()
    mail.deliver(left.append)
    return left


# --- what leaves ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("reached")
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_leaves_is_what_left_before(everything, language):
    """Each kind, with its subject, its text and its calendar entry, as people have got it since the first version.

    Whoever changes a text on purpose changes it in ``letters/``.
    """
    letters = everything(language)
    assert "".join(as_file(letter.kind, letter) for letter in letters) == (BEFORE / f"{language}.txt").read_text(
        encoding="utf-8"
    )
    for entry in filter(None, (letter.calendar for letter in letters)):
        assert entry.count("\n") == entry.count("\r\n"), "lines of RFC 5545"


def as_file(kind: str, letter: Letter) -> str:
    """A letter as ``letters/`` has it, without the secret of its link."""
    body = re.sub(
        r"(/(?:reset-password|own-sign-in|confirm-email|keep-email|visits/answer)/\w+/)[\w-]+", r"\1TOKEN", letter.body
    )
    entry = "---\n" + letter.calendar.replace("\r\n", "\n") if letter.calendar else ""
    return f"=== {kind} to {letter.to}\nSubject: {letter.subject}\n\n{body}{entry}"


def test_a_letter_tells_what_was_done_whatever_came_after(cast, book, day, clock_at):
    clock_at("2026-03-02 12:00")
    number = book(at="14:30")["id"]
    scheduling.edit_appointment(cast.actor("esther"), number, {"room_id": cast.heart_room})
    scheduling.reschedule(cast.actor("chen"), number, on=day(4), at=scheduling.SLOT_TIMES[3], reason="Congress")
    before = written()
    clock_at("2026-03-02 13:00")
    scheduling.cancel(cast.actor("ana"), number)
    accounts.set_language(cast.actor("ana"), "vi")
    with transaction() as current:
        for who in (cast.ana, cast.chen):
            current.get_one(User, who).full_name = "Somebody Else"
            current.get_one(User, who).email = f"other{who}@example.com"
    booked, elsewhere, moved, cancelled = written()
    for then, now in zip(before, (booked, elsewhere, moved), strict=True):
        assert (now.to, now.subject, now.body, now.html, now.calendar) == (
            then.to, then.subject, then.body, then.html, then.calendar,
        )  # fmt: skip
    assert booked.subject == "Visit booked: Thursday 5 March 2026, 14:30, Dr Chen"
    assert "SEQUENCE:0\r\n" in str(booked.calendar)
    assert "SEQUENCE:3\r\n" in str(cancelled.calendar)


def test_a_letter_says_how_the_clinic_is_reached_when_it_leaves(book, clinic_has):
    book()
    clinic_has(contact=contact.parse_contact({"phone": "028 7654 3210"}))
    (letter,) = sent()
    assert letter.body.endswith("Sen Clinic\n028 7654 3210\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_shows_the_subject_that_the_letter_has(everything, cast, language):
    letters = everything(language)
    listed = mail.in_outbox(cast.actor("esther"), page=Keyset(len(letters))).results
    assert [row["subject"] for row in reversed(listed)] == [letter.subject for letter in letters]
    assert all(row["written"] for row in listed)


def test_a_list_writes_no_letters(cast, book, monkeypatch):
    book()
    monkeypatch.setattr(Template, "render", Mock(side_effect=AssertionError("a whole letter was written")))
    (row,) = mail.in_outbox(cast.actor("esther")).results
    assert row["subject"].startswith("Visit booked: ")


def test_what_was_sent_is_kept_as_it_was_read(cast, book):
    book()
    printed, (letter,) = mail.all_mail(), sent()
    (row,) = stored()
    assert (row.subject, row.body, row.facts) == (letter.subject, letter.body, None)
    (kept,) = mail.all_mail()
    assert [(each["to"], each["subject"], each["body"]) for each in printed] == [
        (letter.to, letter.subject, letter.body)
    ] == [(kept["to"], kept["subject"], kept["body"])]  # fmt: skip
    assert (printed[0]["status"], kept["status"]) == ("queued", "sent")


def test_what_waits_is_small(book):
    book()
    (row,) = stored()
    assert (row.subject, row.body, row.html, row.calendar) == (None, None, None, None)
    assert len(str(row.facts)) < 700


# --- what can't be written --------------------------------------------------------------------------------------------


@pytest.fixture
def unwritable(cast, book, clinic_has) -> Callable[[], None]:
    """Books a visit of Ana's of which no letter can be written, and one of Boris's; call it when that is mended."""
    book()
    facts: Any = stored()[0].facts
    lost = {**facts, "appointment": {**facts["appointment"], "status": "lost"}}
    with transaction() as current:
        current.execute(update(OutboxMail).values(facts=lost))
    book("boris", at="10:00")

    def mend() -> None:
        with transaction() as current:
            current.execute(update(OutboxMail).where(OutboxMail.to == "ana@example.com").values(facts=facts))

    return mend


def test_a_letter_waits_where_the_machine_is_at_fault(cast, book, clinic_has, monkeypatch, clock_at):
    """Nothing is wrong with it: it leaves once there are descriptors again."""
    book()
    with monkeypatch.context() as now:
        now.setattr(Template, "render", Mock(side_effect=OSError(24, "Too many open files")))
        assert sent() == []
    waiting = stored()[0]
    assert (waiting.status, waiting.attempts) == (MailStatus.QUEUED, 1)
    assert waiting.last_error == "OSError: [Errno 24] Too many open files"
    clock_at(waiting.next_attempt_at)
    assert [letter.to for letter in sent()] == ["ana@example.com"]


@pytest.mark.usefixtures("unwritable")
def test_a_letter_that_cannot_be_written_holds_up_no_other(caplog):
    assert [letter.to for letter in sent()] == ["boris@example.com"]
    failed, left = stored()
    assert (failed.status, failed.attempts, failed.claimed_by) == (MailStatus.FAILED, 0, None)
    assert failed.last_error == "ValueError: 'lost' is not a valid AppointmentStatus"
    assert left.status == MailStatus.SENT
    assert sent() == [], "it isn't tried again by itself"


def test_the_office_sees_it_and_sends_it_again_when_it_is_mended(cast, unwritable):
    sent()
    esther, number = cast.actor("esther"), stored()[0].id
    assert mail.outbox_state().failed == 1
    assert mail.given_up(esther, number)["last_error"]
    unwritable()
    mail.send_again(esther, number)
    assert [letter.subject[:12] for letter in sent()] == ["Visit booked"]


def test_what_has_no_facts_that_make_a_letter_is_listed_without_a_text(cast, book):
    book()
    with transaction() as current:
        current.execute(update(OutboxMail).values(facts={VERSION: 1}))
    (row,) = mail.in_outbox(cast.actor("esther")).results
    assert (row["written"], row["subject"]) == (False, "visit_booked")
    assert (mail.all_mail()[0]["subject"], mail.all_mail()[0]["body"]) == ("visit_booked", "")
    assert sent() == []
    read = mail.one_mail(cast.actor("esther"), row["id"])
    assert (read["written"], read["body"], read["status"]) == (False, "", "failed")
    assert "missing" in str(read["last_error"])


# --- other versions ---------------------------------------------------------------------------------------------------


def put(**values: Any) -> None:
    """A mail in the outbox as another version of the portal queued it."""
    with transaction() as current:
        current.add(OutboxMail(**{"to": "ana@example.com", "language": "en", "kind": "visit_booked", **values}))


def test_a_letter_that_the_version_before_wrote_leaves_as_it_stands():
    put(subject="Visit booked", body="Hello\n", html="<p>Hello</p>", calendar="BEGIN:VCALENDAR\r\n")
    ((letter, row),) = zip(sent(), stored(), strict=True)
    assert (letter.subject, letter.body, letter.html) == ("Visit booked", "Hello\n", "<p>Hello</p>")
    assert letter.calendar == "BEGIN:VCALENDAR\r\n"
    assert (row.status, row.subject, row.body) == (MailStatus.SENT, "Visit booked", "Hello\n")


def test_a_letter_that_the_version_before_could_not_write_is_not_sent_again(cast):
    put(subject="visit_booked", body="", status=MailStatus.FAILED, last_error="ValueError: Invalid IPv6 URL")
    (row,) = mail.in_outbox(cast.actor("esther")).results
    assert (row["written"], row["given_up"], row["subject"]) == (False, False, "visit_booked")
    with pytest.raises(Conflict, match="We couldn't write this e-mail"):
        mail.send_again(cast.actor("esther"), row["id"])
    assert mail.send_all_again() == 0
    assert sent() == []


@pytest.mark.parametrize(
    ("kind", "version", "error"),
    [
        ("a_kind_to_come", 1, "This version of the portal knows no letter a_kind_to_come."),
        ("visit_booked", 2, "The letter visit_booked was queued by a later version of the portal."),
    ],
)
def test_a_letter_of_a_later_version_waits_for_its_worker(book, clock_at, kind, version, error):
    now = clock_at("2026-03-02 12:00")
    put(kind=kind, facts={VERSION: version})
    book()
    assert [letter.subject[:12] for letter in sent()] == ["Visit booked"], "others go on"
    (later, _) = stored()
    assert (later.status, later.attempts, later.last_error) == (MailStatus.QUEUED, 1, error)
    for attempt in range(1, mail.MOST_ATTEMPTS):
        clock_at(now := now + timedelta(minutes=2**attempt))
        assert sent() == []
    assert stored()[0].status == MailStatus.FAILED, "some day somebody has to look"


@pytest.mark.parametrize("kind", [SECOND_FACTOR, STAFF_CHANGED, EMAIL_UNDONE])
def test_what_the_version_before_would_tell_untruly_it_leaves_to_this_one(kind):
    """It doesn't know what may have happened since, and writes of it whatever comes last in its template."""
    with pytest.raises(OtherVersion):
        replace(kind, version=1).subject({VERSION: kind.version}, "en")


# --- kinds and facts --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unkeepable:
    """Facts that JSON can't keep."""

    pages: list[bytes]


def test_every_letter_has_a_kind_and_every_kind_its_template():
    register = Register()
    register.add(BOOKED)
    with pytest.raises(RuntimeError, match=r"registered twice"):
        register.add(BOOKED)
    with pytest.raises(RuntimeError, match="without its kind or its template: visit_moved"):
        register.close({"visit_booked", "visit_moved"})
    with pytest.raises(RuntimeError, match="without its kind or its template: visit_booked"):
        register.close(set())
    register.close({"visit_booked"})
    with pytest.raises(RuntimeError, match="after the start"):
        register.add(PASSWORD_CHANGED)
    with pytest.raises(TypeError, match="can't keep"):
        Register().add(LetterKind("unkeepable", Unkeepable))


FACTS = AppointmentChangeFacts(
    AppointmentFacts(
        date=date(2026, 3, 5),
        time=time(14, 30),
        room=RoomFacts(1, "201", 2),
        id=7,
        status="booked",
        patient_name="Ana Nguyễn",
        doctor_name="Dr Chen",
        department_name="Tim mạch",
        estimated_fee=Decimal("200000.50"),
        updated_at=datetime(2026, 3, 2, 5, 0, 0, 123456, tzinfo=UTC),
        changes=0,
    ),
    by=None,
    reason="Ốm",
    earlier=SlotFacts(date(2026, 3, 4), time(9), None),
)


def test_facts_come_back_as_they_were():
    assert from_json(AppointmentChangeFacts, to_json(FACTS)) == FACTS


def test_facts_with_a_key_that_is_not_known_yet_are_read_all_the_same():
    assert from_json(AppointmentChangeFacts, {**to_json(FACTS), "weather": "fine"}) == FACTS
