"""A forgotten password: the mail with its link, once, for 24 hours, and what ends with the old password."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from clinic import accounts, mail, scheduling
from clinic.accounts.models import User
from clinic.accounts.sessions import start_session
from clinic.accounts.uids import uid_of
from clinic.db import transaction
from clinic.i18n import LANGUAGES
from clinic.mail.transport import Letter
from tests.api.caller import Caller
from tests.people import ANA, PASSWORD, Cast

AsCaller = Callable[[str], Caller]
Clock = Callable[[str], datetime]
NEW = "Sông-Hương-1975"
UNKNOWN = "nobody@example.com"


@pytest.fixture
def letters(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Letter]]:
    """What is in the outbox, as the mail server gets it."""

    def deliver() -> list[Letter]:
        sent: list[Letter] = []
        with app.app_context():
            mail.deliver(sent.append)
        return sent

    return deliver


@pytest.fixture
def link(anyone: Caller, cast: Cast, letters: Callable[[], list[Letter]]) -> Callable[[], dict[str, str]]:
    """Ask for a link of Ana's and take it out of its mail."""

    def ask() -> dict[str, str]:
        assert anyone.post("auth/forgot-password/", {"email": ANA.upper()}).status_code == 200
        [letter] = letters()
        assert letter.to == ANA
        found = re.search(r"http://localhost:8000/reset-password/(?P<uid>[\w-]+)/(?P<token>[\w-]+)\n", letter.body)
        assert found is not None
        return found.groupdict()

    return ask


def reset(caller: Caller, link: dict[str, str], **more: Any) -> Any:
    """Choose NEW by a link."""
    return caller.post("auth/reset-password/", {**link, "new_password": NEW, "confirm_password": NEW, **more})


def good(caller: Caller, link: dict[str, str]) -> bool:
    """Whether a link is told to be good."""
    answer = caller.post("auth/verify-reset-token/", link)
    assert answer.status_code == (200 if answer.get_json()["valid"] else 400)
    return bool(answer.get_json()["valid"])


def test_from_the_mail_to_the_new_password(
    anyone: Caller,
    as_: AsCaller,
    app: Flask,
    cast: Cast,
    letters: Callable[[], list[Letter]],
    link: Callable[..., Any],
) -> None:
    ana = as_("ana")
    with app.app_context(), transaction() as session:
        browser = start_session(session.get_one(User, cast.ana), accounts.SessionKind.BROWSER, accounts.Origin())
    mailed = link()
    assert good(anyone, mailed)
    answer = reset(anyone, mailed)
    assert answer.status_code == 200
    assert answer.get_json()["success"] is True

    assert ana.get("user/me/").status_code == 401, "every session ends at once"
    assert anyone.post("token/refresh/", {"refresh": ana.refresh}).status_code == 401
    with app.app_context():
        assert accounts.actor_of_browser(browser.secret) is None
    assert anyone.post("token/", {"email": ANA, "password": PASSWORD}).status_code == 401
    assert anyone.post("token/", {"email": ANA, "password": NEW}).status_code == 200

    assert not good(anyone, mailed), "a link is good once"
    assert reset(anyone, mailed).status_code == 400
    [confirmation] = letters()
    assert confirmation.to == ANA
    assert NEW not in confirmation.body


def test_a_link_lasts_24_hours(anyone: Caller, clock_at: Clock, link: Callable[..., Any]) -> None:
    mailed = link()
    clock_at("2026-03-03 08:59:59")
    assert good(anyone, mailed)
    clock_at("2026-03-03 09:00:01")
    assert not good(anyone, mailed)
    assert reset(anyone, mailed).status_code == 400


def test_every_link_is_dead_after_a_change_of_the_password(
    anyone: Caller, app: Flask, cast: Cast, letters: Callable[..., Any], link: Callable[..., Any]
) -> None:
    first, second = link(), link()
    assert good(anyone, first)
    assert good(anyone, second)
    with app.app_context():
        actor = cast.actor("ana")
        accounts.change_password(actor, old_password=PASSWORD, new_password=NEW, confirm_password=NEW)
    assert not good(anyone, first)
    assert not good(anyone, second)


def test_a_link_is_only_its_owners(anyone: Caller, as_: AsCaller, cast: Cast, link: Callable[..., Any]) -> None:
    mailed = link()
    borrowed = {**mailed, "uid": accounts_uid(cast.boris)}
    assert not good(anyone, borrowed)
    assert reset(anyone, borrowed).status_code == 400
    assert good(anyone, mailed)


def accounts_uid(user_id: int) -> str:
    """A user's id as a link writes it."""
    return uid_of(user_id)


def test_a_link_of_a_switched_off_account_is_dead(anyone: Caller, app: Flask, link: Callable[..., Any]) -> None:
    mailed = link()
    with app.app_context():
        scheduling.switch_account(ANA, active=False)
    assert not good(anyone, mailed)
    assert anyone.post("auth/forgot-password/", {"email": ANA}).status_code == 400


def test_a_new_password_keeps_the_rules_and_the_link(anyone: Caller, link: Callable[..., Any]) -> None:
    mailed = link()
    for field, more in (
        ("new_password", {"new_password": "short", "confirm_password": "short"}),
        ("new_password", {"new_password": "password1", "confirm_password": "password1"}),
        ("new_password", {"new_password": ANA, "confirm_password": ANA}),
        ("confirm_password", {"confirm_password": "another"}),
    ):
        answer = reset(anyone, mailed, **more)
        assert answer.status_code == 400
        assert field in answer.get_json()["errors"]
    assert good(anyone, mailed)
    assert reset(anyone, mailed).status_code == 200


@pytest.mark.parametrize("link", [{"uid": "", "token": ""}, {}, {"uid": 5, "token": []}, {"uid": "é", "token": "\x00"}])
def test_no_link_at_all_is_not_valid(anyone: Caller, link: dict[str, Any]) -> None:
    answer = anyone.post("auth/verify-reset-token/", link)
    assert answer.status_code == 400
    assert answer.get_json()["valid"] is False


def test_an_unknown_email_is_told_or_hidden(
    anyone: Caller, cast: Cast, make_app: Callable[..., Flask], letters: Callable[[], list[Letter]]
) -> None:
    answer = anyone.post("auth/forgot-password/", {"email": UNKNOWN})
    assert answer.status_code == 400
    assert "email" in answer.get_json()["errors"]

    hiding = Caller(make_app(hide_unknown_emails=True), anyone.document)
    unknown = hiding.post("auth/forgot-password/", {"email": UNKNOWN})
    known = hiding.post("auth/forgot-password/", {"email": ANA})
    assert unknown.status_code == known.status_code == 200
    assert unknown.get_json() == known.get_json()
    assert [letter.to for letter in letters()] == [ANA]


def test_the_mail_is_in_the_persons_language(
    anyone: Caller, app: Flask, cast: Cast, letters: Callable[[], list[Letter]]
) -> None:
    bodies = []
    for language in LANGUAGES:
        with app.app_context():
            accounts.set_language(cast.actor("ana"), language)
        anyone.post("auth/forgot-password/", {"email": ANA}, headers={"Accept-Language": "en"})
        [letter] = letters()
        bodies.append(letter.subject + letter.body)
    assert "Choose" in bodies[0]
    assert "Choose" not in bodies[1]


def test_nothing_is_mailed_before_the_commit(app: Flask, cast: Cast, letters: Callable[[], list[Letter]]) -> None:
    def refused() -> None:
        with transaction():
            accounts.forgot_password(ANA)
            raise RuntimeError("the database said no")

    with app.app_context(), pytest.raises(RuntimeError):
        refused()
    assert letters() == []
