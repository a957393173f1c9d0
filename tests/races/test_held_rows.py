"""Who acts on a row that somebody else is changing waits for them, and goes by what they made of it.

One of the two stands still before the commit, so each test meets the moment at which a row that was only read would be
overlooked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import event, select

from clinic import accounts, records, scheduling
from clinic.audit import AuditAction
from clinic.db import db, session, transaction
from clinic.errors import DomainError
from clinic.policy import Actor
from clinic.scheduling import EntryKind
from clinic.scheduling.models import Appointment
from tests import factories
from tests.people import ANA, CHEN, PASSWORD, Cast, actor_of, plant
from tests.races.conftest import meanwhile
from tests.settings import PATIENCE


@pytest.fixture
def planted(app: Flask) -> Cast:
    """The cast, in the database of this test."""
    with app.app_context():
        return plant()


def second(app: Flask, first: Callable[[], object], deed: Callable[[], object]) -> str:
    """Do ``first``; while it isn't committed yet, begin ``deed``. Return what came of that: "done" or its refusal."""
    came_of_it: list[str] = []

    def tried() -> None:
        try:
            deed()
        except DomainError as refusal:
            came_of_it.append(f"{type(refusal).__name__} {refusal.code} {sorted(refusal.errors)}")
        else:
            came_of_it.append("done")

    with transaction():
        first()
        thread = meanwhile(app, tried)
    thread.join(PATIENCE)
    session().rollback()
    [outcome] = came_of_it
    return outcome


def test_no_service_is_assigned_that_is_being_switched_off(app: Flask, planted: Cast, day) -> None:
    with app.app_context():
        appointment = factories.appointment(planted.ana, planted.chen, day(3), status="confirmed")
        esther, chen = actor_of(planted.esther), actor_of(planted.chen)
        assert (
            second(
                app,
                lambda: scheduling.switch(esther, EntryKind.SERVICE, planted.ecg, active=False),
                lambda: scheduling.assign_service(chen, appointment, planted.ecg),
            )
            == "InvalidInput validation_error ['service_id']"
        )


def test_a_service_that_is_being_assigned_is_not_switched_off_unseen(app: Flask, planted: Cast, day) -> None:
    with app.app_context():
        appointment = factories.appointment(planted.ana, planted.chen, day(3), status="confirmed")
        esther, chen = actor_of(planted.esther), actor_of(planted.chen)
        assert (
            second(
                app,
                lambda: scheduling.assign_service(chen, appointment, planted.ecg),
                lambda: scheduling.switch(esther, EntryKind.SERVICE, planted.ecg, active=False),
            )
            == "Conflict visits_booked []"
        )


def booking(planted: Cast, day, who: str) -> Callable[[], object]:
    """Ana's booking with Dr Chen, by herself or by the office."""
    actor = actor_of(getattr(planted, who))
    return lambda: scheduling.book(
        actor,
        doctor_id=planted.chen,
        department_id=planted.cardiology,
        on=day(3),
        at=scheduling.SLOT_TIMES[0],
        patient_id=planted.ana,
    )


@pytest.mark.parametrize("by", ["office", "operator"])
def test_nobody_is_booked_with_a_doctor_who_is_being_switched_off(app: Flask, planted: Cast, day, by) -> None:
    with app.app_context():
        esther, book = actor_of(planted.esther), booking(planted, day, "ana")

        def switch() -> None:
            if by == "office":
                scheduling.switch(esther, EntryKind.ACCOUNT, planted.chen, active=False)
            else:
                scheduling.switch_account(CHEN, active=False)

        assert second(app, switch, book) == "InvalidInput validation_error ['doctor_id']"
        assert session().scalars(select(Appointment)).all() == []


@pytest.mark.parametrize("who", ["ana", "esther"])
def test_nobody_is_booked_whose_account_is_being_switched_off(app: Flask, planted: Cast, day, who) -> None:
    with app.app_context():
        book = booking(planted, day, who)
        outcome = second(app, lambda: scheduling.switch_account(ANA, active=False), book)
        assert outcome == "InvalidInput validation_error ['patient_id']"
        assert session().scalars(select(Appointment)).all() == []


def test_leave_is_taken_back_once(app: Flask, planted: Cast, day) -> None:
    with app.app_context():
        leave = factories.leave(planted.chen, day(20), day(21))
        esther, chen = actor_of(planted.esther), actor_of(planted.chen)
        outcome = second(app, lambda: scheduling.end_leave(esther, leave), lambda: scheduling.end_leave(chen, leave))
        assert outcome == "NotFound not_found []"
        assert records.audit_trail(esther, action=AuditAction.LEAVE_ENDED).count == 1


def test_leave_that_is_being_taken_back_is_entered_anew(app: Flask, planted: Cast, day) -> None:
    with app.app_context():
        leave = factories.leave(planted.chen, day(20), day(21))
        esther, chen = actor_of(planted.esther), actor_of(planted.chen)
        outcome = second(
            app,
            lambda: scheduling.end_leave(esther, leave),
            lambda: scheduling.take_leave(chen, first_day=day(20), last_day=day(21), reason="Conference"),
        )
        assert outcome == "done"
        assert [row["reason"] for row in scheduling.leaves(chen)] == ["Conference"]


def test_who_signs_in_twice_in_another_language_waits_for_nobody_who_waits(app: Flask, planted: Cast) -> None:
    """Each would hold the account shared and then write the language to it, and so wait for the other."""
    with app.app_context():
        signed_in: list[accounts.SignedIn] = []

        def sign_in(language: str | None) -> None:
            origin = accounts.Origin("race", "127.0.0.1")
            kind = accounts.SessionKind.API
            signed_in.append(
                accounts.sign_in(email=ANA, password=PASSWORD, kind=kind, origin=origin, language=language)
            )

        with transaction():
            sign_in(None)
            thread = meanwhile(app, lambda: sign_in("vi"))
            accounts.set_language(signed_in[0].actor, "vi")
        thread.join(PATIENCE)
        assert [each.actor.language for each in signed_in] == ["en", "vi"]


# --- doctors, accounts and departments --------------------------------------------------------------------------------


def test_no_visit_is_handed_into_a_department_that_is_being_switched_off(app: Flask, planted: Cast, day) -> None:
    with app.app_context():
        visit, esther = factories.appointment(planted.ana, planted.chen, day(3)), actor_of(planted.esther)
        outcome = second(
            app,
            lambda: scheduling.switch(esther, EntryKind.DEPARTMENT, planted.neurology, active=False),
            lambda: scheduling.hand_over(esther, visit, doctor_id=planted.diallo),
        )
        assert outcome == "InvalidInput validation_error ['doctor_id']"


@pytest.mark.parametrize("who", ["ana", "esther"])
def test_a_visit_that_is_moved_or_handed_over_meanwhile_is_counted_where_it_is(
    app: Flask, planted: Cast, day, who: str
) -> None:
    """The department is switched off with the count that was shown before."""
    with app.app_context():
        visit, esther = factories.appointment(planted.ana, planted.chen, day(3)), actor_of(planted.esther)
        shown, department = (0, planted.neurology) if who == "esther" else (1, planted.cardiology)
        outcome = second(
            app,
            lambda: (
                scheduling.hand_over(esther, visit, doctor_id=planted.diallo)
                if who == "esther"
                else scheduling.reschedule(actor_of(planted.ana), visit, on=day(4), at=time(9))
            ),
            lambda: scheduling.switch(esther, EntryKind.DEPARTMENT, department, active=False, expected_count=shown),
        )
        waiting = [each.id for each in scheduling.visits_to_settle(esther)]
        assert (outcome, waiting) == (("Conflict visits_booked []", []) if who == "esther" else ("done", [visit]))


OwnDeed = Callable[[Actor, int, date], object]
OWN_DEEDS: dict[str, OwnDeed] = {
    "extra hours": lambda chen, _visit, on: scheduling.add_extra_hours(
        chen, chen.user_id, day=on, from_time=time(8), to_time=time(9)
    ),
    "leave": lambda chen, _visit, on: scheduling.take_leave(chen, first_day=on),
    "move": lambda chen, visit, on: scheduling.reschedule(chen, visit, on=on, at=time(10)),
    "proposal": lambda chen, visit, _on: scheduling.propose_doctor(chen, visit),
}


@pytest.mark.parametrize("deed", OWN_DEEDS)
def test_a_doctor_at_work_and_who_switches_them_off_never_wait_for_each_other(
    app: Flask, planted: Cast, day, deed: str
) -> None:
    """The account is switched off in the moment in which the doctor's row is held and nothing is written yet."""
    outcomes, begun = list[str](), list[Thread | None]()

    def off() -> None:
        scheduling.switch_account(CHEN, active=False)
        outcomes.append("off")

    def once_held(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        is_lock = "doctors" in statement and ("FOR " in statement or db.engine.dialect.name == "sqlite")
        if is_lock and not begun:
            begun.append(None)  # what the other one does isn't meant
            begun[0] = meanwhile(app, off)

    with app.app_context():
        visit, chen = factories.appointment(planted.ana, planted.chen, day(3)), actor_of(planted.chen)
        event.listen(db.engine, "after_cursor_execute", once_held)
        try:
            OWN_DEEDS[deed](chen, visit, day(4))
        finally:
            event.remove(db.engine, "after_cursor_execute", once_held)
    [thread] = begun
    assert thread is not None
    thread.join(PATIENCE)
    assert outcomes == ["off"]


def test_a_visit_that_moves_while_leave_is_entered_over_it_is_settled(app: Flask, planted: Cast, day) -> None:
    with app.app_context():
        visit, esther = factories.appointment(planted.ana, planted.chen, day(3)), actor_of(planted.esther)
        outcome = second(
            app,
            lambda: scheduling.take_leave(esther, first_day=day(3), doctor_id=planted.chen),
            lambda: scheduling.reschedule(actor_of(planted.ana), visit, on=day(4), at=time(9)),
        )
        assert (outcome, scheduling.visits_to_settle(esther)) == ("done", [])
