"""Which doctors are public: switched on, in a department that is on, and the invitation accepted. Of nobody else are
times offered anywhere, and the right one is blamed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time
from decimal import Decimal

import pytest
from sqlalchemy import update

from clinic import accounts, directory, mail, scheduling
from clinic.accounts.models import NO_PASSWORD, User
from clinic.db import transaction
from clinic.directory.models import Department
from clinic.errors import InvalidInput, NotFound, Unauthenticated
from clinic.scheduling import SlotStatus
from tests.people import PASSWORD, Cast

pytestmark = pytest.mark.usefixtures("app_context")


def switch_off_the_doctor(cast: Cast) -> None:
    with transaction() as session:
        session.execute(update(User).where(User.id == cast.chen).values(is_active=False))


def switch_off_the_department(cast: Cast) -> None:
    with transaction() as session:
        session.execute(update(Department).where(Department.id == cast.cardiology).values(is_active=False))


def take_the_password(cast: Cast) -> None:
    """As if Dr Chen had been invited and had not signed in yet."""
    with transaction() as session:
        session.execute(update(User).where(User.id == cast.chen).values(password_hash=NO_PASSWORD))


DOCTOR = ("doctor_unavailable", "This doctor isn't seeing patients at the moment.")
DEPARTMENT = ("department_closed", "This department isn't taking bookings at the moment.")
closings = pytest.mark.parametrize(
    ("close", "refusal"),
    [(switch_off_the_doctor, DOCTOR), (switch_off_the_department, DEPARTMENT), (take_the_password, DOCTOR)],
    ids=["doctor off", "department off", "invited"],
)
Close = Callable[[Cast], None]


@closings
def test_no_times_are_offered_anywhere(cast, day, close: Close, refusal):
    close(cast)
    ana = cast.actor("ana")
    assert scheduling.next_free([cast.chen, cast.diallo]).keys() == {cast.chen, cast.diallo}
    assert scheduling.next_free([cast.chen])[cast.chen] == []
    assert scheduling.next_free([cast.diallo])[cast.diallo] != []
    assert scheduling.nearest_free(doctor_id=cast.chen, on=day(1), at=time(9)) == []
    assert {each.free for each in scheduling.free_days(cast.chen)} == {0}
    board = scheduling.board([cast.chen, cast.diallo], doctor_id=cast.chen, on=day(1), actor=ana)
    assert (board.next_free[cast.chen], {each.free for each in board.days}) == (None, {0})
    assert {slot.reason for slot in board.slots} == {SlotStatus.CLOSED}
    assert board.next_free[cast.diallo] is not None
    with pytest.raises(NotFound):
        scheduling.day_slots(doctor_id=cast.chen, on=day(1))
    assert {each.free for each in scheduling.week(cast.actor("chen"), day(0))} == {0}


@closings
def test_the_doctor_is_not_in_the_directory(cast, close: Close, refusal):
    close(cast)
    assert [row["id"] for row in directory.doctors(lang="en").results] == [cast.diallo]
    with pytest.raises(NotFound):
        directory.doctor(cast.chen, lang="en")
    if close is not switch_off_the_department:
        assert directory.department(cast.cardiology, lang="en")["doctors_count"] == 0
        assert directory.doctors_of(cast.actor("ana"), cast.cardiology)["count"] == 0


@closings
def test_a_visit_can_be_neither_booked_nor_moved_and_the_right_one_is_blamed(cast, book, day, close: Close, refusal):
    appointment = book()
    close(cast)
    with pytest.raises(InvalidInput):
        book("boris")
    code, words = refusal
    for name in ("ana", "chen", "esther"):
        actor = cast.actor(name)
        with pytest.raises(InvalidInput) as moved:
            scheduling.reschedule(actor, appointment["id"], on=day(4), at=time(10))
        assert moved.value.errors["new_date"][0].message == words
        why = scheduling.possible(actor, scheduling.appointment(actor, appointment["id"]))
        assert (why["reschedule"].code, why["reschedule"].message) == refusal
        assert code in scheduling.CLOSED
        assert why["cancel"] is None


def test_of_what_was_cancelled_the_state_is_blamed(cast, book):
    appointment = book()
    scheduling.cancel(cast.actor("esther"), appointment["id"])
    switch_off_the_doctor(cast)
    esther = cast.actor("esther")
    why = scheduling.possible(esther, scheduling.appointment(esther, appointment["id"]))
    assert why["reschedule"].code == "invalid_transition"


def test_an_invited_doctor_is_public_from_the_first_password_on(cast, day):
    esther = cast.actor("esther")
    number = directory.invite_doctor(
        esther,
        email="gil@clinic.example",
        full_name="Gil Heart",
        phone_num="0911222333",
        values={
            "department_id": cast.cardiology,
            "license_number": "L-77",
            "experience_years": 7,
            "consultation_fee": Decimal(0),
        },
    )
    [letter] = mail.all_mail()
    link = re.search(r"/reset-password/([\w-]+)/([\w-]+)", letter["body"])
    assert link
    with pytest.raises(NotFound):
        scheduling.day_slots(doctor_id=number, on=day(1))
    shown = [accounts.person(esther, number), directory.one_doctor(esther, number)]
    assert [(row["is_active"], row["has_password"]) for row in shown] == [(True, False)] * 2

    accounts.reset_password(uid=link[1], token=link[2], new_password=PASSWORD, confirm_password=PASSWORD)
    assert directory.doctor(number, lang="en")["full_name"] == "Gil Heart"
    assert len(scheduling.day_slots(doctor_id=number, on=day(1)).slots) == 18
    shown = [accounts.person(esther, number), directory.one_doctor(esther, number)]
    assert [row["has_password"] for row in shown] == [True, True]


def test_nobody_signs_in_without_a_password(cast):
    take_the_password(cast)
    for typed in ("", "!", PASSWORD):
        with pytest.raises(Unauthenticated):
            accounts.sign_in(
                email="chen@clinic.example", password=typed, kind=accounts.SessionKind.API, origin=accounts.Origin()
            )
