"""Somebody else acts between the look and the write: the database decides, and the loser is told what has happened.

`meanwhile` stages the moment. On SQLite nobody can write while a command does, so what happens within a command is
staged on PostgreSQL alone, and what happens before it on both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from clinic import accounts, directory, mail, scheduling
from clinic.accounts import Origin, SessionKind
from clinic.accounts.models import SignInSession, User
from clinic.accounts.passwords import hash_password
from clinic.accounts.uids import uid_of
from clinic.db import MAX_ID, atomic, flush, session, transaction
from clinic.directory.models import Doctor
from clinic.errors import Conflict, InvalidInput, Unauthenticated
from clinic.mail import LinkPurpose
from clinic.mail.links import token_of
from clinic.policy import Role
from clinic.scheduling import allocation, idempotency
from clinic.scheduling.bookable_doctors import bookable_doctor_on
from clinic.scheduling.models import Appointment
from tests import factories
from tests.factories import PASSWORD
from tests.people import ANA, Cast

pytestmark = pytest.mark.usefixtures("app_context")

Book = Callable[..., dict[str, Any]]
Meanwhile = Callable[..., list[Exception]]
#: The first statement of a command that writes on what it has read before: it takes SQLite's lock, or locks a row.
FIRST_LOCK = ("BEGIN IMMEDIATE", "FOR UPDATE", "FOR SHARE")
WITHIN_A_COMMAND = pytest.mark.parametrize("engine_name", ["postgresql"])
NEW_PASSWORD = "Another-demo-2027"


def signing_in() -> object:
    """Ana signs in with the password that she has had from the beginning."""
    return accounts.sign_in(email=ANA, password=PASSWORD, kind=SessionKind.API, origin=Origin())


def new_password(user_id: int) -> None:
    """Somebody has another password from now on."""
    with transaction() as current:
        current.execute(update(User).where(User.id == user_id).values(password_hash=hash_password(NEW_PASSWORD)))


# --- what is refused because nobody foresaw it ------------------------------------------------------------------------


@pytest.fixture
def write() -> Callable[[User], None]:
    """Writes a user as a command does that foresees a taken e-mail."""

    @atomic
    def write(user: User) -> None:
        session().add(user)
        flush({"uq_users_email": Conflict("Taken.")})

    return write


def test_a_violation_is_what_the_command_says_it_means(cast, write):
    with pytest.raises(Conflict, match=r"Taken\."):
        write(factories.user_row("Other Ana", ANA, Role.PATIENT))


def test_a_violation_that_no_command_foresaw_is_no_refusal(cast, write):
    with pytest.raises(IntegrityError):
        write(factories.user_row("Mai", "mai@example.com", Role.PATIENT, phone_num="1"))
    assert session().scalar(select(func.count(User.id)).where(User.email == "mai@example.com")) == 0


def test_a_slot_isnt_called_taken_for_another_fault_of_the_booking(cast: Cast, day: Callable[[int], date]):
    doctor, away = bookable_doctor_on(cast.chen, day(3))
    assert doctor is not None
    moment = scheduling.Moment(day(3), time(9))
    wrong = factories.appointment_row(cast.ana, cast.chen, day(3), examination_fee=-1)
    with pytest.raises(IntegrityError), transaction():
        allocation.allocate(wrong, doctor, away, moment, field="appointment_time")


def test_a_key_isnt_called_used_for_another_fault_of_its_row(cast):
    nobody = replace(cast.actor("ana"), user_id=MAX_ID)
    with pytest.raises(IntegrityError), transaction():
        idempotency.claim(nobody, "key", {})


# --- accounts ---------------------------------------------------------------------------------------------------------


def test_the_old_password_opens_nothing_once_there_is_a_new_one(cast: Cast, meanwhile: Meanwhile):
    failed = meanwhile(FIRST_LOCK, lambda: new_password(cast.ana))
    with pytest.raises(Unauthenticated) as refusal:
        signing_in()
    assert (refusal.value.code, failed) == ("invalid_credentials", [])
    assert session().scalar(select(func.count(SignInSession.id)).where(SignInSession.user_id == cast.ana)) == 0


def test_whoever_knew_the_old_password_doesnt_win_against_a_new_one(cast: Cast, meanwhile: Meanwhile):
    ana = cast.actor("ana")
    failed = meanwhile(FIRST_LOCK, lambda: new_password(cast.ana))
    with pytest.raises(InvalidInput) as refusal:
        accounts.change_password(
            ana, old_password=PASSWORD, new_password="Third-demo-2028", confirm_password="Third-demo-2028"
        )
    assert (list(refusal.value.errors), failed) == (["old_password"], [])
    session().rollback()
    accounts.sign_in(email=ANA, password=NEW_PASSWORD, kind=SessionKind.API, origin=Origin())


def test_of_two_uses_of_one_link_the_second_finds_it_dead(cast: Cast, meanwhile: Meanwhile):
    with transaction():
        token = token_of(mail.new_link(cast.ana, LinkPurpose.PASSWORD, lasts=accounts.LINK_LASTS))

    def use(password: str) -> None:
        accounts.reset_password(
            uid=uid_of(cast.ana),
            token=token,
            new_password=password,
            confirm_password=password,
        )

    failed = meanwhile(FIRST_LOCK, lambda: use(NEW_PASSWORD))
    with pytest.raises(InvalidInput) as refusal:
        use("Third-demo-2028")
    assert (list(refusal.value.errors), failed) == (["token"], [])
    session().rollback()
    accounts.sign_in(email=ANA, password=NEW_PASSWORD, kind=SessionKind.API, origin=Origin())


@WITHIN_A_COMMAND
def test_a_room_that_a_colleague_took_a_moment_earlier_is_taken(cast: Cast, meanwhile: Meanwhile):
    chen = cast.actor("chen")

    def takes() -> None:
        with transaction() as current:
            current.execute(update(Doctor).where(Doctor.user_id == cast.diallo).values(room_id=cast.heart_room))

    failed = meanwhile("UPDATE doctors", takes)
    with pytest.raises(Conflict) as refusal:
        directory.update_me(chen, {"doctor_profile": {"room": cast.heart_room}})
    assert (refusal.value.code, list(refusal.value.errors)) == ("room_taken", ["doctor_profile.room"])
    assert failed == []
    session().rollback()
    rooms = dict(session().execute(select(Doctor.user_id, Doctor.room_id)).all())
    assert (rooms[cast.chen], rooms[cast.diallo]) == (cast.chens_room, cast.heart_room)


# --- bookings ---------------------------------------------------------------------------------------------------------


@WITHIN_A_COMMAND
@pytest.mark.parametrize(
    ("patient", "doctor", "code"), [("boris", "chen", "slot_taken"), ("ana", "diallo", "patient_busy")]
)
def test_a_slot_that_is_taken_after_the_look_is_refused_as_taken(
    cast: Cast, meanwhile: Meanwhile, book: Book, day: Callable[[int], date], patient: str, doctor: str, code: str
):
    failed = meanwhile(
        "INSERT INTO appointments",
        lambda: factories.appointment(getattr(cast, patient), getattr(cast, doctor), day(3)),
    )
    with pytest.raises(Conflict) as refusal:
        book("ana", "chen")
    assert (refusal.value.code, list(refusal.value.errors), failed) == (code, ["appointment_time"], [])
    session().rollback()
    assert session().scalar(select(func.count(Appointment.id))) == 1


@pytest.fixture
def room_after_room(cast: Cast, day: Callable[[int], date]) -> list[Callable[[], object]]:
    """As often as a booking looks for a room but the last time, somebody takes the room that it has chosen."""
    rooms = [cast.chens_room, cast.heart_room]
    rooms += [factories.room(f"21{number}", floor=2, department_id=cast.cardiology) for number in range(5)]
    assert len(rooms) == allocation.ATTEMPTS - 1
    people = [
        (factories.patient(f"Patient {room}"), factories.doctor(f"Dr {room}", department_id=cast.neurology))
        for room in rooms
    ]
    return [
        partial(factories.appointment, patient, doctor, day(3), room_id=room)
        for room, (patient, doctor) in zip(rooms, people, strict=True)
    ]


@WITHIN_A_COMMAND
def test_a_booking_that_loses_every_room_goes_without_one(meanwhile: Meanwhile, book: Book, room_after_room):
    failed = meanwhile("INSERT INTO appointments", *room_after_room)
    assert (book("ana", "chen")["room"], failed) == (None, [])


@WITHIN_A_COMMAND
@pytest.mark.parametrize(
    ("patient", "doctor", "code"), [("boris", "chen", "slot_taken"), ("ana", "diallo", "patient_busy")]
)
def test_a_booking_that_loses_every_room_and_then_the_slot_is_refused(
    cast: Cast, meanwhile: Meanwhile, book: Book, day: Callable[[int], date], room_after_room, patient, doctor, code
):
    last = [lambda: factories.appointment(getattr(cast, patient), getattr(cast, doctor), day(3))]
    failed = meanwhile("INSERT INTO appointments", *room_after_room, *last)
    with pytest.raises(Conflict) as refusal:
        book("ana", "chen")
    assert (refusal.value.code, failed) == (code, [])


@WITHIN_A_COMMAND
@pytest.mark.parametrize("same", [True, False])
def test_a_repeat_that_arrives_with_the_first_request_books_nothing(
    cast: Cast, meanwhile: Meanwhile, book: Book, day: Callable[[int], date], same: bool
):
    first: list[int] = []
    at = "09:00" if same else "10:00"
    failed = meanwhile(
        "INSERT INTO idempotency_keys", lambda: first.append(book("ana", "chen", at=at, idempotency_key="k")["id"])
    )
    if same:
        assert book("ana", "chen", idempotency_key="k")["id"] == first[0]
    else:
        with pytest.raises(Conflict) as refusal:
            book("ana", "chen", idempotency_key="k")
        assert refusal.value.code == "key_reused"
    session().rollback()
    assert (session().scalar(select(func.count(Appointment.id))), failed) == (1, [])
