"""The caller's e-mail over the API: another one, confirming it, and what a User says of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from tests.api.caller import Caller
from tests.mailed import letters, link_to
from tests.people import ANA, BORIS, Cast

AsCaller = Callable[[str], Caller]
NEW = "ana.new@example.com"


def of_email(caller: Caller) -> tuple[object, ...]:
    """What a User says of their e-mail."""
    user = caller.get("user/me/").get_json()
    return tuple(user[key] for key in ("email", "email_confirmed", "pending_email", "identity_seen"))


@pytest.fixture
def link(app: Flask) -> Callable[[str, str], dict[str, str]]:
    """The newest link of a kind to an address: ``link(NEW, "confirm_new_email")``."""

    def find(address: str, kind: str) -> dict[str, str]:
        with app.app_context():
            return link_to(address, kind)

    return find


def test_a_user_says_at_the_end_what_is_known_of_the_e_mail(as_: AsCaller, cast: Cast) -> None:
    for name in ("ana", "chen", "esther"):
        user = as_(name).get("user/me/").get_json()
        assert list(user)[-3:] == ["email_confirmed", "pending_email", "identity_seen"]
        assert list(user)[:8] == [
            "id", "email", "full_name", "phone_num", "role", "is_active", "created_at", "updated_at",
        ]  # fmt: skip


def test_a_user_is_sent_back_as_it_was_read(as_: AsCaller) -> None:
    ana = as_("ana")
    read = ana.get("user/me/").get_json()
    assert ana.put("user/me/", read).status_code == 200
    answer = ana.put("user/me/", {**read, "email_confirmed": True, "pending_email": NEW})
    assert sorted(answer.get_json()["errors"]) == ["email_confirmed", "pending_email"]


def test_another_e_mail_waits_and_is_confirmed_by_its_owner(
    as_: AsCaller, anyone: Caller, link: Callable[[str, str], dict[str, str]]
) -> None:
    ana = as_("ana")
    answer = ana.post("user/me/email/", {"email": NEW.upper()}).get_json()
    assert (answer["success"], answer["pending_email"]) == (True, NEW)
    assert of_email(ana) == (ANA, False, NEW, False)
    found = link(NEW, "confirm_new_email")
    for other in (anyone, as_("boris")):
        refusal = other.post("auth/confirm-email/", found)
        assert (refusal.status_code, refusal.get_json()["code"]) == (403, "sign_in_to_confirm")
    assert ana.post("auth/confirm-email/", found).status_code == 200
    assert ana.get("user/me/").status_code == 401, "every session ends"
    again = anyone.post("auth/confirm-email/", found)
    assert (again.status_code, list(again.get_json()["errors"])) == (400, ["token"])


@pytest.mark.parametrize("email", [BORIS, ANA, "nobody", "", None, 7])
def test_what_can_not_become_it_is_400_on_email(as_: AsCaller, email: object) -> None:
    answer = as_("ana").post("user/me/email/", {"email": email})
    assert (answer.status_code, list(answer.get_json()["errors"])) == (400, ["email"])


def test_an_old_sign_in_has_to_be_proven_first(as_: AsCaller, clock_at: Callable[..., object]) -> None:
    moment = clock_at("2026-03-02 12:00")
    ana = as_("ana")
    clock_at(moment + timedelta(minutes=6))  # type: ignore[operator]
    answer = ana.post("user/me/email/", {"email": NEW})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "proof_required")


def test_the_sixth_mail_within_an_hour_is_429(as_: AsCaller) -> None:
    ana = as_("ana")
    answers = [ana.post("user/me/email/", {"email": f"victim{number}@example.com"}) for number in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert ana.post("auth/resend-confirmation/").status_code == 429


def test_after_registering_the_e_mail_is_confirmed_by_whoever_registered(
    app: Flask, as_: AsCaller, anyone: Caller, link: Callable[[str, str], dict[str, str]]
) -> None:
    ana = as_("ana")
    assert ana.post("auth/resend-confirmation/").status_code == 200
    found = link(ANA, "confirm_email")
    assert anyone.post("auth/confirm-email/", found).status_code == 403, "the mailbox alone opens nothing"
    assert ana.post("auth/confirm-email/", found).status_code == 200
    assert of_email(ana) == (ANA, True, None, False)
    answer = ana.post("auth/resend-confirmation/")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "already_confirmed")
    with app.app_context():
        assert len(letters("confirm_email")) == 1


def test_a_token_that_is_none_of_ours_is_401_whatever_the_link(anyone: Caller) -> None:
    headers = {"Authorization": "Bearer nonsense"}
    assert anyone.post("auth/confirm-email/", {"uid": "MQ", "token": "x"}, headers=headers).status_code == 401
