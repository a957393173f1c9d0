"""Registering where nobody is told which e-mails have an account: the answer is the same, the mail tells its reader."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic import accounts, mail
from clinic.accounts import Origin, SessionKind
from clinic.accounts.models import SignInSession, User
from clinic.audit import AuditAction, AuditEvent
from clinic.db import rolled_back, session, transaction
from clinic.errors import InvalidInput
from clinic.mail import OutboxMail
from clinic.settings import AccountRules
from tests.people import ANA, PASSWORD
from tests.settings import PATIENCE

pytestmark = pytest.mark.usefixtures("app_context")

NEW = "thu@example.com"
CHOSEN = "sen-nở-tháng-tám-91"


@pytest.fixture(autouse=True)
def hidden(clinic_has: Callable[..., None]) -> None:
    """The clinic tells nobody which e-mails have an account."""
    clinic_has(accounts=AccountRules(hides_unknown_emails=True))


def ask(email: str = NEW, **different: Any) -> None:
    """Ask for an account."""
    details: Any = {
        "email": email, "password": CHOSEN, "password_confirm": CHOSEN, "full_name": "Lê Thị Thu",
        "phone_num": "0912345678", "date_of_birth": date(1991, 4, 30), "gender": "female", **different,
    }  # fmt: skip
    accounts.request_account(**details)


def mailed() -> list[tuple[str, str]]:
    """Who was mailed what, by kind."""
    session().rollback()
    return [(row.to, row.kind) for row in session().query(OutboxMail).order_by(OutboxMail.id)]


def count(kind: type) -> int:
    return session().scalar(select(func.count()).select_from(kind)) or 0


def test_a_new_account_is_there_and_is_confirmed_by_its_mail(cast):
    before = count(User), count(SignInSession)
    ask()
    assert mailed() == [(NEW, "confirm_email")]
    assert (count(User), count(SignInSession)) == (before[0] + 1, before[1]), "nobody is signed in by it"
    signed_in = accounts.sign_in(email=NEW, password=CHOSEN, kind=SessionKind.BROWSER, origin=Origin())
    [created] = session().scalars(select(AuditEvent).where(AuditEvent.action == AuditAction.ACCOUNT_CREATED)).all()[-1:]
    assert (created.actor_id, created.subject_id) == (signed_in.actor.user_id, signed_in.actor.user_id)
    assert not signed_in.actor.is_confirmed


def test_a_taken_email_changes_nothing_and_its_person_is_told(cast):
    before = count(User), count(AuditEvent)
    ask(f" {ANA.upper()} ")
    assert mailed() == [(ANA, "email_in_use")]
    assert (count(User), count(AuditEvent)) == before
    [row] = accounts.my_notices(cast.actor("ana")).results
    assert row["text"] is not None
    assert row["text"].startswith("Someone, most likely you, asked us to use this e-mail for an account.")
    [letter] = mail.all_mail()
    assert "/forgot-password" in letter["body"]
    assert "Thu" not in letter["body"]
    assert accounts.sign_in(email=ANA, password=PASSWORD, kind=SessionKind.BROWSER, origin=Origin())


def test_its_person_is_told_once_an_hour(cast, clock_at):
    at = clock_at("2026-03-02 09:05")
    for minutes in (0, 1, 50, 60):
        clock_at(at + timedelta(minutes=minutes))
        ask(ANA)
    assert mailed() == [(ANA, "email_in_use")] * 2


def test_other_faults_are_told_of_both_alike(cast):
    def refused(email: str) -> dict[str, list[str]]:
        with pytest.raises(InvalidInput) as refusal:
            ask(email, phone_num="1", gender="dragon", password="short", role="admin")
        return {field: [text.message for text in texts] for field, texts in refusal.value.errors.items()}

    assert refused(NEW) == refused(ANA)
    assert "email" not in refused(ANA)
    assert mailed() == []


def test_a_rehearsal_leaves_nothing(cast):
    before = count(User)
    with rolled_back():
        ask()
        ask(ANA)
    assert (count(User), mailed()) == (before, [])


def test_of_two_at_once_one_is_made_and_the_other_is_mailed(app: Flask, cast):
    before, together, faults = count(User), Barrier(2), []
    session().rollback()

    def do() -> None:
        with app.app_context():
            together.wait(PATIENCE)
            try:
                ask()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                faults.append(error)

    threads = [Thread(target=do) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert faults == []
    assert sorted(mailed()) == [(NEW, "confirm_email"), (NEW, "email_in_use")]
    assert count(User) == before + 1


def test_either_is_as_much_work(cast):
    """Apart from the password's hash, which both make; the processor's time, not the clock's."""
    took: dict[bool, list[float]] = {True: [], False: []}
    for number in range(12):
        for taken in (True, False):
            began = time.process_time()
            ask(ANA if taken else f"new{number}@example.com")
            took[taken].append(time.process_time() - began)
    ratio = statistics.median(took[True]) / statistics.median(took[False])
    assert 0.75 < ratio < 1.33


def test_an_account_that_is_off_stays_off(cast):
    with transaction() as current:
        current.get_one(User, cast.ana).is_active = False
    ask(ANA)
    assert not session().get_one(User, cast.ana, populate_existing=True).is_active
