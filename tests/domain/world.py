"""What the front doors are asked about: the cast signed in, and what happened between Ana and Dr Chen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from clinic import accounts, clock, scheduling
from clinic.accounts.models import NO_PASSWORD
from clinic.policy import Actor, Role
from tests import factories
from tests.people import Cast

#: Whose own it is and who is a stranger to it, by role; an admin is neither.
PEOPLE = {Role.PATIENT: ("ana", "boris"), Role.DOCTOR: ("chen", "diallo"), Role.ADMIN: ("esther", "esther")}


@dataclass(frozen=True)
class World:
    """The cast signed in, and what happened between Ana and Dr Chen: ids of visits by what they are good for."""

    cast: Cast
    actors: dict[str, Actor]
    on: date
    #: Confirmed, three days ahead at nine, with a record, notes and notes for colleagues.
    appointment: int
    booked: int
    settled: int
    completed: int
    #: Confirmed, in less than a day.
    soon: int
    #: Confirmed and past, with a record that asks Ana to come again.
    past: int
    record: int
    leave: int
    extra_hours: int
    closure: int
    mail: int
    #: Completed and reopened.
    reopened: int
    #: Whose account has no password yet.
    invited: int
    invited_patient: int


def plant(cast: Cast) -> World:
    """Write what the doors are asked about; it is noon of a Monday."""
    today = clock.today()
    on = today + timedelta(days=3)
    past = factories.appointment(cast.ana, cast.chen, today - timedelta(days=30), status="confirmed")
    factories.record(past, cast.chen, follow_up_date=today + timedelta(days=20))
    appointment = factories.appointment(cast.ana, cast.chen, on, status="confirmed", notes="Please call me")
    actors = {name: cast.actor(name) for pair in PEOPLE.values() for name in pair}
    world = World(
        cast=cast,
        actors=actors,
        on=on,
        appointment=appointment,
        booked=factories.appointment(cast.ana, cast.chen, on, "10:00"),
        settled=factories.appointment(cast.ana, cast.chen, on, "10:30"),
        completed=factories.appointment(cast.ana, cast.chen, today - timedelta(days=3), status="completed"),
        soon=factories.appointment(cast.ana, cast.chen, today, "16:00", status="confirmed"),
        past=past,
        record=factories.record(appointment, cast.chen),
        leave=factories.leave(cast.chen, today + timedelta(days=20), today + timedelta(days=21)),
        extra_hours=factories.extra_hours(cast.chen, today + timedelta(days=22)),
        closure=factories.closure(today + timedelta(days=23)),
        mail=factories.given_up_mail(),
        reopened=factories.appointment(cast.ana, cast.chen, today - timedelta(days=4), status="completed"),
        invited=accounts.invite_admin(
            actors["esther"], email="fay@clinic.example", full_name="Fay", phone_num="0911222333"
        ),
        invited_patient=factories.patient("Gia Invited", "gia@example.com", password_hash=NO_PASSWORD),
    )
    scheduling.write_staff_notes(actors["chen"], appointment, "Hard of hearing")
    factories.visit_to_settle(world.booked)
    factories.visit_to_settle(world.settled, outcome="kept", settled_at=clock.now())
    scheduling.reopen(actors["esther"], world.reopened, "The wrong visit")
    accounts.open_account(actors["esther"], cast.ana)
    return world
