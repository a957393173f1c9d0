"""Hashing a password takes long on purpose: nobody else waits for it, whether a command is carried out or rehearsed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, text

from clinic import accounts
from clinic.accounts import Origin, SessionKind
from clinic.accounts.models import User
from clinic.db import atomic, rolled_back, session
from clinic.dry_run import would_refuse
from tests.factories import PASSWORD
from tests.people import ANA
from tests.web.test_passwords import links

pytestmark = pytest.mark.usefixtures("app_context")

NEW = "sen-nở-tháng-tám-91"
#: What the other writer waits for a lock.
SHORTLY = {"sqlite": "PRAGMA busy_timeout = 200", "postgresql": "SET lock_timeout = '200ms'"}


@pytest.fixture
def written(database, monkeypatch) -> Iterator[list[str]]:
    """Lets somebody else write to every account whenever a password is hashed or compared; says how often they could."""
    engine, done = create_engine(database.url), []

    def while_others_write(name: str) -> Callable[..., Any]:
        real = getattr(PasswordHasher, name)

        def run(*args: Any) -> Any:
            with engine.begin() as other:
                other.execute(text(SHORTLY[database.engine]))
                other.execute(text("UPDATE users SET phone_num = phone_num"))
            done.append(name)
            return real(*args)

        return run

    for name in ("hash", "verify"):
        monkeypatch.setattr(PasswordHasher, name, while_others_write(name))
    yield done
    engine.dispose()


@pytest.fixture
def commands(app, cast) -> dict[str, Callable[[], object]]:
    """Every command that hashes or compares a password, with what it accepts."""
    accounts.forgot_password(ANA)
    uid, token = links(app)[-1].split("/")[-2:]
    here: dict[str, Any] = {"kind": SessionKind.BROWSER, "origin": Origin("Firefox", "203.0.113.9")}
    person: dict[str, Any] = {
        "email": "new@example.com",
        "full_name": "Lê Thu",
        "phone_num": "0912345678",
        "password": NEW,
    }
    patient: dict[str, Any] = {"password_confirm": NEW, "date_of_birth": date(1991, 4, 30), "gender": "female", **here}
    again: dict[str, Any] = {"new_password": NEW, "confirm_password": NEW}
    ana = cast.actor("ana")
    return {
        "register": lambda: accounts.register_patient(**person, **patient),
        "sign in": lambda: accounts.sign_in(email=ANA, password=PASSWORD, **here),
        "change": lambda: accounts.change_password(ana, old_password=PASSWORD, **again),
        "reset": lambda: accounts.reset_password(uid=uid, token=token, **again),
        "create admin": lambda: accounts.create_admin(**person),
    }


@pytest.mark.parametrize("name", ["register", "sign in", "change", "reset", "create admin"])
@pytest.mark.parametrize("rehearsed", [False, True], ids=["carried out", "rehearsed"])
def test_nobody_waits_while_a_password_is_hashed(commands, written, name, rehearsed):
    command = commands[name]
    if rehearsed:
        assert would_refuse(command) == {}
    else:
        command()
    assert written


def test_who_is_invited_or_admitted_has_no_password_to_hash(cast, written):
    esther = cast.actor("esther")
    accounts.invite_admin(esther, email="new@example.com", full_name="Lê Thu", phone_num="0912345678")
    accounts.admit_patient(
        esther, full_name="Trần Thu", phone_num="0912345679", date_of_birth=date(1991, 4, 30), gender="female"
    )
    assert written == []


def test_what_is_rehearsed_is_seen_by_what_follows_and_by_nobody_after():
    """A view may do one command and read what it did: both belong to one rehearsal."""

    @atomic
    def rename(name: str) -> None:
        session().query(User).update({"full_name": name})

    accounts.create_admin(email=ANA, password=NEW, full_name="Ana", phone_num="0912345678")
    with rolled_back():
        rename("Boris")
        assert session().query(User).one().full_name == "Boris"
        rename("Chen")
        assert session().query(User).one().full_name == "Chen"
    assert session().query(User).one().full_name == "Ana"
    rename("Diallo")
    session().rollback()
    assert session().query(User).one().full_name == "Diallo", "commands commit again"
