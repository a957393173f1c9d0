"""What people are written: every kind in both languages, and the visit as their calendar understands it."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar, Event

from clinic import clock, mail, scheduling
from clinic.accounts.account_letters import INVITATION, InvitationFacts
from clinic.db import transaction
from clinic.i18n import LANGUAGES
from clinic.mail.letters import doctor_in, greeting
from clinic.policy import Role
from tests.domain.post import Written, written

pytestmark = pytest.mark.usefixtures("app_context")

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates" / "mail"
#: What people are mailed: each template that isn't a part of others.
KINDS = {path.stem for path in TEMPLATES.glob("*.txt") if not path.name.startswith("_")}
#: Words of the English mails that no Vietnamese one may hold.
ENGLISH = (
    "Dear",
    "Your",
    "room",
    "your",
    "visit ",
    "When",
    "Doctor",
    "Where",
    "Fee",
    "until",
    "password",
    "here",
    "Before",
    "Reason",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_is_written_in_the_readers_language(everything, language):
    letters = everything(language)
    assert {letter.kind for letter in letters} == KINDS
    for letter in letters:
        assert letter.language == language
        assert len(letter.subject) < 78
        assert "None" not in letter.body
        assert "\n\n\n" not in letter.body
        for address in [word for word in letter.body.split() if word.startswith("http")]:
            assert f'href="{escape(address)}"' in letter.html
        if language == "vi":
            said = letter.subject + " ".join(word for word in letter.body.split(" ") if "://" not in word)
            assert not [word for word in ENGLISH if word in said]


@pytest.mark.parametrize(("language", "when"), [("en", "Thursday 5 March 2026"), ("vi", "Thứ Năm, 5/3/2026")])
def test_the_subject_says_what_when_and_with_whom(everything, language, when):
    booked, confirmed, moved, elsewhere, handed_over, cancelled, *_ = everything(language)
    title = {"en": "Dr", "vi": "BS."}[language]
    doctor, other_doctor = f"{title} Chen", f"{title} Diallo"
    for letter in (booked, confirmed):
        for said in (when, "14:30", doctor):
            assert said in letter.subject
    for letter in (moved, elsewhere):
        for said in ("09:30", doctor):
            assert said in letter.subject
    for letter in (handed_over, cancelled):
        for said in ("09:30", other_doctor):
            assert said in letter.subject
    assert doctor in handed_over.body, "who it was before"
    assert when in moved.body, "from when it was moved"
    assert "14:30" in moved.body
    assert len({letter.subject for letter in (booked, confirmed, moved, elsewhere, handed_over, cancelled)}) == 6


@pytest.mark.parametrize(
    ("name", "english", "vietnamese"),
    [("Mai Lan", "Dr Mai Lan", "BS. Mai Lan"), ("Dr Mai Lan", "Dr Mai Lan", "BS. Mai Lan"), ("PGS Mai Lan",) * 3],
)
def test_a_doctor_has_the_title_in_mails_as_on_pages(name, english, vietnamese):
    assert {language: doctor_in(language, name) for language in LANGUAGES} == {"en": english, "vi": vietnamese}


@pytest.mark.parametrize(
    ("name", "english", "vietnamese"),
    [
        ("Ana Nguyễn", "Dear Ana Nguyễn,", "Kính gửi Ana Nguyễn,"),
        ("Henry VIII 3rd", "Dear Henry VIII 3rd,", "Kính gửi Henry VIII 3rd,"),
        ("Win 9000 now", "Hello,", "Xin chào,"),
        ("Call 0912345678", "Hello,", "Xin chào,"),
        ("write to me@evil", "Hello,", "Xin chào,"),
    ],
)
def test_a_greeting_repeats_no_name_that_is_an_advertisement(name, english, vietnamese):
    assert (greeting("en", name), greeting("vi", name)) == (english, vietnamese)


def test_an_invitation_says_of_every_role_what_kind_of_account_it_is():
    link = {"name": "Fay", "uid": "MQ", "token": "abc", "until": clock.now()}
    invitations = [InvitationFacts(**link, by="Esther", role=str(role)) for role in Role]
    bodies = [INVITATION.write(INVITATION.stored(facts), "en").text for facts in invitations]
    assert len(set(bodies)) == len(Role)
    assert all("Esther has set up" in body for body in bodies)


def test_who_acts_is_told_apart(cast, book, day):
    ana, esther = cast.actor("ana"), cast.actor("esther")
    own = book()["id"]
    scheduling.reschedule(ana, own, on=day(4), at=scheduling.SLOT_TIMES[0])
    scheduling.cancel(ana, own)
    scheduling.book(
        esther, doctor_id=cast.chen, department_id=cast.cardiology, on=day(4), at=scheduling.SLOT_TIMES[5],
        patient_id=cast.ana,
    )  # fmt: skip
    said = [letter.body.split("\n")[2] for letter in written()]
    assert said == [
        "Your visit is booked. We'll e-mail you as soon as the doctor confirms it.",
        "You've moved your visit. We'll e-mail you as soon as the doctor confirms the new time.",
        "You've cancelled your visit.",
        "Sen Clinic has booked a visit for you. We'll e-mail you as soon as the doctor confirms it.",
    ]
    assert {letter.to for letter in written()} == {"ana@example.com"}, "the doctor reads the queue, not mails"


def test_a_mail_that_is_late_still_says_until_when_and_at_what_time(everything):
    letters = {letter.kind: letter for letter in everything("en")}
    assert "by Tuesday 3 March 2026, 12:00" in letters["password_reset"].body
    assert "on Monday 2 March 2026, 12:00" in letters["password_changed"].body
    assert "by Monday 9 March 2026, 12:00" in letters["invitation"].body


# --- calendar ---------------------------------------------------------------------------------------------------------


def entry_of(letter: Written) -> tuple[Calendar, Any]:
    calendar = Calendar.from_ical(letter.calendar or "")
    assert isinstance(calendar, Calendar)
    (event,) = calendar.events
    assert isinstance(event, Event)
    return calendar, event


def test_a_calendar_changes_the_entry_and_takes_it_out_rather_than_adding_another(everything):
    """RFC 5546: the same UID, a greater SEQUENCE, REQUEST or CANCEL by the same organizer to the same attendee."""
    entries = [entry_of(letter) for letter in everything("en") if letter.calendar]
    assert [str(calendar["method"]) for calendar, _ in entries] == ["REQUEST"] * 5 + ["CANCEL"]
    assert [str(event["status"]) for _, event in entries] == [
        "TENTATIVE", "CONFIRMED", "TENTATIVE", "TENTATIVE", "TENTATIVE", "CANCELLED",
    ]  # fmt: skip
    assert len({str(event["uid"]) for _, event in entries}) == 1
    numbers = [int(event["sequence"]) for _, event in entries]
    assert numbers == [0, 1, 2, 3, 4, 5]
    assert {(str(event["organizer"]), str(event["attendee"])) for _, event in entries} == {
        ("mailto:clinic@localhost", "mailto:ana@example.com")
    }
    for _, event in entries:
        assert dict(event["attendee"].params) == {
            "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE",
        }  # fmt: skip


def test_the_entry_has_the_clinics_time_whatever_zone_the_reader_is_in(everything):
    _, event = entry_of(everything("en")[0])
    assert event.start.astimezone(clock.zone()).strftime("%Y-%m-%d %H:%M") == "2026-03-05 14:30"
    assert event.end - event.start == timedelta(minutes=30)
    assert event["dtstart"].to_ical() == b"20260305T073000Z"


def test_the_entry_is_in_the_readers_language_and_private(everything):
    _, event = entry_of(everything("vi")[0])
    assert str(event["summary"]) == "Sen Clinic: BS. Chen"
    assert "Xem, đổi giờ hoặc huỷ buổi khám tại đây: http://localhost:8000/patient/appointments/" in str(
        event["description"]
    )
    assert "phòng 201, tầng 2" in str(event["location"])
    assert str(event["class"]) == "PRIVATE"


def test_mails_about_accounts_have_no_entry(everything):
    assert {letter.kind for letter in everything("en") if not letter.calendar} == {
        "password_reset", "password_changed", "invitation", "email_changed", "staff_changed", "visits_many_changes", "second_factor",
        "confirm_email", "confirm_new_email", "email_requested", "email_undone", "email_in_use",
        "account_opened", "token_reused",
        "new_device", "sign_in_limited", "sign_in_unfinished",
    }  # fmt: skip


def test_a_long_name_leaves_the_subject_whole(cast, book):
    from clinic.accounts.models import NAME_MAX, User  # noqa: PLC0415

    with transaction() as current:
        current.get_one(User, cast.chen).full_name = "Dr " + "Ngọc " * (NAME_MAX // 5 - 1)
        current.get_one(User, cast.ana).language = "vi"
    book()
    [letter] = written()
    assert len(letter.subject) < mail.SUBJECT_MAX
    assert letter.subject.endswith("Ngọc")
