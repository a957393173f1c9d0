"""Booking: what a visit is made of, and every way in which one is refused."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update

from clinic import mail, scheduling
from clinic.accounts.models import User
from clinic.db import MAX_ID, session, transaction
from clinic.directory.models import Department, Room
from clinic.errors import Conflict, Forbidden, InvalidInput, Unauthenticated
from clinic.scheduling.models import Appointment, AppointmentEvent
from tests import factories
from tests.factories import appointment

pytestmark = pytest.mark.usefixtures("app_context")

MONDAY = date(2026, 3, 2)
TUESDAY = MONDAY + timedelta(days=1)
ON_GRID = "Please choose a time from 08:00 to 16:30, in steps of 30 minutes."


@pytest.fixture
def monday(clock_at):
    """Monday at ten past nine; the clock stands."""
    return clock_at("2026-03-02 09:10")


def nothing_was_written() -> bool:
    """Whether no visit, no history and no mail came of it."""
    session().rollback()
    tables = (Appointment, AppointmentEvent, mail.OutboxMail)
    return [session().scalar(select(func.count()).select_from(table)) for table in tables] == [0, 0, 0]


# --- what comes of it -------------------------------------------------------------------------------------------------


def test_ana_books_dr_chen(cast, book, monday):
    row = book(on=TUESDAY, at="10:30", symptoms=" Palpitations ", reason="Check-up", notes="By bus\r\nfrom Huế")
    assert row["status"] == "booked"
    assert (row["appointment_date"], row["appointment_time"]) == (TUESDAY, time(10, 30))
    assert row["starts_at"].isoformat() == "2026-03-03T03:30:00+00:00"
    assert (row["patient"]["id"], row["doctor"]["id"], row["department"]["id"]) == (
        cast.ana, cast.chen, cast.cardiology,
    )  # fmt: skip
    assert (row["symptoms"], row["reason"], row["notes"]) == ("Palpitations", "Check-up", "By bus\nfrom Huế")
    assert row["estimated_fee"] == Decimal("200000.00")
    assert row["room"]["room_number"] == "201"
    assert (row["service"], row["rescheduled_from"], row["cancelled_at"], row["cancellation_reason"]) == (None,) * 4
    assert row == scheduling.appointment(cast.actor("ana"), row["id"])


def test_what_the_patient_says_is_optional(book, monday):
    row = book(on=TUESDAY, symptoms=None, reason="", notes="  ")
    assert (row["symptoms"], row["reason"], row["notes"]) == (None, None, None)


def test_the_fee_is_the_departments_and_stays_when_that_changes(cast, book, monday):
    row = book(doctor="diallo", on=TUESDAY)
    assert row["estimated_fee"] == Decimal("250000.00")
    with transaction() as current:
        current.get_one(Department, cast.neurology).health_examination_fee = Decimal(1)
    assert scheduling.appointment(cast.actor("ana"), row["id"])["estimated_fee"] == Decimal("250000.00")


def test_texts_come_in_the_actors_language(cast, book, monday):
    row = book(on=TUESDAY)
    shown = scheduling.appointment(cast.actor("ana", "vi"), row["id"])
    assert (shown["department"]["name"], shown["doctor"]["specialization"]) == ("Tim mạch", "Tổng quát")


def test_the_history_begins_and_a_mail_waits(cast, book, monday):
    row = book(on=TUESDAY)
    assert scheduling.history(cast.actor("ana"), row["id"]) == [
        {
            "at": monday.astimezone(row["created_at"].tzinfo),
            "what": "created",
            "by_user_id": cast.ana,
            "by_name": "Ana Nguyễn",
            "by_role": "patient",
            "from_status": None,
            "to_status": "booked",
            "details": {},
        }
    ]
    [letter] = mail.all_mail()
    assert (letter["to"], letter["status"]) == ("ana@example.com", "queued")


def test_the_office_books_for_a_patient(cast, book, monday):
    row = book("esther", on=TUESDAY, patient_id=cast.boris)
    assert row["patient"]["id"] == cast.boris
    assert scheduling.history(cast.actor("boris"), row["id"])[0]["by_name"] == "Esther Office"
    assert mail.all_mail()[0]["to"] == "boris@example.com"


def test_a_patient_books_for_themselves_whatever_they_send(cast, book, monday):
    assert book("ana", on=TUESDAY, patient_id=cast.boris)["patient"]["id"] == cast.ana


# --- rooms ------------------------------------------------------------------------------------------------------------


def test_the_doctors_own_room_then_the_departments_then_none(cast, book, monday):
    assert book(on=TUESDAY)["room"]["room_number"] == "201"
    assert book("boris", "diallo", on=TUESDAY)["room"]["room_number"] == "301"
    colleague = factories.doctor("Dr Eve", department_id=cast.neurology)
    third = scheduling.book(
        cast.actor("esther"), doctor_id=colleague, department_id=cast.neurology, on=TUESDAY, at=time(9),
        patient_id=factories.patient("Third"),
    )  # fmt: skip
    assert third["room"] is None


def test_a_booking_gets_the_room_that_its_slot_named(cast, book, monday):
    with transaction() as current:
        current.get_one(Room, cast.chens_room).is_active = False
    for who, at in (("ana", "09:00"), ("boris", "09:30")):
        slots = scheduling.day_slots(doctor_id=cast.chen, on=TUESDAY).slots
        named = next(slot.room for slot in slots if f"{slot.time:%H:%M}" == at)
        assert book(who, on=TUESDAY, at=at)["room"]["room_number"] == named == "202"


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_nobody_and_no_doctor_books(cast, book, monday):
    with pytest.raises(Forbidden):
        book("chen", on=TUESDAY, patient_id=cast.ana)
    with pytest.raises(Unauthenticated):
        scheduling.book(None, doctor_id=cast.chen, department_id=cast.cardiology, on=TUESDAY, at=time(9))
    assert nothing_was_written()


def test_the_role_is_judged_before_anything_that_was_sent(cast, monday):
    with pytest.raises(Forbidden):
        scheduling.book(
            cast.actor("chen"), doctor_id=0, department_id=0, on=date(1999, 1, 1), at=time(3), symptoms="x" * 9999
        )


@pytest.mark.parametrize(
    ("different", "field", "said"),
    [
        ({"doctor_id": 424242}, "doctor_id", "We can't find this doctor."),
        ({"doctor_id": 0}, "doctor_id", "We can't find this doctor."),
        ({"doctor_id": MAX_ID + 1}, "doctor_id", "We can't find this doctor."),
        ({"doctor_id": "ana"}, "doctor_id", "We can't find this doctor."),
        ({"department_id": 424242}, "department_id", "We can't find this department."),
        ({"department_id": 10**30}, "department_id", "We can't find this department."),
        ({"department_id": "neurology"}, "doctor_id", "This doctor doesn't work in this department."),
        ({"on": MONDAY - timedelta(days=1)}, "appointment_date", "This day has passed."),
        ({"on": date.min}, "appointment_date", "This day has passed."),
        ({"on": MONDAY + timedelta(days=31)}, "appointment_date", "Visits can be booked up to 30 days ahead."),
        ({"on": date.max}, "appointment_date", "Visits can be booked up to 30 days ahead."),
        ({"at": time(7, 30)}, "appointment_time", ON_GRID),
        ({"at": time(17)}, "appointment_time", ON_GRID),
        ({"at": time(9, 15)}, "appointment_time", ON_GRID),
        ({"at": time(9, 0, 1)}, "appointment_time", ON_GRID),
        ({"on": MONDAY, "at": time(9)}, "appointment_time", "This time has passed."),
        ({"symptoms": "x" * 2001}, "symptoms", "Please use at most 2000 characters."),
        ({"reason": "x" * 501}, "reason", "Please use at most 500 characters."),
        ({"notes": "x" * 2001}, "notes", "Please use at most 2000 characters."),
        ({"notes": "a\x00b"}, "notes", "This text has characters that we can't save."),
    ],
)
def test_each_field_is_refused_by_itself_and_nothing_is_written(cast, monday, different, field, said):
    arguments = {"doctor_id": cast.chen, "department_id": cast.cardiology, "on": TUESDAY, "at": time(9)} | different
    named = {key: getattr(cast, value) if isinstance(value, str) and hasattr(cast, value) else value
             for key, value in arguments.items()}  # fmt: skip
    with pytest.raises(InvalidInput) as refusal:
        scheduling.book(cast.actor("ana"), **named)
    assert refusal.value.field_texts(str) == {field: [said]}
    assert nothing_was_written()


@pytest.mark.parametrize("patient", [None, 0, 424242, 10**30, "chen", "esther", "switched off"])
def test_the_office_must_name_an_active_patient(cast, book, monday, patient):
    gone = factories.patient("Gone", is_active=False)
    patient_id = {"chen": cast.chen, "esther": cast.esther, "switched off": gone}.get(patient, patient)
    with pytest.raises(InvalidInput) as refusal:
        book("esther", on=TUESDAY, patient_id=patient_id)
    assert list(refusal.value.errors) == ["patient_id"]


@pytest.mark.parametrize("model", [User, Department])
def test_nobody_books_who_or_what_is_out_of_service(cast, book, monday, model):
    with transaction() as current:
        row_id = cast.chen if model is User else cast.cardiology
        current.execute(update(model).where(model.id == row_id).values(is_active=False))
    with pytest.raises(InvalidInput) as refusal:
        book(on=TUESDAY)
    assert list(refusal.value.errors) == ["doctor_id"]
    assert nothing_was_written()


@pytest.mark.parametrize(
    ("now", "at", "bookable"),
    [
        ("2026-03-02 07:59:59", "08:00", True),
        ("2026-03-02 08:00:00", "08:00", False),
        ("2026-03-02 16:29:59", "16:30", True),
        ("2026-03-02 16:30:00", "16:30", False),
    ],
)
def test_a_slot_can_be_booked_until_the_second_in_which_it_begins(cast, book, clock_at, now, at, bookable):
    clock_at(now)
    if bookable:
        assert book(on=MONDAY, at=at)["status"] == "booked"
        return
    with pytest.raises(InvalidInput) as refusal:
        book(on=MONDAY, at=at)
    assert list(refusal.value.errors) == ["appointment_time"]


def test_the_last_day_can_be_booked(cast, book, monday):
    assert book(on=MONDAY + timedelta(days=30), at="16:30")["status"] == "booked"


@pytest.mark.parametrize("status", ["booked", "confirmed", "completed"])
def test_a_slot_of_the_doctor_is_taken_whatever_became_of_the_visit(cast, book, monday, status):
    appointment(cast.boris, cast.chen, TUESDAY, "09:00", status=status)
    with pytest.raises(Conflict) as refusal:
        book("ana", on=TUESDAY)
    assert (refusal.value.code, list(refusal.value.errors)) == ("slot_taken", ["appointment_time"])


def test_a_patient_is_at_one_place_at_a_time(cast, book, monday):
    book("ana", "diallo", on=TUESDAY)
    for who, patient in (("ana", None), ("esther", cast.ana)):
        with pytest.raises(Conflict) as refusal:
            book(who, "chen", on=TUESDAY, patient_id=patient)
        assert (refusal.value.code, list(refusal.value.errors)) == ("patient_busy", ["appointment_time"])


def test_where_both_hold_the_slot_is_taken(cast, book, monday):
    book("boris", "chen", on=TUESDAY)
    book("ana", "diallo", on=TUESDAY)
    book("ana", "chen", on=TUESDAY, at="10:00")
    for at in ("09:00", "10:00"):
        with pytest.raises(Conflict) as refusal:
            book("ana", "chen", on=TUESDAY, at=at)
        assert refusal.value.code == "slot_taken"


def test_whoever_has_booked_this_very_visit_learns_which_it_is(cast, book, monday):
    """A form that is sent twice leads to the visit that its first copy booked."""
    mine = book("ana", on=TUESDAY)
    for who, patient in (("ana", None), ("esther", cast.ana)):
        with pytest.raises(Conflict) as refusal:
            book(who, on=TUESDAY, patient_id=patient)
        assert (refusal.value.code, refusal.value.params) == ("slot_taken", {"booked": mine["id"]})
    for who, whom in (("boris", "chen"), ("ana", "diallo")):
        with pytest.raises(Conflict) as refusal:
            book(who, whom, on=TUESDAY)
        assert refusal.value.params == {}


def test_who_may_go_on_to_book(cast):
    assert scheduling.may_book(None)
    assert scheduling.may_book(cast.actor("ana"))
    assert not scheduling.may_book(cast.actor("chen"))
    assert not scheduling.may_book(cast.actor("chen"), patient_id=cast.ana)
    assert not scheduling.may_book(cast.actor("esther"))
    assert scheduling.may_book(cast.actor("esther"), patient_id=cast.ana)


def test_a_cancelled_visit_sets_the_slot_the_patient_and_the_room_free(cast, book, monday):
    first = book("ana", on=TUESDAY)
    scheduling.cancel(cast.actor("esther"), first["id"])
    second = book("boris", on=TUESDAY)
    assert second["room"] == first["room"]
    assert book("ana", "diallo", on=TUESDAY)["status"] == "booked"


def test_a_refused_booking_leaves_no_history_and_no_mail(cast, book, monday):
    book("boris", on=TUESDAY)
    with pytest.raises(Conflict):
        book("ana", on=TUESDAY)
    assert [letter["to"] for letter in mail.all_mail()] == ["boris@example.com"]
    assert session().scalar(select(func.count()).select_from(AppointmentEvent)) == 1


def test_nobody_is_booked_while_the_doctor_is_away(cast, book, day):
    scheduling.take_leave(cast.actor("chen"), first_day=day(3))
    with pytest.raises(Conflict) as refusal:
        book(on=day(3))
    assert (refusal.value.code, list(refusal.value.errors)) == ("slot_taken", ["appointment_time"])


@pytest.mark.parametrize("key", ["", "k" * 256, "kéy", "k\n"])
def test_a_key_that_can_not_be_kept_books_nothing(cast, book, key):
    with pytest.raises(InvalidInput) as refusal:
        book(idempotency_key=key)
    assert list(refusal.value.errors) == ["idempotency_key"]
    assert session().scalar(select(func.count(Appointment.id))) == 0


def test_a_repeat_under_the_same_key_books_nothing(cast, book):
    first = book(idempotency_key="k")
    assert book(idempotency_key="k")["id"] == first["id"]
    with pytest.raises(Conflict) as refusal:
        book(at="10:00", idempotency_key="k")
    assert refusal.value.code == "key_reused"
