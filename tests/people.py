"""The cast: the same five people in all tests. Ana and Boris are patients, Dr Chen and Dr Diallo doctors, Esther runs
the office.

`cast` has them in the test's database and answers their ids and actors; Chen works in cardiology in a room of his own,
Diallo in neurology without one. They are planted once, in the template that a database is reset to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import assert_never

import pytest

from clinic import clock
from clinic.accounts.models import SessionKind, User
from clinic.accounts.sessions import Origin, start_session
from clinic.db import transaction
from clinic.policy import Actor, Purpose, Role
from tests import factories
from tests.databases import Database

PASSWORD = factories.PASSWORD

ANA = "ana@example.com"
BORIS = "boris@example.com"
CHEN = "chen@clinic.example"
DIALLO = "diallo@clinic.example"
ESTHER = "esther@clinic.example"

#: When the cast came to the clinic.
JOINED = datetime(2026, 1, 5, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Cast:
    """The ids of the cast and of where they work."""

    ana: int
    boris: int
    chen: int
    diallo: int
    esther: int
    cardiology: int
    neurology: int
    chens_room: int
    heart_room: int
    nerve_room: int
    ecg: int
    eeg: int

    def actor(self, name: str, language: str = "en") -> Actor:
        """Sign one of the cast in (needs an application context): `cast.actor("ana")`."""
        return actor_of(getattr(self, name)).with_language(language)


def _one_of(role: Role) -> str:
    match role:
        case Role.PATIENT:
            return "ana"
        case Role.DOCTOR:
            return "chen"
        case Role.ADMIN:
            return "esther"
        case other:
            assert_never(other)


#: Somebody of each role, by their names in the cast.
ONE_OF_EACH_ROLE = tuple(_one_of(role) for role in Role)


def actor_of(user_id: int) -> Actor:
    """Sign a user in by a new API session, of a program that doesn't say what it reads for (needs an application context)."""
    with transaction() as session:
        user = session.get_one(User, user_id)
        return start_session(user, SessionKind.API, Origin("tests", "127.0.0.1")).actor.for_purpose(Purpose.API)


def plant() -> Cast:
    """Write the cast into an empty database, in one transaction (needs an application context)."""
    with transaction():
        return _plant()


def _plant() -> Cast:
    cardiology = factories.department("Cardiology", icon="heartbeat", fee="200000", vi="Tim mạch")
    neurology = factories.department("Neurology", icon="brain", fee="250000", vi="Thần kinh")
    chens_room = factories.room("201", floor=2, department_id=cardiology)
    heart_room = factories.room("202", floor=2, department_id=cardiology)
    nerve_room = factories.room("301", floor=3, department_id=neurology)
    return Cast(
        ana=factories.patient("Ana Nguyễn", ANA),
        boris=factories.patient("Boris Đặng", BORIS, gender="male"),
        chen=factories.doctor(
            "Dr Chen", CHEN, department_id=cardiology, room_id=chens_room, rating="4.80", license_number="L-00001"
        ),
        diallo=factories.doctor("Dr Diallo", DIALLO, department_id=neurology, rating="4.60", license_number="L-00002"),
        esther=factories.admin("Esther Office", ESTHER),
        cardiology=cardiology,
        neurology=neurology,
        chens_room=chens_room,
        heart_room=heart_room,
        nerve_room=nerve_room,
        ecg=factories.service("ECG", department_id=cardiology, price="150000", vi="Điện tâm đồ"),
        eeg=factories.service("EEG", department_id=neurology, price="300000"),
    )


@pytest.fixture
def cast(database: Database) -> Cast:
    """The cast; `database` has planted it."""
    return Cast(**database.cast)


@pytest.fixture
def day() -> Callable[[int], date]:
    """The clinic's day so many days ahead: `day(1)` is tomorrow."""
    return lambda ahead: clock.today() + timedelta(days=ahead)
