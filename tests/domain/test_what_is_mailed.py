"""What patients are mailed about their visits, what not, and that no mail ever stands in the way of a change."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from icalendar import Calendar, Event

from clinic import clock, contact, mail, scheduling
from clinic.accounts.models import User
from clinic.config import PRODUCTION_DEFAULTS
from clinic.db import transaction
from clinic.errors import Conflict
from clinic.mail import MailStatus
from clinic.mail.superseding import OUTDATED
from clinic.scheduling.calendar_entry import TIME_TO_DECIDE, reminder_at
from clinic.settings import BookingRules
from tests.domain.post import Written, stored, written

pytestmark = pytest.mark.usefixtures("app_context")

#: The greatest number that some calendars keep of an entry's SEQUENCE.
INT32 = 2**31 - 1


def kinds() -> list[str]:
    return [letter.kind for letter in stored()]


def entry_of(letter: Written) -> Any:
    (event,) = Calendar.from_ical(letter.calendar or "").events
    assert isinstance(event, Event)
    return event


@pytest.fixture
def past(cast, book, day, clock_at):
    """A visit that nobody confirmed and whose time has passed."""
    clock_at("2026-03-02 12:00")
    number = book(at="14:30")["id"]
    clock_at("2026-04-20 12:00")
    return number


# --- what is past -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [scheduling.confirm, scheduling.cancel])
def test_nothing_is_mailed_about_what_is_past(cast, past, change):
    change(cast.actor("esther"), past)
    assert kinds() == ["visit_booked"]


def test_another_room_of_a_visit_that_is_past_is_not_mailed(cast, past):
    scheduling.edit_appointment(cast.actor("esther"), past, {"room_id": cast.heart_room})
    assert kinds() == ["visit_booked"]


def test_from_its_first_minute_on_a_visit_is_past(cast, book, clock_at):
    clock_at("2026-03-02 12:00")
    number = book(at="14:30")["id"]
    appointment = scheduling.appointment(cast.actor("esther"), number)
    clock_at(appointment["starts_at"] - timedelta(seconds=1))
    assert scheduling.is_mailed(appointment)
    clock_at(appointment["starts_at"])
    assert not scheduling.is_mailed(appointment)


# --- what changed -----------------------------------------------------------------------------------------------------


def test_a_move_says_from_when_and_where(cast, book, day, clock_at):
    clock_at("2026-03-02 12:00")
    esther, number = cast.actor("esther"), book(at="14:30")["id"]
    scheduling.edit_appointment(esther, number, {"room_id": cast.heart_room})
    scheduling.reschedule(esther, number, on=day(4), at=scheduling.SLOT_TIMES[3])
    moved = written()[-1]
    assert "Esther Office has moved your visit." in moved.body
    assert "Before: Thursday 5 March 2026, 14:30, room 202, floor 2\n" in moved.body
    assert "When: Friday 6 March 2026, 09:30\n" in moved.body
    assert "Where: room 201, floor 2\n" in moved.body


def test_a_move_within_the_room_names_it_once(cast, book, day, clock_at):
    clock_at("2026-03-02 12:00")
    scheduling.reschedule(cast.actor("chen"), book(at="14:30")["id"], on=day(4), at=scheduling.SLOT_TIMES[3])
    assert "Before: Thursday 5 March 2026, 14:30\n" in written()[-1].body


def test_another_room_is_mailed_with_the_entry(cast, book):
    number = book()["id"]
    scheduling.edit_appointment(cast.actor("esther"), number, {"room_id": cast.heart_room})
    booked, elsewhere = written()
    assert elsewhere.kind == "visit_room_changed"
    assert "Before: room 201, floor 2\nNow: room 202, floor 2\n" in elsewhere.body
    assert "room 202" in str(entry_of(elsewhere)["location"])
    assert entry_of(elsewhere)["sequence"] > entry_of(booked)["sequence"]


def test_a_room_taken_away_is_mailed_too(cast, book):
    scheduling.edit_appointment(cast.actor("esther"), book()["id"], {"room_id": None})
    assert "Now: please ask at reception" in written()[-1].body


@pytest.mark.parametrize("changes", [{"notes": "Comes fasting"}, {"room_id": "the same"}])
def test_what_else_the_office_corrects_is_not_mailed(cast, book, changes):
    number = book()["id"]
    told = {name: cast.chens_room if value == "the same" else value for name, value in changes.items()}
    scheduling.edit_appointment(cast.actor("esther"), number, told)
    assert kinds() == ["visit_booked"]


def test_the_room_of_a_cancelled_visit_is_not_mailed(cast, book):
    number = book()["id"]
    scheduling.cancel(cast.actor("esther"), number)
    scheduling.edit_appointment(cast.actor("esther"), number, {"room_id": cast.heart_room})
    assert kinds() == ["visit_booked", "visit_cancelled"]


# --- a mail never stands in the way -----------------------------------------------------------------------------------


def test_a_visit_that_was_booked_long_ago_can_be_cancelled(cast, book, clock_at):
    """A number made of the time since the booking would be greater than calendars can hold."""
    clock_at("2026-03-02 12:00")
    number = book(at="14:30")["id"]
    from clinic.scheduling.models import Appointment  # noqa: PLC0415

    with transaction() as current:
        current.get_one(Appointment, number).created_at = clock.now() - timedelta(days=400)
    scheduling.cancel(cast.actor("esther"), number)
    assert (stored()[-1].kind, stored()[-1].status) == ("visit_cancelled", MailStatus.QUEUED)
    assert entry_of(written()[-1])["sequence"] == 1 <= INT32


def test_a_mail_that_cannot_be_written_undoes_nothing(cast, book, clinic_has):
    """No calendar entry can be made for a portal at such an address; the visit is cancelled all the same."""
    number = book()["id"]
    clinic_has(frontend_url="http://[clinic")
    scheduling.cancel(cast.actor("esther"), number)
    assert scheduling.appointment(cast.actor("ana"), number)["status"] == "cancelled"
    assert mail.deliver(lambda _letter: None) == 0
    assert [(row.kind, row.status, row.last_error) for row in stored()] == [
        ("visit_booked", MailStatus.SUPERSEDED, OUTDATED),
        ("visit_cancelled", MailStatus.FAILED, "ValueError: Invalid IPv6 URL"),
    ]  # fmt: skip


def test_a_fault_of_what_is_told_is_no_fault_of_the_mail(cast, book, day):
    """What the command itself gets wrong is refused as ever, and no mail tells of it."""
    book(at="14:30")
    with pytest.raises(Conflict) as refusal:
        book(at="14:30", who="boris")
    assert refusal.value.code == "slot_taken"
    assert kinds() == ["visit_booked"]


# --- how the clinic is reached ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("reached")
@pytest.mark.parametrize(("language", "address"), [("en", "12 Lotus Street, Ward 6"), ("vi", "12 đường Sen, phường 6")])
def test_a_mail_says_how_to_reach_the_clinic(cast, book, language, address):
    from clinic import accounts  # noqa: PLC0415

    accounts.set_language(cast.actor("ana"), language)
    book()
    (letter,) = written()
    assert letter.body.endswith(f"Sen Clinic\n{address}\n028 1234 5678\nhello@clinic.example\n")
    assert 'href="tel:02812345678"' in letter.html
    assert 'href="mailto:hello@clinic.example"' in letter.html


def test_the_reminder_comes_in_time_whatever_the_clinic_decides(book, clinic_has):
    clinic_has(booking=BookingRules(notice_hours=48))
    book()
    (alarm,) = entry_of(written()[-1]).alarms.times
    assert entry_of(written()[-1]).start - alarm.trigger == timedelta(hours=50)


@pytest.mark.parametrize(
    ("notice", "at", "reminded"),
    [
        (24, "16:30", "2026-03-03 14:30"),
        (24, "09:00", "2026-03-03 07:00"),
        (24, "08:30", "2026-03-02 18:00"),  # not at 06:30
        (12, "16:30", "2026-03-03 18:00"),  # not at 02:30
        (12, "11:00", "2026-03-03 18:00"),  # not at 21:00
        (12, "10:30", "2026-03-03 20:30"),
        (1, "08:00", "2026-03-03 18:00"),  # not at 05:00
    ],
)
def test_no_calendar_rings_at_night(notice, at, reminded):
    rules, starts_at = BookingRules(notice_hours=notice), clock.starts_at(date(2026, 3, 4), time.fromisoformat(at))
    found = reminder_at(starts_at, rules)
    assert f"{clock.local(found):%Y-%m-%d %H:%M}" == reminded
    assert found <= starts_at - rules.notice - TIME_TO_DECIDE


@pytest.mark.usefixtures("reached")
def test_the_entry_leads_to_the_clinic_and_reminds(cast, book):
    number = book()["id"]
    event = entry_of(written()[-1])
    assert str(event["location"]) == "Sen Clinic, room 201, floor 2, 12 Lotus Street, Ward 6"
    assert event["geo"].to_ical() == "10.7769;106.7009"
    assert "Phone: 028 1234 5678" in str(event["description"])
    (alarm,) = event.alarms.times
    assert event.start - alarm.trigger == BookingRules().notice + timedelta(hours=2), "in time to cancel it online"
    scheduling.cancel(cast.actor("esther"), number)
    assert not entry_of(written()[-1]).alarms.times


def test_nothing_is_invented_where_nothing_was_entered(book, clinic_has):
    clinic_has(contact=contact.Contact())
    book()
    (letter,) = written()
    assert letter.body.endswith("Sen Clinic\n")
    assert "geo" not in entry_of(letter)
    assert str(entry_of(letter)["location"]) == "Sen Clinic, room 201, floor 2"


# --- how much is mailed -----------------------------------------------------------------------------------------------


def test_who_changes_visits_all_day_long_is_told_so_once(cast, book, day, clock_at, clinic_has):
    clinic_has(most_mails_per_day=2)
    ana, moment = cast.actor("ana"), clock_at("2026-03-02 12:00")
    number = book(at="14:30")["id"]
    for slot in scheduling.SLOT_TIMES[:9]:
        clock_at(moment := moment + timedelta(minutes=1))
        scheduling.reschedule(ana, number, on=day(4), at=slot)
    assert kinds() == ["visit_booked", "visit_rescheduled", "visits_many_changes"]
    clock_at(moment + timedelta(days=1))
    scheduling.reschedule(ana, number, on=day(5), at=scheduling.SLOT_TIMES[0])
    assert kinds()[3:] == ["visit_rescheduled"]


def test_what_others_do_is_mailed_however_much_the_patient_did(cast, book, day, clinic_has):
    clinic_has(most_mails_per_day=1)
    number = book(at="14:30")["id"]
    scheduling.reschedule(cast.actor("ana"), number, on=day(4), at=scheduling.SLOT_TIMES[0])
    scheduling.cancel(cast.actor("esther"), number, "Ill")
    assert kinds() == ["visit_booked", "visits_many_changes", "visit_cancelled"]


def test_nobody_makes_a_cannon_of_the_clinics_mail(cast, book, clinic_has):
    """Whoever registers with another person's e-mail books and cancels a hundred times: that person gets one day's mail, which
    greets nobody by an offer that was given as a name."""
    clinic_has(most_mails_per_day=PRODUCTION_DEFAULTS["most_mails_per_day"])
    with transaction() as current:
        current.get_one(User, cast.ana).full_name = "Call 0900 666 666 to win"
    ana, changes = cast.actor("ana"), 0
    while changes < 133:
        number = book(at="14:30")["id"]
        scheduling.cancel(ana, number)
        changes += 2
    letters = written()
    assert len(letters) == 21
    assert [letter.kind for letter in letters].count("visits_many_changes") == 1
    assert letters[-1].kind == "visits_many_changes"
    for letter in letters:
        assert letter.body.startswith("Hello,\n")
        assert "0900" not in letter.subject + letter.body
