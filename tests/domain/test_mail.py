"""Mail: queued in the transaction of what it tells of, and sent again where it was given up."""

from __future__ import annotations

import pytest

from clinic import mail, records, scheduling
from clinic.audit import AuditAction
from clinic.db import atomic, transaction
from clinic.errors import Conflict, Forbidden, NotFound, Unauthenticated
from clinic.mail import MailStatus
from clinic.mail.transport import Letter, Refused
from tests.domain.post import stored, written
from tests.entries import entries

pytestmark = pytest.mark.usefixtures("app_context")


# --- queueing ---------------------------------------------------------------------------------------------------------


def test_a_mail_is_undone_with_what_it_tells_of(book):
    @atomic
    def book_and_fail() -> None:
        book()
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power"):
        book_and_fail()
    assert stored() == []


def test_each_change_that_a_patient_must_know_of_is_written_to_them(cast, book, day):
    row = book()
    chen = cast.actor("chen")
    scheduling.confirm(chen, row["id"])
    scheduling.reschedule(chen, row["id"], on=day(4), at=scheduling.SLOT_TIMES[0], reason="Congress")
    scheduling.cancel(chen, row["id"], "Ill")
    letters = written()
    assert [letter.kind for letter in letters] == [
        "visit_booked", "visit_confirmed", "visit_rescheduled", "visit_cancelled",
    ]  # fmt: skip
    assert {letter.to for letter in letters} == {"ana@example.com"}
    assert "Reason: Congress" in letters[2].body
    assert "Reason: Ill" in letters[3].body


def test_a_mail_tells_when_where_with_whom_and_for_how_much(cast, book, clock_at):
    clock_at("2026-03-02 12:00")
    row = book(at="14:30")
    [letter] = written()
    assert letter.subject == "Visit booked: Thursday 5 March 2026, 14:30, Dr Chen"
    for said in (
        "Dear Ana Nguyễn,",
        "When: Thursday 5 March 2026, 14:30",
        "Doctor: Dr Chen, Cardiology",
        "Where: room 201, floor 2",
        "Fee: 200,000\xa0₫",
        f"http://localhost:8000/patient/appointments/{row['id']}",
    ):
        assert said in letter.body
    assert "\n\nSen Clinic\n12 Lotus Street, Ward 6,\nHo Chi Minh City\n028 1234 5678\n" in letter.body


def test_a_vietnamese_patient_is_written_to_in_vietnamese_whoever_acts(cast, book, clock_at):
    from clinic import accounts  # noqa: PLC0415

    clock_at("2026-03-02 12:00")
    row = book(at="14:30")
    accounts.set_language(cast.actor("ana"), "vi")
    scheduling.confirm(cast.actor("chen"), row["id"])
    letter = written()[-1]
    assert letter.language == "vi"
    assert "Thứ Năm, 5/3/2026" in letter.subject
    assert "Your visit" not in letter.subject + letter.body
    assert "Dear" not in letter.body
    assert "BS. Chen, Tim mạch" in letter.body
    assert "200.000\xa0₫" in letter.body


def test_names_come_as_they_are_into_plain_text(cast, book):
    from clinic.accounts.models import User  # noqa: PLC0415

    with transaction() as current:
        current.get_one(User, cast.ana).full_name = "Ana <b>&\nBcc: all"
    book()
    [letter] = written()
    assert "Ana <b>&\nBcc: all" in letter.body
    assert "\n" not in letter.subject


# --- trying again -----------------------------------------------------------------------------------------------------


def test_the_office_has_a_mail_sent_again_that_was_given_up(cast, queue, post):
    def refuses(_letter: Letter) -> None:
        raise Refused("550 no", for_good=True)

    queue("given up")
    mail.deliver(refuses)
    number, esther = stored()[0].id, cast.actor("esther")
    assert mail.given_up(esther, number)["last_error"] == "550 no"
    mail.send_again(esther, number)
    [event] = [row for row in records.audit_trail(esther).results if row["action"] == AuditAction.MAIL_SENT_AGAIN]
    assert (event["subject_id"], event["actor_id"]) == (number, cast.esther)
    for refused in (mail.given_up, mail.send_again):
        with pytest.raises(Conflict):
            refused(esther, number)
    assert mail.deliver(post) == 1
    assert (stored()[0].status, stored()[0].attempts) == (MailStatus.SENT, 1)


def test_only_the_office_has_mails_sent_again_and_only_those_that_are_there(cast):
    for act in (mail.given_up, mail.send_again):
        for who in ("ana", "chen"):
            with pytest.raises(Forbidden):
                act(cast.actor(who), 1)
        for missing in (999, 2**40, -1):
            with pytest.raises(NotFound):
                act(cast.actor("esther"), missing)


def test_the_operator_has_all_sent_again_that_was_given_up_and_nothing_else(cast, queue, post):
    def refuses(letter: Letter) -> None:
        if letter.subject != "arrived":
            raise Refused("554 no", for_good=letter.subject == "never")

    queue("never", "arrived", "later")
    mail.deliver(refuses)
    before = [letter.next_attempt_at for letter in stored()]
    assert mail.send_all_again() == 1
    assert [letter.status for letter in stored()] == [MailStatus.QUEUED, MailStatus.SENT, MailStatus.QUEUED]
    assert [letter.next_attempt_at for letter in stored()][1:] == before[1:]
    [event] = entries(cast.actor("esther"))
    assert (event["action"], event["actor_role"], event["subject_id"]) == (
        "mail.sent_again",
        "operator",
        stored()[0].id,
    )
    assert mail.deliver(post) == 1
    assert post.sent == ["never"]
    assert mail.send_all_again() == 0
    assert len(entries(cast.actor("esther"))) == 1


def test_only_the_office_reads_the_outbox(cast, queue):
    queue("for nobody else's eyes")
    assert mail.in_outbox(cast.actor("esther")).count == 1
    for who in ("ana", "chen"):
        with pytest.raises(Forbidden):
            mail.in_outbox(cast.actor(who))
    with pytest.raises(Unauthenticated):
        mail.in_outbox(None)
